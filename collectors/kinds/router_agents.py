"""The L3 agents that have one router; of an HA router also which of them is active, as keepalived told Neutron.

Two that are active at once are a split brain; none means that the router forwards nothing. A dead agent's state is the
last that it told.
"""

from __future__ import annotations

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Reading, Scope
from collectors.kinds._serving import ServingAgent, columns, links, told
from collectors.kinds._shared import word
from collectors.kinds.agents import AgentReport, AgentWire
from collectors.request import Rest
from collectors.rollup import Count


class RouterAgentWire(AgentWire):
    """`GET /routers/ID/l3-agents`: the agent, and its part in the router."""

    ha_state: str | None = None


class RouterAgent(ServingAgent, frozen=True):
    """One agent that has the router."""

    ha_state: str | None
    mode: str | None
    router: str


def row(wire: RouterAgentWire, reading: Reading) -> RouterAgent:
    """The router is the one that was asked for."""
    mode = (wire.configurations or AgentReport()).agent_mode
    return RouterAgent(**told(wire), ha_state=word(wire.ha_state), mode=word(mode), router=reading.parent)


def health(agent: RouterAgent, now: float) -> Health:
    """A plain router's only agent must be alive; of an HA router a dead standby is lost redundancy."""
    part = f"; {agent.ha_state} when it was last heard" if agent.ha_state else ""
    if agent.alive is False:
        return warning(f"dead{part}") if agent.ha_state == "standby" else critical(f"dead{part}")
    if agent.admin_state_up is False:
        return warning("its agent is disabled: it runs no routers")
    return ok("active") if agent.ha_state == "active" else OK


KIND = Kind(
    name="router-agents",
    title="Agents of a router",
    aliases=("router-agent",),
    about="one row per L3 agent that has a router: alive, active or standby",
    system="network",
    scope=Scope("parent", parent="routers", parameter="router"),
    read=Rest("network", "/routers/{parent}/l3-agents", "agents"),
    wire=RouterAgentWire,
    row=row,
    fields=RouterAgent,
    name_field="host",
    columns=columns(
        "router",
        (Column("ha_state", "HA STATE", "status", 1, help="of an HA router: active, standby or unknown"),),
        (Column("mode", "MODE", "text", 4, help="legacy, dvr or dvr_snat"),),
    ),
    sort=("host",),
    health=health,
    rollup=Count("agents"),
    links=links("router", "agent-routers", "all routers that it has"),
    list_command="openstack network agent list --router {router} --long",
    show_command="openstack network agent show {id}",
)
