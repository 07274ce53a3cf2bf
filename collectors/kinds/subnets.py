"""Neutron's subnets: address ranges, gateways and DHCP of the networks."""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import joined_name, listed, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch


class Pool(msgspec.Struct, gc=False):
    """A range that addresses are taken from."""

    start: str = ""
    end: str = ""


class Route(msgspec.Struct, gc=False):
    """A route that DHCP hands out."""

    destination: str = ""
    nexthop: str = ""


class SubnetWire(Wire):
    """`GET /v2.0/subnets`."""

    id: str
    name: str = ""
    network_id: str | None = None
    cidr: str | None = None
    ip_version: int | None = None
    gateway_ip: str | None = None
    enable_dhcp: bool | None = None
    ipv6_ra_mode: str | None = None
    ipv6_address_mode: str | None = None
    allocation_pools: list[Pool] | None = None
    dns_nameservers: list[str] | None = None
    host_routes: list[Route] | None = None
    project_id: str | None = None
    tenant_id: str | None = None
    description: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Subnet(Row, frozen=True):
    """One subnet."""

    id: str
    name: str
    cidr: str | None
    gateway_ip: str | None
    network: str | None
    network_id: str | None
    project: str | None
    project_id: str | None
    enable_dhcp: bool | None
    ip_version: int | None
    ipv6_mode: str | None
    allocation_pools: str | None
    dns_nameservers: str | None
    host_routes: str | None
    description: str | None
    created_at: float | None
    updated_at: float | None


def row(wire: SubnetWire, reading: Reading) -> Subnet:
    """Ranges and routes become text."""
    owner = wire.project_id or wire.tenant_id
    return Subnet(
        id=wire.id,
        name=wire.name,
        cidr=wire.cidr,
        gateway_ip=wire.gateway_ip,
        network=joined_name(reading, "networks", wire.network_id),
        network_id=wire.network_id,
        project=joined_name(reading, "projects", owner),
        project_id=word(owner),
        enable_dhcp=wire.enable_dhcp,
        ip_version=wire.ip_version,
        ipv6_mode=word(wire.ipv6_address_mode or wire.ipv6_ra_mode),
        allocation_pools=listed(f"{pool.start}-{pool.end}" for pool in wire.allocation_pools or ()),
        dns_nameservers=listed(wire.dns_nameservers),
        host_routes=listed(f"{route.destination} via {route.nexthop}" for route in wire.host_routes or ()),
        description=wire.description or None,
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def health(subnet: Subnet, now: float) -> Health:
    """A subnet is a plan of addresses; how full it is, its list does not tell."""
    return OK


KIND = Kind(
    name="subnets",
    title="Subnets",
    aliases=("subnet",),
    about="one row per subnet: range, gateway, network, DHCP",
    system="network",
    read=Rest("network", "/subnets", "subnets", page=1000),
    wire=SubnetWire,
    row=row,
    fields=Subnet,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("cidr", "CIDR", "text", 1),
        Column("gateway_ip", "GATEWAY", "text", 2),
        Column("network", "NETWORK", "ref", 3, joined=True),
        Column("project", "PROJECT", "ref", 4, joined=True),
        Column("enable_dhcp", "DHCP", "flag", 3),
        Column("ip_version", "IP", "id", 5, wide=True, help="4 or 6"),
        Column("ipv6_mode", "IPV6", "text", 6, wide=True, help="slaac, dhcpv6-stateful or dhcpv6-stateless"),
        Column("allocation_pools", "POOLS", "text", 5, wide=True, help="what addresses are taken from"),
        Column("dns_nameservers", "DNS", "text", 5),
        Column("host_routes", "ROUTES", "text", 6, wide=True),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("network_id", "NETWORK ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name", "cidr"),
    health=health,
    rollup=Count("subnets"),
    links=(
        Link("networks", "id", "network_id", "its network"),
        Link("projects", "id", "project_id", "its project"),
    ),
    joins=("networks", "projects"),
    server_filters={"name": "name", "network_id": "network_id", "project_id": "project_id", "cidr": "cidr"},
    period=60.0,
    deadline=60.0,
    list_command="openstack subnet list --long",
    show_command="openstack subnet show {id}",
)
