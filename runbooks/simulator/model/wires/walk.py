"""A packet's whole way: from a place over switches, tunnels and routers to who has its address, and what comes back.

`walk` yields every interface that it passes and, where it ends, why. Ping, arping, tcpdump and the rest only tell of
what is found here; so the packet that the model drops is the ping that fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from runbooks.simulator.model.network.records import Port
from runbooks.simulator.model.network.routers import GATEWAY
from runbooks.simulator.model.wires.links import card_mac, floating_of
from runbooks.simulator.model.wires.look import Look
from runbooks.simulator.model.wires.namespaces import Namespace, device, translates
from runbooks.simulator.model.wires.packet import Frame, Packet
from runbooks.simulator.model.wires.places import (
    ANSWERS_OUTSIDE,
    Place,
    active_on,
    mac_for,
    machine_with,
    own_addresses,
    owner,
    server_of,
    way,
    within,
)
from runbooks.simulator.model.wires.reach import PROVIDER_MAC, Hop, Reach, plug_of, spread

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

FARTHEST = 8
"""Routers that a packet passes at most here."""


@dataclass
class Trip:
    """One packet's way."""

    hops: list[Hop] = field(default_factory=list)
    arrived: Place | None = None
    packet: Packet | None = None
    """As it arrived."""
    drop: str = ""
    """Where and why it ended, when it did not arrive."""
    refused: str = ""
    """What the sender is told at once: `unreachable` (no route), `nobody` (no answer to ARP), `long` (its own MTU)."""
    mtu: int = 1500
    routers: int = 0
    tunnels: int = 0
    translations: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)
    """(host, namespace) → (`source` or `target`, what it was, what it became): a router's connection tracking."""


