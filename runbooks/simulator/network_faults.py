"""Faults of the hosts' network: a tap on the dead VLAN, flows gone, tunnels, MTU, DHCP, NAT, a router active twice.

Each notes in the model what is broken below Neutron; its agents stay alive and know nothing of it. Those that an
agent's start mends in reality are mended by it here too, whoever starts it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Final, TypeVar

from runbooks.ground.declared import FaultError
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.wires.links import legs
from runbooks.simulator.model.wires.namespaces import namespaces
from runbooks.simulator.model.wires.switch import Switch, guests, has_switch

Undo = Callable[[], None]
K = TypeVar("K")
V = TypeVar("V")

AGENT: Final = "neutron_openvswitch_agent"
LOW_MTU: Final = 1450


def _noted(damage: MutableMapping[K, V], key: K, value: V) -> Undo:
    damage[key] = value

    def back() -> None:
        damage.pop(key, None)

    return back


def _running(cloud: Cloud, host: str, unit: str) -> None:
    if unit not in cloud.hosts[host].names or not cloud.hosts[host].alive(unit):
        raise FaultError(f"{unit} does not run on {host}")


def _tap_dead_vlan(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    """The first server's port of the host; its agent hangs, and so does not mend it."""
    host = given["host"]
    _running(cloud, host, AGENT)
    ports = guests(cloud, host)
    if not ports:
        raise FaultError(f"{host} has no server with a port")
    restore = _noted(cloud.damage.dead_taps, (host, ports[0].id), cloud.now())
    cloud.hosts.set_unit(host, AGENT, "hung", cloud.now())

    def back() -> None:
        restore()
        if cloud.hosts[host].units[AGENT].state == "hung":
            cloud.hosts.set_unit(host, AGENT, "running", cloud.now())

    return back


def _flows_deleted(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    host = given["host"]
    _running(cloud, host, AGENT)
    if not Switch(cloud, cloud.hosts[host]).has_flows("br-tun"):
        raise FaultError(f"the flows of {host} are gone already")
    return _noted(cloud.damage.flows_gone, (host, "br-tun"), cloud.now())


def _tunnel_cut(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    host, peer = given["host"], given["peer"]
    if host == peer or not has_switch(cloud.hosts[host]):
        raise FaultError(f"{host} has no tunnel to {peer}")
    cloud.damage.cut.add((host, peer))
    return lambda: cloud.damage.cut.discard((host, peer))


def _tunnel_mtu_low(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    _running(cloud, given["host"], AGENT)
    return _noted(cloud.damage.narrow, (given["host"], "eth1"), LOW_MTU)


def _bond_slave_down(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    host, link = given["host"], given["link"]
    if link not in legs(cloud.hosts[host]):
        raise FaultError(f"{host} has no {link} in a bond: {', '.join(legs(cloud.hosts[host])) or 'it has no bond'}")
    cloud.damage.slaves_down.add((host, link))
    return lambda: cloud.damage.slaves_down.discard((host, link))


def _floating_address_without_nat(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    _running(cloud, given["host"], "neutron_l3_agent")
    return _noted(cloud.damage.nat_gone, given["host"], cloud.now())


def _dhcp_silent(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    _running(cloud, given["host"], "neutron_dhcp_agent")
    return _noted(cloud.damage.frozen_dhcp, given["host"], cloud.now())


def _router_two_active(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    host = given["host"]
    waiting = [each.of for each in namespaces(cloud, host) if each.kind == "router" and not each.active]
    if not waiting:
        raise FaultError(f"no router waits on {host}: name the host where it is not active")
    cloud.damage.second_active.setdefault(waiting[0], set()).add(host)

    def back() -> None:
        cloud.damage.second_active.get(waiting[0], set()).discard(host)

    return back


ACTS: Final[dict[str, Callable[[Cloud, Mapping[str, str]], Undo]]] = {
    "tap-dead-vlan": _tap_dead_vlan,
    "flows-deleted": _flows_deleted,
    "tunnel-cut": _tunnel_cut,
    "bond-slave-down": _bond_slave_down,
    "tunnel-mtu-low": _tunnel_mtu_low,
    "floating-address-without-nat": _floating_address_without_nat,
    "dhcp-silent": _dhcp_silent,
    "router-two-active": _router_two_active,
}
"""Fault → what it does."""
