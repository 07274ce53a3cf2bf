"""`ping` and `arping` of iputils: the walk of their packets through the model, in their own words.

A packet that the model drops is one that is not answered. What is sent is noted as traffic, so that somebody who
listens on its way sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address

from runbooks.simulator.model.wires.look import Look
from runbooks.simulator.model.wires.packet import HEADERS, Packet
from runbooks.simulator.model.wires.places import Place, own_addresses, way
from runbooks.simulator.model.wires.walk import Trip, answered, walk
from runbooks.simulator.ssh.getopt import Options, options
from runbooks.simulator.ssh.pace import FOREVER
from runbooks.simulator.ssh.program import Call, UsageError, program

LOOPBACK = "127.0."
"""The machines' own network is 127.77 here: only this is a host's inside."""
ENDLESS = 3600
"""Packets that are sent by who does not say how many."""
PATIENCE = 10.0
"""Seconds that ping waits for answers after its last packet, where none has come at all."""
UNANSWERED = 3.06
"""Seconds after which the kernel gives up to ask for a MAC address."""


def here(call: Call) -> Place:
    """Where the shell is."""
    return Place(call.place.host.name, call.place.namespace)


def resolve(call: Call, name: str) -> str:
    """An address, or that of a host by its name; empty when nobody knows it."""
    try:
        return str(IPv4Address(name))
    except AddressValueError:
        hosts = call.place.cloud.hosts
        return "127.0.0.1" if name == "localhost" else hosts[name].machine.address if name in hosts else ""


def source_for(call: Call, target: str) -> str:
    """The address that a packet to `target` would have as its sender; empty without a route."""
    place, cloud = here(call), call.place.cloud
    if target.startswith(LOOPBACK):
        return target
    if not place.namespace:
        machine = cloud.hosts[place.host].machine
        return machine.tunnel if target.rpartition(".")[0] == machine.tunnel.rpartition(".")[0] else machine.address
    namespace = Look(cloud).namespace(place.host, place.namespace)
    if namespace is None:
        return ""
    own = own_addresses(namespace)
    if target in [address for address, _ in own]:
        return target
    found = way(cloud, namespace, target)
    return found[0].fixed_ips[0][1] if found is not None and found[0].fixed_ips else ""


@dataclass
class _Result:
    """What became of one kind of packet; all packets of one run fare the same."""

    there: Trip
    back: Trip | None

    @property
    def good(self) -> bool:
        return self.back is not None and self.back.arrived is not None

    @property
    def seconds(self) -> float:
        """The round trip without chance."""
        trips = [self.there, *([self.back] if self.back is not None else [])]
        return 0.00004 + sum(0.00015 * len(trip.hops) + 0.0002 * trip.tunnels for trip in trips)


def tried(call: Call, packet: Packet) -> _Result:
    """Walk there, and back again."""
    look = Look(call.place.cloud)
    if packet.target.startswith(LOOPBACK):
        there = Trip(arrived=here(call), packet=packet)
        return _Result(there, Trip(arrived=here(call), packet=packet.answer()))
    there = walk(look, here(call), packet)
    if there.arrived is None:
        return _Result(there, None)
    if there.arrived == here(call):
        return _Result(there, Trip(arrived=here(call), packet=packet.answer()))
    return _Result(there, answered(look, there))


def noted(call: Call, result: _Result, delay: float, sequence: int) -> None:
    """Have what was sent pass the interfaces on its way, `delay` seconds after the line began."""
    trips = [result.there, *([result.back] if result.back is not None else [])]
    for trip in trips:
        trip.hops = [
            replace(hop, packet=replace(hop.packet, sequence=sequence),
                    inner=replace(hop.inner, sequence=sequence) if hop.inner is not None else None)
            for hop in trip.hops
        ]  # fmt: skip
    call.place.cloud.traffic.note(call.place.now + delay, *trips)


def _number(given: Options, names: str, default: float) -> float:
    text = given.last(names)
    if not text:
        return default
    try:
        return float(text)
    except ValueError as problem:
        raise UsageError(f"ping: invalid argument: '{text}'", 1) from problem


@program("ping")
def _ping(call: Call) -> int:
    given = options(call, flags="nqOvabBdDfhLrRUV4", valued="cWwisMItTQlpm", usage_status=2)
    if not given.operands:
        raise UsageError("ping: usage error: Destination address required", 1)
    target = resolve(call, given.operands[-1])
    if not target:
        return call.fail(f"ping: {given.operands[-1]}: Temporary failure in name resolution", 2)
    size, interval = int(_number(given, "s", 56)), _number(given, "i", 1.0)
    source = source_for(call, target)
    if not source:
        return call.fail("ping: connect: Network is unreachable", 2)
    packet = Packet("", "", source, target, protocol="icmp", size=size + HEADERS, whole=given.last("M") == "do",
                    source_port=call.place.cloud.seed.number(60_000, "ping", call.place.now) + 1)  # fmt: skip
    call.print(f"PING {given.operands[-1]} ({target}) {size}({size + HEADERS}) bytes of data.")
    return _Pings(call, given, packet, interval).run()


@dataclass
class _Pings:
    """A run of pings to one address."""

    call: Call
    given: Options
    packet: Packet
    interval: float
    sent: int = 0
    errors: int = 0

    def run(self) -> int:
        call, given = self.call, self.given
        count = int(_number(given, "c", 0)) or ENDLESS
        limit = _number(given, "w", 0) or FOREVER
        result = tried(call, self.packet)
        began, times = call.shell.pace.waited, []
        for sequence in range(1, count + 1):
            elapsed = call.shell.pace.waited - began
            if elapsed >= limit or call.shell.pace.ended:
                break
            self.sent += 1
            noted(call, result, call.shell.pace.waited, sequence)
            if result.there.refused == "long":
                self.errors += 1
                if "q" not in given:
                    call.err.write(f"ping: local error: message too long, mtu={result.there.mtu}\n".encode())
            elif result.good:
                times.append(self._answer(result, sequence))
            if sequence < count:
                call.wait(self.interval)
        if given.last("c") == "" and not call.shell.pace.ended:
            call.wait(FOREVER)
        spent = int(1000 * (self.sent - 1) * self.interval) + self.sent * 3 if self.sent > 1 else 0
        if not times and result.there.refused != "long":
            self._linger(result, given)
        return self._sum(times, spent)

    def _answer(self, result: _Result, sequence: int) -> float:
        """Milliseconds; its line is printed."""
        assert result.back is not None
        chance = self.call.place.cloud.seed.fraction("rtt", self.packet.target, self.call.place.now, sequence)
        seconds = result.seconds * (0.8 + 0.6 * chance) + (0.0009 if sequence == 1 else 0)
        if "q" not in self.given:
            length = self.packet.size - HEADERS + 8
            ttl = 64 - result.back.routers
            self.call.print(f"{length} bytes from {self.packet.target}: icmp_seq={sequence} ttl={ttl} "
                            f"time={_milliseconds(seconds * 1000)} ms")  # fmt: skip
        return seconds * 1000

    def _linger(self, result: _Result, given: Options) -> None:
        """Wait for what does not come; nobody answering for the address is an error after a while."""
        waiting = _number(given, "W", PATIENCE)
        self.call.wait(waiting)
        if result.there.refused == "nobody" and waiting >= UNANSWERED:
            for sequence in range(1, self.sent + 1):
                self.errors += 1
                self.call.print(f"From {self.packet.source} icmp_seq={sequence} Destination Host Unreachable")

    def _sum(self, times: list[float], spent: int) -> int:
        lost = 100 * (self.sent - len(times)) / max(self.sent, 1)
        errors = f"+{self.errors} errors, " if self.errors else ""
        self.call.print(f"\n--- {self.given.operands[-1]} ping statistics ---")
        self.call.print(f"{self.sent} packets transmitted, {len(times)} received, {errors}{lost:g}% packet loss, "
                        f"time {spent}ms")  # fmt: skip
        if times:
            mean = sum(times) / len(times)
            deviation = (sum(each * each for each in times) / len(times) - mean * mean) ** 0.5
            self.call.print("rtt min/avg/max/mdev = "
                            f"{min(times):.3f}/{mean:.3f}/{max(times):.3f}/{deviation:.3f} ms")  # fmt: skip
        else:
            self.call.print("")
        return 0 if times else 1


def _milliseconds(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


@program("arping")
def _arping(call: Call) -> int:
    from runbooks.simulator.model.wires.asking import asked

    given = options(call, flags="fqbDUAV", valued="cwIsi", usage_status=2)
    if not given.operands:
        raise UsageError("arping: destination address required", 1)
    target, name = resolve(call, given.operands[-1]), given.last("I", "eth0")
    if not call.place.root:
        return call.fail("arping: socket: Operation not permitted", 2)
    found = asked(Look(call.place.cloud), here(call), name, target)
    if found is None:
        return call.fail(f"arping: Device {name} not available.", 2)
    source, macs, trips = found
    call.print(f"ARPING {target} from {source} {name}")
    count = int(_number(given, "c", 0)) or ENDLESS
    limit = _number(given, "w", 0) or FOREVER
    began, heard, sent = call.shell.pace.waited, 0, 0
    for number in range(1, count + 1):
        if call.shell.pace.waited - began >= limit or call.shell.pace.ended:
            break
        sent += 1
        call.place.cloud.traffic.note(call.place.now + call.shell.pace.waited, *trips)
        for mac in macs:
            heard += 1
            late = 0.5 + call.place.cloud.seed.fraction("arp", target, call.place.now, number) / 2
            call.print(f"Unicast reply from {target} [{mac.upper()}]  {late:.3f}ms")
        call.wait(1.0 if number < count or not macs else 0.0)
    call.print(f"Sent {sent} probes ({1 if macs else sent} broadcast(s))\nReceived {heard} response(s)")
    return 0 if heard else 1
