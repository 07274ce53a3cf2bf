"""Queues of the message bus: who consumes, what waits, are the replicas in step.

oslo.messaging makes a queue per topic, one per host (`compute.cmp01`), a fanout one per worker and a reply queue per
caller. A queue that nobody consumes tells that its service is dead: what waits there is work that is not done. Fanout
and reply queues of the dead expire by themselves. Statistics lag by five seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import listed, word
from collectors.kinds._trends import QUEUES
from collectors.request import OWN_QUEUES, Management
from collectors.rollup import Worst
from collectors.values import count, epoch

BACKLOG: Final = 1000
"""Messages that wait although somebody consumes: the consumers do not keep up."""

_COLUMNS = (
    "vhost,name,node,type,state,durable,exclusive,auto_delete,messages,messages_ready,messages_unacknowledged,consumers,"
    "memory,message_bytes,message_bytes_persistent,policy,operator_policy,idle_since,message_stats.publish_details.rate,message_stats.deliver_get_details.rate,"
    "leader,members,online,slave_nodes,synchronised_slave_nodes,arguments"
)

Role = Literal["reply", "fanout", "notifications", "rpc"]


class Rate(msgspec.Struct, gc=False):
    """Per second."""

    rate: float | None = None


class Stats(msgspec.Struct, gc=False):
    """What goes in and out."""

    publish_details: Rate | None = None
    deliver_get_details: Rate | None = None


class QueueWire(Wire):
    """`GET /api/queues`; quorum queues have `members` and `online`, mirrored classic ones `slave_nodes`."""

    name: str
    vhost: str = "/"
    node: str | None = None
    leader: str | None = None
    type: str | None = None
    state: str | None = None
    durable: bool | None = None
    exclusive: bool | None = None
    auto_delete: bool | None = None
    messages: int | None = None
    messages_ready: int | None = None
    messages_unacknowledged: int | None = None
    consumers: int | None = None
    memory: int | None = None
    message_bytes: int | None = None
    message_bytes_persistent: int | None = None
    policy: str | None = None
    operator_policy: str | None = None
    idle_since: str | None = None
    message_stats: Stats | None = None
    members: list[str] | None = None
    online: list[str] | None = None
    slave_nodes: list[str] | None = None
    synchronised_slave_nodes: list[str] | None = None
    arguments: dict[str, object] | None = None


class Queue(Row, frozen=True):
    """One queue."""

    id: str
    name: str
    vhost: str
    role: str
    topic: str | None
    host: str | None
    node: str | None
    type: str | None
    state: str | None
    messages: int | None
    messages_ready: int | None
    messages_unacknowledged: int | None
    consumers: int | None
    publish_rate: float | None
    deliver_rate: float | None
    memory: int | None
    message_bytes: int | None
    bytes_on_disk: int | None
    idle_since: float | None
    replicas: int | None
    replicas_online: int | None
    not_online: str | None
    members: str | None
    policy: str | None
    operator_policy: str | None
    durable: bool | None
    exclusive: bool | None
    auto_delete: bool | None
    expires: float | None


def role_of(name: str) -> Role:
    """What oslo.messaging uses a queue of this name for."""
    if name.startswith("reply_"):
        return "reply"
    if "_fanout_" in name:
        return "fanout"
    if name.startswith(("notifications", "versioned_notifications")):
        return "notifications"
    return "rpc"


def place_of(name: str, role: str) -> tuple[str | None, str | None]:
    """(topic, host) of `compute.cmp17` or `cinder-volume.ctl01@rbd-1`; versions as in `Port-1.11` are no hosts."""
    if role == "fanout":
        return name.partition("_fanout_")[0], None
    if role != "rpc":
        return None, None
    topic, dot, rest = name.partition(".")
    while dot and rest[:1].isdigit():
        more, dot, rest = rest.partition(".")
        topic = f"{topic}.{more}"
    return topic, rest.partition("@")[0] or None


def _rate(stats: Stats | None, incoming: bool) -> float | None:
    if stats is None:
        return None
    found = stats.publish_details if incoming else stats.deliver_get_details
    return None if found is None else found.rate


def row(wire: QueueWire, reading: Reading) -> Queue:
    """Replicas are counted, and those that are not in step named."""
    role = role_of(wire.name)
    topic, host = place_of(wire.name, role)
    every, online = wire.members, wire.online
    if every is None and wire.slave_nodes is not None:
        leader = [wire.node] if wire.node else []
        every = leader + wire.slave_nodes
        online = leader + (wire.synchronised_slave_nodes or [])
    expires = (wire.arguments or {}).get("x-expires")
    return Queue(
        id=f"{wire.vhost}/{wire.name}",
        name=wire.name,
        vhost=word(wire.vhost) or "/",
        role=role,
        topic=word(topic),
        host=word(host),
        node=word(wire.leader or wire.node),
        type=word(wire.type),
        state=word(wire.state),
        messages=wire.messages,
        messages_ready=wire.messages_ready,
        messages_unacknowledged=wire.messages_unacknowledged,
        consumers=wire.consumers,
        publish_rate=_rate(wire.message_stats, incoming=True),
        deliver_rate=_rate(wire.message_stats, incoming=False),
        memory=wire.memory,
        message_bytes=wire.message_bytes,
        bytes_on_disk=wire.message_bytes if wire.type in ("quorum", "stream") else wire.message_bytes_persistent,
        idle_since=epoch(wire.idle_since),
        replicas=None if every is None else len(every),
        replicas_online=None if every is None else len(online or []),
        not_online=listed(sorted(set(every or ()) - set(online or ()))),
        members=listed(sorted(every or ())),
        policy=word(wire.policy),
        operator_policy=word(wire.operator_policy),
        durable=wire.durable,
        exclusive=wire.exclusive,
        auto_delete=wire.auto_delete,
        expires=expires / 1000 if isinstance(expires, int | float) and not isinstance(expires, bool) else None,
    )


def health(queue: Queue, now: float) -> Health:
    """No consumer for an RPC queue is critical as soon as work waits; replicas and backlogs are warnings."""
    found = sorted(_complaints(queue), key=lambda complaint: complaint.rank)
    if not found:
        return OK
    level = found[0].level
    return Health(level, "; ".join(complaint.reason for complaint in found if complaint.level == level))


def _complaints(queue: Queue) -> Iterator[Health]:
    if queue.state in ("down", "crashed", "stopped", "minority"):
        yield critical(f"{queue.state}: nobody can use it")
    elif queue.state is None and not queue.name.startswith(OWN_QUEUES):  # each console makes one when it starts
        yield unknown("no statistics yet")
    yield from _replicas(queue)
    waiting = queue.messages_ready if queue.messages_ready is not None else queue.messages
    if queue.consumers == 0:
        yield from _lonely(queue, waiting or 0)
    elif (waiting or 0) >= BACKLOG:
        yield warning(f"{count(waiting or 0)} messages wait: its consumers do not keep up")
    elif (queue.messages_unacknowledged or 0) >= BACKLOG:
        yield warning(f"{count(queue.messages_unacknowledged or 0)} messages were taken and not confirmed")


def _lonely(queue: Queue, waiting: int) -> Iterator[Health]:
    wait = f"{count(waiting)} message{'' if waiting == 1 else 's'} wait{'s' if waiting == 1 else ''}"
    if queue.expires is not None or queue.auto_delete:
        if waiting:
            # Every restart of an agent leaves some for half an hour: no news at night, unless they fill memory.
            level = warning if waiting >= BACKLOG else ok
            yield level(f"no consumers, {wait}; left by a process that is gone, it expires by itself")
        return
    if queue.role == "notifications":
        if waiting:
            yield warning(f"nobody reads these notifications: {wait} and grow")
        return
    who = f"the service on {queue.host}" if queue.host else "the service"
    yield critical(f"no consumers, {wait}: is {who} dead?") if waiting else warning(f"no consumers: is {who} dead?")


def _replicas(queue: Queue) -> Iterator[Health]:
    if queue.replicas is None or queue.replicas_online is None or queue.replicas_online >= queue.replicas:
        return
    if queue.type != "quorum":
        yield warning(f"mirror on {queue.not_online} is not synchronised")
    elif 2 * queue.replicas_online <= queue.replicas:
        yield critical(f"lost its quorum: {queue.replicas_online} of {queue.replicas} replicas online")
    else:
        yield warning(f"{queue.replicas_online} of {queue.replicas} replicas online, not {queue.not_online}")


KIND = Kind(
    name="queues",
    title="Queues",
    aliases=("queue",),
    about="one row per queue: messages, consumers, rates, replicas",
    system="rabbitmq",
    read=Management("queues", (("columns", _COLUMNS), ("disable_stats", "false")), page=500),
    wire=QueueWire,
    row=row,
    fields=Queue,
    columns=(
        Column("name", "QUEUE", "name", 1),
        Column("messages", "MESSAGES", "number", 1, help="ready and unconfirmed"),
        Column("consumers", "CONSUMERS", "number", 1),
        Column("messages_unacknowledged", "UNCONFIRMED", "number", 3, help="taken by a consumer, not yet confirmed"),
        Column("publish_rate", "IN/S", "number", 3, help="messages per second"),
        Column("deliver_rate", "OUT/S", "number", 3, help="messages per second"),
        Column("node", "NODE", "ref", 4, help="its leader"),
        Column("role", "USED FOR", "text", 4, help="rpc, fanout, reply, notifications: by its name"),
        Column("state", "STATE", "status", 5),
        Column("type", "TYPE", "text", 5, help="classic, quorum or stream"),
        Column("host", "HOST", "ref", 5, help="whose work it carries, by its name"),
        Column("idle_since", "IDLE", "time", 6, fresh=60.0),
        Column("messages_ready", "READY", "number", 6, wide=True),
        Column("topic", "TOPIC", "text", 6, wide=True),
        Column("replicas_online", "IN STEP", "number", 6, wide=True, help="replicas that are online or synchronised"),
        Column("replicas", "REPLICAS", "number", 6, wide=True),
        Column("not_online", "NOT IN STEP", "text", 7, wide=True),
        Column("members", "REPLICAS ON", "text", 7, wide=True, help="nodes that have a replica"),
        Column("memory", "MEMORY", "bytes", 7, wide=True),
        Column("message_bytes", "BYTES", "bytes", 7, wide=True, help="of all its messages"),
        Column(
            "bytes_on_disk",
            "ON DISK",
            "bytes",
            7,
            wide=True,
            help="of its messages: persistent ones; of quorum queues all",
        ),
        Column("policy", "POLICY", "text", 7, wide=True),
        Column("operator_policy", "OPERATOR POLICY", "text", 8, wide=True, help="laid over the policy"),
        Column("expires", "EXPIRES", "duration", 7, wide=True, help="after so long without a consumer it is deleted"),
        Column("durable", "DURABLE", "flag", 8, wide=True),
        Column("exclusive", "EXCLUSIVE", "flag", 8, wide=True),
        Column("auto_delete", "AUTO DELETE", "flag", 8, wide=True),
        Column("vhost", "VHOST", "text", 8, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    trends=QUEUES,
    sort=("name",),
    health=health,
    rollup=Worst("queues", "served", none="ok"),
    links=(
        Link("consumers", "queue", "name", "who listens to it"),
        Link("bindings", "destination", "name", "what is sent there"),
        Link("compute-services", "host", "host", "Nova services on its host", when="topic=compute"),
        Link("agents", "host", "host", "network agents on its host"),
        Link("rabbitmq-nodes", "name", "node", "its node"),
    ),
    period=15.0,
    list_command="rabbitmqctl list_queues name messages consumers",
)
