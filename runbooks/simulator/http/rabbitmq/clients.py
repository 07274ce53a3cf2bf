"""Connections, channels and consumers: one connection per purpose of each living process, one channel on each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from runbooks.simulator.http.rabbitmq.ask import VHOST, Object
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.messaging import NOTIFICATIONS, SINK, Process, Queue, everybody

CAPABILITIES = {"authentication_failure_close": True, "connection.blocked": True, "consumer_cancel_notify": True}
SERVICES = "openstack"
"""The account that the services use."""


class Connection(NamedTuple):
    """One AMQP connection."""

    key: str
    """Stays the same when it is closed and comes back."""
    process: Process
    purpose: str
    """`publish`, `reply`, `notifications`, or the topic it consumes."""
    node: str
    """The host of the broker it is connected to."""
    name: str
    """`10.0.0.31:32780 -> 10.0.0.11:5672`."""
    label: str
    """`nova-compute:27801:53999ad2-…`."""
    since: float

    @property
    def peer(self) -> tuple[str, int]:
        """The client's address and port."""
        address, _, port = self.name.partition(" ")[0].rpartition(":")
        return address, int(port)


def connections(cloud: Cloud) -> Iterator[Connection]:
    """The living connections."""
    rabbitmq = cloud.rabbitmq
    open_nodes = [host for host in rabbitmq.nodes if rabbitmq.takes_clients(host)]
    if not open_nodes:
        return
    taken: set[tuple[str, int]] = set()
    for process in everybody(cloud):
        if rabbitmq.messaging.alive(process):
            yield from _of_process(cloud, process, open_nodes, taken)


def _of_process(
    cloud: Cloud, process: Process, open_nodes: list[str], taken: set[tuple[str, int]]
) -> Iterator[Connection]:
    """`taken`: the ports of each host that a connection has; as a kernel does, none is given twice."""
    program, host, seed = process.program, cloud.hosts[process.host], cloud.seed
    purposes = [*program.topics, *["publish"] * program.publishers, *(["reply"] if program.publishers else [])]
    if program.program == SINK:
        purposes = ["notifications"]
    unit = host.units.get(program.unit) if program.unit else None
    began = max(unit.since if unit else host.booted, host.booted)
    pid = 7 + seed.number(30_000, "pid", program.program, process.host, process.worker, int(began))
    for place, purpose in enumerate(purposes):
        key = f"{program.program}|{process.host}|{process.worker}|{place}"
        again = cloud.rabbitmq.messaging.closed.get(key, 0)
        node = open_nodes[seed.number(len(open_nodes), "broker", key)]
        since = max(began, cloud.rabbitmq.nodes[node].started) + 3 + place
        what = (key, again, node, int(began))
        port = 32_768 + seed.number(28_000, "amqp port", *what)
        while (process.host, port) in taken:
            port = 32_768 + (port + 1 - 32_768) % 28_000
        taken.add((process.host, port))
        name = f"{host.machine.address}:{port} -> {cloud.hosts[node].machine.address}:5672"
        label = f"{program.program}:{pid}:{seed.uuid('amqp', *what)}"
        yield Connection(key, process, purpose, node, name, label, since)


def stamp(at: float) -> str:
    """`2026-11-20T22:37:02.586+00:00`."""
    found = datetime.fromtimestamp(at, UTC)
    return found.strftime("%Y-%m-%dT%H:%M:%S.") + f"{found.microsecond // 1000:03}+00:00"


def state(cloud: Cloud, connection: Connection) -> str:
    """`blocked` for publishers while an alarm lasts; the others have not tried to send and stay `running`."""
    return "blocked" if connection.purpose == "publish" and cloud.rabbitmq.alarms() else "running"


def connection_object(cloud: Cloud, connection: Connection) -> Object:
    """One of /api/connections."""
    address, port = connection.peer
    age = max(cloud.now() - connection.since, 0.0)
    frames = int(age * (0.2 if connection.purpose == "publish" else 0.05)) + 12
    return {
        "auth_mechanism": "AMQPLAIN",
        "channel_max": 2047,
        "channels": 1,
        "client_properties": {
            "capabilities": CAPABILITIES,
            "connection_name": connection.label,
            "product": "py-amqp",
            "product_version": "5.3.1",
        },
        "connected_at": int(connection.since * 1000),
        "frame_max": 131072,
        "garbage_collection": collection(59),
        "host": cloud.hosts[connection.node].machine.address,
        "name": connection.name,
        "node": f"rabbit@{connection.node}",
        "peer_cert_issuer": None,
        "peer_cert_subject": None,
        "peer_cert_validity": None,
        "peer_host": address,
        "peer_port": port,
        "port": 5672,
        "protocol": "AMQP 0-9-1",
        "recv_cnt": frames,
        "recv_oct": frames * 497,
        "recv_oct_details": {"rate": 24.8},
        "reductions": frames * 2004,
        "reductions_details": {"rate": 172.4},
        "send_cnt": frames // 2 + 8,
        "send_oct": frames * 28,
        "send_oct_details": {"rate": 1.6},
        "send_pend": 0,
        "ssl": False,
        "ssl_cipher": None,
        "ssl_hash": None,
        "ssl_key_exchange": None,
        "ssl_protocol": None,
        "state": state(cloud, connection),
        "timeout": 60,
        "type": "network",
        "user": SERVICES,
        "user_provided_name": connection.label,
        "user_who_performed_action": SERVICES,
        "vhost": VHOST,
    }


