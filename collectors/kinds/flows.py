"""The flows of one bridge of Open vSwitch, table by table, with what Neutron uses each table for.

Read only for the bridge that is opened. A packet enters at table 0 and takes the matching flow of the highest priority;
where none matches it is dropped. That a bridge has none at all is told by its row in bridges.
"""

from __future__ import annotations

from collectors.health import OK, Health, ok
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._ovs_tables import meaning
from collectors.kinds._shared import word
from collectors.request import HostCommands
from collectors.rollup import Count
from collectors.values import count


class FlowWire(Wire):
    """One line of `ovs-ofctl dump-flows`."""

    host: str
    bridge: str
    table: int
    actions: str
    match: str = ""
    priority: int | None = None
    cookie: str | None = None
    n_packets: int | None = None
    n_bytes: int | None = None
    duration: float | None = None
    idle_age: int | None = None
    idle_timeout: int | None = None
    hard_timeout: int | None = None


class Flow(Row, frozen=True):
    """One flow."""

    id: str
    match: str
    table: int
    use: str | None
    priority: int | None
    actions: str
    packets: int | None
    bytes: int | None
    age: float | None
    idle: int | None
    idle_timeout: int | None
    hard_timeout: int | None
    cookie: str | None
    host: str
    bridge: str
    switch: str


def row(wire: FlowWire, reading: Reading) -> Flow:
    """Table, priority and match are what makes a flow itself."""
    return Flow(
        id=f"{wire.table}/{wire.priority}/{wire.match or 'everything'}",
        match=wire.match or "everything",
        table=wire.table,
        use=word(meaning(wire.bridge, wire.table)),
        priority=wire.priority,
        actions=wire.actions or "drop",
        packets=wire.n_packets,
        bytes=wire.n_bytes,
        age=wire.duration,
        idle=wire.idle_age,
        idle_timeout=wire.idle_timeout,
        hard_timeout=wire.hard_timeout,
        cookie=word(wire.cookie),
        host=word(wire.host) or "",
        bridge=word(wire.bridge) or "",
        switch=word(f"{wire.host}/{wire.bridge}") or "",
    )


def health(flow: Flow, now: float) -> Health:
    """A flow is never ill; one that drops says how much it has dropped."""
    if flow.actions == "drop" and flow.packets:
        return ok(f"has dropped {count(flow.packets)} packets")
    return OK


KIND = Kind(
    name="flows",
    title="Flows",
    aliases=("flow", "openflow"),
    about="one row per flow of a bridge of Open vSwitch: table and its use, match, actions, packets",
    system="network",
    scope=Scope("parent", parent="bridges", parameter="bridge"),
    read=HostCommands(("ovs-flows bridge={parent}",)),
    wire=FlowWire,
    row=row,
    fields=Flow,
    name_field="match",
    columns=(
        Column("table", "TABLE", "number", 1),
        Column("priority", "PRIORITY", "number", 2, help="the highest that matches is taken"),
        Column("match", "MATCH", "name", 1),
        Column("actions", "ACTIONS", "text", 2),
        Column("packets", "PACKETS", "number", 2),
        Column("use", "TABLE IS FOR", "text", 3, help="what Neutron uses the table for"),
        Column("age", "AGE", "duration", 4),
        Column("bytes", "BYTES", "bytes", 6, wide=True),
        Column("idle", "IDLE", "duration", 6, wide=True, help="since a packet last matched; OpenFlow 1.0 only"),
        Column("idle_timeout", "IDLE TIMEOUT", "duration", 7, wide=True),
        Column("hard_timeout", "HARD TIMEOUT", "duration", 7, wide=True, help="after which it goes: it was learnt"),
        Column("cookie", "COOKIE", "id", 7, wide=True, help="another one after each start of the agent"),
        Column("host", "HOST", "ref", 8, wide=True),
        Column("bridge", "BRIDGE", "ref", 8, wide=True),
        Column("switch", "SWITCH", "ref", 8, wide=True, help="the bridge's id"),
        Column("id", "ID", "id", 8, wide=True),
    ),
    health=health,
    rollup=Count("flows"),
    links=(Link("bridges", "id", "switch", "its bridge"), Link("hosts", "name", "host", "its host")),
    period=30.0,
    list_command="ovs-ofctl dump-flows",
    show_command="ssh {host} ovs-ofctl dump-flows {bridge} table={table}",
)
