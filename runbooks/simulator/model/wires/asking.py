"""Who answers for an address on the network behind an interface: a question to everybody (ARP), and the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbooks.simulator.model.network.records import Port
from runbooks.simulator.model.wires.links import card_mac, floating_of
from runbooks.simulator.model.wires.look import Look
from runbooks.simulator.model.wires.namespaces import device
from runbooks.simulator.model.wires.packet import BROADCAST, Frame, Packet
from runbooks.simulator.model.wires.places import (
    ANSWERS_OUTSIDE,
    Place,
    active_on,
    machine_with,
    own_addresses,
    owner,
    server_of,
)
from runbooks.simulator.model.wires.reach import PROVIDER_MAC, Hop, Reach, plug_of, spread
from runbooks.simulator.model.wires.switch import Plug
from runbooks.simulator.model.wires.walk import Trip

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

ARP_SIZE = 28


def asked(look: Look, place: Place, name: str, target: str) -> tuple[str, list[str], list[Trip]] | None:
    """(who asks, MAC addresses of those that answer, the packets' ways); None when there is no such interface."""
    cloud = look.cloud
    if not place.namespace:
        return _between_machines(cloud, place, name, target)
    namespace = look.namespace(place.host, place.namespace)
    port = next((p for p in namespace.ports if device(p) == name), None) if namespace is not None else None
    if namespace is None or port is None:
        return None
    own = [address for address, each in own_addresses(namespace) if each.id == port.id]
    source = own[0] if own else "0.0.0.0"
    question = Packet(port.mac, BROADCAST, source, target, family="arp", size=ARP_SIZE)
    plug = plug_of(look.switch(place.host), port.id)
    trips = [Trip(hops=[Hop(place.host, place.namespace, name, question, outward=True)])]
    if plug is None:
        return source, [], trips
    reach = spread(look, place.host, "br-int", Frame(question, plug.ofport))
    trips[0].hops += reach.hops
    macs = []
    for host, other in reach.ends:
        if other.port is not None and _has(look, host, other.port, target):
            back = _answer(look, host, other, question)
            trips.append(Trip(hops=back.hops))
            macs += [other.port.mac] if any(p.port and p.port.id == port.id for _, p in back.ends) else []
    if reach.outside and not macs:
        macs += _outside(look, port, target)
    return source, macs, trips


def _has(look: Look, host: str, port: Port, target: str) -> bool:
    """True when whoever is behind a port answers for the address."""
    inside = next((each for each in look.namespaces(host) if any(p.id == port.id for p in each.ports)), None)
    if inside is None:
        server = server_of(look.cloud, port)
        return server is not None and server.vm_state == "active" and target in [a for _, a in port.fixed_ips]
    own = [address for address, each in own_addresses(inside) if each.id == port.id]
    floating = (
        [one for one, _ in floating_of(look.cloud, inside.of)] if inside.kind == "router" and inside.active else []
    )
    return target in own or (port.device_owner == "network:router_gateway" and target in floating)


def _answer(look: Look, host: str, plug: Plug, question: Packet) -> Reach:
    assert plug.port is not None
    answer = Packet(plug.port.mac, question.source_mac, question.target, question.source, family="arp", size=ARP_SIZE,
                    known=True)  # fmt: skip
    found = spread(look, host, "br-int", Frame(answer, plug.ofport))
    found.hops.insert(0, Hop(host, "", plug.name, answer, outward=False))
    return found


def _outside(look: Look, port: Port, target: str) -> list[str]:
    """On the provider's network: its own router, and other hosts' namespaces."""
    network = look.cloud.network.networks[port.network_id]
    if not network.external:
        return []
    if target in ANSWERS_OUTSIDE:
        return [PROVIDER_MAC]
    other = owner(look.cloud, network.id, target)
    if other is None or other.id == port.id:
        return []
    return [other.mac] * len(active_on(look, other.device_id))


def _between_machines(cloud: Cloud, place: Place, name: str, target: str) -> tuple[str, list[str], list[Trip]] | None:
    """On the networks of the machines themselves; all who have a virtual address answer for it."""
    host = cloud.hosts[place.host]
    own = {"eth0": host.machine.address, "eth1": host.machine.tunnel}
    if name not in own or (name == "eth1" and not {"network", "compute"} & set(host.machine.roles)):
        return None
    mac = card_mac(cloud, host, name)
    question = Packet(mac, BROADCAST, own[name], target, family="arp", size=ARP_SIZE)
    there = machine_with(cloud, target)
    holders = [each for each in cloud.balancers.hosts if target in cloud.balancers.addresses()
               and cloud.balancers.has(each.name)] or ([cloud.hosts[there]] if there else [])  # fmt: skip
    trips = [Trip(hops=[Hop(place.host, "", name, question, outward=True)])]
    macs = [card_mac(cloud, each, name) for each in holders if each.up and each.reachable and each is not host]
    for found in macs:
        answer = Packet(found, mac, target, own[name], family="arp", size=ARP_SIZE, known=True)
        trips.append(Trip(hops=[Hop(place.host, "", name, answer, outward=False)]))
    return own[name], macs, trips
