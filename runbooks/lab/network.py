"""The lab's networks in the machine: bridges, a network namespace per host, and the cables between them.

Everything is made only where it is missing and removed only where it is the lab's: a bridge carries the lab's id as
its alias, and nothing is called nlN-… before the bridge nlN-mgmt is ours.
"""

from __future__ import annotations

import fcntl
import json
import os
from ipaddress import IPv4Network, ip_network
from pathlib import Path

from runbooks.lab.layout import NETWORKS, NUMBERS, Layout, Place
from runbooks.lab.shell import LabError, run

TUNNEL_MTU = 1600
"""Of the tunnels' network: a VXLAN frame with a full packet of 1500 fits."""


def _ip(*words: str, check: bool = True) -> str:
    return run(("ip", *words), check=check).out


def taken() -> list[IPv4Network]:
    """The networks that the machine's addresses and routes name."""
    found: list[IPv4Network] = []
    for link in json.loads(_ip("-j", "-4", "address", "show") or "[]"):
        for address in link.get("addr_info", []):
            found.append(IPv4Network(f"{address['local']}/{address['prefixlen']}", strict=False))
    for route in json.loads(_ip("-j", "-4", "route", "show", "table", "all") or "[]"):
        if route.get("dst") not in (None, "default"):
            net = ip_network(route["dst"], strict=False)
            if isinstance(net, IPv4Network):
                found.append(net)
    return found


def free_number(used: list[IPv4Network]) -> int:
    """The first number whose network nothing touches. Raises LabError when there is none."""
    for number in NUMBERS:
        net = IPv4Network(f"10.{number}.0.0/16")
        if not any(net.overlaps(other) for other in used):
            return number
    raise LabError("no network is free", f"10.{NUMBERS[0]}.0.0/16 to 10.{NUMBERS[-1]}.0.0/16 are all in use")


class Exclusive:
    """While it is held, no other lab chooses a number (a lock on a folder, so that no file stays behind)."""

    def __enter__(self) -> None:
        self._folder = os.open("/run", os.O_RDONLY)
        fcntl.flock(self._folder, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self._folder)


def owner(bridge: str) -> str | None:
    """The id of the lab that a bridge belongs to; empty when it is nobody's, None when there is no such bridge."""
    try:
        return Path(f"/sys/class/net/{bridge}/ifalias").read_text().strip()
    except OSError:
        return None


def bridges_up(layout: Layout, lab_id: str) -> None:
    """Make the bridges and give the machine its addresses. Raises LabError when the network is somebody else's."""
    for index in range(len(NETWORKS)):
        bridge = layout.bridge(index)
        held = owner(bridge)
        if held is None:
            net = IPv4Network(layout.net(index))
            if any(net.overlaps(other) for other in taken()):
                raise LabError(f"network {net}", "in use on this machine", "free it, or make another lab (--state)")
            _ip("link", "add", bridge, "type", "bridge", "forward_delay", "0", "mcast_snooping", "0")
        if not held:
            _ip("link", "set", bridge, "alias", lab_id)
        elif held != lab_id:
            raise LabError(f"bridge {bridge}", "belongs to another lab", "take that one down first")
        _ip("address", "replace", f"10.{layout.number}.{index}.1/24", "dev", bridge)
        if index == 1:
            _ip("link", "set", bridge, "mtu", str(TUNNEL_MTU), check=False)
        _ip("link", "set", bridge, "up")


def bridges_down(layout: Layout, lab_id: str) -> None:
    """Remove the bridges that are this lab's."""
    for index in range(len(NETWORKS)):
        if owner(layout.bridge(index)) == lab_id:
            _ip("link", "delete", layout.bridge(index), check=False)


def namespaces() -> set[str]:
    """The machine's named network namespaces."""
    folder = Path("/run/netns")
    return {each.name for each in folder.iterdir()} if folder.is_dir() else set()


def wire(layout: Layout, place: Place) -> None:
    """A fresh namespace for a host that is off, with its cables plugged in."""
    unwire(layout, place)
    space = layout.namespace(place.name)
    _ip("netns", "add", space)
    _ip("-n", space, "link", "set", "lo", "up")
    _plug(layout, place, 0, f"{place.address}/24")
    if place.tunnel:
        _plug(layout, place, 1, f"{place.tunnel}/24")
    if place.external:
        _plug(layout, place, 2, "")
    _ip("-n", space, "route", "add", "default", "via", layout.gateway)


def _plug(layout: Layout, place: Place, index: int, address: str) -> None:
    space, link, inner = layout.namespace(place.name), layout.link(place.name, index), f"eth{index}"
    _ip("link", "add", link, "type", "veth", "peer", "name", inner, "netns", space)
    if index == 1:
        _ip("link", "set", link, "mtu", str(TUNNEL_MTU))
        _ip("-n", space, "link", "set", inner, "mtu", str(TUNNEL_MTU))
    if index == 2:
        # Frames of this machine come without checksums otherwise, and a switch in userspace passes them on like that.
        run(("ethtool", "-K", link, "tx", "off"))
    _ip("link", "set", link, "master", layout.bridge(index), "up")
    _ip("-n", space, "link", "set", inner, "up")
    if address:
        _ip("-n", space, "address", "add", address, "dev", inner)


def wired(layout: Layout, place: Place) -> bool:
    """True when the host's namespace and all of its cables are there, plugged in or not."""
    count = 1 + bool(place.tunnel)
    wanted = [layout.link(place.name, index) for index in range(count)]
    wanted += [layout.link(place.name, 2)] * place.external
    there = all(Path(f"/sys/class/net/{link}").exists() for link in wanted)
    return there and layout.namespace(place.name) in namespaces()


def unwire(layout: Layout, place: Place) -> None:
    """Remove the host's namespace and cables."""
    for index in range(len(NETWORKS)):
        link = layout.link(place.name, index)
        if Path(f"/sys/class/net/{link}").exists():
            _ip("link", "delete", link, check=False)
    if layout.namespace(place.name) in namespaces():
        _ip("netns", "delete", layout.namespace(place.name), check=False)


def cable(layout: Layout, host: str, link: str, up: bool) -> None:
    """Plug in or pull out the cable of the host's interface `link` (eth0 …) at the machine's end."""
    index = int(link.removeprefix("eth"))
    _ip("link", "set", layout.link(host, index), "up" if up else "down")
