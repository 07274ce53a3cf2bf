"""Octavia: load balancers of the first tenants, and the amphorae that carry them, which are servers of `service`.

Each load balancer has two amphorae (`ACTIVE_STANDBY`), on two computes; their servers are there for Nova and Placement
as any other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runbooks.simulator.model import server as states
from runbooks.simulator.model.server import Server

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

DAY = 86400.0
CERTIFICATE_DAYS = 30.0
"""`cert_validity_time`; housekeeping renews two weeks before the end."""
_PLAN = (("shop", 0, 2, 1), ("reports", 1, 1, 1), ("registry", 2, 1, 2))
"""Name, number of its tenant, listeners, pools."""


@dataclass(slots=True)
class LoadBalancer:
    """A load balancer."""

    id: str
    name: str
    project_id: str
    vip_address: str
    vip_port_id: str
    vip_subnet_id: str
    vip_network_id: str
    listeners: tuple[str, ...]
    pools: tuple[str, ...]
    created: float
    updated: float
    provisioning: str = "ACTIVE"
    operating: str = "ONLINE"


@dataclass(slots=True)
class Amphora:
    """A server that carries a load balancer."""

    id: str
    load_balancer: str
    server_id: str
    number: int
    """0 is the master."""
    lb_network_ip: str
    vrrp_ip: str
    vrrp_port_id: str
    vip: LoadBalancer
    certificate_until: float
    created: float
    updated: float
    image_id: str
    flavor_id: str
    status: str = "ALLOCATED"


@dataclass(slots=True)
class Balancing:
    """Octavia of one region."""

    load_balancers: list[LoadBalancer] = field(default_factory=list)
    amphorae: list[Amphora] = field(default_factory=list)

    def of(self, balancer: LoadBalancer) -> list[Amphora]:
        """Its amphorae, the master first."""
        return [each for each in self.amphorae if each.load_balancer == balancer.id]


def build_balancing(cloud: Cloud) -> Balancing:
    """Three load balancers with two amphorae each, the first tenant's with two listeners."""
    seed, now = cloud.seed, cloud.now()
    found = Balancing()
    for place, (name, number, listeners, pools) in enumerate(_PLAN):
        tenant = cloud.tenants[number]
        created = now - (20 + 30 * place) * DAY
        balancer = LoadBalancer(
            id=seed.uuid("load balancer", name),
            name=name,
            project_id=tenant.project_id,
            vip_address=f"{tenant.prefix}.255.{10 + place}",
            vip_port_id=seed.uuid("vip port", name),
            vip_subnet_id=tenant.subnet_id,
            vip_network_id=tenant.network_id,
            listeners=tuple(seed.uuid("listener", name, n) for n in range(listeners)),
            pools=tuple(seed.uuid("balancer pool", name, n) for n in range(pools)),
            created=created,
            updated=created + 40 + 3600 * place,
        )
        found.load_balancers.append(balancer)
        for each in range(2):
            found.amphorae.append(_amphora(cloud, balancer, place, each))
    return found


def _amphora(cloud: Cloud, balancer: LoadBalancer, place: int, number: int) -> Amphora:
    seed, now = cloud.seed, cloud.now()
    amphora_id = seed.uuid("amphora", balancer.name, number)
    flavor = cloud.compute.flavors_by_name["m1.tiny"]
    image = seed.uuid("image", "debian-12")
    service = cloud.identity.project_named("service")
    assert service is not None
    owner = cloud.identity.user_named("octavia") or cloud.identity.user_named("admin")
    assert owner is not None
    first = next(iter(cloud.compute.servers.newest()), None)
    server = Server(
        id=seed.uuid("amphora server", balancer.name, number),
        number=cloud.compute.servers.next_number(),
        name=f"amphora-{amphora_id}",
        project_id=service.id,
        user_id=owner.id,
        flavor=flavor,
        image_id=image,
        created=balancer.created + 5,
        updated=balancer.created + 15,
        reservation_id=first.reservation_id if first else "r-amphora0",
        host=cloud.layout.compute((2 * place + number) % cloud.layout.computes + 1),
        vm_state="active",
        power_state=states.RUNNING,
        launched=balancer.created + 15,
    )
    cloud.compute.servers.add(server)
    return Amphora(
        id=amphora_id,
        load_balancer=balancer.id,
        server_id=server.id,
        number=number,
        lb_network_ip=f"172.16.{place}.{20 + number}",
        vrrp_ip=f"{balancer.vip_address.rpartition('.')[0]}.{100 + 2 * place + number}",
        vrrp_port_id=seed.uuid("vrrp port", balancer.name, number),
        vip=balancer,
        certificate_until=now + (CERTIFICATE_DAYS - 3 * place - number) * DAY,
        created=balancer.created,
        updated=balancer.updated,
        image_id=image,
        flavor_id=flavor.id,
    )
