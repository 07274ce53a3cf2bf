"""What Neutron makes for itself: HA networks of projects, and the ports of routers and agents."""

from __future__ import annotations

from runbooks.simulator.model.network import Network
from runbooks.simulator.model.network.addressing import default_pools
from runbooks.simulator.model.network.records import NetworkRecord, Port, Router, Subnet
from runbooks.simulator.model.network.routers import HA_PORT
from runbooks.simulator.model.tenants import Tenant

HA_CIDR = "169.254.192.0/18"
"""Neutron's default `l3_ha_net_cidr`."""


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
        port = infrastructure_port(
            network, None, f"{router.id} {host}", identity, router.id, HA_PORT, host, ((subnet_id, _ha_address(place)),)
        )
        port.name = f"HA port tenant {project}"
    return network.networks[identity]


def _ha_address(place: int) -> str:
    return f"169.254.{192 + (place >> 8)}.{place & 255}"


def infrastructure_port(
    network: Network,
    tenant: Tenant | None,
    what: str,
    network_id: str,
    device_id: str,
    owner: str,
    host: str,
    fixed_ips: tuple[tuple[str, str], ...],
) -> Port:
    """A port of a router or agent, bound and active; one without a tenant belongs to no project."""
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
