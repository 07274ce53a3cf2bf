"""Who listens to what on the message bus: the queue, the program and host of its client, how it confirms.

A consumer is known by its channel and tag; whose it is stands at its connection, which is joined. A queue that nobody
listens to is told among the queues: here are only those that do. Of a queue with a single active consumer the others
wait; one whose node is suspected down gets nothing until the cluster has made up its mind.
"""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.kinds.queues import place_of, role_of
from collectors.request import Management
from collectors.rollup import Count

_COLUMNS = (
    "arguments,ack_required,active,activity_status,exclusive,prefetch_count,consumer_tag,queue.name,queue.vhost,"
    "channel_details.connection_name,channel_details.name,channel_details.node,channel_details.number,"
    "channel_details.peer_host,channel_details.user"
)


class Channel(msgspec.Struct, gc=False):
    """The channel it listens on; brokers say `{}` or `[]` of one that is just going."""

    connection_name: str | None = None
    name: str | None = None
    node: str | None = None
    number: int | None = None
    peer_host: str | None = None
    user: str | None = None


class Source(msgspec.Struct, gc=False):
    """The queue."""

    name: str
    vhost: str = "/"


class ConsumerWire(Wire):
    """`GET /api/consumers`."""

    queue: Source
    consumer_tag: str = ""
    ack_required: bool | None = None
    active: bool | None = None
    activity_status: str | None = None
    exclusive: bool | None = None
    prefetch_count: int | None = None
    channel_details: Channel | list[object] | None = None


class Consumer(Row, frozen=True):
    """One subscription."""

    id: str
    queue: str
    vhost: str
    role: str
    topic: str | None
    host: str | None
    program: str | None
    pid: int | None
    peer_host: str | None
    node: str | None
    ack: str | None
    prefetch: int | None
    active: bool | None
    activity: str | None
    exclusive: bool | None
    state: str | None
    since: float | None
    user: str | None
    connection: str | None
    channel: int | None
    tag: str


def row(wire: ConsumerWire, reading: Reading) -> Consumer:
    """Program, since when and state are its connection's; without it they are unknown."""
    channel = wire.channel_details if isinstance(wire.channel_details, Channel) else Channel()
    client = reading.joins.get("connections", {}).get(channel.connection_name or "")
    role = role_of(wire.queue.name)
    topic, host = place_of(wire.queue.name, role)
    place = channel.name or channel.connection_name or "no channel"
    return Consumer(
        id=f"{wire.queue.vhost}/{wire.queue.name} {wire.consumer_tag} {place}",
        queue=wire.queue.name,
        vhost=word(wire.queue.vhost) or "/",
        role=role,
        topic=word(topic),
        host=word(host),
        program=client.program if client is not None else None,
        pid=client.pid if client is not None else None,
        peer_host=word(channel.peer_host),
        node=word(channel.node),
        ack=None if wire.ack_required is None else ("manual" if wire.ack_required else "automatic"),
        prefetch=wire.prefetch_count,
        active=wire.active,
        activity=word(wire.activity_status),
        exclusive=wire.exclusive,
        state=client.state if client is not None else None,
        since=client.connected_at if client is not None else None,
        user=word(channel.user),
        connection=word(channel.connection_name),
        channel=channel.number,
        tag=wire.consumer_tag,
    )


def health(consumer: Consumer, now: float) -> Health:
    """Waiting behind the active one is well; suspected down is not, and neither is a client that an alarm blocks."""
    if consumer.activity == "suspected_down":
        return critical(f"{consumer.node or 'its node'} is suspected down: nothing is delivered to it")
    if consumer.state in ("blocked", "blocking"):
        # It still receives, and cannot answer: an RPC server that takes calls and never replies.
        return warning("its connection is blocked by an alarm: it takes messages and cannot answer")
    if consumer.active is False or consumer.activity == "waiting":
        return ok("waits: another consumer of the queue is the active one")
    if consumer.active is None and consumer.activity is None:
        return unknown("the broker does not say whether it is active")
    return OK


KIND = Kind(
    name="consumers",
    title="Consumers",
    aliases=("consumer", "subscriptions"),
    about="one row per consumer of a queue: which program of which host listens, how it confirms",
    system="rabbitmq",
    read=Management("consumers", (("columns", _COLUMNS),)),
    wire=ConsumerWire,
    row=row,
    fields=Consumer,
    name_field="queue",
    columns=(
        Column("queue", "QUEUE", "name", 1),
        Column("program", "PROGRAM", "text", 1, joined=True, help="as the client calls itself"),
        Column("peer_host", "FROM", "text", 2),
        Column("node", "NODE", "ref", 3, help="that its connection is at"),
        Column("ack", "CONFIRMS", "text", 3, help="manual: each message by itself; automatic: sent is done"),
        Column("prefetch", "PREFETCH", "number", 4, help="messages it may hold unconfirmed; 0 is no limit"),
        Column("active", "ACTIVE", "flag", 4),
        Column("since", "SINCE", "time", 4, joined=True, fresh=0.0, help="of its connection"),
        Column("role", "USED FOR", "text", 5, help="rpc, fanout, reply, notifications: by the queue's name"),
        Column("topic", "TOPIC", "text", 6),
        Column("host", "HOST", "ref", 6, help="whose work the queue carries, by its name"),
        Column("state", "STATE", "status", 6, joined=True, help="of its connection"),
        Column("activity", "ACTIVITY", "status", 6, wide=True, help="up, single_active, waiting, suspected_down"),
        Column("exclusive", "EXCLUSIVE", "flag", 7, wide=True, help="nobody else may listen to the queue"),
        Column("pid", "PID", "number", 7, wide=True, joined=True, help="process id on its host"),
        Column("user", "USER", "text", 7, wide=True),
        Column("vhost", "VHOST", "text", 8, wide=True),
        Column("connection", "CONNECTION", "ref", 8, wide=True, help="both ends"),
        Column("channel", "CHANNEL", "number", 8, wide=True),
        Column("tag", "TAG", "text", 8, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("queue", "program", "peer_host"),
    health=health,
    # What nobody listens to is told by the queues; here are only those who do, thousands of them.
    rollup=Count("consumers"),
    links=(
        Link("connections", "id", "connection", "its connection"),
        Link("queues", "name", "queue", "its queue"),
        Link("bindings", "destination", "queue", "what is sent there"),
        Link("hosts", "address", "peer_host", "the host it comes from"),
    ),
    joins=("connections",),
    period=15.0,
    list_command="rabbitmqctl list_consumers",
)
