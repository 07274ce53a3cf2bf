"""Clients of the message bus: which program on which host, since when, and whether the broker holds it back.

`blocked` and `blocking` mean that an alarm on some node keeps publishers waiting, on every node; `flow` is the broker
slowing down a client that sends faster than it can take.
"""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.request import Management
from collectors.rollup import Worst
from collectors.trend import Trend

_COLUMNS = (
    "name,user,vhost,node,state,channels,connected_at,peer_host,peer_port,user_provided_name,client_properties,ssl,"
    "recv_oct_details.rate,send_oct_details.rate,send_pend,protocol,timeout,type"
)


class Rate(msgspec.Struct, gc=False):
    """Per second."""

    rate: float | None = None


class Client(msgspec.Struct, gc=False):
    """What the client says of itself."""

    connection_name: str | None = None
    product: str | None = None
    product_version: str | None = None
    version: str | None = None
    platform: str | None = None


class ConnectionWire(Wire):
    """`GET /api/connections`; `connected_at` is milliseconds."""

    name: str
    user: str | None = None
    vhost: str | None = None
    node: str | None = None
    state: str | None = None
    channels: int | None = None
    connected_at: int | None = None
    peer_host: str | None = None
    peer_port: int | None = None
    user_provided_name: str | None = None
    client_properties: Client | None = None
    ssl: bool | None = None
    recv_oct_details: Rate | None = None
    send_oct_details: Rate | None = None
    send_pend: int | None = None
    protocol: str | None = None
    timeout: int | None = None
    type: str | None = None


class Connection(Row, frozen=True):
    """One AMQP connection."""

    id: str
    program: str | None
    pid: int | None
    peer_host: str | None
    peer_port: int | None
    node: str | None
    state: str | None
    user: str | None
    vhost: str | None
    channels: int | None
    connected_at: float | None
    recv_rate: float | None
    send_rate: float | None
    send_pend: int | None
    tls: bool | None
    product: str | None
    protocol: str | None
    heartbeat: int | None
    label: str | None
    type: str | None


def program_of(label: str | None) -> tuple[str | None, int | None]:
    """(program, process id) of oslo.messaging's connection name: `nova-compute:27801:53999ad2-…`."""
    name, _, rest = (label or "").partition(":")
    pid = rest.partition(":")[0]
    return (name or None), int(pid) if pid.isdigit() and len(pid) < 10 else None


def row(wire: ConnectionWire, reading: Reading) -> Connection:
    """A connection is known by its two ends (`10.0.0.31:32780 -> 10.0.0.11:5672`)."""
    told = wire.client_properties
    label = wire.user_provided_name or (told.connection_name if told else None)
    program, pid = program_of(label)
    version = (told.product_version or told.version) if told else None
    product = f"{told.product} {version or ''}".strip() if told and told.product else None
    return Connection(
        id=wire.name,
        program=word(program),
        pid=pid,
        peer_host=word(wire.peer_host),
        peer_port=wire.peer_port,
        node=word(wire.node),
        state=word(wire.state),
        user=word(wire.user),
        vhost=word(wire.vhost),
        channels=wire.channels,
        connected_at=None if wire.connected_at is None else wire.connected_at / 1000,
        recv_rate=wire.recv_oct_details.rate if wire.recv_oct_details else None,
        send_rate=wire.send_oct_details.rate if wire.send_oct_details else None,
        send_pend=wire.send_pend,
        tls=wire.ssl,
        product=word(product),
        protocol=word(wire.protocol),
        heartbeat=wire.timeout,
        label=label,
        type=word(wire.type),
    )


def health(connection: Connection, now: float) -> Health:
    """A blocked publisher does not do its work; the alarm that blocks it is told at its node."""
    match connection.state:
        case "running":
            return OK
        case "blocked":
            return critical("blocked: an alarm on some node keeps it from sending")
        case "blocking":
            return warning("blocking: an alarm on some node will keep it from sending")
        case "flow":
            return ok("flow: slowed down by the broker, it sends too fast")
        case "starting" | "tuning" | "opening" | "closing" | "closed":
            return ok(connection.state)
        case None:
            return unknown("no statistics yet")
        case other:
            return unknown(f"state is {other}")


KIND = Kind(
    name="connections",
    title="Bus connections",
    aliases=("connection", "conn", "amqp"),
    about="one row per client of the message bus: program, host, node, state",
    system="rabbitmq",
    read=Management("connections", (("columns", _COLUMNS),), page=500),
    wire=ConnectionWire,
    row=row,
    fields=Connection,
    name_field="program",
    columns=(
        Column("program", "PROGRAM", "name", 1, help="as the client calls itself"),
        Column("peer_host", "FROM", "text", 1),
        Column("node", "NODE", "ref", 2),
        Column("state", "STATE", "status", 2),
        Column("connected_at", "SINCE", "time", 3, fresh=0.0),
        Column("user", "USER", "text", 4),
        Column("channels", "CHANNELS", "number", 4),
        Column("recv_rate", "IN B/S", "number", 5, help="bytes per second to the broker"),
        Column("send_rate", "OUT B/S", "number", 5, help="bytes per second to the client"),
        Column("pid", "PID", "number", 6, help="process id on its host"),
        Column("peer_port", "PORT", "number", 6, wide=True),
        Column("vhost", "VHOST", "text", 7, wide=True),
        Column("tls", "TLS", "flag", 7, wide=True),
        Column("send_pend", "PENDING", "number", 7, wide=True, help="bytes that the client has not taken yet"),
        Column("product", "LIBRARY", "text", 7, wide=True),
        Column("protocol", "PROTOCOL", "text", 8, wide=True),
        Column("heartbeat", "HEARTBEAT", "duration", 8, wide=True),
        Column("label", "NAME", "text", 8, wide=True),
        Column("type", "TYPE", "text", 8, wide=True),
        Column("id", "ID", "id", 8, wide=True, help="both ends"),
    ),
    trends=(
        Trend("bytes per second to the broker", "recv_rate", ceiling=1000.0),
        Trend("bytes per second to the client", "send_rate", ceiling=1000.0),
        Trend("channels", "channels"),
    ),
    sort=("program", "peer_host"),
    health=health,
    rollup=Worst("connections", "running", well="state=running", none="ok"),
    detail=True,
    links=(
        Link("consumers", "connection", "id", "what it listens to"),
        Link("rabbitmq-nodes", "name", "node", "its node"),
        Link("hosts", "address", "peer_host", "the host it comes from"),
    ),
    period=15.0,
    list_command="rabbitmqctl list_connections user peer_host state",
)
