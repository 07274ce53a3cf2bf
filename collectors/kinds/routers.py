"""Neutron's routers: from which external network, with which address, and whether they are HA or distributed."""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import joined_name, listed, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch


class ExternalIp(msgspec.Struct, gc=False):
    """An address on the external network."""

    ip_address: str = ""


class Gateway(msgspec.Struct, gc=False):
    """The way out."""

    network_id: str | None = None
    external_fixed_ips: list[ExternalIp] | None = None
    enable_snat: bool | None = None


class RouterRoute(msgspec.Struct, gc=False):
    """A static route."""

    destination: str = ""
    nexthop: str = ""


class RouterWire(Wire):
    """`GET /v2.0/routers`; `ha` and `distributed` are shown to administrators."""

    id: str
    name: str = ""
    status: str | None = None
    admin_state_up: bool | None = None
    external_gateway_info: Gateway | None = None
    distributed: bool | None = None
    ha: bool | None = None
    routes: list[RouterRoute] | None = None
    availability_zones: list[str] | None = None
    project_id: str | None = None
    tenant_id: str | None = None
    description: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Router(Row, frozen=True):
    """One router."""

    id: str
    name: str
    status: str | None
    admin_state_up: bool | None
    external_network: str | None
    external_network_id: str | None
    external_ips: str | None
    enable_snat: bool | None
    ha: bool | None
    distributed: bool | None
    active_on: str | None
    routes: str | None
    availability_zones: str | None
    project: str | None
    project_id: str | None
    description: str | None
    created_at: float | None
    updated_at: float | None


def row(wire: RouterWire, reading: Reading) -> Router:
    """The gateway becomes flat fields."""
    owner = wire.project_id or wire.tenant_id
    gateway = wire.external_gateway_info or Gateway()
    return Router(
        id=wire.id,
        name=wire.name,
        status=word(wire.status),
        admin_state_up=wire.admin_state_up,
        external_network=joined_name(reading, "networks", gateway.network_id),
        external_network_id=word(gateway.network_id),
        external_ips=listed(ip.ip_address for ip in gateway.external_fixed_ips or ()),
        enable_snat=gateway.enable_snat,
        ha=wire.ha,
        distributed=wire.distributed,
        active_on=word(getattr(reading.joins.get("router-instances", {}).get(wire.id), "active_on", None)),
        routes=listed(f"{route.destination} via {route.nexthop}" for route in wire.routes or ()),
        availability_zones=word(listed(wire.availability_zones)),
        project=joined_name(reading, "projects", owner),
        project_id=word(owner),
        description=wire.description or None,
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def health(router: Router, now: float) -> Health:
    """Neutron keeps ACTIVE also while the L3 agent is dead, or two have the router: `active_on` is the hosts' word."""
    if router.admin_state_up is False:
        return ok("administratively down: it forwards nothing")
    if router.status == "ERROR":
        return critical("in error")
    if router.active_on and ", " in router.active_on:
        return critical(f"active on {router.active_on.replace(', ', ' and ')} at once")
    if router.status in ("DOWN", "ALLOCATING"):
        return warning(router.status.lower())
    if router.external_network_id and not router.external_ips:
        return warning("has a gateway but no address there")
    return OK


KIND = Kind(
    name="routers",
    title="Routers",
    aliases=("router",),
    about="one row per router: gateway, addresses, HA, distributed",
    system="network",
    read=Rest("network", "/routers", "routers", page=1000),
    wire=RouterWire,
    row=row,
    fields=Router,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 2),
        Column("external_ips", "EXTERNAL IPS", "text", 2),
        Column("external_network", "EXTERNAL NET", "ref", 4, joined=True),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("ha", "HA", "flag", 3, help="a second agent takes over"),
        Column("distributed", "DVR", "flag", 3, help="routes on every compute node"),
        Column("enable_snat", "SNAT", "flag", 5),
        Column("active_on", "ACTIVE ON", "ref", 5, joined=True, help="network hosts that have its addresses"),
        Column("routes", "ROUTES", "text", 5, wide=True),
        Column("availability_zones", "ZONES", "text", 6, wide=True),
        Column("admin_state_up", "ADMIN UP", "flag", 6, wide=True),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("external_network_id", "EXTERNAL NET ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("routers"),
    links=(
        Link("ports", "device_id", "id", "its ports"),
        Link("floating-ips", "router_id", "id", "floating IPs through it"),
        Link("router-agents", "router", "id", "agents that have it"),
        Link("router-instances", "id", "id", "where it is active"),
        Link("namespaces", "router_id", "id", "its namespaces on hosts"),
        Link("networks", "id", "external_network_id", "its external network"),
        Link("projects", "id", "project_id", "its project"),
    ),
    joins=("networks", "projects", "router-instances"),
    server_filters={"name": "name", "project_id": "project_id"},
    period=30.0,
    deadline=60.0,
    list_command="openstack router list --long",
    show_command="openstack router show {id}",
)
