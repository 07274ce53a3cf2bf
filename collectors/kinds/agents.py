"""Neutron's agents with their heartbeats: Open vSwitch on every host, DHCP, L3 and metadata on network nodes, OVN.

Neutron calls an agent dead after `agent_down_time` (75 s). What hangs on it (routers, networks) is in its own report,
so a dead agent's row says what it takes with it. One that lives may be configured wrongly: a bridge that it maps to a
provider's network that nobody uses, and that the others map to one that is used, carries nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Wire
from collectors.kinds._shared import MINUTE, ago, listed, word
from collectors.request import Rest
from collectors.rollup import Share
from collectors.values import age, epoch

SILENT: Final = 5 * MINUTE
"""Seconds without a heartbeat after which we doubt that an agent is alive, even if Neutron says so."""

COUNTED_ONCE: Final = "Open vSwitch agent"
"""Its `devices` are those of its last full synchronisation (ovs_neutron_agent.py, `scan_ports`): 0 for an agent that
started before its servers, whatever it carries now. So it is not shown."""

OF_OVN: Final = "OVN "
"""These do not report: Neutron's word is all there is, and its heartbeat is the moment of the question."""

FRESH: Final = 2 * MINUTE
"""Seconds after its start in which an agent is still wiring what it is responsible for."""


class AgentReport(msgspec.Struct, gc=False):
    """What the agent says of itself (`configurations`)."""

    agent_mode: str | None = None
    routers: int | None = None
    networks: int | None = None
    ports: int | None = None
    devices: int | None = None
    floating_ips: int | None = None
    tunneling_ip: str | None = None
    bridge_mappings: dict[str, Any] | None = None
    interface_mappings: dict[str, Any] | None = None
    device_mappings: dict[str, Any] | None = None
    of_ovn: str | None = msgspec.field(default=None, name="bridge-mappings")


class AgentWire(Wire):
    """`GET /agents`; times are UTC without a zone."""

    id: str
    agent_type: str = ""
    binary: str = ""
    host: str = ""
    alive: bool | None = None
    admin_state_up: bool | None = None
    heartbeat_timestamp: str | None = None
    started_at: str | None = None
    created_at: str | None = None
    availability_zone: str | None = None
    description: str | None = None
    resources_synced: bool | None = None
    configurations: AgentReport | None = None


class Agent(Row, frozen=True):
    """One agent."""

    id: str
    agent_type: str
    binary: str
    host: str
    alive: bool | None
    admin_state_up: bool | None
    heartbeat_timestamp: float | None
    carries: str | None
    mode: str | None
    availability_zone: str | None
    started_at: float | None
    created_at: float | None
    tunneling_ip: str | None
    mappings: str | None
    mapped_otherwise: str | None
    resources_synced: bool | None
    description: str | None


def _counted(number: int | None, noun: str) -> str | None:
    return None if not number else f"{number} {noun}" + ("" if number == 1 else "s")


def _ports(agent_type: str, report: AgentReport) -> int | None:
    if report.ports is not None:
        return report.ports
    return None if agent_type == COUNTED_ONCE else report.devices


def _mappings(report: AgentReport) -> str | None:
    """`physnet1:br-ex, physnet2:eth3`: provider's network and bridge, or interface."""
    found: list[str] = []
    for names in (report.bridge_mappings, report.interface_mappings, report.device_mappings):
        for physical, device in sorted((names or {}).items()):
            devices = device if isinstance(device, list) else [device]
            found += [f"{physical}:{one}" for one in devices]
    found += [part.strip() for part in (report.of_ovn or "").split(",") if part.strip()]
    return word(listed(found))


def _taken_apart(mappings: str | None) -> Iterator[tuple[str, str]]:
    """(provider's network, bridge)."""
    for part in (mappings or "").split(", "):
        physical, colon, device = part.partition(":")
        if colon:
            yield physical, device


_last: tuple[Mapping[str, Any], dict[tuple[str, str], dict[str, set[str]]]] | None = None


def _by_bridge(agents: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, set[str]]]:
    """(type of agent, bridge) → provider's network → the living agents that map it there; once for each snapshot."""
    global _last
    if _last is None or _last[0] is not agents:
        found: dict[tuple[str, str], dict[str, set[str]]] = {}
        for agent in agents.values():
            if agent.alive:
                for physical, device in _taken_apart(agent.mappings):
                    found.setdefault((agent.agent_type, device), {}).setdefault(physical, set()).add(agent.id)
        _last = (agents, found)
    return _last[1]


_used: tuple[Mapping[str, Any], frozenset[str]] | None = None


def _in_use(networks: Mapping[str, Any]) -> frozenset[str]:
    """The provider's networks that networks are on; once for each snapshot."""
    global _used
    if _used is None or _used[0] is not networks:
        physical = (network.physical_network for network in networks.values())
        _used = (networks, frozenset(name for name in physical if name))
    return _used[1]


def _otherwise(wire: AgentWire, mappings: str | None, reading: Reading) -> str | None:
    """`br-ex is physnet-1 here, physnet1 elsewhere`: a name that no network has, where others have one that is used."""
    agents, networks = reading.joins.get("agents"), reading.joins.get("networks")
    if agents is None or networks is None or not mappings:
        return None
    own = list(_taken_apart(mappings))
    known = _by_bridge(agents)
    found = []
    for physical, device in own:
        others = {name for name, ids in known.get((wire.agent_type, device), {}).items() if ids - {wire.id}}
        others -= {name for name, _ in own}
        used = _in_use(networks) if others else frozenset()
        if physical not in used and others & used:
            found.append(f"{device} is {physical} here, {listed(sorted(others & used))} elsewhere")
    return listed(found)


