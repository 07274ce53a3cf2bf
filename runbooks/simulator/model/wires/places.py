"""Places that send and receive: a host's own namespace, a named one, a server, and the world outside.

What each of them has: addresses, who answers for an address on a network, and what is one hop away.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from runbooks.simulator.model.network.records import Port
from runbooks.simulator.model.network.routers import GATEWAY, HA_PORT
from runbooks.simulator.model.wires.links import addresses
from runbooks.simulator.model.wires.look import Look
from runbooks.simulator.model.wires.namespaces import Namespace
from runbooks.simulator.model.wires.reach import PROVIDER_MAC

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.server import Server

ANSWERS_OUTSIDE = ("198.18.0.1", "198.18.0.53")
"""The provider's router and the name server: nobody else is there."""


METADATA = "169.254.169.254"
"""An address of every DHCP server's namespace, and of every one that OVN has for metadata."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a packet is: a host's own namespace, one of its named ones, a server's port; without a host, outside."""

    host: str = ""
    namespace: str = ""
    port: str = ""


@lru_cache(maxsize=4096)
def net(cidr: str) -> IPv4Network:
    """A subnet's range."""
    return IPv4Network(cidr)


def within(cidr: str, address: str) -> bool:
    """True when an IPv4 address belongs to an IPv4 subnet."""
    return ":" not in cidr and IPv4Address(address) in net(cidr)


def machine_with(cloud: Cloud, address: str) -> str:
    """The host that has an address of the management or tunnel network; empty when none has."""
    for host in cloud.hosts:
        if address == host.machine.address or (address == host.machine.tunnel and _has_tunnels(host.machine.roles)):
            return host.name
    holders = [host.name for host in cloud.hosts.with_role("control") if address in addresses(cloud, host)]
    return holders[0] if holders else ""


def _has_tunnels(roles: tuple[str, ...]) -> bool:
    return bool({"network", "compute"} & set(roles))


def server_of(cloud: Cloud, port: Port) -> Server | None:
    """The server that uses a port."""
    return cloud.compute.servers.get(port.device_id)


def owner(cloud: Cloud, network_id: str, address: str) -> Port | None:
    """Neutron's port that answers for an address on a network: its own, or a router's for a floating one."""
    network = cloud.network
    if network.networks[network_id].external:
        floating = network.floating_ips.with_address(address)
        if floating is not None and floating.port_id and floating.router_id is not None:
            router = network.routers.by_id.get(floating.router_id)
            return network.ports.get(router.gateway_port) if router is not None and router.gateway_port else None
    ports = network.ports.on_network(network_id)
    return next((port for port in ports if any(fixed == address for _, fixed in port.fixed_ips)), None)


def mac_for(cloud: Cloud, network_id: str, address: str) -> str:
    """The MAC address that an address has on a network; empty when nobody answers."""
    port = owner(cloud, network_id, address)
    if port is not None:
        return port.mac
    outside = cloud.network.networks[network_id].external and address in ANSWERS_OUTSIDE
    return PROVIDER_MAC if outside else ""


def active_on(look: Look, router_id: str) -> list[str]:
    """The hosts on which a router has its addresses; last whoever took them last."""
    cloud = look.cloud
    hosts = cloud.network.routers.hosts.get(router_id, [])
    found = [
        host
        for host in hosts
        for each in look.namespaces(host)
        if each.of == router_id and each.kind == "router" and each.active and cloud.hosts[host].up
    ]
    late = cloud.damage.second_active.get(router_id, set())
    return sorted(found, key=lambda host: host in late)


def own_addresses(namespace: Namespace) -> list[tuple[str, Port]]:
    """(address, port) of a namespace: those of its ports, where it is active, and that of the metadata."""
    found = [
        (address, port)
        for port in namespace.ports
        if namespace.active or port.device_owner == HA_PORT
        for _, address in port.fixed_ips
    ]
    if namespace.kind in ("dhcp", "metadata"):
        found += [(METADATA, port) for port in namespace.ports[:1]]
    return found


def way(cloud: Cloud, namespace: Namespace, target: str) -> tuple[Port, str] | None:
    """(port, next hop) by which a namespace sends to an address; None without a route."""
    if not namespace.active:
        return None
    for port in namespace.ports:
        for subnet_id, _ in port.fixed_ips:
            if port.device_owner != HA_PORT and within(cloud.network.subnets[subnet_id].cidr, target):
                return port, target
    for port in namespace.ports:
        if (namespace.kind == "dhcp" or port.device_owner == GATEWAY) and port.fixed_ips:
            gateway = cloud.network.subnets[port.fixed_ips[0][0]].gateway
            return (port, gateway) if gateway else None
    return None
