"""Daemons of Ceph that have crashed: when, where, and whether somebody has looked at it (archived it)."""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import DAY, ago, word
from collectors.request import Ceph
from collectors.rollup import Complaints
from collectors.values import epoch

RECENT: Final = 14 * DAY
"""As Ceph's own check RECENT_CRASH counts (mgr/crash/warn_recent_interval)."""


class CrashWire(Wire):
    """An entry of `crash ls -f json`."""

    crash_id: str
    entity_name: str | None = None
    timestamp: str | None = None
    archived: str | None = None
    process_name: str | None = None
    utsname_hostname: str | None = None
    ceph_version: str | None = None
    assert_msg: str | None = None
    stack_sig: str | None = None


class Crash(Row, frozen=True):
    """One crash."""

    id: str
    daemon: str
    at: float | None
    archived: float | None
    host: str | None
    process: str | None
    assertion: str | None
    version: str | None
    signature: str | None


def row(wire: CrashWire, reading: Reading) -> Crash:
    """The first line of an assertion says where."""
    return Crash(
        id=wire.crash_id,
        daemon=word(wire.entity_name) or wire.crash_id,
        at=epoch(wire.timestamp),
        archived=epoch(wire.archived),
        host=word(wire.utsname_hostname),
        process=word(wire.process_name),
        assertion=(wire.assert_msg or "").strip().split("\n")[0] or None,
        version=word(wire.ceph_version),
        signature=wire.stack_sig,
    )


def health(crash: Crash, now: float) -> Health:
    """New and recent ones are a warning, as in Ceph's own check."""
    if crash.archived is not None:
        return OK
    if crash.at is None or now - crash.at > RECENT:
        return ok("old, and nobody archived it")
    return warning(f"crashed {ago(now - crash.at)}" + (f" on {crash.host}" if crash.host else ""))


KIND = Kind(
    name="crashes",
    title="Ceph crashes",
    aliases=("crash", "ceph-crashes"),
    about="one row per crash of a daemon of Ceph: when, where, archived or not",
    system="ceph",
    read=Ceph("crashes"),
    wire=CrashWire,
    row=row,
    fields=Crash,
    name_field="daemon",
    columns=(
        Column("daemon", "DAEMON", "name", 1),
        Column("at", "CRASHED", "time", 1, fresh=0.0),
        Column("host", "HOST", "ref", 2),
        Column("archived", "ARCHIVED", "time", 3, fresh=0.0),
        Column("assertion", "ASSERTION", "text", 4),
        Column("process", "PROCESS", "text", 5),
        Column("version", "VERSION", "text", 6, wide=True),
        Column("signature", "SIGNATURE", "text", 7, wide=True, help="the same for crashes at the same place"),
        Column("id", "ID", "id", 6, wide=True),
    ),
    sort=("daemon",),
    health=health,
    rollup=Complaints("crashes", "no new crash"),
    links=(Link("hosts", "name", "host", "its host"),),
    element="ceph",
    period=60.0,
    deadline=15.0,
    list_command="ceph crash ls",
    show_command="ceph crash info {id}",
)
