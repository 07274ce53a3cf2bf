"""Which addresses of a subnet are taken and which one is next."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator

from runbooks.simulator.model.network.records import Subnet


def default_pools(cidr: str, gateway: str | None) -> tuple[tuple[str, str], ...]:
    """All host addresses but the gateway's, as Neutron's IPAM offers them."""
    net = ipaddress.ip_network(cidr)
    small = net.prefixlen >= net.max_prefixlen - 1
    first = int(net.network_address) + (0 if small else 1)
    last = int(net.broadcast_address) - (0 if small or net.version == 6 else 1)
    skip = int(ipaddress.ip_address(gateway)) if gateway else None
    make = type(net.network_address)
    if skip is None or not first <= skip <= last:
        return ((str(make(first)), str(make(last))),)
    parts = ((first, skip - 1), (skip + 1, last))
    return tuple((str(make(low)), str(make(high))) for low, high in parts if low <= high)


def default_gateway(cidr: str) -> str:
    """The first host address."""
    net = ipaddress.ip_network(cidr)
    return str(net.network_address + 1)


def inside(cidr: str, address: str) -> bool:
    """True when `address` belongs to `cidr`."""
    found = ipaddress.ip_address(address)
    net = ipaddress.ip_network(cidr)
    return found.version == net.version and found in net


def in_pools(subnet: Subnet, address: str) -> bool:
    """True when `address` is in one of the subnet's allocation pools."""
    found = ipaddress.ip_address(address)
    return any(
        int(ipaddress.ip_address(low)) <= int(found) <= int(ipaddress.ip_address(high)) for low, high in subnet.pools
    )


def pool_sizes(subnet: Subnet) -> int:
    """How many addresses its pools hold."""
    return sum(int(ipaddress.ip_address(high)) - int(ipaddress.ip_address(low)) + 1 for low, high in subnet.pools)


def size(subnet: Subnet) -> int:
    """How many addresses the subnet has for hosts."""
    net = ipaddress.ip_network(subnet.cidr)
    if net.version == 6 or net.prefixlen >= 31:
        return net.num_addresses - (1 if net.version == 6 and net.prefixlen < 127 else 0)
    return net.num_addresses - 2


def free(subnet: Subnet, taken: Collection[str]) -> Iterator[str]:
    """The addresses of its pools that nobody has, ascending."""
    for low, high in subnet.pools:
        at, last = ipaddress.ip_address(low), ipaddress.ip_address(high)
        while at <= last:  # type: ignore[operator]  # both of one version
            if str(at) not in taken:
                yield str(at)
            at = at + 1