def collection(minor: int) -> Object:
    """Erlang's garbage collection figures."""
    return {
        "fullsweep_after": 65535,
        "max_heap_size": 0,
        "min_bin_vheap_size": 46422,
        "min_heap_size": 233,
        "minor_gcs": minor,
    }


def _carried(cloud: Cloud, connection: Connection, by_consumer: dict[Process, list[Queue]]) -> list[Queue]:
    """The queues that this connection's channel consumes from."""
    found = by_consumer.get(connection.process, [])
    if connection.purpose == "notifications":
        return [queue for queue in found if queue.name in NOTIFICATIONS]
    if connection.purpose == "reply":
        return [queue for queue in found if queue.shape == "reply"]
    topic = connection.purpose
    return [
        queue
        for queue in found
        if queue.shape in ("topic", "host", "fanout")
        and (queue.name == topic or queue.name.startswith((f"{topic}.{connection.process.server}", f"{topic}_fanout_")))
    ]


def with_queues(cloud: Cloud) -> Iterator[tuple[Connection, list[Queue]]]:
    """Each connection with the queues it consumes from."""
    messaging = cloud.rabbitmq.messaging
    by_consumer: dict[Process, list[Queue]] = {}
    for queue in messaging.queues():
        for process in messaging.consumers(queue):
            by_consumer.setdefault(process, []).append(queue)
    for connection in connections(cloud):
        yield connection, [] if connection.purpose == "publish" else _carried(cloud, connection, by_consumer)


def _of_channel(connection: Connection) -> Object:
    address, port = connection.peer
    return {"name": connection.name, "peer_host": address, "peer_port": port}


def channel_object(cloud: Cloud, connection: Connection, queues: list[Queue]) -> Object:
    """One of /api/channels."""
    publishes = connection.purpose == "publish"
    count = int(max(cloud.now() - connection.since, 0.0) * 0.1)
    names = ("confirm", "drop_unroutable", "publish", "return_unroutable")
    if not publishes:
        names_of = ("ack", "deliver", "deliver_get", "deliver_no_ack", "get", "get_empty", "get_no_ack", "redeliver")
        counts = {name: count if name in ("ack", "deliver", "deliver_get") else 0 for name in names_of}
    else:
        counts = {name: count if name in ("confirm", "publish") else 0 for name in names}
    stats: Object = {}
    for name, value in counts.items():
        stats[name] = value
        stats[f"{name}_details"] = {"rate": 0.1 if value else 0.0}
    return {
        "acks_uncommitted": 0,
        "confirm": publishes,
        "connection_details": _of_channel(connection),
        "consumer_count": len(queues),
        "garbage_collection": collection(2),
        "global_prefetch_count": 0,
        "idle_since": stamp(cloud.now() - 4),
        "message_stats": stats,
        "messages_unacknowledged": 0,
        "messages_uncommitted": 0,
        "messages_unconfirmed": 0,
        "name": f"{connection.name} (1)",
        "node": f"rabbit@{connection.node}",
        "number": 1,
        "pending_raft_commands": 0,
        "prefetch_count": 0,
        "reductions": 18867 + count * 300,
        "reductions_details": {"rate": 0.0},
        "state": "running",
        "transactional": False,
        "user": SERVICES,
        "user_who_performed_action": SERVICES,
        "vhost": VHOST,
    }


def consumer_object(connection: Connection, queue: Queue, tag: int) -> Object:
    """One of /api/consumers."""
    address, port = connection.peer
    return {
        "arguments": {},
        "ack_required": True,
        "active": True,
        "activity_status": "up",
        "channel_details": {
            "connection_name": connection.name,
            "name": f"{connection.name} (1)",
            "node": f"rabbit@{connection.node}",
            "number": 1,
            "peer_host": address,
            "peer_port": port,
            "user": SERVICES,
        },
        "consumer_tag": str(tag),
        "exclusive": False,
        "prefetch_count": 0,
        "queue": {"name": queue.name, "vhost": VHOST},
    }
