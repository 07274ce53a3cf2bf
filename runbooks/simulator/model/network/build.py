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
from runbooks.simulator.model.network.bindings import PHYSICAL
from runbooks.simulator.model.network.groups import group
from runbooks.simulator.model.network.infrastructure import ha_network, infrastructure_port
from runbooks.simulator.model.network.records import (
    FloatingIp,
    NetworkRecord,
    RbacPolicy,
    Router,
    Subnet,
)
from runbooks.simulator.model.network.routers import DISTRIBUTED, GATEWAY, HA_INTERFACE, INTERFACE

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.tenants import Tenant

EXTERNAL_CIDR = "198.18.0.0/16"
EXTERNAL_POOL = (("198.18.0.100", "198.18.255.254"),)
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


def _dhcp_hosts(cloud: Cloud) -> list[str]:
    """The hosts whose agents serve a network; with OVN the switch of each host answers itself."""
    return [host.name for host in cloud.hosts.with_role("network")] if cloud.ovn is None else []


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
        physical=PHYSICAL,
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
    network.dhcp_hosts[network.external_id] = _dhcp_hosts(cloud)
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
    overlay, mtu = cloud.layout.overlay
    network.networks[tenant.network_id] = NetworkRecord(
        id=tenant.network_id,
        project_id=tenant.project_id,
        name=tenant.network_name,
        created=at,
        updated=at + 1,
        revision=2,
        segment=1000 + tenant.number,
        kind=overlay,
        mtu=mtu,
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
    network.dhcp_hosts[tenant.network_id] = _dhcp_hosts(cloud)
    if cloud.ovn is not None:
        own = f"ovnmeta-{tenant.network_id}"
        fixed = ((tenant.subnet_id, f"{tenant.prefix}.0.2"),)
        infrastructure_port(network, tenant, "metadata", tenant.network_id, own, DISTRIBUTED, "", fixed)
    for place, host in enumerate(network.dhcp_hosts[tenant.network_id]):
        address = f"{tenant.prefix}.0.{2 + place}"
        infrastructure_port(
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
    ha = len(hosts) > 1 and tenant.name != LEGACY and cloud.ovn is None
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
    if cloud.ovn is not None:
        chosen = cloud.ovn.serves(tenant.router_id)
    subnet = network.subnets_of(network.external_id)[0]
    address = f"198.18.{(100 + tenant.number) >> 8}.{(100 + tenant.number) & 255}"
    gateway = infrastructure_port(
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
    infrastructure_port(
        network,
        tenant,
        "interface",
        tenant.network_id,
        router.id,
        HA_INTERFACE if ha else INTERFACE,
        chosen if cloud.ovn is None else "",
        ((tenant.subnet_id, default_gateway(tenant.cidr)),),
    )
    if cloud.ovn is not None:
        return
    network.routers.hosts[router.id] = list(hosts) if ha else [chosen]
    if ha:
        network.routers.active[router.id] = chosen
        ha_network(network, tenant.project_id, at, [(router, host) for host in hosts])


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
