"""Neutron as it is at the beginning: an external network, and a network, router and security group per tenant.

Routers are HA where there are two network nodes (the tenant `sandbox` has one that is not), and each project with an HA
router has the HA network that Neutron makes for it. DHCP runs on every network node for every tenant's network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbooks.simulator.model.hosts import DAY
from runbooks.simulator.model.network import Network
from runbooks.simulator.model.network.addressing import default_gateway, default_pools
from runbooks.simulator.model.network.agents import build_agents, dhcp_device
from runbooks.simulator.model.network.records import (
    FloatingIp,
    NetworkRecord,
    Port,
    RbacPolicy,
    Router,
    Rule,
    SecurityGroup,
    Subnet,
)
from runbooks.simulator.model.network.routers import GATEWAY, HA_INTERFACE, HA_PORT, INTERFACE

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.tenants import Tenant

EXTERNAL_CIDR = "198.18.0.0/16"
EXTERNAL_POOL = (("198.18.0.100", "198.18.255.254"),)
HA_CIDR = "169.254.192.0/18"
"""Neutron's default `l3_ha_net_cidr`."""
AGE = 200 * DAY
LEGACY = "sandbox"
"""The tenant whose router is not HA."""


def build(cloud: Cloud) -> Network:
    """A healthy Neutron."""
    seed, region = cloud.seed, cloud.layout.region
    network = Network(cloud, cloud.now(), build_agents(cloud), seed.uuid("network", region, "public"))
    cloud.network = network
    _external(network)
    for number in range(len(cloud.tenants)):
        _tenant(network, cloud.tenants[number])
    _spare(network)
    group(network, _admin(cloud), seed.uuid("security group", region, "admin"), network.built - AGE)
    cloud.reactions.append(network.routers.react)
    return network


def _admin(cloud: Cloud) -> str:
    project = cloud.identity.project_named("admin")
    return project.id if project else ""


def _external(network: Network) -> None:
    cloud = network.cloud
    seed, at = cloud.seed, network.built - AGE
    admin = _admin(cloud)
    network.networks[network.external_id] = NetworkRecord(
        id=network.external_id,
        project_id=admin,
        name="public",
        created=at,
        updated=at + 1,
        revision=2,
        mtu=1500,
        external=True,
        kind="flat",
        physical="physnet1",
    )
    subnet_id = seed.uuid("subnet", cloud.layout.region, "public")
    subnet = Subnet(
        id=subnet_id,
        project_id=admin,
        name="public-subnet",
        created=at + 1,
        updated=at + 1,
        network_id=network.external_id,
        cidr=EXTERNAL_CIDR,
        gateway=default_gateway(EXTERNAL_CIDR),
        pools=EXTERNAL_POOL,
        dhcp=False,
    )
    network.add_subnet(subnet)
    network.dhcp_hosts[network.external_id] = [host.name for host in cloud.hosts.with_role("network")]
    policy = seed.uuid("rbac policy", cloud.layout.region, "public")
    network.rbac_policies[policy] = RbacPolicy(
        id=policy,
        project_id=admin,
        object_type="network",
        object_id=network.external_id,
        action="access_as_external",
        target="*",
    )


