"""A site: where the systems of one cloud and region live, and as whom we may look at them. Values only.

Everything is optional: a cloud name alone gives all that its APIs give. `console/config.py` makes these values from
nephoscope.toml, a Kolla folder and clouds.yaml; the sources only read them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import msgspec

Protection: TypeAlias = Literal["read-only", "normal", "production"]


class Secret:
    """A password that is fetched when it is first needed and never shown: its repr and str hide it."""

    __slots__ = ("_fetch", "origin")

    def __init__(self, fetch: Callable[[], str], origin: str) -> None:
        self._fetch = fetch
        self.origin = origin
        """Where it comes from, in words: `file galera.secret`."""

    def reveal(self) -> str:
        """The secret itself. Raises `BadConfiguration` when it cannot be fetched."""
        return self._fetch()

    def __repr__(self) -> str:
        return f"<secret from {self.origin}>"

    __str__ = __repr__


class SiteHost(msgspec.Struct, frozen=True):
    """A machine of the site; `roles` are words like `control`, `network`, `compute`, `storage`, `monitoring`."""

    name: str
    address: str = ""
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """Groups of the inventory that it is in."""
    user: str = ""
    port: int = 0


_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
_NOTHING: Final[Mapping[str, SiteHost]] = MappingProxyType({})


class SshSettings(msgspec.Struct, frozen=True):
    """How hosts are reached. Paths are absolute; an empty `config` means ~/.ssh/config."""

    config: Path | None = None
    known_hosts: Path | None = None
    user: str = ""
    jump: str = ""
    identity: Path | None = None


class Endpoint(msgspec.Struct, frozen=True):
    """One address of a clustered system; `host` is the site's name for the machine it is on."""

    host: str
    address: str
    port: int


class Account(msgspec.Struct, frozen=True):
    """As whom something is changed; opened only inside an operation."""

    user: str
    password: Secret


class GaleraSite(msgspec.Struct, frozen=True):
    """The database members, each asked by itself and never through the virtual address."""

    members: tuple[Endpoint, ...]
    user: str
    password: Secret
    via: str = ""
    """`ssh:HOST` when only that host reaches them."""
    tls: bool = False
    ca: Path | None = None
    admin: Account | None = None


class RabbitmqSite(msgspec.Struct, frozen=True):
    """The broker's management APIs: base URLs without `/api`, one per node."""

    urls: tuple[tuple[str, str], ...]
    """(host, URL), in the order they are tried."""
    user: str
    password: Secret
    via: str = ""
    ca: Path | None = None
    admin: Account | None = None


class CertificatesSite(msgspec.Struct, frozen=True):
    """Further TLS addresses (`HOST:PORT`), and the CA that signed them."""

    addresses: tuple[str, ...] = ()
    ca: Path | None = None


class WebSite(msgspec.Struct, frozen=True):
    """Small web services of one system, and as whom we ask them."""

    urls: tuple[tuple[str, str], ...]
    """(host, URL), in the order they are tried."""
    user: str = ""
    password: Secret | None = None
    token: Secret | None = None
    """Instead of user and password: sent as a bearer's."""
    via: str = ""
    ca: Path | None = None


class LokiSite(msgspec.Struct, frozen=True):
    """Loki, which has the logs of all hosts."""

    web: WebSite
    tenant: str = ""
    """Sent as `X-Scope-OrgID`; empty where Loki has one tenant only."""
    prefer: bool = False
    """It is asked first, and hosts only where it has nothing of them; else it stands in for hosts out of reach."""
    host_label: str = ""
    """The label that names the host; empty: one of the usual ones."""
    service_label: str = ""
    """The label that names the service; empty: all of the usual ones."""


class HaproxySite(msgspec.Struct, frozen=True):
    """The load balancers: their statistics are read from the socket on each host, or from a page of each."""

    hosts: tuple[str, ...]
    socket: str = ""
    """The socket's path on the hosts; empty: the usual ones are tried."""
    pages: WebSite | None = None
    """The statistics pages; None: the socket is read over SSH."""


