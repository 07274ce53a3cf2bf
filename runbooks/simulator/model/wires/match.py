"""Whether a flow matches a frame: the fields that Neutron's flows name, in Open vSwitch's spelling."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network

from runbooks.simulator.model.wires.packet import Frame

_FLAGS = {"": (), "new": ("trk", "new"), "est": ("trk", "est"), "rpl": ("trk", "est", "rpl")}
"""What connection tracking says → flags of `ct_state`."""


@lru_cache(maxsize=8192)
def network(text: str) -> IPv4Network:
    """An address, or a range of addresses."""
    return IPv4Network(text)


def _within(text: str, address: str) -> bool:
    return bool(address) and IPv4Address(address) in network(text)


def _masked_mac(text: str, mac: str) -> bool:
    wanted, _, mask = text.partition("/")
    if not mask:
        return wanted == mac
    bits = [int(part, 16) for part in mask.split(":")]
    pairs = zip(wanted.split(":"), mac.split(":"), bits, strict=True)
    return all(int(a, 16) & bit == int(b, 16) & bit for a, b, bit in pairs)


def _tci(text: str, frame: Frame) -> bool:
    wanted, _, mask = text.partition("/")
    has = 0 if frame.vlan is None else 0x1000 | frame.vlan
    return int(wanted, 16) == has & int(mask or "0xffff", 16)


def _state(text: str, frame: Frame) -> bool:
    """`+new-est`: each flag, and whether it must be there."""
    has = _FLAGS[frame.state]
    wanted = text.replace("+", " +").replace("-", " -").split()
    return all((word[1:] in has) is (word[0] == "+") for word in wanted)


def _of(protocol: str) -> Callable[[Frame], bool]:
    return lambda frame: frame.packet.family == "ip" and frame.packet.protocol == protocol


_WORDS: dict[str, Callable[[Frame], bool]] = {
    "arp": lambda frame: frame.packet.family == "arp",
    "ip": lambda frame: frame.packet.family == "ip",
    "tcp": _of("tcp"),
    "udp": _of("udp"),
    "icmp": _of("icmp"),
}
_FIELDS: dict[str, Callable[[str, Frame], bool]] = {
    "in_port": lambda value, frame: frame.in_port == int(value),
    "dl_vlan": lambda value, frame: frame.vlan == int(value),
    "vlan_tci": _tci,
    "dl_src": lambda value, frame: _masked_mac(value, frame.packet.source_mac),
    "dl_dst": lambda value, frame: _masked_mac(value, frame.packet.target_mac),
    "nw_src": lambda value, frame: _within(value, frame.packet.source),
    "nw_dst": lambda value, frame: _within(value, frame.packet.target),
    "arp_spa": lambda value, frame: _within(value, frame.packet.source),
    "tp_src": lambda value, frame: frame.packet.source_port == int(value),
    "tp_dst": lambda value, frame: frame.packet.target_port == int(value),
    "reg5": lambda value, frame: frame.register("reg5") == int(value, 16),
    "reg6": lambda value, frame: frame.register("reg6") == int(value, 16),
    "tun_id": lambda value, frame: frame.tunnel == int(value, 16),
    "ct_state": _state,
    "ct_zone": lambda value, frame: frame.zone == int(value),
    "ct_mark": lambda value, frame: int(value, 16) == 0,
    "conj_id": lambda value, frame: frame.conjunction == int(value),
}


def matches(match: str, frame: Frame) -> bool:
    """True when every part of a flow's match holds; an empty one matches everything."""
    for part in match.split(",") if match else ():
        field, equals, value = part.partition("=")
        if not equals:
            if field not in _WORDS or not _WORDS[field](frame):
                return False
        elif not _FIELDS[field](value, frame):
            return False
    return True
