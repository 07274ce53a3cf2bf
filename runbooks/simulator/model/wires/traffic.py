"""Which packets pass an interface: those that somebody sends from a shell, and what goes on in a cloud by itself.

By itself a provider's monitor pings each floating address every second, servers ask a name server and renew their
addresses, and routers tell each other that they live. All of it walks the same ways as anybody's ping; so on the wire
one sees where it ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import count
from typing import TYPE_CHECKING

from runbooks.simulator.model.wires.packet import Packet

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.network.records import Port
    from runbooks.simulator.model.wires.look import Look
    from runbooks.simulator.model.wires.reach import Hop
    from runbooks.simulator.model.wires.walk import Trip

LINK_TIME = 0.00004
"""Seconds from one interface to the next."""
MONITOR, RESOLVER = "198.18.0.1", "198.18.0.53"
MOST_SERVERS = 16
"""Whose talk is followed on one host: nobody reads more of it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A packet at an interface at a moment."""

    at: float
    hop: Hop


@dataclass(slots=True)
class Traffic:
    """What was sent from shells lately; some of it is still to come, as a ping lasts."""

    sent: deque[Seen] = field(default_factory=lambda: deque(maxlen=8192))

    def note(self, at: float, *trips: Trip) -> None:
        """A packet was, or will be, sent at this moment; and its answer."""
        hops = [hop for trip in trips for hop in trip.hops]
        self.sent.extend(Seen(at + LINK_TIME * (number + 1), hop) for number, hop in enumerate(hops))


@dataclass(frozen=True, slots=True)
class Talk:
    """Packets that pass again and again."""

    period: float
    phase: float
    hops: tuple[tuple[int, Hop], ...]
    """(place on its way, interface)."""

    def after(self, since: float) -> Iterator[Seen]:
        """What passes from a moment on, in order, without an end."""
        first = int((since - self.phase) // self.period) + 1
        for number in count(first):
            at = self.phase + number * self.period
            for place, hop in self.hops:
                sequence = number & 0xFFFF
                inner = replace(hop.inner, sequence=sequence) if hop.inner is not None else None
                packet = replace(hop.packet, sequence=sequence)
                yield Seen(at + LINK_TIME * (place + 1), replace(hop, packet=packet, inner=inner))


def passing(cloud: Cloud, host: str, namespace: str, device: str) -> Iterator[Seen]:
    """What passes an interface (`any`: all of the place) from now on: without an end, unless nothing ever does."""
    from runbooks.simulator.model.wires.look import Look

    now = cloud.now()

    def here(hop: Hop) -> bool:
        return (hop.host, hop.namespace) == (host, namespace) and device in ("any", hop.device)

    sent = sorted((seen for seen in cloud.traffic.sent if seen.at >= now and here(seen.hop)), key=_moment)
    found = []
    for talk in talks(Look(cloud), host, namespace):
        hops = tuple((at, hop) for at, hop in talk.hops if here(hop))
        if hops:
            found.append(replace(talk, hops=hops).after(now))
    return merge(sent, *found, key=_moment)


def _moment(seen: Seen) -> float:
    return seen.at


def talks(look: Look, host: str, namespace: str) -> Iterator[Talk]:
    """All talk that may pass a place."""
    from runbooks.simulator.model.wires.adverts import adverts

    for port in servers_near(look, host, namespace):
        yield from _of_server(look, port, host, namespace)
    yield from adverts(look, host, namespace)


def servers_near(look: Look, host: str, namespace: str) -> list[Port]:
    """The servers' ports whose packets come by: those on the host, or behind its namespaces."""
    from runbooks.simulator.model.wires.switch import guests

    cloud = look.cloud
    ports = cloud.network.ports
    found = list(guests(cloud, host)) if not namespace else []
    for each in look.namespaces(host):
        if namespace in ("", each.name):
            networks = {p.network_id for p in each.ports if not p.device_owner.startswith("network:router_gateway")}
            for network in sorted(networks):
                servers = (p for p in ports.on_network(network) if p.device_owner.startswith("compute:") and p.host)
                found += sorted(servers, key=lambda port: port.id)[:MOST_SERVERS]
    return list({port.id: port for port in found}.values())[: MOST_SERVERS * (1 if namespace else 2)]


def _of_server(look: Look, port: Port, host: str, inside: str) -> Iterator[Talk]:
    """The monitor's ping of its floating address, its own questions, and the renewal of its address."""
    from runbooks.simulator.model.wires.namespaces import processes
    from runbooks.simulator.model.wires.places import Place, server_of

    cloud = look.cloud
    server = server_of(cloud, port)
    if server is None or server.vm_state != "active" or not port.fixed_ips:
        return
    phase = cloud.seed.fraction("talk", port.id)
    subnet_id, address = port.fixed_ips[0]
    place = Place(port.host, "", port.id)
    outward = not inside.startswith("qdhcp-")
    if outward and (floating := cloud.network.floating_of(port.id)):
        echo = Packet("", "", MONITOR, floating, protocol="icmp", source_port=_id(cloud, port))
        yield _talk(look, 1.0, phase, Place(), echo)
    question = Packet("", "", address, RESOLVER, protocol="udp", source_port=32768 + _id(cloud, port) // 2,
                      target_port=53, size=57, says="A? example.org.")  # fmt: skip
    if outward:
        yield _talk(look, 10.0, phase * 10, place, question)
    for agent in cloud.network.dhcp_agents(port.network_id):
        serving = Place(agent.host, f"qdhcp-{port.network_id}")
        if host not in (port.host, agent.host) or inside not in ("", serving.namespace):
            continue
        namespace = look.namespace(serving.host, serving.namespace)
        own = [a for p in namespace.ports for s, a in p.fixed_ips if s == subnet_id] if namespace is not None else []
        if namespace is None or not own:
            continue
        dead = all(p.state == "T" for p in processes(cloud, agent.host, namespace) if p.name == "dnsmasq")
        renewal = Packet("", "", address, own[0], protocol="udp", source_port=68, target_port=67, size=328,
                         says=f"BOOTP/DHCP, Request from {port.mac}, length 300")  # fmt: skip
        answer = "" if dead else "BOOTP/DHCP, Reply, length 320"
        yield _talk(look, 120.0, phase * 120, place, renewal, answer)


def _id(cloud: Cloud, port: Port) -> int:
    return cloud.seed.number(60_000, "talk id", port.id) + 1


def _talk(look: Look, period: float, phase: float, place: object, packet: Packet, answer: str = "answer") -> Talk:
    """One packet's way, and its answer's where one comes (`answer` is empty where nobody gives one)."""
    from runbooks.simulator.model.wires.places import Place
    from runbooks.simulator.model.wires.walk import answered, walk

    assert isinstance(place, Place)
    there = walk(look, place, packet)
    hops = list(there.hops)
    if there.arrived is not None and answer:
        hops += answered(look, there, "" if answer == "answer" else answer).hops
    return Talk(period, phase, tuple(enumerate(hops)))
