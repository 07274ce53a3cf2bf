"""The routers that one L3 agent has been given: what stops, or moves by itself, when the agent goes.

An HA router is on several agents; a plain one is on this agent alone and forwards nothing until it is moved.
"""

from __future__ import annotations

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope
from collectors.kinds._shared import joined_name, listed, word
from collectors.kinds.routers import Gateway, RouterWire
from collectors.request import Rest
from collectors.rollup import Count


class AgentRouter(Row, frozen=True):
    """One router of the agent."""

    id: str
    name: str
    status: str | None
    admin_state_up: bool | None
    ha: bool | None
    distributed: bool | None
    external_ips: str | None
    external_network_id: str | None
    project: str | None
    project_id: str | None
    agent: str


def row(wire: RouterWire, reading: Reading) -> AgentRouter:
    """The agent is the one that was asked for."""
    owner = wire.project_id or wire.tenant_id
    gateway = wire.external_gateway_info or Gateway()
    return AgentRouter(
        id=wire.id,
        name=wire.name,
        status=word(wire.status),
        admin_state_up=wire.admin_state_up,
        ha=wire.ha,
        distributed=wire.distributed,
        external_ips=listed(ip.ip_address for ip in gateway.external_fixed_ips or ()),
        external_network_id=word(gateway.network_id),
        project=joined_name(reading, "projects", owner),
        project_id=word(owner),
        agent=reading.parent,
    )


def health(router: AgentRouter, now: float) -> Health:
    """What its own status says."""
    if router.admin_state_up is False:
        return ok("administratively down: it forwards nothing")
    if router.status == "ERROR":
        return critical("in error")
    return warning(router.status.lower()) if router.status in ("DOWN", "ALLOCATING") else OK


KIND = Kind(
    name="agent-routers",
    title="Routers of an agent",
    aliases=("agent-router",),
    about="one row per router that an L3 agent has been given: HA or plain, gateway",
    system="network",
    scope=Scope("parent", parent="agents", parameter="agent"),
    read=Rest("network", "/agents/{parent}/l3-routers", "routers"),
    wire=RouterWire,
    row=row,
    fields=AgentRouter,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 2),
        Column("ha", "HA", "flag", 1, help="yes: another agent takes over; no: it is on this agent alone"),
        Column("distributed", "DVR", "flag", 3, help="routes on every compute node"),
        Column("external_ips", "EXTERNAL IPS", "text", 2),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("admin_state_up", "ADMIN UP", "flag", 5, wide=True),
        Column("external_network_id", "EXTERNAL NET ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("agent", "AGENT", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("routers"),
    links=(
        Link("routers", "id", "id", "the router"),
        Link("router-agents", "router", "id", "all agents that have it"),
        Link("agents", "id", "agent", "its agent"),
    ),
    joins=("projects",),
    list_command="openstack router list --agent {agent}",
    show_command="openstack router show {id}",
)
