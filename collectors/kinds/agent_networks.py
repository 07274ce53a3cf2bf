"""The networks that one DHCP agent serves: without another agent, their guests get no lease once it is gone."""

from __future__ import annotations

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope
from collectors.kinds._shared import joined_name, word
from collectors.kinds.networks import NetworkWire
from collectors.request import Rest
from collectors.rollup import Count


class AgentNetwork(Row, frozen=True):
    """One network of the agent."""

    id: str
    name: str
    status: str | None
    admin_state_up: bool | None
    external: bool | None
    subnets: int | None
    project: str | None
    project_id: str | None
    agent: str


def row(wire: NetworkWire, reading: Reading) -> AgentNetwork:
    """The agent is the one that was asked for."""
    owner = wire.project_id or wire.tenant_id
    return AgentNetwork(
        id=wire.id,
        name=wire.name,
        status=word(wire.status),
        admin_state_up=wire.admin_state_up,
        external=wire.external,
        subnets=None if wire.subnets is None else len(wire.subnets),
        project=joined_name(reading, "projects", owner),
        project_id=word(owner),
        agent=reading.parent,
    )


def health(network: AgentNetwork, now: float) -> Health:
    """What its own status says."""
    if network.admin_state_up is False:
        return ok("administratively down: no traffic on it")
    if network.status == "ERROR":
        return critical("in error")
    return warning("down") if network.status == "DOWN" else OK


KIND = Kind(
    name="agent-networks",
    title="Networks of an agent",
    aliases=("agent-network",),
    about="one row per network that a DHCP agent serves",
    system="network",
    scope=Scope("parent", parent="agents", parameter="agent"),
    read=Rest("network", "/agents/{parent}/dhcp-networks", "networks"),
    wire=NetworkWire,
    row=row,
    fields=AgentNetwork,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 2),
        Column("subnets", "SUBNETS", "number", 2),
        Column("external", "EXTERNAL", "flag", 3),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("admin_state_up", "ADMIN UP", "flag", 5, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("agent", "AGENT", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("networks"),
    links=(
        Link("networks", "id", "id", "the network"),
        Link("dhcp-agents", "network", "id", "all agents that serve it"),
        Link("agents", "id", "agent", "its agent"),
    ),
    joins=("projects",),
    list_command="openstack network list --agent {agent}",
    show_command="openstack network show {id}",
)
