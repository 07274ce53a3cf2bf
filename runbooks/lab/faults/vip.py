"""The virtual address and HAProxy: two holders, a stranger with our router id, a server that HAProxy calls dead.

The kernels of the controllers tell who has the address; HAProxy tells at its own socket what it thinks of a server.
"""

from __future__ import annotations

from collections.abc import Sequence

from runbooks.ground.declared import FaultError
from runbooks.lab.faults import traffic
from runbooks.lab.faults.fault import Fault, Parameters, host
from runbooks.lab.faults.units import killed, must_be_active
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services import haproxy, keepalived

STRANGER = "nephoscope-fault-keepalived"
_STRANGER_FILE = "/run/nephoscope-fault-keepalived.conf"

UNITS = {
    "keystone": "keystone",
    "nova": "nova-api",
    "placement": "placement-api",
    "neutron": "neutron-api",
    "cinder": "cinder-api",
    "glance": "glance-api",
}
"""The unit of each API."""


def holder(lab: Lab) -> Machine:
    """The host that has the virtual address. Raises FaultError unless exactly one has it."""
    found = keepalived.holders(lab)
    if len(found) != 1:
        raise FaultError(f"the virtual address is on {', '.join(found) or 'no host'}: first let one host have it")
    return lab.machines[found[0]]


# Two holders: a host and the one that has the address do not hear each other, and it takes the address as well. (If it
# only were deaf, it would be heard, and the other would yield to it where its priority is the higher one.)


def _deafen(lab: Lab, parameters: Parameters) -> None:
    name = traffic.table("vip-duplicated", parameters)
    drop = ["ip protocol 112 counter drop"]
    traffic.put(host(lab, parameters), name, traffic.rules(name, "nephoscope vip-duplicated", drop, drop))


def _hear(lab: Lab, parameters: Parameters) -> None:
    machine = lab.machines[parameters["host"]]
    if machine.running:
        traffic.take(machine, traffic.table("vip-duplicated", parameters))


def _two_holders(lab: Lab, parameters: Parameters) -> bool:
    return len(keepalived.holders(lab)) != 1


def _refuse_holder(lab: Lab, parameters: Parameters) -> None:
    machine = host(lab, parameters)
    must_be_active(machine, "keepalived")
    if holder(lab).name == machine.name:
        raise FaultError(f"{machine.name} has the virtual address itself: name a host that does not have it")


# A stranger on the network speaks VRRP with our router id and address (somebody copied a file), and is heard first


def stranger(lab: Lab) -> str:
    """The stranger's keepalived.conf: our id and address (ours ignore who speaks of another one), a higher priority."""
    return (
        "global_defs {\n  router_id stranger\n}\n"
        "vrrp_instance stranger {\n  state MASTER\n  interface eth0\n  virtual_router_id 51\n  priority 250\n"
        f"  advert_int 1\n  virtual_ipaddress {{\n    {lab.layout.vip}/24 dev eth0\n  }}\n}}\n"
    )


def _enter(lab: Lab, parameters: Parameters) -> None:
    machine = host(lab, parameters)
    machine.run("install", "-m", "644", "/dev/stdin", _STRANGER_FILE, input=stranger(lab))
    pids = [f"--{kind}=/run/{STRANGER}-{kind}.pid" for kind in ("pid", "vrrp_pid", "checkers_pid")]
    words = ("keepalived", "--dont-fork", "--vrrp", f"--use-file={_STRANGER_FILE}", "--log-console", *pids)
    machine.run("systemd-run", "--quiet", "--collect", f"--unit={STRANGER}", *words)


def _leave(lab: Lab, parameters: Parameters) -> None:
    machine = lab.machines[parameters["host"]]
    if machine.running:
        machine.run("systemctl", "stop", STRANGER, check=False)
        machine.run("rm", "-f", _STRANGER_FILE)


def _usurped(lab: Lab, parameters: Parameters) -> bool:
    """None of ours has the address any more: all of them believe the stranger."""
    return not keepalived.holders(lab)


def _refuse_stranger(lab: Lab, parameters: Parameters) -> None:
    machine = host(lab, parameters)
    if "control" in machine.roles:
        raise FaultError(f"{machine.name} has a Keepalived of its own: name a host that is no controller")
    holder(lab)


# A server behind HAProxy


def server_status(lab: Lab, backend: str, server: str) -> str:
    """What the HAProxy that has the virtual address says of a server: UP, DOWN, `UP 1/3` …; empty for no such one."""
    holders = keepalived.holders(lab)
    if not holders:
        return ""
    words = ("socat", "-", f"UNIX-CONNECT:{haproxy.SOCKET}")
    said = lab.machines[holders[0]].run(*words, input="show stat\n", check=False).out
    for line in said.splitlines():
        fields = line.split(",")
        if len(fields) > 17 and fields[:2] == [backend, server]:
            return fields[17]
    return ""


def _server(lab: Lab, parameters: Parameters) -> Sequence[tuple[str, str]]:
    return [(parameters["host"], UNITS[parameters["service"]])]


_dead = killed(_server)


def _is_down(lab: Lab, parameters: Parameters) -> bool:
    return not server_status(lab, parameters["service"], parameters["host"]).startswith("UP")


FAULTS = {
    "vip-duplicated": Fault(_deafen, _hear, _two_holders, _refuse_holder, 30),
    "vip-router-id-taken": Fault(_enter, _leave, _usurped, _refuse_stranger, 30),
    "haproxy-server-down": Fault(_dead.inject, _dead.undo, _is_down, _dead.refuse, 90),
}
"""The faults of this file."""
