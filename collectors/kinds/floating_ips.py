"""Neutron's floating IPs: public addresses, and the ports and routers that they lead to."""

from __future__ import annotations

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import joined_name, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch


class FloatingIpWire(Wire):
    """`GET /v2.0/floatingips`."""

    id: str
    floating_ip_address: str = ""
    fixed_ip_address: str | None = None
    status: str | None = None
    port_id: str | None = None
    router_id: str | None = None
    floating_network_id: str | None = None
    project_id: str | None = None
    tenant_id: str | None = None
    description: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class FloatingIp(Row, frozen=True):
    """One floating IP."""

    id: str
    floating_ip_address: str
    fixed_ip_address: str | None
    status: str | None
    network: str | None
    floating_network_id: str | None
    port_id: str | None
    router_id: str | None
    translated: bool | None
    project: str | None
    project_id: str | None
    description: str | None
    created_at: float | None
    updated_at: float | None


def _translated(wire: FloatingIpWire, reading: Reading) -> bool | None:
    """False where its router has it and no rule for it; None while nobody has looked."""
    found = reading.joins.get("router-instances", {}).get(wire.router_id or "")
    if found is None or not wire.port_id or not found.active_on:
        return None
    return wire.floating_ip_address not in (found.untranslated or "").split(", ")


def row(wire: FloatingIpWire, reading: Reading) -> FloatingIp:
    """Flat already, but for times and names."""
    owner = wire.project_id or wire.tenant_id
    return FloatingIp(
        id=wire.id,
        floating_ip_address=wire.floating_ip_address,
        fixed_ip_address=wire.fixed_ip_address,
        status=word(wire.status),
        network=joined_name(reading, "networks", wire.floating_network_id),
        floating_network_id=word(wire.floating_network_id),
        port_id=wire.port_id,
        router_id=word(wire.router_id),
        translated=_translated(wire, reading),
        project=joined_name(reading, "projects", owner),
        project_id=word(owner),
        description=wire.description or None,
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def health(address: FloatingIp, now: float) -> Health:
    """An address that leads to a port should be ACTIVE: its L3 agent says when it has set it up."""
    if address.status == "ERROR":
        return critical("in error: the L3 agent could not set it up")
    if address.translated is False:
        return critical("reached from nowhere: its router has it, and no DNAT rule sends on what comes for it")
    if not address.port_id:
        return ok("leads nowhere: not associated with a port")
    if address.status == "DOWN":
        return warning("associated, but the L3 agent has not set it up")
    return OK


KIND = Kind(
    name="floating-ips",
    title="Floating IPs",
    aliases=("floating-ip", "fips", "fip"),
    about="one row per floating IP: where it leads, through which router",
    system="network",
    read=Rest("network", "/floatingips", "floatingips", page=1000),
    wire=FloatingIpWire,
    row=row,
    fields=FloatingIp,
    name_field="floating_ip_address",
    columns=(
        Column("floating_ip_address", "ADDRESS", "name", 1),
        Column("fixed_ip_address", "LEADS TO", "text", 1),
        Column("status", "STATUS", "status", 2),
        Column("network", "NETWORK", "ref", 3, help="the external network that it is from", joined=True),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("translated", "TRANSLATED", "flag", 5, wide=True, joined=True, help="a rule of its router sends it on"),
        Column("description", "DESCRIPTION", "text", 5, wide=True),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("port_id", "PORT ID", "ref", 6, wide=True),
        Column("router_id", "ROUTER ID", "ref", 6, wide=True),
        Column("floating_network_id", "NETWORK ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("floating_ip_address",),
    health=health,
    rollup=Count("floating IPs"),
    links=(
        Link("ports", "id", "port_id", "the port it leads to"),
        Link("routers", "id", "router_id", "the router it goes through"),
        Link("router-instances", "id", "router_id", "where that router is active"),
        Link("projects", "id", "project_id", "its project"),
    ),
    joins=("networks", "projects", "router-instances"),
    server_filters={
        "floating_ip_address": "floating_ip_address",
        "port_id": "port_id",
        "router_id": "router_id",
        "project_id": "project_id",
    },
    period=30.0,
    deadline=60.0,
    list_command="openstack floating ip list --long",
    show_command="openstack floating ip show {id}",
)
