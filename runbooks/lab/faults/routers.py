"""Virtual routers: floating addresses without their rules, two active instances of one router.

The namespaces of the network hosts are asked. The active instance of a router is the one that has its addresses.
"""

from __future__ import annotations

import re

from runbooks.ground.declared import FaultError
from runbooks.lab.faults.fault import Fault, Parameters, forget, host, mark, recall, remember
from runbooks.lab.faults.traffic import rules, table
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine


def _machine(lab: Lab, parameters: Parameters) -> Machine:
    return lab.machines[parameters["host"]]


def routers(machine: Machine) -> list[str]:
    """The namespaces of routers on the host."""
    words = machine.run("ip", "netns", "list", check=False).out.split()
    return sorted(word for word in words if word.startswith("qrouter-"))


def inside(machine: Machine, router: str, *words: str, input: str | None = None, check: bool = True) -> str:
    """What a program says in the namespace of a router."""
    return machine.run("ip", "netns", "exec", router, *words, input=input, check=check).out


def active(machine: Machine, router: str) -> bool:
    """True when this instance has the router's addresses."""
    said = inside(machine, router, "ip", "-br", "-4", "address", "show", check=False)
    return any(line.startswith(("qg-", "qr-")) and len(line.split()) > 2 for line in said.splitlines())


# A floating address without its NAT rules


def nat(machine: Machine, router: str) -> list[str]:
    """The rules that give floating addresses to servers, as `iptables-save` writes them."""
    said = inside(machine, router, "iptables-save", "-t", "nat", check=False)
    return [line for line in said.splitlines() if re.search(r"-j DNAT --to-destination (?!169\.254)", line)]


def _drop_nat(lab: Lab, parameters: Parameters) -> None:
    machine = _machine(lab, parameters)
    kept = {router: "\n".join(nat(machine, router)) for router in routers(machine) if nat(machine, router)}
    remember(lab, mark("floating-address-without-nat", parameters), kept)
    for router, lines in kept.items():
        for rule in lines.splitlines():
            _iptables(machine, router, rule.replace("-A ", "-D ", 1))


def _iptables(machine: Machine, router: str, rule: str) -> None:
    inside(machine, router, "iptables", "-w", "-t", "nat", *rule.split())


def _restore_nat(lab: Lab, parameters: Parameters) -> None:
    machine, key = _machine(lab, parameters), mark("floating-address-without-nat", parameters)
    if machine.running:
        for router, lines in recall(lab, key).items():
            present = nat(machine, router)
            for rule in lines.splitlines():
                if rule not in present and router in routers(machine):
                    _iptables(machine, router, rule)
    forget(lab, key)


def _no_nat(lab: Lab, parameters: Parameters) -> bool:
    machine = _machine(lab, parameters)
    kept = recall(lab, mark("floating-address-without-nat", parameters))
    return machine.running and any(set(lines.splitlines()) - set(nat(machine, each)) for each, lines in kept.items())


def _has_nat(lab: Lab, parameters: Parameters) -> None:
    machine = host(lab, parameters)
    if not any(nat(machine, router) and active(machine, router) for router in routers(machine)):
        raise FaultError(f"{machine.name} has no active router with a floating address: name the other network host")


# Two active instances: neither hears the other any more. (If only one were deaf, the other would yield to it where its
# address is the higher one: their priorities are the same.)


def instances(lab: Lab, router: str) -> list[Machine]:
    """The hosts on which the router is active."""
    found = [machine for machine in lab.with_role("network") if machine.running and router in routers(machine)]
    return [machine for machine in found if active(machine, router)]


def _waiting(lab: Lab, machine: Machine) -> list[str]:
    """The routers that wait on this host while they are active on another."""
    return [each for each in routers(machine) if not active(machine, each) and instances(lab, each)]


def _deafen(lab: Lab, parameters: Parameters) -> None:
    machine, name = _machine(lab, parameters), table("router-two-active", parameters)
    router = _waiting(lab, machine)[0]
    drop = ["ip protocol 112 counter drop"]
    inside(machine, router, "nft", "-f", "-", input=rules(name, "nephoscope router-two-active", drop, drop))


def _hear(lab: Lab, parameters: Parameters) -> None:
    machine, name = _machine(lab, parameters), table("router-two-active", parameters)
    if machine.running:
        for router in routers(machine):
            inside(machine, router, "nft", "-f", "-", input=f"table inet {name} {{}}\ndelete table inet {name}\n")


def _two_active(lab: Lab, parameters: Parameters) -> bool:
    return any(len(instances(lab, router)) > 1 for router in routers(_machine(lab, parameters)))


def _has_waiting(lab: Lab, parameters: Parameters) -> None:
    machine = host(lab, parameters)
    if not _waiting(lab, machine):
        raise FaultError(f"no router waits on {machine.name}: name the host where it is not active")


FAULTS = {
    "floating-address-without-nat": Fault(_drop_nat, _restore_nat, _no_nat, _has_nat, 60),
    "router-two-active": Fault(_deafen, _hear, _two_active, _has_waiting, 60),
}
"""The faults of this file."""
