"""/api/nodes/NAME/memory: what a broker's memory holds, by category, in the names and the order of RabbitMQ 3.10.

The categories together are what the kernel says that the process uses (`rss`). Bodies of messages are `binary`, what a
queue keeps of each message besides is `queue_procs`.
"""

from __future__ import annotations

from typing import Final

from runbooks.simulator.http.rabbitmq.ask import Answer, Ask, Object, not_found
from runbooks.simulator.http.rabbitmq.clients import connections
from runbooks.simulator.http.rabbitmq.listing import chosen
from runbooks.simulator.http.rabbitmq.nodes import memory
from runbooks.simulator.model.broker_space import held
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.rabbitmq import Node

_STANDING: Final = {
    "queue_slave_procs": 4_110_000, "quorum_queue_procs": 1_890_000, "quorum_queue_dlx_procs": 0,
    "stream_queue_procs": 0, "stream_queue_replica_reader_procs": 0, "stream_queue_coordinator_procs": 0,
    "plugins": 31_480_000, "other_proc": 34_200_000, "metrics": 2_360_000, "mgmt_db": 14_900_000,
    "mnesia": 2_050_000, "quorum_ets": 2_800_000, "other_ets": 3_940_000, "binary": 9_700_000,
    "msg_index": 61_000, "code": 37_900_000, "atom": 1_490_000, "other_system": 21_300_000,
}  # fmt: skip
"""Of a node at rest, bytes."""


def breakdown(cloud: Cloud, node: Node) -> Object:
    """The categories, `strategy` and `total`."""
    sockets = sum(1 for each in connections(cloud) if each.node == node.host)
    used, _ = memory(cloud, node, sockets, cloud.now())
    processes, bodies = held(cloud.rabbitmq, node.host)
    found: dict[str, int] = {
        "connection_readers": sockets * 62_000,
        "connection_writers": sockets * 9_500,
        "connection_channels": sockets * 41_000,
        "connection_other": sockets * 88_000,
        "queue_procs": 5_400_000 + processes,
        **_STANDING,
    }
    found["binary"] += bodies
    erlang = sum(found.values())
    found["allocated_unused"] = max(used - erlang, 0)
    found["reserved_unallocated"] = 0
    total = {"erlang": erlang, "rss": used, "allocated": sum(found.values())}
    return {**found, "strategy": "rss", "total": total}


def one_memory(ask: Ask) -> Answer:
    """The answer; of a node that the asked one does not see running `not_available`."""
    rabbitmq = ask.rabbitmq
    node = next((each for each in rabbitmq.members(ask.host).values() if each.name == ask.args["name"]), None)
    if node is None:
        raise not_found()
    running = node.host in rabbitmq.running(ask.host)
    return Answer(chosen({"memory": breakdown(ask.cloud, node) if running else "not_available"}, ask.query))