def _tenant(network: Network, tenant: Tenant) -> None:
    cloud = network.cloud
    at = network.built - AGE + tenant.number * 60.0
    network.networks[tenant.network_id] = NetworkRecord(
        id=tenant.network_id,
        project_id=tenant.project_id,
        name=tenant.network_name,
        created=at,
        updated=at + 1,
        revision=2,
        segment=1000 + tenant.number,
    )
    subnet = Subnet(
        id=tenant.subnet_id,
        project_id=tenant.project_id,
        name=tenant.network_name.removesuffix("-net") + "-subnet",
        created=at + 1,
        updated=at + 1,
        network_id=tenant.network_id,
        cidr=tenant.cidr,
        gateway=default_gateway(tenant.cidr),
        pools=default_pools(tenant.cidr, default_gateway(tenant.cidr)),
        dns=("198.18.0.53",),
    )
    network.add_subnet(subnet)
    hosts = [host.name for host in cloud.hosts.with_role("network")]
    network.dhcp_hosts[tenant.network_id] = list(hosts)
    for place, host in enumerate(hosts):
        address = f"{tenant.prefix}.0.{2 + place}"
        _port(
            network,
            tenant,
            f"dhcp {host}",
            tenant.network_id,
            dhcp_device(host, tenant.network_id),
            "network:dhcp",
            host,
            ((tenant.subnet_id, address),),
        )
    group(network, tenant.project_id, tenant.security_group_id, at, open_to_all=True)
    _router(network, tenant, hosts, at + 2)
    share = -(-cloud.servers // len(cloud.tenants))
    network.quotas[tenant.project_id] = {"port": max(500, 3 * share), "floatingip": max(50, share)}


def _router(network: Network, tenant: Tenant, hosts: list[str], at: float) -> None:
    cloud = network.cloud
    ha = len(hosts) > 1 and tenant.name != LEGACY
    router = network.routers.by_id[tenant.router_id] = Router(
        id=tenant.router_id,
        project_id=tenant.project_id,
        name=tenant.network_name.removesuffix("-net") + "-router",
        created=at,
        updated=at + 1,
        revision=3,
        ha=ha,
        gateway_network=network.external_id,
        vr_id=1 if ha else 0,
    )
    chosen = hosts[cloud.seed.number(len(hosts), "active router", tenant.router_id)]
    subnet = network.subnets_of(network.external_id)[0]
    address = f"198.18.{(100 + tenant.number) >> 8}.{(100 + tenant.number) & 255}"
    gateway = _port(
        network,
        None,
        f"gateway {tenant.number}",
        network.external_id,
        router.id,
        GATEWAY,
        chosen,
        ((subnet.id, address),),
    )
    router.gateway_port = gateway.id
    _port(
        network,
        tenant,
        "interface",
        tenant.network_id,
        router.id,
        HA_INTERFACE if ha else INTERFACE,
        chosen,
        ((tenant.subnet_id, default_gateway(tenant.cidr)),),
    )
    network.routers.hosts[router.id] = list(hosts) if ha else [chosen]
    if ha:
        network.routers.active[router.id] = chosen
        ha_network(network, tenant.project_id, at, [(router, host) for host in hosts])


def ha_network(network: Network, project: str, at: float, members: list[tuple[Router, str]]) -> NetworkRecord:
    """The HA network of a project (made when there is none) with a port for each (router, host)."""
    seed = network.cloud.seed
    identity = seed.uuid("ha network", network.cloud.layout.region, project)
    subnet_id = seed.uuid("ha subnet", network.cloud.layout.region, project)
    if identity not in network.networks:
        network.networks[identity] = NetworkRecord(
            id=identity,
            project_id="",
            name=f"HA network tenant {project}",
            created=at,
            updated=at,
            revision=2,
            port_security=False,
            segment=100_000 + len(network.networks),
        )
        subnet = Subnet(
            id=subnet_id,
            project_id="",
            name=f"HA subnet tenant {project}",
            created=at,
            updated=at,
            network_id=identity,
            cidr=HA_CIDR,
            pools=default_pools(HA_CIDR, None),
            dhcp=False,
        )
        network.add_subnet(subnet)
    for router, host in members:
        taken = network.ports.addresses(subnet_id)
        place = next(place for place in range(1, 16_000) if _ha_address(place) not in taken)
        port = _port(
            network, None, f"{router.id} {host}", identity, router.id, HA_PORT, host, ((subnet_id, _ha_address(place)),)
        )
        port.name = f"HA port tenant {project}"
    return network.networks[identity]


def _ha_address(place: int) -> str:
    return f"169.254.{192 + (place >> 8)}.{place & 255}"


def _port(
    network: Network,
    tenant: Tenant | None,
    what: str,
    network_id: str,
    device_id: str,
    owner: str,
    host: str,
    fixed_ips: tuple[tuple[str, str], ...],
) -> Port:
    seed = network.cloud.seed
    born = network.networks[network_id].created + 2
    port = Port(
        id=seed.uuid("port", network_id, what),
        project_id=tenant.project_id if tenant else "",
        created=born,
        updated=born + 3,
        revision=5,
        network_id=network_id,
        mac=seed.mac("port", network_id, what),
        fixed_ips=fixed_ips,
        device_id=device_id,
        device_owner=owner,
        host=host,
        status="ACTIVE",
        vif_type="ovs",
        port_security=False,
    )
    network.ports.add(port)
    return port


def group(
    network: Network,
    project: str,
    identity: str,
    at: float,
    *,
    name: str = "default",
    description: str = "Default security group",
    open_to_all: bool = False,
) -> SecurityGroup:
    """A new security group with the rules that Neutron gives it: all out, and in from itself for a default one.

    `open_to_all` adds ping and SSH from anywhere.
    """
    seed = network.cloud.seed
    found = SecurityGroup(
        id=identity, project_id=project, name=name, description=description, created=at, updated=at, revision=1
    )
    plans: list[tuple[str, str, str | None, str | None, bool]] = []
    for ethertype in ("IPv4", "IPv6"):
        if name == "default":
            plans.append(("ingress", ethertype, identity, None, True))
        plans.append(("egress", ethertype, None, None, True))
    if open_to_all:
        plans += [("ingress", "IPv4", None, "icmp", False), ("ingress", "IPv4", None, "tcp", False)]
    for place, (direction, ethertype, remote, protocol, default) in enumerate(plans):
        found.rules.append(
            Rule(
                id=seed.uuid("rule", identity, place),
                project_id=project,
                created=at,
                updated=at,
                group_id=identity,
                direction=direction,
                ethertype=ethertype,
                protocol=protocol,
                port_min=22 if protocol == "tcp" else None,
                port_max=22 if protocol == "tcp" else None,
                remote_prefix="0.0.0.0/0" if protocol else None,
                remote_group=remote,
                default=default,
                serial=network.next_serial(),
            )
        )
    network.security_groups[identity] = found
    return found


def _spare(network: Network) -> None:
    """Two floating IPs that nobody uses."""
    cloud = network.cloud
    for place in (1, 2):
        tenant = cloud.tenants[place]
        at = network.built - 30 * DAY * place
        network.floating_ips.add(
            FloatingIp(
                id=cloud.seed.uuid("floating ip", cloud.layout.region, "spare", place),
                project_id=tenant.project_id,
                created=at,
                updated=at,
                network_id=network.external_id,
                address=f"198.18.15.{place}",
            )
        )
