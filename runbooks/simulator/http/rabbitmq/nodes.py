"""Nodes: what /api/nodes says about each broker, from where it is asked."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from runbooks.simulator.http.rabbitmq.ask import Object
from runbooks.simulator.http.rabbitmq.clients import connections
from runbooks.simulator.model import rabbitmq as model
from runbooks.simulator.model.broker_space import AT_REST, free, held
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.rabbitmq import TICK, Node


@cache
def standing() -> dict[str, Any]:
    """What never changes: plugins, applications, exchange types (`rabbitmq.json`)."""
    found: dict[str, Any] = json.loads(Path(model.__file__).with_name("rabbitmq.json").read_text())
    return found


def rate(value: float = 0.0) -> Object:
    """A `…_details` object."""
    return {"rate": round(value, 1)}


def counted(**counters: tuple[float, float]) -> Object:
    """Counters with their `_details`: name=(count, per second)."""
    found: Object = {}
    for name, (count, each) in counters.items():
        found[name] = int(count) if float(count).is_integer() or count > 10 else count
        found[f"{name}_details"] = rate(each)
    return found


def nodes(cloud: Cloud, seen_from: str) -> list[Object]:
    """/api/nodes; a node that the answering one does not see running is hardly more than its name."""
    running = cloud.rabbitmq.running(seen_from)
    by_host: dict[str, int] = {}
    for connection in connections(cloud):
        by_host[connection.node] = by_host.get(connection.node, 0) + 1
    found = []
    for host, node in cloud.rabbitmq.members(seen_from).items():
        if host in running:
            found.append(_running(cloud, node, seen_from, by_host.get(host, 0)))
        else:
            found.append({"name": node.name, "type": "disc", "running": False, "cluster_links": []})
    return found


def memory(cloud: Cloud, node: Node, sockets: int, at: float) -> tuple[int, int]:
    """(used, limit) in bytes at the moment `at`."""
    configured = cloud.rabbitmq.watermark(node.host)
    limit = node.memory_limit if node.memory_limit is not None else configured
    used = AT_REST + sockets * 420_000 + 700_000 * cloud.seed.number(40, "mem", node.host, int(at) // 5)
    return used + (sum(held(cloud.rabbitmq, node.host)) if at >= node.memory_since else 0), limit


def disk_free(cloud: Cloud, node: Node, at: float) -> int:
    """Bytes that were left at the moment `at`."""
    return free(cloud.rabbitmq, node.host, at)


def _running(cloud: Cloud, node: Node, seen_from: str, sockets: int) -> Object:
    host, now = cloud.hosts[node.host], cloud.now()
    up = max(now - node.started, 0.0)
    address = host.machine.address
    used, limit = memory(cloud, node, sockets, now)
    jitter = cloud.seed.number(30, "node", node.host, int(now) // 5)
    fixed = standing()
    log = f"/var/log/kolla/rabbitmq/{node.name}"
    return {
        "partitions": cloud.rabbitmq.shown_partitions(node.host),
        "os_pid": str(40 + cloud.seed.number(900, "pid", node.host, int(node.started))),
        "fd_total": 1_048_576,
        "sockets_total": 943_626,
        "mem_limit": limit,
        "mem_alarm": node.memory_alarm,
        "disk_free_limit": node.disk_limit,
        "disk_free_alarm": node.disk_alarm,
        "proc_total": 1_048_576,
        "rates_mode": "basic",
        "uptime": int(up * 1000),
        "run_queue": jitter % 3,
        "processors": host.cpus,
        "exchange_types": fixed["exchange_types"],
        "auth_mechanisms": fixed["auth_mechanisms"],
        "applications": fixed["applications"],
        "contexts": [context(address, 15672), context(address, 15692)],
        "log_files": [f"{log}.log", f"{log}_upgrade.log", "<stdout>"],
        "db_dir": f"/var/lib/rabbitmq/mnesia/{node.name}",
        "config_files": ["/etc/rabbitmq/rabbitmq.conf"],
        "net_ticktime": int(TICK),
        "enabled_plugins": fixed["enabled_plugins"],
        "mem_calculation_strategy": "rss",
        "ra_open_file_metrics": {"ra_log_wal": 1, "ra_log_segment_writer": 0},
        "name": node.name,
        "type": "disc",
        "running": True,
        **counted(
            mem_used=(used, jitter * 4096.0),
            fd_used=(42 + sockets + jitter % 3, 0),
            sockets_used=(sockets, 0),
            proc_used=(420 + sockets * 9 + jitter, 0.2),
            disk_free=(disk_free(cloud, node, now), -4096.0),
            gc_num=(up * 71, 71),
            gc_bytes_reclaimed=(up * 1_840_000, 1_840_000),
            context_switches=(up * 690, 690),
            io_read_count=(1, 0),
            io_read_bytes=(1, 0),
            io_read_avg_time=(0.076, 0),
            io_write_count=(up * 0.4, 0.4),
            io_write_bytes=(up * 330, 330),
            io_write_avg_time=(0.18, 0),
            io_sync_count=(up * 0.4, 0.4),
            io_sync_avg_time=(0.42, 0),
            io_seek_count=(3, 0),
            io_seek_avg_time=(0.19, 0),
            io_reopen_count=(0, 0),
            mnesia_ram_tx_count=(300 + up * 0.02, 0),
            mnesia_disk_tx_count=(90 + up * 0.001, 0),
            msg_store_read_count=(0, 0),
            msg_store_write_count=(0, 0),
            queue_index_write_count=(1, 0),
            queue_index_read_count=(0, 0),
            connection_created=(sockets + up * 0.002, 0),
            connection_closed=(up * 0.002, 0),
            channel_created=(sockets + up * 0.002, 0),
            channel_closed=(up * 0.002, 0),
            queue_declared=(260, 0),
            queue_created=(130, 0),
            queue_deleted=(4, 0),
        ),
        "cluster_links": [
            _link(cloud, node, other, up) for other in cloud.rabbitmq.running(seen_from) if other != node.host
        ],
        "metrics_gc_queue_length": fixed["metrics_gc_queue_length"],
    }


def context(address: str, port: int) -> Object:
    """A web context of a node."""
    if port == 15672:
        found = {"description": "RabbitMQ Management", "path": "/", "cowboy_opts": "[{sendfile,false}]"}
        return {**found, "ip": address, "port": "15672"}
    found = {"description": "RabbitMQ Prometheus", "path": "/", "cowboy_opts": "[{sendfile,false}]"}
    return {**found, "port": "15692", "protocol": "'http/prometheus'"}


def _link(cloud: Cloud, node: Node, peer: str, up: float) -> Object:
    sent, got = int(up * 1961), int(up * 1670)
    port = 30_000 + cloud.seed.number(20_000, "link", node.host, peer)
    return {
        "stats": counted(send_bytes=(sent, 1961), recv_bytes=(got, 1670)),
        "name": f"rabbit@{peer}",
        "peer_addr": cloud.hosts[peer].machine.address,
        "peer_port": port,
        "sock_addr": cloud.hosts[node.host].machine.address,
        "sock_port": 25672,
        "recv_bytes": got + 3000,
        "send_bytes": sent + 3000,
    }
