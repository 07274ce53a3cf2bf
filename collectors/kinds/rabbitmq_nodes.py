"""The nodes of the RabbitMQ cluster: does each run, do they see each other, memory, disk, alarms.

Every node is asked, and what they say is joined: in a partition each side calls the other dead. `partitions` is empty
during a cut and told only after it has healed; of a node that is down it is missing, which is not "none". An alarm on
one node blocks every publisher of the cluster.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Wire
from collectors.kinds._shared import listed, percent, word
from collectors.request import Management
from collectors.rollup import Quorum
from collectors.trend import Trend
from collectors.values import size

NEARLY: Final = 85
"""Percent of the memory watermark, of file descriptors and of sockets."""

_COLUMNS = (
    "name,running,type,partitions,mem_used,mem_limit,mem_alarm,disk_free,disk_free_limit,disk_free_alarm,fd_used,fd_total,"
    "sockets_used,sockets_total,proc_used,proc_total,run_queue,uptime,being_drained,net_ticktime,db_dir"
)


class Totals(msgspec.Struct, gc=False):
    """What a node counts on its side of the cluster (`object_totals` of its overview)."""

    queues: int | None = None
    connections: int | None = None


class NodeWire(Wire):
    """`GET /api/nodes`, joined over all nodes. A node that does not run has hardly more than its name."""

    name: str
    running: bool | None = None
    type: str | None = None
    partitions: list[str] | None = None
    mem_used: int | None = None
    mem_limit: int | None = None
    mem_alarm: bool | None = None
    disk_free: int | None = None
    disk_free_limit: int | None = None
    disk_free_alarm: bool | None = None
    fd_used: int | None = None
    fd_total: int | None = None
    sockets_used: int | None = None
    sockets_total: int | None = None
    proc_used: int | None = None
    proc_total: int | None = None
    run_queue: int | None = None
    uptime: int | None = None
    being_drained: bool | None = None
    net_ticktime: int | None = None
    db_dir: str | None = None
    answers: bool | None = None
    trouble: str | None = None
    version: str | None = None
    running_for: list[str] | None = None
    missing_for: list[str] | None = None
    unknown_to: list[str] | None = None
    sees: Totals | None = None


class Node(Row, frozen=True):
    """One broker."""

    name: str
    host: str
    running: bool | None
    answers: bool | None
    memory_used: float | None
    mem_used: int | None
    mem_limit: int | None
    mem_alarm: bool | None
    disk_free: int | None
    disk_free_limit: int | None
    disk_free_alarm: bool | None
    partitions: str | None
    partitions_known: bool
    missing_for: str | None
    unknown_to: str | None
    running_for: str | None
    sockets_used: int | None
    sockets_share: float | None
    fd_share: float | None
    proc_used: int | None
    run_queue: int | None
    started: float | None
    draining: bool | None
    type: str | None
    net_ticktime: int | None
    db_dir: str | None
    trouble: str | None
    version: str | None
    sees_queues: int | None
    sees_connections: int | None


def row(wire: NodeWire, reading: Reading) -> Node:
    """Shares are computed; `uptime` is milliseconds there."""
    started = None if wire.uptime is None else float(round(reading.now - wire.uptime / 1000, -1))
    return Node(
        name=word(wire.name) or "",
        host=word(wire.name.partition("@")[2].partition(".")[0]) or wire.name,
        running=wire.running,
        answers=wire.answers,
        memory_used=percent(wire.mem_used, wire.mem_limit),
        mem_used=wire.mem_used,
        mem_limit=wire.mem_limit,
        mem_alarm=wire.mem_alarm,
        disk_free=wire.disk_free,
        disk_free_limit=wire.disk_free_limit,
        disk_free_alarm=wire.disk_free_alarm,
        partitions=listed(wire.partitions),
        partitions_known=wire.partitions is not None,
        missing_for=listed(wire.missing_for),
        unknown_to=listed(wire.unknown_to),
        running_for=listed(wire.running_for),
        sockets_used=wire.sockets_used,
        sockets_share=percent(wire.sockets_used, wire.sockets_total),
        fd_share=percent(wire.fd_used, wire.fd_total),
        proc_used=wire.proc_used,
        run_queue=wire.run_queue,
        started=started,
        draining=wire.being_drained,
        type=word(wire.type),
        net_ticktime=wire.net_ticktime,
        db_dir=word(wire.db_dir),
        trouble=wire.trouble,
        version=word(wire.version),
        sees_queues=wire.sees.queues if wire.sees else None,
        sees_connections=wire.sees.connections if wire.sees else None,
    )


def health(node: Node, now: float) -> Health:
    """Not running, partitioned or alarmed is critical; what is close to it a warning, all of one level told."""
    if node.running is None:
        return unknown("nobody says whether it runs")
    if not node.running:
        why = f" ({node.trouble})" if node.trouble else ""
        return critical(f"not running{why}")
    found = sorted(_complaints(node), key=lambda complaint: complaint.rank)
    if not found:
        return OK
    level = found[0].level
    return Health(level, "; ".join(complaint.reason for complaint in found if complaint.level == level))


def _complaints(node: Node) -> Iterator[Health]:
    if node.partitions:
        yield critical(f"partitioned from {node.partitions}: both sides ran on; restart the smaller one")
    elif node.missing_for:
        yield critical(f"runs, but {node.missing_for} cannot see it: the cluster is cut")
    elif node.unknown_to and len(node.unknown_to.split(", ")) >= len((node.running_for or "").split(", ")):
        yield critical(f"runs as a cluster of its own: {node.unknown_to} do not know it; rabbitmq-node.join")
    if node.mem_alarm:
        used = f"{size(node.mem_used)} of {size(node.mem_limit)}" if node.mem_used and node.mem_limit else "too much"
        yield critical(f"memory alarm, {used}: publishers are blocked on all nodes")
    if node.disk_free_alarm:
        left = f", {size(node.disk_free)} left" if node.disk_free is not None else ""
        yield critical(f"disk alarm{left}: publishers are blocked on all nodes")
    if not node.mem_alarm and node.memory_used is not None and node.memory_used >= NEARLY:
        yield warning(f"memory {node.memory_used:.0f} % of the watermark that blocks publishers")
    if node.sockets_share is not None and node.sockets_share >= NEARLY:
        yield warning(f"{node.sockets_share:.0f} % of its sockets are used")
    if node.fd_share is not None and node.fd_share >= NEARLY:
        yield warning(f"{node.fd_share:.0f} % of its file descriptors are used")
    if node.draining:
        yield warning("in maintenance: it takes no clients")
    if node.trouble:
        yield warning(f"runs, but its management API does not answer: {node.trouble}")
    if not node.partitions_known:
        yield unknown("does not say yet whether it is partitioned")


KIND = Kind(
    name="rabbitmq-nodes",
    title="RabbitMQ nodes",
    aliases=("rabbitmq-node", "rabbitmq", "rabbit", "brokers"),
    about="one row per broker: running, partitions, memory and disk alarms, sockets",
    system="rabbitmq",
    read=Management("nodes", (("columns", _COLUMNS),), everyone=True),
    wire=NodeWire,
    row=row,
    fields=Node,
    key="name",
    columns=(
        Column("name", "NODE", "name", 1),
        Column("running", "RUNNING", "flag", 1, help="as the cluster sees it"),
        Column("memory_used", "MEMORY", "percent", 2, help="of the watermark at which publishers are blocked"),
        Column("disk_free", "DISK LEFT", "bytes", 2),
        Column("mem_alarm", "MEM ALARM", "flag", 3),
        Column("disk_free_alarm", "DISK ALARM", "flag", 3),
        Column("partitions", "PARTITIONED FROM", "text", 3, help="told only after a cut has healed"),
        Column("sockets_used", "SOCKETS", "number", 4, help="clients and other nodes"),
        Column("started", "UP SINCE", "time", 4, fresh=0.0),
        Column("answers", "API", "flag", 5, help="its own management API answers"),
        Column("host", "HOST", "ref", 5),
        Column("run_queue", "RUN QUEUE", "number", 6, help="Erlang processes that wait for a processor"),
        Column("mem_used", "USED", "bytes", 6, wide=True),
        Column("mem_limit", "WATERMARK", "bytes", 6, wide=True),
        Column("disk_free_limit", "DISK LIMIT", "bytes", 6, wide=True),
        Column("sockets_share", "SOCKETS %", "percent", 7, wide=True),
        Column("fd_share", "DESCRIPTORS %", "percent", 7, wide=True),
        Column("proc_used", "PROCESSES", "number", 7, wide=True, help="of Erlang"),
        Column("running_for", "SEEN BY", "text", 7, wide=True, help="nodes that count it as running"),
        Column("missing_for", "MISSED BY", "text", 7, wide=True, help="nodes that do not"),
        Column("unknown_to", "UNKNOWN TO", "text", 7, wide=True, help="nodes of another cluster, that do not name it"),
        Column("draining", "DRAINING", "flag", 7, wide=True, help="in maintenance"),
        Column("partitions_known", "PARTITIONS KNOWN", "flag", 8, wide=True, help="a node that starts does not say"),
        Column("version", "VERSION", "text", 6, help="of RabbitMQ, as the node itself says"),
        Column("sees_queues", "SEES QUEUES", "number", 8, wide=True, help="on its side of the cluster"),
        Column("sees_connections", "SEES CLIENTS", "number", 8, wide=True, help="connections on its side"),
        Column("type", "TYPE", "text", 8, wide=True),
        Column("net_ticktime", "TICK", "duration", 8, wide=True, help="how long a silent peer is waited for"),
        Column("db_dir", "DATA", "text", 8, wide=True, help="where its data is, as the broker sees it"),
        Column("trouble", "TROUBLE", "text", 8, wide=True, help="why its management API does not answer"),
    ),
    trends=(
        Trend(
            "memory used, of the watermark at which publishers are blocked",
            "memory_used",
            ceiling=100.0,
            query=(
                "100 * max(rabbitmq_process_resident_memory_bytes{instance=~@host})"
                " / max(rabbitmq_resident_memory_limit_bytes{instance=~@host})"
            ),
        ),
        Trend(
            "disk left",
            "disk_free",
            query="min(rabbitmq_disk_space_available_bytes{instance=~@host})",
        ),
        Trend("sockets", "sockets_used", query="max(rabbitmq_process_open_tcp_sockets{instance=~@host})"),
        Trend("connections of clients", role="number", query="max(rabbitmq_connections{instance=~@host})"),
    ),
    sort=("name",),
    health=health,
    rollup=Quorum("nodes", "well", well="running=true", felt="running=true"),
    links=(
        Link("queues", "node", "name", "queues it leads"),
        Link("connections", "node", "name", "connections to it"),
        Link("broker-alarms", "node", "name", "its alarms"),
        Link("broker-memory-parts", "node", "name", "what its memory holds"),
        Link("units", "host", "host", "units on its host"),
        Link("hosts", "name", "host", "its host"),
    ),
    runs=Runs(host="{host}", unit="rabbitmq"),
    element="rabbitmq@{host}",
    deadline=14.0,
    list_command="rabbitmqctl cluster_status",
)