class KeepalivedSite(msgspec.Struct, frozen=True):
    """The hosts that share the virtual addresses."""

    hosts: tuple[str, ...]
    config: str = "/etc/keepalived/keepalived.conf"
    """Where its configuration is on them."""
    addresses: tuple[str, ...] = ()
    """Virtual addresses that there are whatever the configurations say."""


class OvnSite(msgspec.Struct, frozen=True):
    """OVN's central part: the hosts with a member of each database, and those with northd."""

    northbound: tuple[str, ...]
    southbound: tuple[str, ...]
    northd: tuple[str, ...]

    def of(self, program: str) -> tuple[str, ...]:
        """The hosts of `OVN_Northbound`, `OVN_Southbound` or `ovn-northd`."""
        return {"OVN_Northbound": self.northbound, "OVN_Southbound": self.southbound, "ovn-northd": self.northd}[
            program
        ]

    @property
    def hosts(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys((*self.northbound, *self.southbound, *self.northd)))


class MemcachedSite(msgspec.Struct, frozen=True):
    """The caches, each asked by itself."""

    servers: tuple[Endpoint, ...]
    via: str = ""


class Mon(msgspec.Struct, frozen=True):
    """A Ceph monitor: its own name, and the site's name for the machine it is on."""

    name: str
    host: str


class CephDashboard(msgspec.Struct, frozen=True):
    """The dashboards of the managers: base URLs; any of them leads to the active one."""

    urls: tuple[str, ...]
    user: str
    password: Secret
    via: str = ""
    """`ssh:HOST` when only that host reaches them."""
    ca: Path | None = None


class CephSite(msgspec.Struct, frozen=True):
    """A Ceph cluster: the hosts of its monitors, as whom we ask there, and its dashboard."""

    mons: tuple[Mon, ...]
    user: str = "viewer"
    """The cephx user without `client.`."""
    conf: str = "/etc/ceph/ceph.conf"
    """On the hosts of the monitors."""
    dashboard: CephDashboard | None = None
    local: Path | None = None
    """ceph.conf on this machine, when the cluster may be asked from here."""
    admin: str = "admin"
    """The cephx user that operations use there, without `client.`; its keyring is on those hosts."""


class AmqpSite(msgspec.Struct, frozen=True):
    """Where the broker's clients connect, one address per node."""

    listeners: tuple[Endpoint, ...]
    user: str
    password: Secret
    vhost: str = "/"
    via: str = ""
    """`ssh:HOST` when only that host reaches them."""
    tls: bool = False
    ca: Path | None = None


class Site(msgspec.Struct, frozen=True):
    """Everything that is known about one cloud and region."""

    cloud: str
    region: str = ""
    protection: Protection = "normal"
    hosts: Mapping[str, SiteHost] = msgspec.field(default_factory=lambda: _NOTHING)
    ssh: SshSettings = SshSettings()
    galera: GaleraSite | None = None
    rabbitmq: RabbitmqSite | None = None
    amqp: AmqpSite | None = None
    notifications: bool = False
    """We may declare our own expiring queues at the broker, to hear what the services notify of."""
    certificates: CertificatesSite = CertificatesSite()
    haproxy: HaproxySite | None = None
    keepalived: KeepalivedSite | None = None
    ovn: OvnSite | None = None
    memcached: MemcachedSite | None = None
    prometheus: WebSite | None = None
    alertmanager: WebSite | None = None
    loki: LokiSite | None = None
    ceph: CephSite | None = None
    lock_dir: Path = Path("/run/lock/nephoscope")
    allowed_signers: Path | None = None
    """Whose SSH signatures approve a plan (ssh-keygen(1), ALLOWED SIGNERS)."""
    principals: Mapping[str, str] = msgspec.field(default_factory=lambda: _NOBODY)
    """Local user → the same person's name in `allowed_signers`."""
    admin_cloud: str = ""
    """The entry of clouds.yaml that operations change things with; empty: the cloud's own."""
    role_map: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Role of the token → patterns of the operations that it allows (`compute-service.*`); empty: as operations say."""
    origin: str = ""
    """Where this was read from, for messages."""

    def with_roles(self, roles: tuple[str, ...]) -> list[SiteHost]:
        """The hosts that have one of `roles`; all of them when `roles` is empty."""
        return [h for h in self.hosts.values() if not roles or set(roles) & set(h.roles)]
