"""What the memory of a broker's node holds: RabbitMQ's own breakdown by category, the greatest first.

Bodies of messages are `binary`, whichever queue holds them; what a queue keeps of each message besides is in the
processes of queues. Much that is allocated and not used is no leak: the runtime gives it back slowly.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import percent, word
from collectors.request import BrokerMemory
from collectors.rollup import Count

MEANS: Final = {
    "allocated_unused": "held by the runtime, not used now",
    "atom": "names in the runtime",
    "binary": "bodies of messages",
    "code": "code",
    "connection_channels": "channels of connections",
    "connection_other": "connections, the rest",
    "connection_readers": "connections, what they send",
    "connection_writers": "connections, what they are sent",
    "metadata_store": "definitions of queues and users",
    "metadata_store_ets": "definitions, kept at hand",
    "metrics": "statistics of this node",
    "mgmt_db": "statistics for the management API",
    "mnesia": "definitions of queues, bindings, users",
    "msg_index": "index of messages that are on disk",
    "other_ets": "other tables",
    "other_proc": "other processes",
    "other_system": "the runtime itself",
    "plugins": "plugins",
    "queue_procs": "classic queues",
    "queue_slave_procs": "mirrors of classic queues",
    "quorum_ets": "quorum queues, not yet on disk",
    "quorum_queue_dlx_procs": "quorum queues, dead letters",
    "quorum_queue_procs": "quorum queues",
    "reserved_unallocated": "given by the kernel, not used",
    "stream_queue_coordinator_procs": "streams, coordination",
    "stream_queue_procs": "streams",
    "stream_queue_replica_reader_procs": "streams, replicas",
}
"""Category → what it is, in words; of those that are not here the name must do."""


class MemoryPartWire(Wire):
    """One category; see `sources/rabbitmq_memory.py`."""

    node: str
    category: str
    bytes: int | None = None
    total: int | None = None


class MemoryPart(Row, frozen=True):
    """One category of one node."""

    id: str
    category: str
    holds: str
    bytes: int | None
    share: float | None
    node: str
    host: str


def row(wire: MemoryPartWire, reading: Reading) -> MemoryPart:
    """The share is of what the node uses."""
    return MemoryPart(
        id=f"{wire.node}/{wire.category}",
        category=word(wire.category) or "",
        holds=MEANS.get(wire.category, wire.category.replace("_", " ")),
        bytes=wire.bytes,
        share=percent(wire.bytes, wire.total),
        node=word(wire.node) or "",
        host=word(wire.node.partition("@")[2].partition(".")[0]) or wire.node,
    )


def health(part: MemoryPart, now: float) -> Health:
    """A category is never ill; that all together are too much is told by the node."""
    return OK


KIND = Kind(
    name="broker-memory-parts",
    title="Broker memory",
    aliases=("broker-memory", "memory-breakdown"),
    about="one row per category of a broker node's memory: messages, queues, connections, plugins",
    system="rabbitmq",
    scope=Scope("parent", parent="rabbitmq-nodes", parameter="node"),
    read=BrokerMemory(),
    wire=MemoryPartWire,
    row=row,
    fields=MemoryPart,
    name_field="category",
    columns=(
        Column("category", "CATEGORY", "name", 1),
        Column("holds", "HOLDS", "text", 2, help="what it is, in words"),
        Column("bytes", "BYTES", "bytes", 1),
        Column("share", "SHARE", "percent", 1, help="of what the node uses"),
        Column("node", "NODE", "ref", 6, wide=True),
        Column("host", "HOST", "ref", 7, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("-bytes",),
    health=health,
    rollup=Count("categories"),
    links=(
        Link("queues", "node", "node", "queues it leads"),
        Link("rabbitmq-nodes", "name", "node", "its node"),
    ),
    period=30.0,
    list_command="rabbitmq-diagnostics memory_breakdown --unit bytes",
)
