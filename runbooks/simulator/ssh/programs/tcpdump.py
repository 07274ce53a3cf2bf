"""`tcpdump`: what passes an interface from now on, a packet a line. It ends after `-c N`, or when a signal comes."""

from __future__ import annotations

from datetime import UTC, datetime

from runbooks.simulator.model.wires.packet import BROADCAST, Packet
from runbooks.simulator.model.wires.reach import Hop
from runbooks.simulator.model.wires.traffic import Seen, passing
from runbooks.simulator.ssh.getopt import Options, options
from runbooks.simulator.ssh.pace import FOREVER
from runbooks.simulator.ssh.program import Call, program
from runbooks.simulator.ssh.programs.ip import links_here
from runbooks.simulator.ssh.programs.tcpdump_filter import BadFilter, compiled

MOST = 5000
"""Packets that are looked at of a talk that never ends and never fits."""


@program("tcpdump")
def _tcpdump(call: Call) -> int:
    given = options(call, flags="nevlqtpUKASXx#", valued="icswWCGrBQy", usage_status=1)
    links = {link.name for link in links_here(call.place)}
    device = given.last("i") or next(iter(sorted(links - {"lo"})), "lo")
    if device not in links | {"any"}:
        return call.fail(f"tcpdump: {device}: No such device exists\n(No such device exists)")
    if not call.place.root:
        return call.fail(f"tcpdump: {device}: You don't have permission to perform this capture on that device\n"
                         "(socket: Operation not permitted)")  # fmt: skip
    try:
        fits = compiled(" ".join(given.operands))
    except BadFilter:
        return call.fail("tcpdump: can't parse filter expression: syntax error")
    if "v" not in given:
        call.fail("tcpdump: verbose output suppressed, use -v[v]... for full protocol decode")
    kind = "LINUX_SLL2 (Linux cooked v2)" if device == "any" else "EN10MB (Ethernet)"
    call.fail(f"listening on {device}, link-type {kind}, snapshot length 262144 bytes")
    wanted = int(given.last("c", "0")) if given.last("c", "0").isdigit() else 0
    caught, pace = 0, call.shell.pace
    began, start = call.place.now, pace.waited
    for looked, seen in enumerate(passing(call.place.cloud, call.place.host.name, call.place.namespace, device)):
        if seen.at - began + start < pace.waited:
            continue
        if looked > MOST or (fits(seen.hop.packet) and not pace.until(start + seen.at - began)):
            break
        if start + seen.at - began >= pace.end:
            break
        if fits(seen.hop.packet):
            caught += 1
            call.print(_line(seen, given, every=device == "any"))
            if caught == wanted:
                break
    if caught != wanted or not wanted:
        pace.until(start + FOREVER)
    call.fail(("" if caught else "\n") + f"{caught} packets captured\n{caught} packets received by filter\n"
              "0 packets dropped by kernel")  # fmt: skip
    return 0


def _line(seen: Seen, given: Options, *, every: bool) -> str:
    hop, moment = seen.hop, datetime.fromtimestamp(seen.at, UTC)
    stamp = "" if "t" in given else f"{moment:%H:%M:%S.%f} "
    where = f"{hop.device:<5} {'Out' if hop.outward else 'In '} " if every else ""
    if "e" not in given:
        return f"{stamp}{where}{_told(hop)}"
    packet = hop.packet
    target = "Broadcast" if packet.target_mac == BROADCAST else packet.target_mac
    kind = "ARP (0x0806)" if packet.family == "arp" else "IPv4 (0x0800)"
    length = packet.size + 14
    told = _told(hop)
    head = f"{stamp}{where}{packet.source_mac} > {target}, ethertype {kind}, length {length}: "
    return head + told.removeprefix("IP ").removeprefix("ARP, ")


def _told(hop: Hop) -> str:
    """A packet in tcpdump's words; what is in a tunnel is on a line of its own."""
    if hop.inner is None:
        return _packet(hop.packet)
    outer = f"IP {_end(hop.packet.source, hop.packet.source_port)} > {_end(hop.packet.target, 4789)}"
    return f"{outer}: VXLAN, flags [I] (0x08), vni {hop.segment}\n{_packet(hop.inner)}"


def _end(address: str, port: int) -> str:
    return f"{address}.{port}"


def _packet(packet: Packet) -> str:
    if packet.family == "arp":
        if packet.known:
            return f"ARP, Reply {packet.source} is-at {packet.source_mac}, length {packet.size}"
        return f"ARP, Request who-has {packet.target} tell {packet.source}, length {packet.size}"
    if packet.protocol == "icmp":
        way = "reply" if packet.known else "request"
        number = packet.target_port if packet.known else packet.source_port
        return (f"IP {packet.source} > {packet.target}: ICMP echo {way}, id {number}, seq {packet.sequence}, "
                f"length {packet.size - 20}")  # fmt: skip
    if packet.protocol == "vrrp":
        return f"IP {packet.source} > {packet.target}: {packet.says}"
    ends = f"IP {_end(packet.source, packet.source_port)} > {_end(packet.target, packet.target_port)}"
    if packet.protocol == "tcp":
        flags = "R." if packet.says == "reset" else "S." if packet.known else "S"
        return f"{ends}: Flags [{flags}], seq {packet.source_port * 7919}, win 64240, length 0"
    if 53 in (packet.source_port, packet.target_port):
        number = 1000 + packet.sequence % 60000
        said = "1/0/0 A 198.18.0.80 (45)" if packet.known else f"{packet.says} (29)"
        return f"{ends}: {number}{'' if packet.known else '+'} {said}"
    return f"{ends}: {packet.says or f'UDP, length {packet.size - 28}'}"
