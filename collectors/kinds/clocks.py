"""How right each host's clock is: by chrony where it runs, else by ours, as exactly as the round trip allows.

Our own estimate compares the host's clock with the middle of the round trip, so it may be wrong by half of it, which is
told as the uncertainty. Where every host is off by the same, it is our own clock that is wrong.
"""

from __future__ import annotations

from sys import intern

import msgspec

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Scope, Wire
from collectors.kinds._shared import HOUR, ago, listed, word
from collectors.request import HostCommands
from collectors.rollup import Worst
from collectors.values import age

TOLERATED = 60.0
"""Seconds. Keystone's Fernet tokens are refused by a host whose clock is further behind than this."""
WRONG = 0.5
"""Seconds from which somebody should look: orders of log lines and of heartbeats are no longer what they seem."""
CEPH = 0.05
"""Seconds that Ceph's monitors allow each other."""


class ClockWire(Wire):
    """The facts of one host."""

    host: str
    roles: str = ""
    trouble: str | None = None
    answers: bool | None = None
    clock: float | None = None
    asked: float | None = None
    heard: float | None = None
    reference: str | None = None
    stratum: int | None = None
    updated: float | None = None
    kept_offset: float | None = None
    kept_error: float | None = None
    leap: str | None = None
    failed: dict[str, str] = msgspec.field(default_factory=dict)


class Clock(Row, frozen=True):
    """The clock of one host."""

    host: str
    roles: str | None
    offset: float | None
    uncertainty: float | None
    measured: str | None
    leap: str | None
    reference: str | None
    stratum: int | None
    updated: float | None
    round_trip: float | None
    trouble: str | None
    not_read: str | None


def row(wire: ClockWire, reading: Reading) -> Clock:
    """chrony's word where it has synchronised, else our estimate."""
    trip = None if wire.asked is None or wire.heard is None else max(wire.heard - wire.asked, 0.0)
    offset = uncertainty = measured = None
    if wire.clock is not None and wire.asked is not None and trip is not None:
        offset, uncertainty, measured = wire.clock - wire.asked - trip / 2, trip / 2, "against our clock"
    if wire.kept_offset is not None and wire.leap == "Normal":
        offset, uncertainty, measured = wire.kept_offset, wire.kept_error, "by chrony"
    return Clock(
        host=intern(wire.host),
        roles=word(wire.roles),
        offset=None if offset is None else round(offset, 6),
        uncertainty=None if uncertainty is None else round(uncertainty, 6),
        measured=measured,
        leap=word(wire.leap),
        reference=word(wire.reference),
        stratum=wire.stratum,
        updated=wire.updated,
        round_trip=None if trip is None else round(trip, 6),
        trouble=wire.trouble,
        not_read=listed(f"{name}: {why}" for name, why in wire.failed.items()),
    )


def in_words(clock: Clock) -> str:
    """`2.1 s ahead (± 12 ms, against our clock)`."""
    assert clock.offset is not None
    size, error = abs(clock.offset), clock.uncertainty or 0.0
    shown = f"{size * 1000:.0f} ms" if size < 1 else f"{size:.1f} s" if size < 100 else age(size)
    doubt = f"± {error * 1000:.0f} ms, " if error >= 0.0005 else ""
    return f"{shown} {'ahead' if clock.offset > 0 else 'behind'} ({doubt}{clock.measured})"


def health(clock: Clock, now: float) -> Health:
    """Only what is beyond the uncertainty counts as wrong."""
    if clock.trouble is not None:
        return critical(clock.trouble) if clock.trouble and clock.offset is None else unknown(clock.trouble)
    if clock.offset is None:
        return unknown(f"its clock was not read: {clock.not_read}" if clock.not_read else "its clock was not read")
    surely = abs(clock.offset) - (clock.uncertainty or 0.0)
    if surely > TOLERATED:
        return critical(f"{in_words(clock)}: more than {TOLERATED:.0f} s, Keystone's tokens are refused")
    storage = "storage" in (clock.roles or "") and clock.measured == "by chrony"
    if surely > (CEPH if storage else WRONG):
        return warning(in_words(clock) + (", more than Ceph's monitors allow" if storage and surely <= WRONG else ""))
    if clock.leap is not None and clock.leap != "Normal":
        return warning(f"chrony is not synchronised ({clock.leap.lower()})")
    if clock.updated is not None and now - clock.updated > HOUR:
        return warning(f"chrony heard from {clock.reference or 'its server'} {ago(now - clock.updated)}")
    if clock.not_read:
        return warning(f"chrony does not answer: {clock.not_read}")
    return OK


KIND = Kind(
    name="clocks",
    title="Clocks",
    aliases=("clock", "time", "ntp"),
    about="one row per machine: how far its clock is off, measured by chrony or against ours",
    system="hosts",
    scope=Scope("host"),
    read=HostCommands(("clock", "chrony-tracking")),
    wire=ClockWire,
    row=row,
    fields=Clock,
    key="host",
    name_field="host",
    columns=(
        Column("host", "HOST", "name", 1),
        Column("offset", "OFFSET", "duration", 1, help="positive: ahead"),
        Column("uncertainty", "UNCERTAIN BY", "duration", 2, help="how wrong the offset may be"),
        Column("measured", "MEASURED", "text", 3, help="by chrony there, or against our own clock"),
        Column("reference", "REFERENCE", "text", 3, help="chrony's server"),
        Column("stratum", "STRATUM", "number", 5),
        Column("updated", "HEARD", "time", 4, fresh=HOUR, help="when chrony last heard from its server"),
        Column("leap", "LEAP", "status", 5, help="chrony's word for how it stands"),
        Column("roles", "ROLES", "text", 6, wide=True),
        Column("round_trip", "ROUND TRIP", "duration", 6, wide=True),
        Column("trouble", "TROUBLE", "text", 8, wide=True),
        Column("not_read", "NOT READ", "text", 8, wide=True),
    ),
    sort=("host",),
    health=health,
    rollup=Worst("clocks", "right"),
    detail=True,
    links=(Link("hosts", "name", "host", "its host"),),
    runs=Runs(host="{host}", unit="chrony*"),
    element="{host}",
    server_filters={"host": "host"},
    period=60.0,
    show_command="ssh {host} chronyc tracking",
)
