"""Heat's engines: one row per worker process, with its last report. One that ended is listed until cleaned up.

Heat's API asks the engines for this list, as for its stacks: when the last one is gone, it does not answer at all.
"""

from __future__ import annotations

from collectors.health import OK, Health, critical, unknown
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.request import Rest
from collectors.rollup import Share
from collectors.values import age, epoch


class EngineWire(Wire):
    """`GET /services`."""

    id: str
    binary: str = ""
    host: str = ""
    hostname: str | None = None
    engine_id: str | None = None
    topic: str | None = None
    status: str | None = None
    report_interval: float | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Engine(Row, frozen=True):
    """One worker of Heat."""

    id: str
    binary: str
    host: str
    machine: str | None
    status: str | None
    updated_at: float | None
    report_interval: float | None
    created_at: float | None
    engine_id: str | None
    topic: str | None


def row(wire: EngineWire, reading: Reading) -> Engine:
    """Heat calls the machine `hostname`."""
    return Engine(
        id=wire.id,
        binary=word(wire.binary) or "",
        host=word(wire.host) or "",
        machine=word(wire.hostname or wire.host),
        status=word(wire.status),
        updated_at=epoch(wire.updated_at),
        report_interval=wire.report_interval,
        created_at=epoch(wire.created_at),
        engine_id=wire.engine_id,
        topic=word(wire.topic),
    )


def health(engine: Engine, now: float) -> Health:
    """Down by its reports; what the others do goes on."""
    if engine.status == "down":
        silent = None if engine.updated_at is None else now - engine.updated_at
        return critical("never heard" if silent is None else f"not heard for {age(silent)}")
    return OK if engine.status == "up" else unknown(f"status is {engine.status or 'missing'}")


KIND = Kind(
    name="orchestration-services",
    title="Orchestration",
    aliases=("orchestration-service", "heat-services", "heat-engines"),
    about="one row per worker process of Heat's engine: where, up or down, last report",
    system="orchestration",
    optional=True,
    read=Rest("orchestration", "/services", "services"),
    wire=EngineWire,
    row=row,
    fields=Engine,
    name_field="host",
    columns=(
        Column("binary", "BINARY", "text", 1),
        Column("host", "HOST", "name", 1),
        Column("status", "STATUS", "status", 1, help="up or down by its reports"),
        Column("updated_at", "HEARD", "time", 2, help="when it last reported", fresh=120.0),
        Column("created_at", "STARTED", "time", 4),
        Column("report_interval", "EVERY", "duration", 6, wide=True, help="how often it reports"),
        Column("machine", "MACHINE", "ref", 6, wide=True),
        Column("topic", "TOPIC", "text", 6, wide=True),
        Column("engine_id", "ENGINE", "id", 6, wide=True),
        Column("id", "ID", "id", 6, wide=True),
    ),
    sort=("host", "binary"),
    health=health,
    rollup=Share("Heat engines", "up", well="status=up"),
    links=(Link("hosts", "name", "machine", "its host"),),
    element="{binary}@{machine}",
    period=30.0,
    list_command="openstack orchestration service list",
)
