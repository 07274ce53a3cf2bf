"""Neutron's networks: tenants' and external ones, with the type and segment that carries them.

A network on a provider's one lives where agents map that to a bridge; when no living agent does, nothing carries it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import joined_name, listed, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch


class NetworkWire(Wire):
    """`GET /v2.0/networks`; the provider attributes are shown to administrators."""

    id: str
    name: str = ""
    status: str | None = None
    admin_state_up: bool | None = None
    shared: bool | None = None
    external: bool | None = msgspec.field(default=None, name="router:external")
    project_id: str | None = None
    tenant_id: str | None = None
    mtu: int | None = None
    subnets: list[str] | None = None
    network_type: str | None = msgspec.field(default=None, name="provider:network_type")
    physical_network: str | None = msgspec.field(default=None, name="provider:physical_network")
    segmentation_id: int | None = msgspec.field(default=None, name="provider:segmentation_id")
    port_security_enabled: bool | None = None
    availability_zones: list[str] | None = None
    description: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Network(Row, frozen=True):
    """One network."""

    id: str
    name: str
    status: str | None
    admin_state_up: bool | None
    shared: bool | None
    external: bool | None
    project: str | None
    project_id: str | None
    network_type: str | None
    physical_network: str | None
    segmentation_id: int | None
    carried: bool | None
    mtu: int | None
    subnets: int
    port_security_enabled: bool | None
    availability_zones: str | None
    description: str | None
    created_at: float | None
    updated_at: float | None


_last: tuple[Mapping[str, Any], frozenset[str] | None] | None = None


def _mapped(agents: Mapping[str, Any]) -> frozenset[str] | None:
    """The provider's networks that living agents map, None where no agent says anything; once for each snapshot."""
    global _last
    if _last is None or _last[0] is not agents:
        telling = [agent for agent in agents.values() if agent.mappings]
        texts = [agent.mappings for agent in telling if agent.alive]
        found = frozenset(part.partition(":")[0] for text in texts for part in text.split(", "))
        _last = (agents, found if telling else None)
    return _last[1]


def _carried(wire: NetworkWire, reading: Reading) -> bool | None:
    """False when no living agent maps the network's physical one; None where agents say nothing of mappings."""
    agents = reading.joins.get("agents")
    mapped = None if agents is None or not wire.physical_network else _mapped(agents)
    return None if mapped is None else wire.physical_network in mapped


def row(wire: NetworkWire, reading: Reading) -> Network:
    """Lists become counts and text."""
    owner = wire.project_id or wire.tenant_id
    return Network(
        id=wire.id,
        name=wire.name,
        status=word(wire.status),
        admin_state_up=wire.admin_state_up,
        shared=wire.shared,
        external=wire.external,
        project=joined_name(reading, "projects", owner),
        project_id=word(owner),
        network_type=word(wire.network_type),
        physical_network=word(wire.physical_network),
        segmentation_id=wire.segmentation_id,
        carried=_carried(wire, reading),
        mtu=wire.mtu,
        subnets=len(wire.subnets or ()),
        port_security_enabled=wire.port_security_enabled,
        availability_zones=word(listed(wire.availability_zones)),
        description=wire.description or None,
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def health(network: Network, now: float) -> Health:
    """Administratively down is a decision; anything else but ACTIVE is not."""
    if network.admin_state_up is False:
        return ok("administratively down: no traffic on it")
    if network.status == "ERROR":
        return critical("in error")
    if network.carried is False:
        return critical(f"no living agent maps {network.physical_network} to a bridge: nothing carries it")
    if network.status == "DOWN":
        return warning("down")
    return OK


KIND = Kind(
    name="networks",
    title="Networks",
    aliases=("network", "nets"),
    about="one row per network: type, segment, subnets, owner",
    system="network",
    read=Rest("network", "/networks", "networks", page=1000),
    wire=NetworkWire,
    row=row,
    fields=Network,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 2),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("network_type", "TYPE", "text", 3, help="vxlan, geneve, vlan, flat, gre or local"),
        Column("segmentation_id", "SEGMENT", "id", 4, help="VLAN or VNI"),
        Column("physical_network", "PHYSICAL", "text", 5, help="the provider network that carries it"),
        Column(
            "carried", "CARRIED", "flag", 6, wide=True, joined=True, help="a living agent maps its provider network"
        ),
        Column("external", "EXTERNAL", "flag", 3),
        Column("shared", "SHARED", "flag", 5),
        Column("subnets", "SUBNETS", "number", 4),
        Column("mtu", "MTU", "number", 5),
        Column("admin_state_up", "ADMIN UP", "flag", 6, wide=True),
        Column("port_security_enabled", "PORT SECURITY", "flag", 6, wide=True, help="default for its ports"),
        Column("availability_zones", "ZONES", "text", 6, wide=True, help="where its DHCP agents are"),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("networks"),
    links=(
        Link("ports", "network_id", "id", "its ports"),
        Link("subnets", "network_id", "id", "its subnets"),
        Link("dhcp-agents", "network", "id", "DHCP agents that serve it"),
        Link("namespaces", "network_id", "id", "its DHCP servers on hosts"),
        Link("projects", "id", "project_id", "its project"),
    ),
    joins=("projects", "agents"),
    server_filters={"name": "name", "project_id": "project_id", "status": "status"},
    period=30.0,
    deadline=60.0,
    list_command="openstack network list --long",
    show_command="openstack network show {id}",
)
