"""The overview, virtual hosts, exchanges and bindings."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote_plus

from runbooks.simulator.http.rabbitmq.ask import VHOST, Object
from runbooks.simulator.http.rabbitmq.clients import SERVICES, connections
from runbooks.simulator.http.rabbitmq.nodes import context, counted, rate, standing
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.guests import BUILT_IN

VERSION = "3.10.8"


def cluster_name(cloud: Cloud) -> str:
    """The cluster is called after its first node, with the full name of that host."""
    return f"{next(iter(cloud.rabbitmq.nodes.values())).name}.cloud.example"


def _traffic(cloud: Cloud) -> tuple[float, float]:
    """(messages so far, per second)."""
    queues = cloud.rabbitmq.messaging.declared().values()
    each = sum(queue.rate for queue in queues if not queue.expires)
    age = cloud.now() - min(node.started for node in cloud.rabbitmq.nodes.values())
    return each * age, 0.0 if cloud.rabbitmq.alarms() else each


def _stats(cloud: Cloud, *, disk: bool) -> Object:
    count, each = _traffic(cloud)
    moving = {"ack", "confirm", "deliver", "deliver_get", "publish"}
    names = (
        *(
            "ack",
            "confirm",
            "deliver",
            "deliver_get",
            "deliver_no_ack",
            *(("disk_reads", "disk_writes") if disk else ()),
        ),
        *("drop_unroutable", "get", "get_empty", "get_no_ack", "publish", "redeliver", "return_unroutable"),
    )
    return counted(**{name: (int(count), each) if name in moving else (0, 0) for name in names})


def _waiting(cloud: Cloud) -> Object:
    messaging = cloud.rabbitmq.messaging
    total = sum(messaging.messages(queue.name) for queue in messaging.queues())
    return counted(messages=(total, 0), messages_ready=(total, 0), messages_unacknowledged=(0, 0))


def overview(cloud: Cloud, seen_from: str) -> Object:
    """/api/overview."""
    messaging, guests, fixed = cloud.rabbitmq.messaging, cloud.rabbitmq.guests, standing()
    queues = list(messaging.queues())
    seen = cloud.rabbitmq.running(seen_from)
    open_connections = sum(1 for each in connections(cloud) if each.node in seen)
    open_connections += sum(1 for guest in guests.connected.values() if guest.node in seen)
    subscriptions = sum(len(messaging.consumers(queue)) for queue in queues) + sum(1 for _ in guests.consumers())
    running = cloud.rabbitmq.running(seen_from)
    age = int(cloud.now() - min(node.started for node in cloud.rabbitmq.nodes.values()))
    listeners: list[Object] = []
    for protocol, port in (("amqp", 5672), ("clustering", 25672), ("http", 15672), ("http/prometheus", 15692)):
        listeners += [_listener(cloud, host, protocol, port) for host in running]
    contexts = [
        {"ssl_opts": [], "node": f"rabbit@{host}", **context(cloud.hosts[host].machine.address, port)}
        for port in (15672, 15692)
        for host in running
    ]
    return {
        "management_version": VERSION,
        "rates_mode": "basic",
        "sample_retention_policies": fixed["sample_retention_policies"],
        "exchange_types": sorted(fixed["exchange_types"], key=lambda kind: str(kind["name"])),
        "product_version": VERSION,
        "product_name": "RabbitMQ",
        "rabbitmq_version": VERSION,
        "cluster_name": cluster_name(cloud),
        "erlang_version": "25.2.3",
        "erlang_full_version": "Erlang/OTP 25 [erts-13.1.5] [source] [64-bit] [smp:32:32] [ds:32:32:10] "
        "[async-threads:1] [jit:ns]",
        "release_series_support_status": "supported",
        "disable_stats": False,
        "enable_queue_totals": False,
        "message_stats": _stats(cloud, disk=True),
        "churn_rates": counted(
            channel_closed=(age // 500, 0),
            channel_created=(open_connections + age // 500, 0),
            connection_closed=(age // 500, 0),
            connection_created=(open_connections + age // 500, 0),
            queue_created=(len(queues), 0),
            queue_declared=(len(queues) * 2, 0),
            queue_deleted=(4, 0),
        ),
        "queue_totals": _waiting(cloud),
        "object_totals": {
            "channels": open_connections,
            "connections": open_connections,
            "consumers": subscriptions,
            "exchanges": sum(1 for _ in exchanges(cloud)),
            "queues": len(queues) + len(guests.queues),
        },
        "statistics_db_event_queue": 0,
        "node": f"rabbit@{seen_from}",
        "listeners": listeners,
        "contexts": contexts,
    }


def _listener(cloud: Cloud, host: str, protocol: str, port: int) -> Object:
    address = cloud.hosts[host].machine.address
    options: Object | list[object] = []
    if protocol == "amqp":
        options = {"backlog": 128, "nodelay": True, "linger": [True, 0], "exit_on_close": False}
    elif protocol == "http":
        options = {"cowboy_opts": {"sendfile": False}, "ip": address, "port": port}
    elif protocol == "http/prometheus":
        options = {"cowboy_opts": {"sendfile": False}, "port": port, "protocol": "http/prometheus"}
    return {
        "node": f"rabbit@{host}",
        "protocol": protocol,
        "ip_address": address if protocol == "amqp" else "::",
        "port": port,
        "socket_opts": options,
    }


def vhosts(cloud: Cloud, seen_from: str) -> list[Object]:
    """/api/vhosts."""
    running = cloud.rabbitmq.running(seen_from)
    found = {
        "cluster_state": {f"rabbit@{host}": "running" for host in running},
        "default_queue_type": "undefined",
        "description": "Default virtual host",
        "message_stats": _stats(cloud, disk=False),
        **_waiting(cloud),
        "metadata": {"description": "Default virtual host", "tags": []},
        "name": VHOST,
        **counted(recv_oct=(int(_traffic(cloud)[0] * 1900), 4637.6), send_oct=(int(_traffic(cloud)[0] * 1830), 5170.8)),
        "tags": [],
        "tracing": False,
    }
    return [dict(sorted(found.items()))]


def exchanges(cloud: Cloud) -> Iterator[Object]:
    """/api/exchanges."""
    count, each = _traffic(cloud)
    made: dict[str, str] = {}
    for queue in cloud.rabbitmq.messaging.declared().values():
        if queue.exchange:
            made[queue.exchange] = "fanout" if queue.shape == "fanout" else "topic"
    named = [(name, kind, internal, True) for name, kind, internal in BUILT_IN]
    named += [(name, kind, False, False) for name, kind in made.items()]
    for name, kind, internal, built_in in sorted(named):
        found: Object = {
            "arguments": {},
            "auto_delete": kind == "fanout" and not built_in,
            "durable": built_in,
            "internal": internal,
            "name": name,
            "type": kind,
            "user_who_performed_action": "rmq-internal" if built_in else SERVICES,
            "vhost": VHOST,
        }
        if name == "" or (kind == "topic" and not built_in):
            share = 4
            stats = {"publish_in": int(count / share), "publish_in_details": rate(each / share)}
            stats |= {"publish_out": int(count / share), "publish_out_details": rate(each / share)}
            found["message_stats"] = stats
        yield dict(sorted(found.items()))


def bindings(cloud: Cloud) -> Iterator[Object]:
    """/api/bindings: every queue to the default exchange, then to its own."""
    queues = list(cloud.rabbitmq.messaging.queues())
    for queue in queues:
        yield binding("", queue.name, queue.name)
    for queue in sorted(queues, key=lambda queue: (queue.exchange, queue.name)):
        if queue.exchange:
            key = queue.routing_key.partition("_fanout_")[0]
            yield binding(queue.exchange, queue.name, key)


def binding(source: str, destination: str, key: str) -> Object:
    """One of /api/bindings."""
    return {
        "source": source,
        "vhost": VHOST,
        "destination": destination,
        "destination_type": "queue",
        "routing_key": key,
        "arguments": {},
        "properties_key": quote_plus(key),
    }
