"""A packet on its way through the simulated network, and the frame that carries it through a switch.

A packet says what a program sends; a frame adds what Open vSwitch knows of it at one moment: the port that it came in
by, its VLAN or tunnel, registers and what connection tracking says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Family = Literal["ip", "arp"]
Protocol = Literal["icmp", "tcp", "udp", "vrrp", ""]

HEADERS = 28
"""Bytes of IP and ICMP headers before the data of a ping."""
VXLAN_OVERHEAD = 50
"""Bytes that VXLAN over IPv4 adds to a packet: the inner Ethernet header, VXLAN, UDP and IP."""
BROADCAST = "ff:ff:ff:ff:ff:ff"


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet: addresses of both layers, ports or ICMP type, its length in bytes (IP header included)."""

    source_mac: str
    target_mac: str
    source: str
    target: str
    family: Family = "ip"
    protocol: Protocol = ""
    source_port: int = 0
    target_port: int = 0
    size: int = 84
    whole: bool = False
    """It may not be divided (`DF`)."""
    known: bool = False
    """An answer: connection tracking knows the packet that it belongs to."""
    sequence: int = 0
    says: str = ""
    """What a protocol says besides: `reset`, `A? example.org.`."""

    def between(self, source_mac: str, target_mac: str) -> Packet:
        """The same on another link."""
        return replace(self, source_mac=source_mac, target_mac=target_mac)

    def answer(self, says: str = "") -> Packet:
        """What comes back."""
        return replace(
            self, source=self.target, target=self.source, source_mac=self.target_mac, target_mac=self.source_mac,
            source_port=self.target_port, target_port=self.source_port, known=True, says=says,
        )  # fmt: skip


@dataclass(slots=True)
class Frame:
    """A packet in a switch."""

    packet: Packet
    in_port: int
    vlan: int | None = None
    registers: dict[str, int] | None = None
    tunnel: int = 0
    state: str = ""
    """What connection tracking says: empty (not asked), `new`, `est`, `rpl` (an answer)."""
    zone: int = 0
    conjunction: int = 0

    def copy(self) -> Frame:
        """The same at this moment."""
        return replace(self, registers=dict(self.registers or {}))

    def register(self, name: str) -> int:
        return (self.registers or {}).get(name, 0)
