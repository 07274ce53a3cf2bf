"""What the instances of an HA router tell each other every two seconds: that the active one lives (VRRP)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbooks.simulator.model.network.routers import HA_PORT
from runbooks.simulator.model.wires.namespaces import Namespace, device
from runbooks.simulator.model.wires.packet import Frame, Packet
from runbooks.simulator.model.wires.reach import Hop, plug_of, spread
from runbooks.simulator.model.wires.traffic import Talk

if TYPE_CHECKING:
    from runbooks.simulator.model.wires.look import Look

INTERVAL = 2.0
"""`ha_vrrp_advert_int`."""
GROUP, GROUP_MAC = "224.0.0.18", "01:00:5e:00:00:12"


def adverts(look: Look, host: str, namespace: str) -> Iterator[Talk]:
    """The advertisements that pass a place: of the routers of its host, from wherever they are active."""
    cloud = look.cloud
    for mine in look.namespaces(host):
        if mine.kind == "router" and namespace in ("", mine.name) and cloud.network.routers.by_id[mine.of].ha:
            for other in cloud.network.routers.hosts.get(mine.of, []):
                yield from _from(look, other, mine.of)


def _from(look: Look, host: str, router: str) -> Iterator[Talk]:
    """An active instance's own."""
    cloud = look.cloud
    found: Namespace | None = next((each for each in look.namespaces(host) if each.of == router), None)
    port = next((p for p in found.ports if p.device_owner == HA_PORT), None) if found is not None else None
    if found is None or not found.active or port is None or not cloud.hosts[host].up:
        return
    number = cloud.network.routers.by_id[router].vr_id or 1
    says = f"VRRPv2, Advertisement, vrid {number}, prio 50, authtype none, intvl 2s, length 20"
    packet = Packet(port.mac, GROUP_MAC, port.fixed_ips[0][1], GROUP, protocol="vrrp", size=40, says=says)
    plug = plug_of(look.switch(host), port.id)
    hops = [Hop(host, found.name, device(port), packet, outward=True)]
    if plug is not None:
        reach = spread(look, host, "br-int", Frame(packet, plug.ofport))
        hops += reach.hops
        for end, other in reach.ends:
            heard = next((each for each in look.namespaces(end) if each.of == router), None)
            if heard is not None and other.port is not None and other.port.device_owner == HA_PORT:
                hops.append(Hop(end, heard.name, other.name, packet, outward=False))
    phase = INTERVAL * cloud.seed.fraction("advert", router, host)
    yield Talk(INTERVAL, phase, tuple(enumerate(hops)))
