"""Faults on the model: what each declared fault changes, and how that is taken back.

A fault changes hosts, units, Galera, RabbitMQ, Ceph or an API's behaviour; everything that can be seen follows from the
model. Taking it back restores what it changed, and the model heals as a real cloud does: not at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from runbooks.ground.declared import FaultError, Place, checked
from runbooks.simulator import misconfigured_faults, network_faults, ovn_faults
from runbooks.simulator.ceph_faults import ACTS as CEPH
from runbooks.simulator.further_faults import ACTS as FURTHER
from runbooks.simulator.galera_faults import ACTS as GALERA
from runbooks.simulator.model.balancers import front_names
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import UnitState
from runbooks.simulator.model.rabbitmq import TICK
from runbooks.simulator.unit_faults import KILLED, kill

Undo = Callable[[], None]
APART = 1.4 * TICK
"""Seconds after which brokers that lost each other have noticed it for certain."""


@dataclass(frozen=True, slots=True)
class Active:
    """A fault that is in effect."""

    id: str
    fault: str
    parameters: dict[str, str]
    since: float
    undo: Undo


class Faults:
    """What is broken on one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._made = 0
        self.active: dict[str, Active] = {}
        """By id, oldest first."""

    def inject(self, name: str, given: Mapping[str, object]) -> Active:
        """Break something. Raises FaultError for an unknown fault, wrong parameters, or what is already broken."""
        cloud = self._cloud
        parameters = checked(Place("simulator", {host.name: host.machine.roles for host in cloud.hosts}), name, given)
        for other in self.active.values():
            if (other.fault, other.parameters) == (name, parameters):
                raise FaultError(f"{name} is already in effect there, as {other.id}; undo it first")
        cloud.catch_up()
        undo = _ACTS[name](cloud, parameters)
        cloud.settle()
        self._made += 1
        found = Active(f"f{self._made}", name, parameters, cloud.now(), undo)
        self.active[found.id] = found
        return found

    def undo(self, fault_id: str) -> Active:
        """Take one back. Raises FaultError when there is none with this id."""
        if fault_id not in self.active:
            known = ", ".join(self.active) or "none"
            raise FaultError(f"no fault {fault_id!r} is in effect; there are: {known}")
        self._cloud.catch_up()
        found = self.active.pop(fault_id)
        found.undo()
        self._cloud.settle()
        return found


