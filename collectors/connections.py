"""The opened sources of one site: made when first needed, each with its own threads.

A source is a bulkhead: it has a thread pool of its own, so a system that hangs holds up only its own readers. Sources
are imported here lazily, because a command that asks Nova needs no SSH library.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, assert_never
from weakref import WeakSet

from msgspec.structs import replace

from collectors.deadline import Deadline
from collectors.errors import BadConfiguration
from collectors.request import (
    Alerting,
    AmqpProbe,
    BalancerStats,
    BrokerAlarms,
    BrokerMemory,
    CacheStats,
    Capacity,
    Catalog,
    Ceph,
    Certificates,
    HostCommands,
    Management,
    Notifications,
    Ovn,
    Promql,
    Request,
    Rest,
    RouterInstances,
    ScrapeTargets,
    Sql,
    VirtualAddresses,
)
from collectors.site import Site
from collectors.threads import Pool

if TYPE_CHECKING:
    from collectors.kind import AnyKind
    from collectors.sources.base import Source
    from collectors.sources.loki import LokiSource
    from collectors.sources.openstack import OpenStackSource
    from collectors.sources.ssh import SshSource

SYSTEMS = (
    "openstack", "galera", "rabbitmq", "amqp", "haproxy", "keepalived", "memcached", "ceph", "prometheus",
    "alertmanager", "loki", "ovn", "ssh",
)  # fmt: skip
"""Every system that has a source, in the order that `doctor` asks them."""


def system_of(request: Request) -> str:
    """Which system answers `request`."""
    match request:
        case Rest() | Catalog() | Capacity():
            return "openstack"
        case Sql():
            return "galera"
        case Management() | BrokerAlarms() | BrokerMemory():
            return "rabbitmq"
        case AmqpProbe() | Notifications():
            return "amqp"
        case HostCommands():
            return "ssh"
        case Certificates():
            return "tls"
        case BalancerStats():
            return "haproxy"
        case VirtualAddresses():
            return "keepalived"
        case RouterInstances():
            return "routers"
        case Ovn():
            return "ovn"
        case CacheStats():
            return "memcached"
        case Promql() | ScrapeTargets():
            return "prometheus"
        case Alerting():
            return "alertmanager"
        case Ceph():
            return "ceph"
        case _:
            assert_never(request)


class Connections:
    """Sources of `site` by system."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._sources: dict[str, Source] = {}
        self._pools: dict[str, Pool] = {}
        self._lock = threading.RLock()
        self._deadlines: WeakSet[Deadline] = WeakSet()

    def source(self, request: Request) -> Source:
        """The source that answers `request`. Raises `BadConfiguration` when the site has no such system."""
        return self.system(system_of(request))

    def system(self, name: str) -> Source:
        """The source of the system `name`."""
        with self._lock:
            if name not in self._sources:
                self._sources[name] = self._open(name)
            return self._sources[name]

    def forget(self) -> None:
        """Somebody wants to know how it is now: what sources keep to serve several reads is not given again."""
        from collectors.sources.base import Keeping

        with self._lock:
            found = [source for source in self._sources.values() if isinstance(source, Keeping)]
        for source in found:
            source.forget()

    @property
    def region(self) -> str:
        """The region that is asked: the site's, else the one that the cloud's own configuration names."""
        source = self._sources.get("openstack")
        return self.site.region or str(getattr(source, "region", "") if source is not None else "")

    def has(self, system: str) -> bool:
        """True when the site tells enough to reach `system`."""
        return {
            "openstack": True,
            "galera": self.site.galera is not None,
            "rabbitmq": self.site.rabbitmq is not None,
            "haproxy": self.site.haproxy is not None,
            "keepalived": self.site.keepalived is not None,
            "ovn": self.site.ovn is not None,
            "memcached": self.site.memcached is not None,
            "prometheus": self.site.prometheus is not None,
            "alertmanager": self.site.alertmanager is not None,
            "loki": self.site.loki is not None,
            "ceph": self.site.ceph is not None,
            "amqp": self.site.amqp is not None,
            "ssh": bool(self.site.hosts),
            "routers": bool(self.site.with_roles(("network",))),
            "tls": True,
        }[system]

    def can_ask(self, kind: AnyKind) -> bool:
        """True when the site has the kind's system, and of hosts to log in to some with the roles that are asked."""
        system = system_of(kind.read)
        asked = system != "ssh" or kind.scope.per != "host" or bool(self.site.with_roles(kind.scope.roles))
        return asked and self.has(system)

    def operating(self) -> OpenStackSource:
        """OpenStack as the account that changes things: the site's `admin_cloud`, else the one that reads."""
        from collectors.sources.openstack import OpenStackSource

        with self._lock:
            name = "openstack-admin" if self.site.admin_cloud else "openstack"
            if name not in self._sources:
                cloud = self.site.admin_cloud or self.site.cloud
                self._sources[name] = OpenStackSource(replace(self.site, cloud=cloud))
            found = self._sources[name]
        assert isinstance(found, OpenStackSource)
        return found

    def ssh(self) -> SshSource:
        """The SSH source, also as the way to systems that only a host reaches."""
        from collectors.sources.ssh import SshSource

        found = self.system("ssh")
        assert isinstance(found, SshSource)
        return found

    def loki(self) -> LokiSource | None:
        """Loki, where the site has one."""
        from collectors.sources.loki import LokiSource

        if not self.has("loki"):
            return None
        found = self.system("loki")
        assert isinstance(found, LokiSource)
        return found

    def _open(self, name: str) -> Source:
        if not self.has(name):
            where = self.site.origin or "nephoscope.toml"
            raise BadConfiguration(
                f"{name} of {self.site.cloud or 'this cloud'}",
                f"the site says nothing about {name}",
                f"add [site.{self.site.cloud or 'NAME'}.{'hosts.NAME' if name == 'ssh' else name}] to {where}",
            )
        match name:
            case "openstack":
                from collectors.sources.openstack import OpenStackSource

                return OpenStackSource(self.site)
            case "galera":
                from collectors.sources.galera import GaleraSource

                return GaleraSource(self.site, self)
            case "rabbitmq":
                from collectors.sources.rabbitmq import RabbitmqSource

                return RabbitmqSource(self.site, self)
            case "tls":
                from collectors.sources.tls import TlsSource

                return TlsSource(self.site, self)
            case "haproxy":
                from collectors.sources.haproxy import HaproxySource

                return HaproxySource(self.site, self)
            case "keepalived":
                from collectors.sources.keepalived import KeepalivedSource

                return KeepalivedSource(self.site, self)
            case "routers":
                from collectors.sources.routers import RoutersSource

                return RoutersSource(self.site, self)
            case "ovn":
                from collectors.sources.ovn import OvnSource

                return OvnSource(self.site, self)
            case "memcached":
                from collectors.sources.memcached import MemcachedSource

                return MemcachedSource(self.site, self)
            case "prometheus":
                from collectors.sources.prometheus import PrometheusSource

                return PrometheusSource(self.site, self)
            case "alertmanager":
                from collectors.sources.alertmanager import AlertmanagerSource

                return AlertmanagerSource(self.site, self)
            case "loki":
                from collectors.sources.loki import LokiSource

                return LokiSource(self.site, self)
            case "ceph":
                from collectors.sources.ceph import CephSource

                return CephSource(self.site, self)
            case "amqp":
                from collectors.sources.amqp import AmqpSource

                return AmqpSource(self.site, self)
            case _:
                from collectors.sources.ssh import SshSource

                return SshSource(self.site)

    def pool(self, source: Source) -> Pool:
        """The threads of `source`, and of nobody else."""
        with self._lock:
            if source.system not in self._pools:
                self._pools[source.system] = Pool(source.workers, f"read-{source.system}")
            return self._pools[source.system]

    def deadline(self, seconds: float) -> Deadline:
        """A deadline `seconds` from now that also ends when these connections are closed."""
        made = Deadline(seconds)
        with self._lock:
            self._deadlines.add(made)
        return made

    def close(self) -> None:
        """Close every connection and end every read that is under way, so that no thread outlives the console."""
        with self._lock:
            for held in list(self._deadlines):
                held.end()
            for pool in self._pools.values():
                pool.close()
            for source in self._sources.values():
                source.close()
            self._pools.clear()
            self._sources.clear()
