"""The DHCP agents that serve one network: with none alive, its guests keep their leases and get no new ones."""

from __future__ import annotations

from collectors.health import OK, Health, critical, warning
from collectors.kind import Kind, Reading, Scope
from collectors.kinds._serving import ServingAgent, columns, links, told
from collectors.kinds.agents import AgentWire
from collectors.request import Rest
from collectors.rollup import Count


class DhcpAgent(ServingAgent, frozen=True):
    """One agent that serves the network."""

    network: str


def row(wire: AgentWire, reading: Reading) -> DhcpAgent:
    """The network is the one that was asked for."""
    return DhcpAgent(**told(wire), network=reading.parent)


def health(agent: DhcpAgent, now: float) -> Health:
    """Dead, it may still answer with what it knew; disabled, it serves nothing."""
    if agent.alive is False:
        return critical("dead: its dnsmasq answers with what it knew, if at all")
    if agent.admin_state_up is False:
        return warning("its agent is disabled: it serves no networks")
    return OK


KIND = Kind(
    name="dhcp-agents",
    title="DHCP of a network",
    aliases=("dhcp-agent", "network-dhcp-agents"),
    about="one row per DHCP agent that serves a network",
    system="network",
    scope=Scope("parent", parent="networks", parameter="network"),
    read=Rest("network", "/networks/{parent}/dhcp-agents", "agents"),
    wire=AgentWire,
    row=row,
    fields=DhcpAgent,
    name_field="host",
    columns=columns("network"),
    sort=("host",),
    health=health,
    rollup=Count("agents"),
    links=links("network", "agent-networks", "all networks that it serves"),
    list_command="openstack network agent list --network {network} --long",
    show_command="openstack network agent show {id}",
)
