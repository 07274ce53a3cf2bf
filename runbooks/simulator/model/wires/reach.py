"""A frame's way between hosts: out of one switch, through a tunnel or the provider's network, into another.

Each host's part is followed by its own flows; between them count the machine, the tunnel network's MTU, and who drops
what comes out of a tunnel.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from runbooks.simulator.model.hosts import Host
from runbooks.simulator.model.wires.links import OUTSIDE, card_mac
from runbooks.simulator.model.wires.look import Look
from runbooks.simulator.model.wires.packet import VXLAN_OVERHEAD, Frame, Packet
from runbooks.simulator.model.wires.pipeline import Output, Pipeline
from runbooks.simulator.model.wires.switch import Plug, Switch, tunnel_name

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

TUNNEL_LINK, TUNNEL_MTU = "eth1", 1600
PROVIDER_MAC = "00:00:5e:00:01:01"
"""The provider's router, by VRRP."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A packet as one interface of one place sees it."""

    host: str
    namespace: str
    device: str
    packet: Packet
    outward: bool
    """It leaves by the interface; else it comes in."""
    inner: Packet | None = None
    """What is in the tunnel."""
    segment: int = 0


@dataclass
class Reach:
    """Where a frame got to."""

    ends: list[tuple[str, Plug]] = field(default_factory=list)
    """(host, port) of those that it was handed to."""
    outside: bool = False
    """It is on the provider's network."""
    hops: list[Hop] = field(default_factory=list)
    drops: list[str] = field(default_factory=list)
    tunnels: int = 0


def plug_of(switch: Switch, port_id: str) -> Plug | None:
    """A Neutron port's interface in the switch."""
    return next((p for p in switch.plugs if p.port is not None and p.port.id == port_id), None)


def spread(look: Look, host: str, bridge: str, frame: Frame) -> Reach:
    """Hand a frame to a host's bridge, and follow it to every end."""
    found = Reach()
    _through(look, look.cloud.hosts[host], bridge, frame, found)
    return found


def _through(look: Look, host: Host, bridge: str, frame: Frame, found: Reach) -> None:
    switch = look.switch(host.name)
    if not switch.runs:
        found.drops.append(f"{bridge} on {host.name}: Open vSwitch does not run")
        return
    done = Pipeline(look, switch).run(bridge, frame)
    if not done.outputs:
        found.drops.append(done.end or f"{bridge} on {host.name}: no way out")
    for output in done.outputs:
        _leave(look, host, output, found)


def _leave(look: Look, host: Host, output: Output, found: Reach) -> None:
    plug, frame = output.plug, output.frame
    if plug.type == "vxlan":
        _tunnel(look, host, plug, frame, found)
    elif plug.name == OUTSIDE:
        for device in (OUTSIDE, "br-ex"):
            found.hops.append(Hop(host.name, "", device, frame.packet, outward=True))
        found.outside = True
    elif plug.port is not None:
        found.ends.append((host.name, plug))


def _mtu(cloud: Cloud, host: Host) -> int:
    return cloud.damage.narrow.get((host.name, TUNNEL_LINK), TUNNEL_MTU)


def _tunnel(look: Look, host: Host, plug: Plug, frame: Frame, found: Reach) -> None:
    cloud = look.cloud
    peer = next(one for one in look.switch(host.name).peers if tunnel_name(one) == plug.name)
    packet = frame.packet
    size = packet.size + VXLAN_OVERHEAD
    for end in (host, peer):
        if (end.name, TUNNEL_LINK) in cloud.damage.off:
            found.drops.append(f"{TUNNEL_LINK} on {end.name} is switched off")
            return
        if size > _mtu(cloud, end):
            found.drops.append(
                f"{TUNNEL_LINK} on {end.name}: {size} bytes in the tunnel, its MTU is {_mtu(cloud, end)}"
            )
            return
    source = 32768 + cloud.seed.number(28000, "tunnel", packet.source, packet.target)
    outer = Packet(
        card_mac(cloud, host, TUNNEL_LINK), card_mac(cloud, peer, TUNNEL_LINK), host.machine.tunnel,
        peer.machine.tunnel, protocol="udp", source_port=source, target_port=4789, size=size, whole=True,
        sequence=packet.sequence,
    )  # fmt: skip
    sent = Hop(host.name, "", TUNNEL_LINK, outer, outward=True, inner=packet, segment=frame.tunnel)
    found.hops.append(sent)
    found.tunnels += 1
    if not peer.up:
        found.drops.append(f"{peer.name} is off")
        return
    found.hops.append(replace(sent, host=peer.name, outward=False))
    if (peer.name, host.name) in cloud.damage.cut:
        found.drops.append(f"INPUT on {peer.name}: UDP 4789 from {host.name} is dropped")
        return
    there = look.switch(peer.name)
    back = next((p for p in there.plugs if p.name == tunnel_name(host)), None)
    if back is None:
        found.drops.append(f"br-tun on {peer.name}: no tunnel to {host.name}")
        return
    _through(look, peer, "br-tun", Frame(packet, back.ofport, tunnel=frame.tunnel), found)
