"""The model of one region: every server of the simulator answers from this, so that they cannot disagree.

The parts are modules of their own; each asks `hosts` what runs. Whoever changes something calls `catch_up` before it
and `settle` after it, so that heartbeats stop, listeners close and timers fire at the right moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runbooks.simulator.clock import Clock
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.model.hosts import Hosts, build_hosts
from runbooks.simulator.model.reports import Reports
from runbooks.simulator.model.tenants import Tenants, tenants_for
from runbooks.simulator.model.timers import Timers
from runbooks.simulator.model.times import AGENT_DOWN_TIME, SERVICE_DOWN_TIME
from runbooks.simulator.model.wires.damage import Damage
from runbooks.simulator.model.wires.traffic import Traffic
from runbooks.simulator.secret import Secrets

if TYPE_CHECKING:
    from runbooks.simulator.model.balancers import Balancers
    from runbooks.simulator.model.caches import Cache
    from runbooks.simulator.model.ceph import Ceph
    from runbooks.simulator.model.compute import Compute
    from runbooks.simulator.model.further import Further
    from runbooks.simulator.model.galera import Galera
    from runbooks.simulator.model.identity import Identity
    from runbooks.simulator.model.images import Images
    from runbooks.simulator.model.monitoring import Monitoring
    from runbooks.simulator.model.network import Network
    from runbooks.simulator.model.network.ovn import Ovn
    from runbooks.simulator.model.orchestration import Orchestration
    from runbooks.simulator.model.placement import Placement
    from runbooks.simulator.model.rabbitmq import RabbitMQ
    from runbooks.simulator.model.storage import Storage

__all__ = ["AGENT_DOWN_TIME", "SERVICE_DOWN_TIME", "Cloud", "Write", "build"]


@dataclass(frozen=True, slots=True)
class Write:
    """Something a client changed, or tried to."""

    at: float
    system: str
    """`nova`, `rabbitmq`, `galera`, `ssh:ctl01` …"""
    what: str
    """`POST /v2.1/servers/…/action`, a statement, a command; never a secret."""
    by: str
    """The account."""
    status: str
    """How it was answered: `202`, `ok`, `exit 1`."""


@dataclass(slots=True, repr=False)
class Cloud:
    """Everything that is true of one region at the clock's now."""

    clock: Clock
    seed: Seed
    layout: Layout
    secrets: Secrets
    servers: int
    """How many servers it was built with."""
    hosts: Hosts
    tenants: Tenants
    reports: Reports
    timers: Timers = field(default_factory=Timers)
    writes: list[Write] = field(default_factory=list)
    reactions: list[Callable[[float], None]] = field(default_factory=list)
    """Called by each `settle` with its moment, first: how Galera and RabbitMQ notice what happened to their hosts."""
    changed: list[Callable[[], None]] = field(default_factory=list)
    """Called after each `settle`: whoever has sockets opens and closes them."""
    api_faults: dict[tuple[str, str], str] = field(default_factory=dict)
    """(service, `public` | `internal` | `backend` | `*`) → `refuse`, `500`, `hang`, `drip`, `reset`."""
    damage: Damage = field(default_factory=Damage)
    """What is broken in the hosts' network below Neutron."""
    traffic: Traffic = field(default_factory=Traffic)
    """Packets that somebody sent from a host's shell, for whoever listens on their way."""

    galera: Galera = field(init=False)
    rabbitmq: RabbitMQ = field(init=False)
    balancers: Balancers = field(init=False)
    caches: dict[str, Cache] = field(init=False)
    monitoring: Monitoring = field(init=False)
    identity: Identity = field(init=False)
    images: Images = field(init=False)
    network: Network = field(init=False)
    ovn: Ovn | None = None
    """Where Neutron uses it."""
    storage: Storage = field(init=False)
    ceph: Ceph = field(init=False)
    placement: Placement = field(init=False)
    compute: Compute = field(init=False)
    orchestration: Orchestration = field(init=False)
    further: Further | None = None
    """Octavia, Designate, Manila and Barbican, where this cloud has them."""

    def now(self) -> float:
        """The cloud's time, seconds since the epoch."""
        return self.clock.now()

    def catch_up(self) -> None:
        """Run what has become due. Before every request and every change."""
        self.timers.run(self.clock.now())

    def settle(self, at: float | None = None) -> None:
        """Let the consequences of a change spread. After every change of a host, a unit, Galera or RabbitMQ.

        `at` is the moment of the change, when a timer makes it; otherwise it is now.
        """
        moment = self.clock.now() if at is None else at
        for react in self.reactions:
            react(moment)
        self.reports.settle(moment)
        for tell in self.changed:
            tell()

    def wrote(self, system: str, what: str, by: str, status: str) -> None:
        """Note that a client changed something."""
        self.writes.append(Write(self.clock.now(), system, what, by, status))


