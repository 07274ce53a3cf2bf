"""Neutron's ports: every plug of a server, router or DHCP agent, and whether it is bound and wired.

A server's port is DOWN also while its guest is shut off, so that alone is no fault; a binding that failed always is,
and so is a port that stays DOWN while Nova says that its server runs: the agent of its host has not wired it.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import joined_name, listed, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

WIRED: Final = ("network:dhcp", "network:router_interface", "network:router_gateway")
"""Owners whose agents plug the port at once: when such a port is down, its agent has not done its work."""


class FixedIp(msgspec.Struct, gc=False):
    """One address."""

    ip_address: str = ""


class PortWire(Wire):
    """`GET /v2.0/ports`; the binding is shown to administrators."""

    id: str
    name: str = ""
    status: str | None = None
    admin_state_up: bool | None = None
    mac_address: str | None = None
    fixed_ips: list[FixedIp] | None = None
    network_id: str | None = None
    device_owner: str | None = None
    device_id: str | None = None
    host: str | None = msgspec.field(default=None, name="binding:host_id")
    vif_type: str | None = msgspec.field(default=None, name="binding:vif_type")
    vnic_type: str | None = msgspec.field(default=None, name="binding:vnic_type")
    project_id: str | None = None
    tenant_id: str | None = None
    security_groups: list[str] | None = None
    port_security_enabled: bool | None = None
    description: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Port(Row, frozen=True):
    """One port."""

    id: str
    name: str
    status: str | None
    admin_state_up: bool | None
    fixed_ips: str | None
    mac_address: str | None
    network: str | None
    network_id: str | None
    device_owner: str | None
    device_id: str | None
    host: str | None
    server_status: str | None
    vif_type: str | None
    vnic_type: str | None
    project: str | None
    project_id: str | None
    security_groups: int
    port_security_enabled: bool | None
    description: str | None
    created_at: float | None
    updated_at: float | None


def row(wire: PortWire, reading: Reading) -> Port:
    """Addresses become text."""
    owner = wire.project_id or wire.tenant_id
    return Port(
        id=wire.id,
        name=wire.name,
        status=word(wire.status),
        admin_state_up=wire.admin_state_up,
        fixed_ips=listed(ip.ip_address for ip in wire.fixed_ips or ()),
        mac_address=wire.mac_address,
        network=joined_name(reading, "networks", wire.network_id),
        network_id=word(wire.network_id),
        device_owner=word(wire.device_owner),
        device_id=wire.device_id or None,
        host=word(wire.host),
        server_status=_server_status(reading, wire),
        vif_type=word(wire.vif_type),
        vnic_type=word(wire.vnic_type),
        project=joined_name(reading, "projects", owner),
        project_id=word(owner),
        security_groups=len(wire.security_groups or ()),
        port_security_enabled=wire.port_security_enabled,
        description=wire.description or None,
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def _server_status(reading: Reading, wire: PortWire) -> str | None:
    """What Nova says of its server; None for other ports, and while the servers are not known."""
    if not (wire.device_owner or "").startswith("compute:"):
        return None
    server: Any = reading.joins.get("servers", {}).get(wire.device_id or "")
    return None if server is None else word(server.status)


def health(port: Port, now: float) -> Health:
    """Bound to nothing, in error, or not wired by the agent that should have done it."""
    where = f" on {port.host}" if port.host else ""
    if port.vif_type == "binding_failed":
        return critical(
            f"binding failed{where}: no driver could plug it there; is the agent alive, and its mapping right?"
        )
    if port.admin_state_up is False:
        return ok("administratively down")
    if port.status == "ERROR":
        return critical("in error")
    if port.status == "DOWN":
        if port.device_owner in WIRED:
            return warning(f"down: not wired{where}")
        if port.server_status == "ACTIVE":
            return warning(f"down{where}, though its server runs: not wired; restart the network agent there")
        if port.device_owner:
            return ok(f"down{where}: its guest is off, or the port is not wired")
        return ok("not in use")
    return OK


KIND = Kind(
    name="ports",
    title="Ports",
    aliases=("port",),
    about="one row per port: addresses, owner, host, status, binding",
    system="network",
    read=Rest("network", "/ports", "ports", page=1000),
    wire=PortWire,
    row=row,
    fields=Port,
    name_field="fixed_ips",
    columns=(
        Column("fixed_ips", "ADDRESSES", "name", 1, help="few ports have names: people know them by address"),
        Column("status", "STATUS", "status", 2),
        Column("device_owner", "OWNER", "text", 2, help="what plugs it: compute:ZONE, network:dhcp, …"),
        Column("host", "HOST", "ref", 3),
        Column("name", "NAME", "text", 3),
        Column("network", "NETWORK", "ref", 4, joined=True),
        Column("project", "PROJECT", "ref", 5, joined=True),
        Column("mac_address", "MAC", "text", 5),
        Column("server_status", "SERVER", "status", 6, joined=True, wide=True, help="what Nova says of its server"),
        Column("vif_type", "VIF", "status", 5, wide=True, help="how it is bound; binding_failed when it is not"),
        Column("vnic_type", "VNIC", "text", 6, wide=True),
        Column("security_groups", "GROUPS", "number", 6, wide=True, help="how many security groups it is in"),
        Column("port_security_enabled", "PORT SECURITY", "flag", 6, wide=True),
        Column("admin_state_up", "ADMIN UP", "flag", 6, wide=True),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("device_id", "DEVICE ID", "ref", 6, wide=True),
        Column("network_id", "NETWORK ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("device_owner", "host", "fixed_ips"),
    health=health,
    rollup=Count("ports"),
    links=(
        Link("servers", "id", "device_id", "its server"),
        Link("networks", "id", "network_id", "its network"),
        Link("floating-ips", "port_id", "id", "its floating IPs"),
        Link("bridge-ports", "port_id", "id", "where it is plugged in"),
        Link("agents", "host", "host", "agents on its host"),
    ),
    joins=("networks", "projects", "servers"),
    judged_with=("servers",),
    server_filters={
        "name": "name",
        "network_id": "network_id",
        "device_id": "device_id",
        "device_owner": "device_owner",
        "host": "binding:host_id",
        "project_id": "project_id",
        "mac_address": "mac_address",
    },
    period=30.0,
    deadline=120.0,
    list_command="openstack port list --long",
    show_command="openstack port show {id}",
)
