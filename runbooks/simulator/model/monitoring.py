"""What Prometheus scrapes in one region, and what Alertmanager was told about alerts and silences.

A target is up while its exporter answers. Values follow from the model: a host's load, who is behind a balancer, how
many members the database has. Alerts are computed when somebody asks; only silences are remembered.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from runbooks.simulator.model import disks

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.hosts import Host

SERVER, ALERTMANAGER = "prometheus_server", "prometheus_alertmanager"
INTERVAL = 60.0
"""`prometheus_scrape_interval`, Kolla's default, seconds."""

JOBS: dict[str, tuple[str, int]] = {
    "prometheus": (SERVER, 9091),
    "alertmanager": (ALERTMANAGER, 9093),
    "node": ("prometheus_node_exporter", 9100),
    "cadvisor": ("prometheus_cadvisor", 18080),
    "libvirt": ("prometheus_libvirt_exporter", 9177),
    "mysqld": ("prometheus_mysqld_exporter", 9104),
    "memcached": ("prometheus_memcached_exporter", 9150),
    "haproxy": ("haproxy", 9101),
    "rabbitmq": ("rabbitmq", 15692),
    "ceph_mgr_exporter": ("ceph-mgr@{host}", 9283),
}
"""Job → (the unit that answers, its port), on every host that has the unit."""


class Sample(NamedTuple):
    """One value of one series, and since when it is so, where the model knows."""

    labels: Mapping[str, str]
    value: float
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One address that is scraped."""

    job: str
    host: str
    unit: str
    port: int
    address: str

    @property
    def instance(self) -> str:
        return f"{self.address}:{self.port}"

    @property
    def labels(self) -> dict[str, str]:
        return {"instance": self.instance, "job": self.job}


@dataclass(slots=True)
class Silence:
    """One silence of Alertmanager, as it was posted."""

    id: str
    matchers: list[dict[str, object]]
    starts: float
    ends: float
    created_by: str
    comment: str
    updated: float

    def state(self, now: float) -> str:
        return "expired" if now >= self.ends else "pending" if now < self.starts else "active"


@dataclass(slots=True)
class Monitoring:
    """Prometheus and Alertmanager of one region."""

    cloud: Cloud
    silences: dict[str, Silence] = field(default_factory=dict)
    noticed: dict[tuple[str, ...], float] = field(default_factory=dict)
    """(alert, labels…) → when it was first seen, where the model does not know since when it is so."""

    @property
    def host(self) -> Host | None:
        """Where both run; None in a region without monitoring."""
        return next(iter(self.cloud.hosts.with_role("monitoring")), None)

    def targets(self) -> Iterator[Target]:
        """Everything that is scraped, by job."""
        for job, (named, port) in JOBS.items():
            for host in self.cloud.hosts:
                unit = named.format(host=host.name)
                if unit in host.names:
                    yield Target(job, host.name, unit, port, host.machine.address)

    def trouble(self, target: Target) -> str:
        """Why the last scrape failed, in Prometheus' words; empty when it did not."""
        what = f'Get "http://{target.instance}/metrics": '
        match self.cloud.hosts[target.host].answer(target.unit):
            case "refuses":
                return f"{what}dial tcp {target.instance}: connect: connection refused"
            case "hangs" | "unreachable":
                return f"{what}context deadline exceeded"
        return ""

    def scraped(self, target: Target) -> float:
        """When it was last scraped: each has its own moment within the interval."""
        phase = self.cloud.seed.fraction("scrape", target.job, target.host) * INTERVAL
        now = self.cloud.now()
        return now - (now - phase) % INTERVAL

    def changed(self, target: Target) -> float:
        """When what a scrape meets last changed."""
        host = self.cloud.hosts[target.host]
        return max(host.started(target.unit), host.changed)

    # -- series ---------------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """The metrics that there are."""
        return sorted(
            [
                "up", "node_load1", "node_load5", "node_load15", "node_memory_MemTotal_bytes",
                "node_memory_MemAvailable_bytes", "node_filesystem_size_bytes", "node_filesystem_avail_bytes",
                "haproxy_backend_active_servers", "haproxy_backend_backup_servers",
                "mysql_global_status_wsrep_cluster_size", "rabbitmq_alarms_memory_used_watermark",
            ]
        )  # fmt: skip

    def answering(self, job: str, at: float) -> Iterator[Target]:
        """The targets of a job that could be scraped at a moment up to now."""
        for target in self.targets():
            if target.job == job and not (self.trouble(target) and at >= self.changed(target)):
                yield target

    def series(self, name: str, at: float) -> Iterator[Sample]:
        """The values of a metric at a moment up to now."""
        for target in self.targets():
            since = self.changed(target)
            down = bool(self.trouble(target)) and at >= since
            if name == "up":
                yield Sample({"__name__": name, **target.labels}, 0.0 if down else 1.0, since)
            elif not down:
                for more, value in self._values(name, target, at):
                    yield Sample({"__name__": name, **target.labels, **more}, value)

    def _values(self, name: str, target: Target, at: float) -> Iterator[tuple[dict[str, str], float]]:
        host, cloud = self.cloud.hosts[target.host], self.cloud
        if target.job == "node" and name.startswith("node_"):
            yield from _node(name, host, self._wave(host.name, at))
        elif target.job == "haproxy" and name.startswith("haproxy_backend_"):
            for proxy in cloud.balancers.proxies:
                up = [place for place, each in enumerate(cloud.balancers.servers(host.name, proxy)) if each.serves]
                active = [place for place in up if not proxy.backups or place == 0]
                found = len(active) if name == "haproxy_backend_active_servers" else len(up) - len(active)
                yield {"proxy": f"{proxy.name}_back"}, float(found)
        elif target.job == "mysqld" and name == "mysql_global_status_wsrep_cluster_size":
            if cloud.galera.answer(host.name) == "answers":
                yield {}, float(len(cloud.galera[host.name].view.members))
        elif target.job == "rabbitmq" and name == "rabbitmq_alarms_memory_used_watermark":
            yield {}, float(cloud.rabbitmq.nodes[host.name].memory_alarm)

    def _wave(self, host: str, at: float) -> float:
        """How busy a host is at a moment: around 1, no two hosts alike, the same at each look."""
        shift = self.cloud.seed.fraction("wave", host) * 2 * math.pi
        return 1 + 0.3 * math.sin(at / 900 + shift) + 0.1 * math.sin(at / 97 + 3 * shift)


def _node(name: str, host: Host, wave: float) -> Iterator[tuple[dict[str, str], float]]:
    loads = dict(zip(("node_load1", "node_load5", "node_load15"), host.load, strict=True))
    if name in loads:
        yield {}, round(loads[name] * wave, 2)
    elif name == "node_memory_MemTotal_bytes":
        yield {}, float(host.memory_kib * 1024)
    elif name == "node_memory_MemAvailable_bytes":
        yield {}, float(int(host.memory_kib * 1024 * (1 - host.memory_used)))
    elif name in ("node_filesystem_size_bytes", "node_filesystem_avail_bytes"):
        for mount, (device, kib, _) in host.disks.items():
            told = kib if name.endswith("size_bytes") else disks.available(host, mount)
            yield {"device": device, "fstype": "ext4", "mountpoint": mount}, float(told * 1024)


def build_monitoring(cloud: Cloud) -> Monitoring:
    """Nothing is silenced yet."""
    return Monitoring(cloud)
