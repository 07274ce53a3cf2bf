"""What the exporters of Galera, RabbitMQ, HAProxy and Ceph tell of a moment up to now, from the services' own model.

Counters of the past are those of now, taken back as if they had always grown evenly; what a fault changed was otherwise
before it began.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from runbooks.simulator.balancers.statistics import rows
from runbooks.simulator.ceph.osds import latency_ms
from runbooks.simulator.ceph.pools import df
from runbooks.simulator.http.rabbitmq.clients import connections
from runbooks.simulator.http.rabbitmq.nodes import disk_free, memory
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.db_processes import services
from runbooks.simulator.model.galera_status import queue, status
from runbooks.simulator.model.monitoring import Monitoring, Sample


class Model:
    """What the exporters of a cloud look at, worked out once for all moments of one question."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._seen: dict[tuple[str, str], Any] = {}

    def _once(self, what: str, host: str, make: Callable[[], Any]) -> Any:
        if (what, host) not in self._seen:
            self._seen[what, host] = make()
        return self._seen[what, host]

    def clients(self, host: str) -> int:
        """Connections to a broker."""
        counted: Counter[str] = self._once(
            "clients", "", lambda: Counter(each.node for each in connections(self.cloud))
        )
        return counted[host]

    def status(self, host: str) -> dict[str, str]:
        """SHOW GLOBAL STATUS of a member, names in lower case."""
        galera = self.cloud.galera

        def ask() -> dict[str, str]:
            said = status(galera, host, sum(1 for _ in services(galera, host)))
            return {name.lower(): value for name, value in said.items()}

        found: dict[str, str] = self._once("status", host, ask)
        return found

    def proxies(self, host: str) -> list[Mapping[str, object]]:
        """The statistics of a balancer."""
        found: list[Mapping[str, object]] = self._once("proxies", host, lambda: list(rows(self.cloud.balancers, host)))
        return found

    def pools(self) -> list[Any]:
        """The pools of `ceph df detail`."""
        found: list[Any] = self._once("pools", "", lambda: df(self.cloud.ceph, detail=True)["pools"])
        return found


Values = Iterator[tuple[Mapping[str, str], float]]
"""Further labels, and the value."""

_MYSQL = "mysql_global_status_"
_COUNTERS = ("queries", "wsrep_local_cert_failures")


def _mysqld(model: Model, host: str, name: str, at: float) -> Values:
    """mysqld_exporter: the names of SHOW GLOBAL STATUS in lower case."""
    galera = model.cloud.galera
    if galera.answer(host) != "answers":
        return
    wanted, member, now = name.removeprefix(_MYSQL), galera[host], model.cloud.now()
    if at < member.started:
        return
    if wanted == "wsrep_local_recv_queue" and galera.slow == host:
        yield {}, float(max(queue(galera, host, at), 0))
        return
    value = float(model.status(host)[wanted])
    grown = (at - member.started) / max(now - member.started, 1.0) if wanted in _COUNTERS else 1.0
    yield {}, value * grown


def _rabbitmq(model: Model, host: str, name: str, at: float) -> Values:
    """RabbitMQ's own plugin, as it is set up by default: sums over all queues."""
    cloud, clients = model.cloud, model.clients(host)
    node = cloud.rabbitmq.nodes[host]
    if at < node.started:
        return
    used, limit = memory(cloud, node, clients, at)
    yield {}, float({
        "rabbitmq_process_resident_memory_bytes": used,
        "rabbitmq_resident_memory_limit_bytes": limit,
        "rabbitmq_disk_space_available_bytes": disk_free(cloud, node, at),
        "rabbitmq_process_open_tcp_sockets": clients,
        "rabbitmq_connections": clients,
    }[name])  # fmt: skip


_OSD = ("ceph_osd_commit_latency_ms", "ceph_osd_stat_bytes", "ceph_osd_stat_bytes_used")
_POOL = {"ceph_pool_stored": "stored", "ceph_pool_percent_used": "percent_used",
         "ceph_pool_rd_bytes": "rd_bytes", "ceph_pool_wr_bytes": "wr_bytes"}  # fmt: skip
_POOL_COUNTERS = ("ceph_pool_rd_bytes", "ceph_pool_wr_bytes")


def _ceph(model: Model, host: str, name: str, at: float) -> Values:
    """The managers' module: the active one tells of everything, a standby of nothing."""
    ceph = model.cloud.ceph
    if host != ceph.managers.active or not ceph.managers.serving(ceph.now):
        return
    if name in _POOL:
        for pool in model.pools():
            created = ceph.pools[pool["id"]].created
            grown = max(at - created, 0.0) / max(ceph.now - created, 1.0) if name in _POOL_COUNTERS else 1.0
            yield {"pool_id": str(pool["id"])}, pool["stats"][_POOL[name]] * grown
        return
    space = ceph.pgmap()
    for osd in ceph.osds.values():
        if osd.up and name == "ceph_osd_commit_latency_ms":
            yield {"ceph_daemon": osd.name}, float(latency_ms(ceph, osd, at))
        elif osd.up and osd.id in space.sizes:
            found = space.used if name.endswith("_used") else space.sizes
            yield {"ceph_daemon": osd.name}, float(found[osd.id])


_KINDS = {"FRONTEND": "frontend", "BACKEND": "backend"}
_FIELDS = {"current_sessions": "scur", "current_queue": "qcur"}


def _haproxy(model: Model, host: str, name: str, at: float) -> Values:
    """HAProxy's own exporter, from the columns of its statistics."""
    _, kind, what = name.split("_", 2)
    for line in model.proxies(host):
        proxy, server = str(line["pxname"]), str(line["svname"])
        if _KINDS.get(server, "server") != kind:
            continue
        labels = {"proxy": proxy} | ({} if server in _KINDS else {"server": server})
        if what in _FIELDS:
            if (value := line.get(_FIELDS[what])) is not None:
                yield labels, float(str(value))
            continue
        for code in ("1xx", "2xx", "3xx", "4xx", "5xx", "other"):
            if (count := line.get(f"hrsp_{code}")) is not None:
                yield labels | {"code": code}, float(str(count))


EXPORTED: dict[str, tuple[str, Callable[[Model, str, str, float], Values]]] = {
    **{
        f"{_MYSQL}{name}": ("mysqld", _mysqld)
        for name in ("wsrep_local_recv_queue", "threads_connected", *_COUNTERS)
    },
    **{
        f"rabbitmq_{name}": ("rabbitmq", _rabbitmq)
        for name in (
            "process_resident_memory_bytes", "resident_memory_limit_bytes", "disk_space_available_bytes",
            "process_open_tcp_sockets", "connections",
        )
    },
    **{
        f"haproxy_{kind}_{name}": ("haproxy", _haproxy)
        for kind in ("frontend", "backend", "server")
        for name in ("current_sessions", "current_queue", "http_responses_total")
        if (kind, name) != ("frontend", "current_queue")
    },
    **dict.fromkeys(_OSD + tuple(_POOL), ("ceph_mgr_exporter", _ceph)),
}  # fmt: skip
"""Metric → (the job that tells it, how)."""


def series(monitoring: Monitoring, model: Model, name: str, at: float) -> Iterator[Sample]:
    """The values of any metric at a moment up to now."""
    if name not in EXPORTED:
        yield from monitoring.series(name, at)
        return
    job, values = EXPORTED[name]
    for target in monitoring.answering(job, at):
        for more, value in values(model, target.host, name, at):
            yield Sample({"__name__": name, **target.labels, **more}, value)
