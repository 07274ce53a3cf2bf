"""`conntrack -L`: which connections a router's namespace knows, with the addresses before and after translation."""

from __future__ import annotations

from runbooks.simulator.model.wires.look import Look
from runbooks.simulator.model.wires.switch import has_switch
from runbooks.simulator.model.wires.traffic import talks
from runbooks.simulator.ssh.getopt import options
from runbooks.simulator.ssh.program import Call, UsageError, program

_NUMBERS = {"icmp": 1, "tcp": 6, "udp": 17}
_LASTS = {"icmp": 29, "udp": 119, "tcp": 431999}


@program("conntrack", folder="/usr/sbin", on=has_switch)
def _conntrack(call: Call) -> int:
    """`conntrack -L [-p PROTOCOL]`: what goes on by itself, as far as it is translated or for the namespace."""
    given = options(call, flags="LnE", valued="pdso", long="dump", long_valued="proto src dst", usage_status=2)
    if "L/dump" not in given:
        raise UsageError("conntrack v1.4.7 (conntrack-tools): you need to supply a command", 2)
    if not call.place.root:
        return call.fail("conntrack v1.4.7 (conntrack-tools): Operation failed: sorry, you must be root or get "
                         "CAP_NET_ADMIN capability to do this")  # fmt: skip
    place, found = call.place, []
    for talk in talks(Look(place.cloud), place.host.name, place.namespace) if place.namespace else ():
        hops = [hop for _, hop in talk.hops if (hop.host, hop.namespace) == (place.host.name, place.namespace)]
        asked = [hop.packet for hop in hops if not hop.packet.known and hop.packet.protocol in _NUMBERS]
        if not asked or given.last("p/proto") not in ("", asked[0].protocol):
            continue
        first, last = asked[0], asked[-1]
        answered = any(hop.packet.known for hop in hops)
        name = first.protocol
        if name == "icmp":
            there, back = f"type=8 code=0 id={first.source_port}", f"type=0 code=0 id={first.source_port}"
        else:
            there = f"sport={first.source_port} dport={first.target_port}"
            back = f"sport={first.target_port} dport={first.source_port}"
        silent = "" if answered else "[UNREPLIED] "
        found.append(
            f"{name:<8} {_NUMBERS[name]} {_LASTS[name]} src={first.source} dst={first.target} {there} {silent}"
            f"src={last.target} dst={last.source} {back} mark=0 use=1"
        )
    for line in found:
        call.print(line)
    call.fail(f"conntrack v1.4.7 (conntrack-tools): {len(found)} flow entries have been shown.")
    return 0
