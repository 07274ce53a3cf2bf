"""Where each database member stands on disk: what tells who may lead when the whole cluster has stopped.

After a proper stop grastate.dat says it; after a crash its `seqno` is -1, and `galera-recoveries` has it read from the
server's own logs. Whoever has the highest one leads: a member that starts a new cluster with less loses the rest.
"""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Scope, Wire
from collectors.kinds._shared import word
from collectors.request import HostCommands
from collectors.rollup import Worst
from collectors.values import count


class PositionWire(Wire):
    """The files of one host, and whether the server runs there; `trouble` when nobody answered."""

    host: str
    trouble: str | None = None
    answers: bool | None = None
    failed: dict[str, str] = msgspec.field(default_factory=dict)
    file: str | None = None
    uuid: str | None = None
    seqno: int | None = None
    safe: bool | None = None
    view: int | None = None
    runs: bool | None = None


class Position(Row, frozen=True):
    """The data of one database member."""

    host: str
    runs: bool | None
    position: int | None
    uuid: str | None
    safe: bool | None
    view: int | None
    seqno: int | None
    file: str | None
    trouble: str | None


def row(wire: PositionWire, reading: Reading) -> Position:
    """The position is the file's; nothing while the server runs (then the member itself says it) and after a crash."""
    known = wire.runs is False and wire.seqno is not None and wire.seqno >= 0
    trouble = wire.trouble or "; ".join(f"{name}: {why}" for name, why in sorted(wire.failed.items())) or None
    return Position(
        host=word(wire.host) or "",
        runs=wire.runs,
        position=wire.seqno if known else None,
        uuid=word(wire.uuid),
        safe=wire.safe,
        view=wire.view,
        seqno=wire.seqno,
        file=word(wire.file),
        trouble=trouble,
    )


def health(found: Position, now: float) -> Health:
    """A stopped member is a warning that says where it stands; one whose position nobody knows is critical."""
    if found.runs is None:
        return unknown(found.trouble or "whether it runs was not read")
    if found.runs:
        return OK
    if found.file is None:
        return ok("no database of a cluster is here") if found.trouble is None else unknown(found.trouble)
    if found.position is None:
        why = f": {found.trouble}" if found.trouble else "; galera-recoveries reads it from its logs"
        return critical(f"stopped without saying where it stands{why}")
    lead = "; it was the last one, and may lead" if found.safe else "; who has the highest may lead"
    return warning(f"stopped at {count(found.position)}{lead}")


KIND = Kind(
    name="galera-positions",
    title="Galera positions",
    aliases=("galera-position", "grastate"),
    about="one row per database host: its last transaction on disk, and whether it may start a new cluster",
    system="galera",
    scope=Scope("host", roles=("control", "database")),
    read=HostCommands(("galera-files", "galera-process")),
    wire=PositionWire,
    row=row,
    fields=Position,
    key="host",
    name_field="host",
    columns=(
        Column("host", "HOST", "name", 1),
        Column("runs", "RUNS", "flag", 1, help="its server runs: then galera-members says where it stands"),
        Column("position", "POSITION", "number", 1, help="the last transaction that it has, while it is stopped"),
        Column("safe", "MAY LEAD", "flag", 2, help="safe_to_bootstrap: it was the last one to leave"),
        Column("view", "VIEW", "number", 4, help="members of its last component (gvwstate.dat, after a crash)"),
        Column("uuid", "CLUSTER", "id", 5, help="the history that it belongs to"),
        Column("seqno", "SEQNO", "number", 6, wide=True, help="as grastate.dat has it: -1 while it runs"),
        Column("file", "FILE", "text", 7, wide=True),
        Column("trouble", "TROUBLE", "text", 8, wide=True),
    ),
    sort=("host",),
    health=health,
    rollup=Worst("positions", "known"),
    links=(
        Link("galera-members", "member", "host", "what the member says"),
        Link("galera-recoveries", "position", "host", "where it stood when it died"),
        Link("units", "host", "host", "units on it"),
        Link("hosts", "name", "host", "its host"),
    ),
    runs=Runs(host="{host}", unit="mariadb"),
    element="galera@{host}",
    server_filters={"host": "host"},
    period=30.0,
    list_command="ssh HOST sudo cat /var/lib/mysql/grastate.dat",
)
