"""A server is built: scheduling, networking, block devices, spawning, active; or how that fails.

The steps and their times are those of a real build; what can go wrong goes wrong where it does in life: no conductor
(the server waits), no host, no living Open vSwitch agent or no bridge on the host (three attempts, then ERROR).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from runbooks.simulator.model import rpc, scheduling
from runbooks.simulator.model import server as states
from runbooks.simulator.model.actions import Action
from runbooks.simulator.model.network.bindings import carried
from runbooks.simulator.model.rpc import Who
from runbooks.simulator.model.server import Failure, Nic, Server

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

ATTEMPTS = 3
"""`scheduler.max_attempts`."""
NO_HOST = "No valid host was found. There are not enough hosts available."
BINDING = "Binding failed for port {port}, please check neutron logs for more information."
EVENT = "compute__do_build_and_run_instance"


@dataclass(slots=True)
class Build:
    """One server being built."""

    cloud: Cloud
    server: Server
    action: Action
    networks: tuple[str, ...] = ()
    """Networks on which it gets a port."""
    ports: tuple[str, ...] = ()
    """Existing ports that it takes."""
    zone: str | None = None
    forced: str | None = None
    """The host that `availability_zone=zone:host` names: no filter is asked."""
    tried: list[str] = field(default_factory=list)

    def start(self, now: float) -> None:
        """The API has accepted it."""
        self.server.task_state = "scheduling"
        rpc.when(self.cloud, lambda: rpc.schedulers(self.cloud), now + 0.3, self._schedule)

    def _gone(self) -> bool:
        """It was deleted meanwhile."""
        return self.cloud.compute.servers.get(self.server.id) is None

    def _schedule(self, now: float) -> None:
        if self._gone():
            return
        host = self.forced or scheduling.choose(self.cloud, self.server.flavor, self.zone, self.tried)
        if host is None:
            words = NO_HOST
            if self.tried:
                words = (
                    "Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures "
                    f"for instance {self.server.id}."
                )
            self._fail(now, words)
            return
        self.tried.append(host)
        self.cloud.placement.claims[self.server.id] = host
        self.cloud.placement.touch(host)
        rpc.when(self.cloud, lambda: rpc.compute(self.cloud, host), now + 0.4, lambda at: self._network(at, host))

    def _network(self, now: float, host: str) -> None:
        if self._gone():
            return
        server = self.server
        self.action.begin(EVENT, host, now)
        server.host, server.task_state, server.updated = host, "networking", now
        if not server.nics:
            server.nics = tuple(self._nics())
        self.cloud.timers.at(now + 0.2, lambda at: self._step(at, "block_device_mapping"))
        self.cloud.timers.at(now + 0.3, lambda at: self._step(at, "spawning"))
        self.cloud.timers.at(now + 1.6, lambda at: self._bind(at, host))

    def _nics(self) -> list[Nic]:
        found = [scheduling.nic_of_port(self.cloud, port) for port in self.ports]
        found += [scheduling.new_nic(self.cloud, network, str(uuid4())) for network in self.networks]
        return [nic for nic in found if nic is not None]

    def _step(self, now: float, task: str) -> None:
        if not self._gone() and self.server.task_state is not None:
            self.server.task_state, self.server.updated = task, now

    def _bind(self, now: float, host: str) -> None:
        """Neutron binds the ports, if the host's agent lives and has a bridge to their networks."""
        if self._gone():
            return
        agent = self.cloud.hosts[host].alive(self.cloud.layout.wiring)
        lost = [nic for nic in self.server.nics if not agent or not carried(self.cloud, nic.network_id, host)]
        if not lost:
            rpc.when(self.cloud, lambda: rpc.compute(self.cloud, host), now + 2.0, lambda at: self._active(at, host))
            return
        words = BINDING.format(port=lost[0].port_id)
        self.action.end(self.action.events[0], now, words)
        self.server.host, self.server.nics = None, ()
        self.cloud.placement.claims.pop(self.server.id, None)
        if self.forced or len(self.tried) >= ATTEMPTS:
            if not self.forced:
                words = (
                    f"Exceeded maximum number of retries. Exceeded max scheduling attempts {ATTEMPTS} for instance "
                    f"{self.server.id}. Last exception: {words}"
                )
            self._fail(now, words)
            return
        self.server.task_state = "scheduling"
        rpc.when(self.cloud, lambda: rpc.schedulers(self.cloud), now + 0.2, self._schedule)

    def _active(self, now: float, host: str) -> None:
        if self._gone():
            return
        server = self.server
        server.vm_state, server.task_state, server.power_state = "active", None, states.RUNNING
        server.launched = server.updated = now
        self.cloud.placement.claims.pop(server.id, None)
        self.cloud.placement.touch(host)
        self.action.end(self.action.events[0], now)

    def _fail(self, now: float, words: str) -> None:
        server = self.server
        server.vm_state, server.task_state, server.power_state = "error", None, states.NOSTATE
        server.host, server.nics, server.updated = None, (), now
        server.failure = Failure(now, words)
        self.cloud.placement.claims.pop(server.id, None)
        self.action.message, self.action.updated = "Error", now


def create(
    cloud: Cloud,
    server: Server,
    who: Who,
    *,
    networks: tuple[str, ...] = (),
    ports: tuple[str, ...] = (),
    zone: str | None = None,
    forced: str | None = None,
) -> None:
    """Begin to build `server`; the rest is as in `Build`."""
    now = cloud.now()
    cloud.compute.servers.add(server)
    action = cloud.compute.actions.start("create", server, who.request_id, who.user_id, who.project_id, now)
    Build(cloud, server, action, networks, ports, zone, forced).start(now)


def delete(cloud: Cloud, server_id: str, who: Who) -> None:
    """Delete a server: at once when it has no host, else as soon as its compute does it."""
    server, now = cloud.compute.servers.edit(server_id), cloud.now()
    action = cloud.compute.actions.start("delete", server, who.request_id, who.user_id, who.project_id, now)
    host = server.host
    if host is None:
        _bury(cloud, server, action, now)
        return
    server.task_state, server.updated = "deleting", now
    service = cloud.compute.services.compute(host)
    if service is None or not cloud.compute.services.up(service, now):  # Nova's local delete: the API does it itself
        _bury(cloud, server, action, now)
        return

    def done(at: float) -> None:
        if cloud.compute.servers.get(server_id) is not None:
            action.end(action.begin("compute_terminate_instance", host, at), at)
            _bury(cloud, server, action, at)

    rpc.when(cloud, lambda: rpc.compute(cloud, host), now + 1.5, done)


def _bury(cloud: Cloud, server: Server, action: Action, now: float) -> None:
    compute = cloud.compute
    if server.host:
        cloud.placement.touch(server.host)
    cloud.placement.claims.pop(server.id, None)
    cloud.placement.held.pop(server.id, None)
    compute.servers.remove(server.id)
    server.vm_state, server.task_state, server.power_state = "deleted", None, states.NOSTATE
    server.terminated = server.updated = action.updated = now
    server.nics, server.volumes = (), ()
    compute.deleted[server.id] = server
    for group in compute.groups.values():
        if server.id in group.members:
            group.members.remove(server.id)