@dataclass
class Walk:
    """A packet on its way."""

    look: Look
    trip: Trip = field(default_factory=Trip)
    before: Trip | None = None
    """Of an answer: the way of what it answers."""

    @property
    def cloud(self) -> Cloud:
        return self.look.cloud

    def sent(self, place: Place, packet: Packet) -> Trip:
        """Send from a place."""
        if place.port:
            self._from_server(place, packet)
        elif place.namespace:
            self._from_namespace(place, packet)
        elif place.host:
            self._from_machine(place, packet)
        else:
            self._outside(packet)
        return self.trip

    def _drop(self, why: str) -> None:
        self.trip.drop = self.trip.drop or why

    def _arrive(self, place: Place, packet: Packet) -> None:
        self.trip.arrived, self.trip.packet = place, packet

    # -- who sends ------------------------------------------------------------------------------------------------

    def _from_server(self, place: Place, packet: Packet) -> None:
        port = self.cloud.network.ports.get(place.port)
        if port is None or not port.fixed_ips:
            return self._drop("no such port")
        subnet = self.cloud.network.subnets[port.fixed_ips[0][0]]
        hop = packet.target if within(subnet.cidr, packet.target) else subnet.gateway
        if hop is None:
            self.trip.refused = "unreachable"
            return self._drop("no route")
        return self._onto(place.host, "", port, hop, packet)

    def _from_namespace(self, place: Place, packet: Packet) -> None:
        namespace = self.look.namespace(place.host, place.namespace)
        if namespace is None:
            return self._drop("no such namespace")
        if packet.target in [address for address, _ in own_addresses(namespace)]:
            return self._arrive(place, packet)
        found = way(self.cloud, namespace, packet.target)
        if found is None:
            self.trip.refused = "unreachable"
            return self._drop("no route")
        port, hop = found
        return self._onto(place.host, place.namespace, port, hop, packet)

    def _from_machine(self, place: Place, packet: Packet) -> None:
        host = self.cloud.hosts[place.host]
        target = machine_with(self.cloud, packet.target)
        tunnel = packet.target.startswith(host.machine.tunnel.rpartition(".")[0] + ".")
        link = "eth1" if tunnel else "eth0"
        self.trip.mtu = self.cloud.damage.narrow.get((place.host, link), 1600 if link == "eth1" else 1500)
        if packet.size > self.trip.mtu and packet.whole:
            self.trip.refused = "long"
            return self._drop("too long for its own interface")
        if target == place.host:
            return self._arrive(place, packet)
        near = packet.target.rpartition(".")[0] in (host.machine.address.rpartition(".")[0],
                                                    host.machine.tunnel.rpartition(".")[0])  # fmt: skip
        if not target and near:
            self.trip.refused = "nobody"
            return self._drop("nobody has the address")
        other = card_mac(self.cloud, self.cloud.hosts[target], link) if target else PROVIDER_MAC
        packet = packet.between(card_mac(self.cloud, host, link), other)
        self.trip.hops.append(Hop(place.host, "", link, packet, outward=True))
        if not target:
            return self._outside(packet)
        there = self.cloud.hosts[target]
        if not there.up or not there.reachable or not host.reachable:
            return self._drop(f"{target} is not reached")
        self.trip.hops.append(Hop(target, "", link, packet, outward=False))
        return self._arrive(Place(target), packet)

    # -- the networks ---------------------------------------------------------------------------------------------

    def _onto(self, host: str, namespace: str, port: Port, hop: str, packet: Packet) -> None:
        """Out of a port, to the next hop on its network."""
        network = self.cloud.network.networks[port.network_id]
        self.trip.mtu = network.mtu
        if packet.size > network.mtu and packet.whole:
            self.trip.refused = "long"
            return self._drop("too long for its own interface")
        packet = replace(packet, size=min(packet.size, network.mtu))  # what is longer goes in pieces
        mac = mac_for(self.cloud, port.network_id, hop)
        if not mac:
            self.trip.refused = self.trip.refused or "nobody"
            return self._drop(f"nobody answers for {hop}")
        packet = packet.between(port.mac, mac)
        self.trip.hops.append(Hop(host, namespace, device(port), packet, outward=True))
        plug = plug_of(self.look.switch(host), port.id)
        if plug is None:
            return self._drop(f"{device(port)} is not plugged in on {host}")
        reach = spread(self.look, host, "br-int", Frame(packet, plug.ofport))
        return self._reached(reach, packet)

    def _reached(self, reach: Reach, packet: Packet) -> None:
        self.trip.hops += reach.hops
        self.trip.tunnels += reach.tunnels
        for host, plug in reach.ends:
            if plug.port is not None and plug.port.mac == packet.target_mac:
                return self._into(host, plug.port, packet)
        if reach.outside and packet.target_mac == PROVIDER_MAC:
            return self._outside(packet)
        return self._drop("; ".join(dict.fromkeys(reach.drops)) or "nobody has its MAC address there")

    def _into(self, host: str, port: Port, packet: Packet) -> None:
        """In by a port: a server's, a DHCP server's, a router's."""
        inside = [each for each in self.look.namespaces(host) if any(one.id == port.id for one in each.ports)]
        if not inside:
            self.trip.hops.append(Hop(host, "", device(port), packet, outward=False))
            server = server_of(self.cloud, port)
            if server is None or server.vm_state != "active":
                return self._drop("the server does not run")
            if packet.target not in [address for _, address in port.fixed_ips]:
                return self._drop("the server has another address")
            return self._arrive(Place(host, "", port.id), packet)
        (namespace,) = inside
        place = Place(host, namespace.name)
        self.trip.hops.append(Hop(host, namespace.name, device(port), packet, outward=False))
        return self._routed(place, namespace, packet)

    def _routed(self, place: Place, namespace: Namespace, packet: Packet) -> None:
        """In a namespace: it is for it, or goes on."""
        known = self.before.translations.get((place.host, place.namespace)) if self.before is not None else None
        if known is not None:
            which, was, _ = known
            packet = replace(packet, target=was) if which == "source" else replace(packet, source=was)
        elif packet.known and self.before is not None and self.before.translations:
            return self._drop(f"{place.namespace} on {place.host}: an answer to nothing that it has translated")
        elif not packet.known:
            packet = self._to_fixed(place, namespace, packet)
        if packet.target in [address for address, _ in own_addresses(namespace)] or (
            namespace.active and packet.target in [floating for floating, _ in _floating(self.cloud, namespace)]
        ):
            return self._arrive(place, packet)
        self.trip.routers += 1
        found = way(self.cloud, namespace, packet.target) if namespace.kind == "router" else None
        if found is None or self.trip.routers > FARTHEST:
            return self._drop(f"{place.namespace} on {place.host}: no way to {packet.target}")
        port, hop = found
        if port.device_owner == GATEWAY and known is None:
            packet = self._from_floating(place, namespace, port, packet)
        return self._onto(place.host, place.namespace, port, hop, packet)

    def _to_fixed(self, place: Place, namespace: Namespace, packet: Packet) -> Packet:
        """DNAT: a floating address becomes the server's, where the rule is."""
        fixed = dict(_floating(self.cloud, namespace)).get(packet.target) if namespace.active else None
        if fixed is None or not translates(self.cloud, place.host):
            return packet
        self.trip.translations[place.host, place.namespace] = ("target", packet.target, fixed)
        return replace(packet, target=fixed)

    def _from_floating(self, place: Place, namespace: Namespace, port: Port, packet: Packet) -> Packet:
        """SNAT: to the server's floating address, else to the router's own."""
        own = port.fixed_ips[0][1]
        by_fixed = {fixed: floating for floating, fixed in _floating(self.cloud, namespace)}
        source = by_fixed.get(packet.source, own)
        if source == packet.source:
            return packet
        self.trip.translations[place.host, place.namespace] = ("source", packet.source, source)
        return replace(packet, source=source)

    def _outside(self, packet: Packet) -> None:
        """On the provider's network: for somebody there, for a machine, or into the cloud again."""
        network = self.cloud.network
        if machine := machine_with(self.cloud, packet.target):
            found = self.cloud.hosts[machine]
            packet = packet.between(PROVIDER_MAC, card_mac(self.cloud, found, "eth0"))
            self.trip.hops.append(Hop(machine, "", "eth0", packet, outward=False))
            return self._arrive(Place(machine), packet) if found.up else self._drop(f"{machine} is off")
        if packet.target in ANSWERS_OUTSIDE:
            return self._arrive(Place(), packet)
        port = owner(self.cloud, network.external_id, packet.target)
        hosts = active_on(self.look, port.device_id) if port is not None else []
        if port is None or not hosts or self.trip.routers > FARTHEST:
            return self._drop(f"nobody outside has {packet.target}")
        host = hosts[-1]
        packet = packet.between(PROVIDER_MAC, port.mac)
        self.trip.hops += [Hop(host, "", name, packet, outward=False) for name in ("bond0", "br-ex")]
        bond = next(p for p in self.look.switch(host).plugs if p.name == "bond0")
        return self._reached(spread(self.look, host, "br-ex", Frame(packet, bond.ofport)), packet)


def _floating(cloud: Cloud, namespace: Namespace) -> list[tuple[str, str]]:
    return floating_of(cloud, namespace.of) if namespace.kind == "router" else []


def walk(look: Look, place: Place, packet: Packet) -> Trip:
    """Where a packet gets to that a place sends."""
    return Walk(look).sent(place, packet)


def answered(look: Look, there: Trip, says: str = "") -> Trip:
    """The way back of the answer to what has arrived."""
    assert there.arrived is not None
    assert there.packet is not None
    return Walk(look, before=there).sent(there.arrived, there.packet.answer(says))
