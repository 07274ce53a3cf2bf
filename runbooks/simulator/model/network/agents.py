"""Neutron's agents: their rows, whether they are alive, and what each of them reports about itself.

An agent is alive while its last report is at most 75 seconds old (`agent_down_time`); it reports every 30 seconds
through RabbitMQ to neutron-server. A deleted row comes back, with a new id, at the next report of a living agent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import NAMESPACE_DNS, uuid5

from runbooks.simulator.model.hosts import DAY, Host
from runbooks.simulator.model.network.records import Agent
from runbooks.simulator.model.times import AGENT_DOWN_TIME

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

REPORT_INTERVAL = 30.0

OVS = "Open vSwitch agent"
DHCP = "DHCP agent"
L3 = "L3 agent"
METADATA = "Metadata agent"
OVN = "OVN Controller agent"
OVN_GATEWAY = "OVN Controller Gateway agent"
OVN_METADATA = "OVN Metadata agent"


@dataclass(frozen=True, slots=True)
class Trade:
    """A type of agent."""

    kind: str
    binary: str
    topic: str
    zone: str | None
    unit: str


TRADES = (
    Trade(OVS, "neutron-openvswitch-agent", "N/A", None, "neutron_openvswitch_agent"),
    Trade(DHCP, "neutron-dhcp-agent", "dhcp_agent", "nova", "neutron_dhcp_agent"),
    Trade(L3, "neutron-l3-agent", "l3_agent", "nova", "neutron_l3_agent"),
    Trade(METADATA, "neutron-metadata-agent", "N/A", None, "neutron_metadata_agent"),
)
OVN_TRADES = (
    Trade(OVN, "ovn-controller", "n/a", "", "ovn_controller"),
    Trade(OVN_GATEWAY, "ovn-controller", "n/a", "", "ovn_controller"),
    Trade(OVN_METADATA, "neutron-ovn-metadata-agent", "n/a", "", "neutron_ovn_metadata_agent"),
)
"""Neutron shows them from OVN's southbound database; none of them reports to it."""
_TRADE = {trade.kind: trade for trade in (*TRADES, *OVN_TRADES)}


@dataclass(slots=True)
class Agents:
    """All agents of one region."""

    cloud: Cloud
    by_id: dict[str, Agent] = field(default_factory=dict)
    by_place: dict[tuple[str, str], Agent] = field(default_factory=dict)
    """By type and host."""
    deleted: list[tuple[Agent, float]] = field(default_factory=list)
    """Rows that were deleted, and when: each comes back when its agent reports again."""

    def get(self, identity: str) -> Agent | None:
        """The agent with this id."""
        self._revive()
        return self.by_id.get(identity)

    def all(self) -> list[Agent]:
        """Every agent, sorted by id."""
        self._revive()
        return [self.by_id[identity] for identity in sorted(self.by_id)]

    def of_kind(self, kind: str) -> Iterator[Agent]:
        """Those of one type, in the order of their hosts."""
        self._revive()
        return iter(sorted((agent for agent in self.by_id.values() if agent.kind == kind), key=lambda a: a.host))

    def on(self, kind: str, host: str) -> Agent | None:
        """The one of this type on `host`."""
        self._revive()
        return self.by_place.get((kind, host))

    def heartbeat(self, agent: Agent) -> float:
        """When it last reported."""
        return self.cloud.reports[agent.binary, agent.host].heartbeat(self.cloud.now())

    def alive(self, agent: Agent) -> bool:
        """Neutron's own rule; without its ovn-controller no agent of OVN is alive."""
        if agent.kind == OVN_METADATA and (controller := self.on(OVN, agent.host)) and not self.alive(controller):
            return False
        return self.cloud.now() - self.heartbeat(agent) <= AGENT_DOWN_TIME

    def started(self, agent: Agent) -> float:
        """When its process began."""
        return self.cloud.hosts[agent.host].started(_TRADE[agent.kind].unit)

    def process_runs(self, agent: Agent) -> bool:
        """True while its process exists on a machine that is up; it may be frozen or unheard."""
        host = self.cloud.hosts[agent.host]
        return host.up and host.units[_TRADE[agent.kind].unit].state in ("running", "hung")

    def delete(self, agent: Agent) -> None:
        """Forget its row."""
        del self.by_id[agent.id]
        del self.by_place[agent.kind, agent.host]
        self.deleted.append((agent, self.cloud.now()))

    def _revive(self) -> None:
        """Make rows anew for deleted agents that have reported since."""
        for agent, at in list(self.deleted):
            beat = self.heartbeat(agent)
            if beat > at:
                self.deleted.remove((agent, at))
                self._add(self.cloud.hosts[agent.host], _TRADE[agent.kind], beat, agent.generation + 1)

    def _add(self, host: Host, trade: Trade, created: float, generation: int) -> None:
        made = self.cloud.seed.uuid("agent", trade.kind, host.name, generation)
        agent = Agent(
            id=host.name if trade.kind in (OVN, OVN_GATEWAY) else made,  # the chassis's name, as Kolla sets it
            kind=trade.kind,
            binary=trade.binary,
            topic=trade.topic,
            host=host.name,
            zone=trade.zone,
            created=created,
            generation=generation,
        )
        self.by_id[agent.id] = self.by_place[trade.kind, host.name] = agent


def build_agents(cloud: Cloud) -> Agents:
    """The agents of a healthy region: Open vSwitch on computes and network nodes, the others on network nodes.

    With OVN: a controller on both, and the one for metadata on computes.
    """
    agents = Agents(cloud)
    for host in cloud.hosts:
        network, compute = "network" in host.machine.roles, "compute" in host.machine.roles
        for trade in TRADES if cloud.layout.network == "ovs" else OVN_TRADES:
            if trade.kind in (OVN, OVN_METADATA):
                there = compute
            else:
                there = network or (compute and trade.kind == OVS)
            if there:
                cloud.reports.add(
                    trade.binary,
                    host.name,
                    host=host.name,
                    unit=trade.unit,
                    channel="neutron-server" if cloud.layout.network == "ovs" else "ovn",
                    interval=REPORT_INTERVAL,
                )
                age = (200 + 100 * cloud.seed.fraction("agent since", trade.kind, host.name)) * DAY
                agents._add(host, trade, cloud.now() - age, 0)
    return agents


def dhcp_device(host: str, network_id: str) -> str:
    """The `device_id` of a DHCP agent's port (neutron.common.utils.get_dhcp_agent_device_id)."""
    return f"dhcp{uuid5(NAMESPACE_DNS, host.split('.')[0])}-{network_id}"