def build(
    layout: Layout,
    seed: Seed,
    clock: Clock,
    *,
    servers: int = 40,
    secrets: Secrets | None = None,
    first: Cloud | None = None,
) -> Cloud:
    """A healthy region. A second one is given the `first`, with which it shares Keystone, projects and passwords."""
    from runbooks.simulator.model.balancers import build_balancers
    from runbooks.simulator.model.caches import build_caches
    from runbooks.simulator.model.ceph.build import build_ceph
    from runbooks.simulator.model.compute import build_compute
    from runbooks.simulator.model.further import build_further
    from runbooks.simulator.model.galera_build import build_galera
    from runbooks.simulator.model.identity import build_identity
    from runbooks.simulator.model.images import build_images
    from runbooks.simulator.model.monitoring import build_monitoring
    from runbooks.simulator.model.network import build_network
    from runbooks.simulator.model.network.ovn import build_ovn
    from runbooks.simulator.model.orchestration import build_orchestration
    from runbooks.simulator.model.placement import build_placement
    from runbooks.simulator.model.rabbitmq import build_rabbitmq
    from runbooks.simulator.model.storage import build_storage

    hosts = build_hosts(layout, seed, clock)
    cloud = Cloud(
        clock=clock,
        seed=seed,
        layout=layout,
        secrets=first.secrets if first else secrets or Secrets(),
        servers=servers,
        hosts=hosts,
        tenants=tenants_for(first.seed if first else seed, layout.region, servers),
        reports=Reports(hosts, seed, clock.now()),
    )
    if first is not None:
        cloud.writes = first.writes
    cloud.galera = build_galera(cloud)
    cloud.rabbitmq = build_rabbitmq(cloud)
    cloud.balancers = build_balancers(cloud)
    cloud.caches = build_caches(cloud)
    cloud.monitoring = build_monitoring(cloud)
    cloud.ovn = build_ovn(cloud) if layout.network == "ovn" else None
    _channels(cloud)
    cloud.identity = first.identity if first else build_identity(cloud)
    cloud.compute = build_compute(cloud)
    cloud.placement = build_placement(cloud)
    cloud.images = build_images(cloud)
    cloud.network = build_network(cloud)
    cloud.storage = build_storage(cloud)
    cloud.orchestration = build_orchestration(cloud)
    cloud.ceph = build_ceph(cloud)
    if layout.further:
        cloud.further = build_further(cloud)
    cloud.reactions.append(cloud.ceph.settle)
    return cloud


def _channels(cloud: Cloud) -> None:
    """The ways on which heartbeats reach the database."""
    hosts = cloud.hosts

    def database() -> bool:
        return cloud.galera.primary()

    def through(unit: str) -> Callable[[], bool]:
        return lambda: cloud.galera.primary() and cloud.rabbitmq.serving() and bool(hosts.alive("control", unit))

    cloud.reports.channel("database", database)
    cloud.reports.channel("conductor", through("nova_conductor"))
    cloud.reports.channel("neutron-server", through("neutron_server"))
    if (ovn := cloud.ovn) is not None:
        cloud.reports.channel("ovn", lambda: ovn.followed())
