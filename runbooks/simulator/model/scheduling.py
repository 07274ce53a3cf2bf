"""Which compute a server is put on: Nova's scheduler with its default filters, and a Neutron port for it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from runbooks.simulator.model.flavors import Flavor
from runbooks.simulator.model.network.addressing import free
from runbooks.simulator.model.server import Nic

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

SAMPLE = 64
"""Of how many fitting computes the emptiest is taken; on a small cloud these are all."""


def choose(cloud: Cloud, flavor: Flavor, zone: str | None, without: Collection[str] = ()) -> str | None:
    """The host with the most free memory among those that are up, enabled, in the zone, and have room."""
    now, compute, placement = cloud.now(), cloud.compute, cloud.placement
    best: tuple[int, str] | None = None
    looked = 0
    for service in compute.services:
        if service.binary != "nova-compute" or service.disabled or service.host in without:
            continue
        if not compute.services.up(service, now) or (zone and compute.zone(service.host) != zone):
            continue
        node = compute.hypervisors.find(service.host)
        if node is None or not placement.fits(node, flavor.resources):
            continue
        rank = (placement.used(node)["MEMORY_MB"] - node.ram, service.host)
        best = min(best, rank) if best else rank
        looked += 1
        if looked == SAMPLE:
            break
    return best[1] if best else None


def new_nic(cloud: Cloud, network_id: str, port_id: str) -> Nic | None:
    """A port for a new server on a network, with the network's next free address; None when there is none."""
    network = cloud.network
    record = network.networks.get(network_id)
    if record is None:
        return None
    for subnet in network.subnets_of(network_id):
        address = next(free(subnet, network.ports.addresses(subnet.id)), None)
        if address is not None:
            mac = cloud.seed.mac("port", port_id)
            return Nic(port_id, mac, address, network_id, record.name, subnet.id)
    return None


def nic_of_port(cloud: Cloud, port_id: str) -> Nic | None:
    """An existing port as a server's interface; None when there is no such port."""
    port = cloud.network.ports.get(port_id)
    if port is None or not port.fixed_ips:
        return None
    subnet_id, address = port.fixed_ips[0]
    name = cloud.network.networks[port.network_id].name
    return Nic(port.id, port.mac, address, port.network_id, name, subnet_id)
