"""Routers: which L3 agents host them, and on which of those an HA router is active.

keepalived elects the active host: while its L3 agent's process runs there, it stays; when the machine or the process
dies, or the agent is disabled, another host of the router takes over ten seconds later and its ports are bound there.
Nothing moves back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from runbooks.simulator.model.network.agents import L3
from runbooks.simulator.model.network.bindings import bound
from runbooks.simulator.model.network.records import Agent, Port, Router

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

TAKE_OVER = 10.0
"""Seconds from an active router's death to the next one: missed VRRP advertisements, and the agent's report of it."""

GATEWAY = "network:router_gateway"
INTERFACE = "network:router_interface"
HA_INTERFACE = "network:ha_router_replicated_interface"
HA_PORT = "network:router_ha_interface"
DISTRIBUTED = "network:distributed"
"""OVN's port for DHCP and metadata, which is on every host."""

HaState = Literal["active", "standby", "unknown"]


@dataclass(slots=True)
class Routers:
    """All routers, by id."""

    cloud: Cloud
    by_id: dict[str, Router] = field(default_factory=dict)
    hosts: dict[str, list[str]] = field(default_factory=dict)
    """Router → the hosts whose L3 agents have it, in the order in which they were given it."""
    active: dict[str, str] = field(default_factory=dict)
    """HA router → the host that keepalived elected."""

    def ports(self, router_id: str) -> Iterator[Port]:
        """All of its ports: gateway, interfaces, HA."""
        return self.cloud.network.ports.of_device(router_id)

    def interfaces(self, router_id: str) -> list[Port]:
        """Its ports on tenants' networks."""
        return [port for port in self.ports(router_id) if port.device_owner in (INTERFACE, HA_INTERFACE)]

    def agents(self, router_id: str) -> list[Agent]:
        """The L3 agents that host it."""
        agents = self.cloud.network.agents
        return [agent for host in self.hosts.get(router_id, []) if (agent := agents.on(L3, host)) is not None]

    def on_agent(self, agent: Agent) -> list[Router]:
        """The routers that an L3 agent hosts."""
        return [self.by_id[identity] for identity in sorted(self.by_id) if agent.host in self.hosts.get(identity, [])]

    def ha_states(self, router: Router) -> list[tuple[Agent, HaState | None]]:
        """Its agents with `ha_state` as neutron-server tells it: on a dead agent it is never `active`."""
        agents = self.agents(router.id)
        if not router.ha:
            return [(agent, None) for agent in agents]
        network = self.cloud.network
        lost = [agent for agent in agents if not (network.agents.alive(agent) and agent.admin_state_up)]
        of_dead: HaState = "unknown" if len(lost) == len(agents) else "standby"
        states: list[tuple[Agent, HaState | None]] = []
        for agent in agents:
            active = self.active.get(router.id) == agent.host
            active = active or agent.host in self.cloud.damage.second_active.get(router.id, ())
            states.append((agent, ("active" if agent not in lost else of_dead) if active else "standby"))
        return states

    def bind(self, router: Router, host: str) -> None:
        """Give a router to the L3 agent of `host`."""
        hosts = self.hosts.setdefault(router.id, [])
        if host not in hosts:
            hosts.append(host)
        if router.ha:
            self._elect(router.id)
        else:
            self._move_ports(router.id, host)

    def unbind(self, router: Router, host: str) -> None:
        """Take a router from the L3 agent of `host`."""
        hosts = self.hosts.get(router.id, [])
        if host in hosts:
            hosts.remove(host)
        if self.active.get(router.id) == host:
            del self.active[router.id]
            self._elect(router.id)

    def react(self, moment: float) -> None:
        """After a change of hosts or units: have routers whose active host died taken over."""
        if any(not self._runs(host) for host in set(self.active.values())):
            self.cloud.timers.at(moment + TAKE_OVER, lambda _: self._take_over())

    def _take_over(self) -> None:
        for router_id, host in list(self.active.items()):
            if not self._runs(host):
                self._elect(router_id)

    def _elect(self, router_id: str) -> None:
        """Keep the active host while it runs, else take the first that does; with none, all stays as it was."""
        hosts = self.hosts.get(router_id, [])
        current = self.active.get(router_id)
        if current in hosts and current is not None and self._runs(current):
            return
        running = [host for host in hosts if self._runs(host)]
        if running:
            self.active[router_id] = running[0]
            self._move_ports(router_id, running[0])

    def _runs(self, host: str) -> bool:
        agent = self.cloud.network.agents.on(L3, host)
        return agent is not None and agent.admin_state_up and self.cloud.network.agents.process_runs(agent)

    def _move_ports(self, router_id: str, host: str) -> None:
        for port in list(self.ports(router_id)):
            if port.device_owner != HA_PORT and port.host != host:
                self.cloud.network.ports.change(port, host=host, **bound(self.cloud, port.network_id, host))
