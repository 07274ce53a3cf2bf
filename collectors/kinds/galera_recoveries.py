"""Where a database member stood when it died: read from its own logs, for one host at a time, when it is asked for.

`mariadbd --wsrep-recover` goes through the server's logs, tells the last transaction and ends; it serves nobody. That
is no light reading, so nothing asks for it by itself: it is below a position, and planned with by the referee.
"""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Scope, Wire
from collectors.kinds._shared import word
from collectors.request import HostCommands
from collectors.rollup import Worst
from collectors.values import count


class RecoveryWire(Wire):
    """What one host's server recovered; nothing where it runs, or where its file says it."""

    host: str
    trouble: str | None = None
    failed: dict[str, str] = msgspec.field(default_factory=dict)
    runs: bool | None = None
    seqno: int | None = None
    recovered_uuid: str | None = None
    recovered: int | None = None


class Recovery(Row, frozen=True):
    """One member's last transaction."""

    host: str
    position: int | None
    uuid: str | None
    runs: bool | None
    seqno: int | None
    trouble: str | None


def row(wire: RecoveryWire, reading: Reading) -> Recovery:
    """-1 is what a server says that never had a transaction of a cluster."""
    trouble = wire.trouble or "; ".join(f"{name}: {why}" for name, why in sorted(wire.failed.items())) or None
    return Recovery(
        host=word(wire.host) or "",
        position=None if wire.recovered is None or wire.recovered < 0 else wire.recovered,
        uuid=word(wire.recovered_uuid),
        runs=wire.runs,
        seqno=wire.seqno,
        trouble=trouble,
    )


def health(found: Recovery, now: float) -> Health:
    """It is no fault to have died; not to know where is one."""
    if found.position is not None:
        return warning(f"died at {count(found.position)}")
    if found.runs:
        return OK
    if found.seqno is not None and found.seqno >= 0:
        return ok(f"stopped properly at {count(found.seqno)}: nothing to recover")
    return unknown(found.trouble or "no position was recovered")


KIND = Kind(
    name="galera-recoveries",
    title="Galera recoveries",
    aliases=("galera-recovery", "wsrep-recover"),
    about="where a crashed database member stood, recovered from its logs; asked for one host",
    system="galera",
    scope=Scope("parent", parent="galera-positions", parameter="position"),
    read=HostCommands(
        (
            "galera-files",
            "galera-process",
            "galera-recovered",
            "galera-recovered-docker",
            "galera-recovered-podman",
        )
    ),
    wire=RecoveryWire,
    row=row,
    fields=Recovery,
    key="host",
    name_field="host",
    columns=(
        Column("host", "HOST", "name", 1),
        Column("position", "POSITION", "number", 1, help="the last transaction that it has"),
        Column("runs", "RUNS", "flag", 2, help="its server runs: nothing is recovered then"),
        Column("uuid", "CLUSTER", "id", 3, help="the history that it belongs to"),
        Column("seqno", "SEQNO", "number", 4, help="as grastate.dat has it: -1 after a crash"),
        Column("trouble", "TROUBLE", "text", 5, wide=True),
    ),
    sort=("host",),
    health=health,
    rollup=Worst("positions", "known"),
    links=(Link("galera-positions", "host", "host", "its files"),),
    runs=Runs(host="{host}", unit="mariadb"),
    element="galera@{host}",
    period=300.0,
    deadline=40.0,
    list_command="ssh HOST sudo galera_recovery",
)