def row(wire: AgentWire, reading: Reading) -> Agent:
    """The agent's report becomes the text of what hangs on it."""
    report = wire.configurations or AgentReport()
    mappings = _mappings(report)
    carried = (
        _counted(report.routers, "router"),
        _counted(report.networks, "network"),
        _counted(report.floating_ips, "floating IP"),
        _counted(_ports(wire.agent_type, report), "port"),
    )
    return Agent(
        id=wire.id,
        agent_type=word(wire.agent_type) or "",
        binary=word(wire.binary) or "",
        host=word(wire.host) or "",
        alive=wire.alive,
        admin_state_up=wire.admin_state_up,
        heartbeat_timestamp=epoch(wire.heartbeat_timestamp),
        carries=listed(part for part in carried if part),
        mode=word(report.agent_mode),
        availability_zone=word(wire.availability_zone),
        started_at=epoch(wire.started_at),
        created_at=epoch(wire.created_at),
        tunneling_ip=report.tunneling_ip,
        mappings=mappings,
        mapped_otherwise=_otherwise(wire, mappings, reading),
        resources_synced=wire.resources_synced,
        description=wire.description or None,
    )


def health(agent: Agent, now: float) -> Health:
    """Dead is critical unless it was disabled; alive by Neutron but long silent is doubtful."""
    silent = None if agent.heartbeat_timestamp is None else now - agent.heartbeat_timestamp
    disabled = f"disabled: {agent.description}" if agent.description else "disabled, no reason given"
    if agent.alive is None:
        return unknown("Neutron does not say whether it is alive")
    if not agent.alive and agent.agent_type.startswith(OF_OVN):
        return critical("dead, says Neutron: it does not follow OVN's southbound database")
    if not agent.alive:
        for_how_long = "never heard" if silent is None else f"no heartbeat for {age(silent)}"
        if agent.admin_state_up is False:
            return warning(f"{for_how_long}; {disabled}")
        return critical(f"{for_how_long}; {agent.carries} on it" if agent.carries else for_how_long)
    if agent.admin_state_up is False:
        return ok(disabled) if agent.description else warning(disabled)
    if silent is not None and silent > SILENT:
        return unknown(f"alive, says Neutron, but no heartbeat for {age(silent)}")
    if agent.mapped_otherwise:
        return warning(f"{agent.mapped_otherwise}; no network is on the first")
    if agent.resources_synced is False:
        return warning("its resources have not reached Placement")
    if agent.started_at is not None and 0 <= now - agent.started_at < FRESH:
        return ok(f"started {ago(now - agent.started_at)}")
    return OK


KIND = Kind(
    name="agents",
    title="Network agents",
    aliases=("agent", "network-agents"),
    about="one row per Neutron agent: what it is, where, last heartbeat, what hangs on it",
    system="network",
    read=Rest("network", "/agents", "agents"),
    wire=AgentWire,
    row=row,
    fields=Agent,
    name_field="host",
    columns=(
        Column("agent_type", "AGENT", "text", 1),
        Column("host", "HOST", "name", 1),
        Column("alive", "ALIVE", "flag", 2, help="heard within Neutron's agent_down_time"),
        Column("admin_state_up", "ADMIN UP", "flag", 4, help="no: it gets nothing new to do"),
        Column("heartbeat_timestamp", "HEARD", "time", 2, help="when it last reported", fresh=60.0),
        Column("carries", "CARRIES", "text", 3, help="routers, networks and ports that it is responsible for"),
        Column("mode", "MODE", "text", 5, help="of an L3 agent: legacy, dvr or dvr_snat"),
        Column("availability_zone", "ZONE", "text", 6),
        Column("started_at", "STARTED", "time", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True, help="when Neutron first heard it"),
        Column("tunneling_ip", "TUNNEL IP", "text", 6, wide=True, help="where other hosts' tunnels end"),
        Column("mappings", "MAPPINGS", "text", 5, help="which bridge or interface carries which provider's network"),
        Column(
            "mapped_otherwise", "OTHERWISE", "text", 6, wide=True, joined=True, help="where others map something else"
        ),
        Column("resources_synced", "SYNCED", "flag", 6, wide=True, help="its bandwidth is known to Placement"),
        Column("binary", "BINARY", "text", 6, wide=True),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("id", "ID", "id", 6, wide=True),
    ),
    sort=("agent_type", "host"),
    health=health,
    rollup=Share("network agents", "alive", by="agent_type", well="alive=true", bad="dead"),
    links=(
        Link("agent-routers", "agent", "id", "routers that it has", when="agent_type=L3 agent"),
        Link("agent-networks", "agent", "id", "networks that it serves", when="agent_type=DHCP agent"),
        Link("ports", "host", "host", "ports on its host"),
        Link("bridges", "host", "host", "bridges on its host", when="agent_type=Open vSwitch agent"),
        Link("namespaces", "host", "host", "namespaces on its host"),
        Link("ovn-chassis", "name", "id", "its chassis in OVN", when="binary=ovn-controller"),
        Link("hosts", "name", "host", "its host"),
    ),
    joins=("agents", "networks"),
    judged_with=("agents", "networks"),
    runs=Runs(host="{host}", unit="{binary}"),
    element="{binary}@{host}",
    server_filters={"host": "host", "agent_type": "agent_type", "binary": "binary"},
    list_command="openstack network agent list",
    show_command="openstack network agent show {id}",
)