def _compute_service_dead(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    return kill(cloud, given["host"], "nova_compute")


def _agent_dead(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    return kill(cloud, given["host"], given["binary"].replace("-", "_"))


def _host_down(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    name = given["host"]
    if not cloud.hosts[name].up:
        raise FaultError(f"{name} is down already")
    cloud.hosts.power_off(name, cloud.now())
    return lambda: cloud.hosts.boot(name, cloud.now(), cloud.seed.uuid("boot", name, cloud.now()))


def _rabbitmq_memory_alarm(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    name = given["host"]
    cloud.rabbitmq.set_memory_alarm(name, True)
    return lambda: cloud.rabbitmq.set_memory_alarm(name, False)


def _rabbitmq_disk_alarm(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    name = given["host"]
    cloud.rabbitmq.set_disk_alarm(name, True)
    return lambda: cloud.rabbitmq.set_disk_alarm(name, False)


def _rabbitmq_node_out(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    return kill(cloud, given["host"], "rabbitmq")


def _rabbitmq_partition(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    """The node's links are cut. With `ignore` they heal after both sides have given each other up, and stay apart."""
    rabbitmq, name, before = cloud.rabbitmq, given["host"], cloud.rabbitmq.handling
    rabbitmq.handling = "ignore" if given["handling"] == "ignore" else "pause_minority"
    rabbitmq.cut_off(name)

    def healed(at: float) -> None:
        rabbitmq.cut_off(name, False)
        cloud.settle(at)

    if rabbitmq.handling == "ignore":
        cloud.timers.at(cloud.now() + APART, healed)

    def back() -> None:
        rabbitmq.handling = before
        rabbitmq.cut_off(name, False)
        for node in rabbitmq.nodes.values():
            node.partitions = ()

    return back


def _queue_without_consumer(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    queue = given["queue"]
    try:
        cloud.rabbitmq.set_consumed(queue, False)
    except KeyError:
        raise FaultError(f"no queue is called {queue!r}") from None
    return lambda: cloud.rabbitmq.set_consumed(queue, True)


def _host_clock_wrong(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    """The clock jumps; chrony has lost its servers, or it slews, as it does when its first updates are long over."""
    host = cloud.hosts[given["host"]]
    if host.clock_error(cloud.now()):
        raise FaultError(f"the clock of {host.name} is wrong already")
    host.clock_offset = float(given["seconds"])
    if not host.clock_offset:
        raise FaultError("an offset of 0 seconds changes nothing")
    host.clock_slews = cloud.now() if given["chrony"] == "slews" else None

    def back() -> None:
        host.clock_offset, host.clock_slews = 0.0, None

    return back


def _endpoint_dead(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    interface = "public" if given["interface"] == "public" else "internal"
    return _api(cloud, given["service"], interface, "refuse")


def _api(cloud: Cloud, service: str, interface: str, mode: str) -> Undo:
    key = (service, interface)
    if key in cloud.api_faults:
        raise FaultError(f"{service} ({interface}) is broken already: {cloud.api_faults[key]}")
    cloud.api_faults[key] = mode

    def back() -> None:
        cloud.api_faults.pop(key, None)

    return back


def _whole_api(mode: str) -> Callable[[Cloud, Mapping[str, str]], Undo]:
    return lambda cloud, given: _api(cloud, given["service"], "*", mode)


def _unit(state: UnitState, exit_status: int = 0) -> Callable[[Cloud, Mapping[str, str]], Undo]:
    """Any unit of any host in another state; undone by starting it."""

    def act(cloud: Cloud, given: Mapping[str, str]) -> Undo:
        host, unit = given["host"], given["unit"]
        if unit not in cloud.hosts[host].names:
            raise FaultError(f"{host} does not run {unit}")
        if cloud.hosts[host].answer(unit) != "answers":
            raise FaultError(f"{unit} on {host} is not well: first let it be")
        cloud.hosts.set_unit(host, unit, state, cloud.now(), exit_status)
        return lambda: cloud.hosts.set_unit(host, unit, "running", cloud.now())

    return act


def _vip_duplicated(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    host, balancers = given["host"], cloud.balancers
    if host == balancers.holder:
        raise FaultError(f"{host} has the virtual address itself: name a host that does not have it")
    if not cloud.hosts[host].alive("keepalived"):
        raise FaultError(f"Keepalived does not run on {host}")
    balancers.deaf.add(host)
    return lambda: balancers.deaf.discard(host)


def _certificate_not_loaded(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    """Its end is the reload that was forgotten."""
    authority, (name, names) = cloud.secrets.authority, front_names(cloud)
    authority.renew(name, names)
    return lambda: authority.reload(name)


_BEHIND = {
    "keystone": "keystone",
    "nova": "nova_api",
    "placement": "placement_api",
    "neutron": "neutron_server",
    "cinder": "cinder_api",
    "glance": "glance_api",
}
"""The container of each API."""


def _haproxy_server_down(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    return kill(cloud, given["host"], _BEHIND[given["service"]])


_ACTS: dict[str, Callable[[Cloud, Mapping[str, str]], Undo]] = {
    "compute-service-dead": _compute_service_dead,
    "agent-dead": _agent_dead,
    "host-down": _host_down,
    **GALERA,
    "rabbitmq-memory-alarm": _rabbitmq_memory_alarm,
    "rabbitmq-disk-alarm": _rabbitmq_disk_alarm,
    "rabbitmq-node-out": _rabbitmq_node_out,
    "rabbitmq-partition": _rabbitmq_partition,
    "queue-without-consumer": _queue_without_consumer,
    "host-clock-wrong": _host_clock_wrong,
    "unit-killed": _unit("failed", KILLED),
    "unit-stopped": _unit("stopped"),
    "unit-frozen": _unit("hung"),
    "vip-duplicated": _vip_duplicated,
    "haproxy-server-down": _haproxy_server_down,
    "endpoint-dead": _endpoint_dead,
    "api-500": _whole_api("500"),
    "api-hang": _whole_api("hang"),
    "api-drip": _whole_api("drip"),
    "api-reset": _whole_api("reset"),
    **CEPH,
    **FURTHER,
    "certificate-not-loaded": _certificate_not_loaded,
    **ovn_faults.ACTS,
    **network_faults.ACTS,
    **misconfigured_faults.ACTS,
}
"""Every fault of the file that this ground can do."""
