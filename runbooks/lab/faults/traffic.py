"""Traffic that does not arrive: rules of nftables inside a host, in a table of their own that names the fault.

A table is dropped as a whole when the fault is taken back, so nothing of it can be left behind, and other tables of
the host stay untouched. The network namespace outlives a reboot of its host; so do the rules.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence

from runbooks.ground.declared import FaultError
from runbooks.lab.faults.fault import Fault, Parameters, host, mark
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine

PINGS = 60


def table(fault: str, parameters: Parameters) -> str:
    """The name of the fault's table."""
    return f"nephoscope_{mark(fault, parameters)}"


def rules(name: str, comment: str, incoming: Sequence[str], outgoing: Sequence[str]) -> str:
    """A table before the host's own filters (but after the kernel knows connections), with these rules."""

    def chain(hook: str, lines: Sequence[str]) -> str:
        body = "".join(f'    {line} comment "{comment}"\n' for line in lines)
        return f"  chain {hook} {{\n    type filter hook {hook} priority -150; policy accept;\n{body}  }}\n"

    return f"table inet {name} {{\n{chain('input', incoming)}{chain('output', outgoing)}}}\n"


def put(machine: Machine, name: str, text: str) -> None:
    """Put a table in place; one of the same name is replaced."""
    machine.run("nft", "-f", "-", input=f"table inet {name} {{}}\ndelete table inet {name}\n{text}")


def take(machine: Machine, name: str) -> None:
    """Remove a table, if it is there."""
    machine.run("nft", "-f", "-", input=f"table inet {name} {{}}\ndelete table inet {name}\n")


def present(machine: Machine, name: str) -> bool:
    """True when the kernel has the table."""
    return machine.run("nft", "list", "table", "inet", name, check=False).ok


Rules = Callable[[Lab, Parameters], tuple[Sequence[str], Sequence[str]]]


def dropping(fault: str, what: Rules, shows: Callable[[Lab, Parameters], bool], seconds: float = 30) -> Fault:
    """A fault that is a table on one host; `shows` tells whether traffic really suffers."""

    def inject(lab: Lab, parameters: Parameters) -> None:
        name = table(fault, parameters)
        put(host(lab, parameters), name, rules(name, f"nephoscope {fault}", *what(lab, parameters)))

    def undo(lab: Lab, parameters: Parameters) -> None:
        take(host(lab, parameters), table(fault, parameters))

    def in_effect(lab: Lab, parameters: Parameters) -> bool:
        machine = lab.machines[parameters["host"]]
        return machine.running and present(machine, table(fault, parameters)) and shows(lab, parameters)

    def refuse(lab: Lab, parameters: Parameters) -> None:
        host(lab, parameters)
        what(lab, parameters)

    return Fault(inject, undo, in_effect, refuse, seconds)


def addresses(lab: Lab, names: str, but: str) -> list[str]:
    """All addresses of these hosts (all others when none is named), without those of the host `but`."""
    wanted = [each for each in names.split(",") if each] or [name for name in lab.machines if name != but]
    if but in wanted:
        raise FaultError(f"{but} cannot be cut off from itself")
    found = []
    for name in wanted:
        machine = lab.machines[name]
        found += [address for address in (machine.address, machine.tunnel) if address]
    return found


def reaches(machine: Machine, address: str) -> bool:
    """True when at least one of three pings from the host is answered."""
    return machine.run("ping", "-q", "-c", "3", "-i", "0.2", "-W", "1", address, check=False).ok


def mute(address: str, port: int, seconds: float = 1.5) -> bool:
    """True when an attempt to connect is neither accepted nor refused."""
    try:
        socket.create_connection((address, port), timeout=seconds).close()
    except TimeoutError:
        return True
    except OSError:
        return False
    return False


def lost(said: str) -> float:
    """Percent of the packets that a `ping -q` tells to be lost."""
    found = re.search(r"([\d.]+)% packet loss", said)
    return float(found[1]) if found else 0.0


def _partition(lab: Lab, parameters: Parameters) -> tuple[list[str], list[str]]:
    others = ", ".join(addresses(lab, parameters["peers"], parameters["host"]))
    return [f"ip saddr {{ {others} }} counter drop"], [f"ip daddr {{ {others} }} counter drop"]


def _partitioned(lab: Lab, parameters: Parameters) -> bool:
    machine = lab.machines[parameters["host"]]
    return not reaches(machine, addresses(lab, parameters["peers"], parameters["host"])[0])


def _loss(lab: Lab, parameters: Parameters) -> tuple[list[str], list[str]]:
    only = ""
    if parameters["peers"]:
        only = f"ip saddr {{ {', '.join(addresses(lab, parameters['peers'], parameters['host']))} }} "
    return [f"{only}numgen random mod 100 < {parameters['percent']} counter drop"], []


def _losing(lab: Lab, parameters: Parameters) -> bool:
    """Half of the loss that was asked for is enough: chance has its say in a few pings."""
    machine = lab.machines[parameters["host"]]
    words = ("ping", "-q", "-c", str(PINGS), "-i", "0.02", "-W", "1")
    peers = [lab.machines[name].address for name in parameters["peers"].split(",") if name]
    done = machine.run(*words, peers[0] if peers else lab.layout.gateway, check=False)
    return lost(done.out) >= int(parameters["percent"]) / 2


def _port(lab: Lab, parameters: Parameters) -> tuple[list[str], list[str]]:
    """Both ends of it: who connects there, and, in a cluster, whom this host connects to at the same port."""
    ends = "{} " + parameters["protocol"] + " {} " + parameters["port"] + " counter drop"
    come = go = ""
    if parameters["peers"]:
        peers = ", ".join(addresses(lab, parameters["peers"], parameters["host"]))
        come, go = f"ip saddr {{ {peers} }}", f"ip daddr {{ {peers} }}"
    return [ends.format(come, "dport").strip()], [ends.format(go, end).strip() for end in ("sport", "dport")]


def _blocked(lab: Lab, parameters: Parameters) -> bool:
    """A connection (TCP) is tried; of UDP only the kernel's rule can be seen."""
    if parameters["protocol"] == "udp":
        return True
    machine, port = lab.machines[parameters["host"]], int(parameters["port"])
    if not parameters["peers"]:
        return mute(machine.address, port)
    peer = lab.machines[parameters["peers"].split(",")[0]]
    done = peer.run("nc", "-nvz", "-w", "1", machine.address, str(port), check=False)
    return not done.ok and "refused" not in done.err


def _firewall(lab: Lab, parameters: Parameters) -> tuple[list[str], list[str]]:
    """What pages about firewalls tell to do, word for word: SSH and HTTPS come in, and nothing else does."""
    return ["ct state established,related accept", "tcp dport { 22, 443 } accept", "counter drop"], []


def _walled(lab: Lab, parameters: Parameters) -> bool:
    address = lab.machines[parameters["host"]].address
    return not mute(address, 22) and mute(address, 65500)


FAULTS = {
    "hosts-partitioned": dropping("hosts-partitioned", _partition, _partitioned),
    "packet-loss": dropping("packet-loss", _loss, _losing),
    "port-blocked": dropping("port-blocked", _port, _blocked),
    "host-firewalled": dropping("host-firewalled", _firewall, _walled),
}
"""The faults of this file."""
