"""An API whose answers come a byte a second: connections to it are led through a program on the controllers."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from runbooks.lab.faults import drip, traffic
from runbooks.lab.faults.fault import Fault, Parameters
from runbooks.lab.faults.openstack_apis import known, port
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine

_OFFSET = 10000
"""The program's own port is the API's and this."""
_FILE = "/run/nephoscope-fault-drip.py"


def _unit(parameters: Parameters) -> str:
    return f"nephoscope-fault-drip-{parameters['service']}"


def rules(name: str, vip: str, at: int) -> str:
    """What comes from elsewhere to the API's port at the virtual address goes to the program."""
    return (
        f"table ip {name} {{\n  chain prerouting {{\n    type nat hook prerouting priority -100; policy accept;\n"
        f'    ip daddr {vip} tcp dport {at} redirect to :{at + _OFFSET} comment "nephoscope api-drip"\n  }}\n}}\n'
    )


def _remove(machine: Machine, name: str) -> None:
    machine.run("nft", "-f", "-", input=f"table ip {name} {{}}\ndelete table ip {name}\n")


def _inject(lab: Lab, parameters: Parameters) -> None:
    at, name = port(parameters["service"]), traffic.table("api-drip", parameters)
    for machine in lab.control:
        if machine.running:
            machine.run("install", "-m", "644", "/dev/stdin", _FILE, input=Path(drip.__file__).read_text())
            words = ("/usr/bin/python3", "-I", _FILE, str(at + _OFFSET), lab.layout.vip, str(at))
            machine.run("systemd-run", "--quiet", "--collect", f"--unit={_unit(parameters)}", *words)
            machine.wait_port(at + _OFFSET, 20)
            _remove(machine, name)
            machine.run("nft", "-f", "-", input=rules(name, lab.layout.vip, at))


def _undo(lab: Lab, parameters: Parameters) -> None:
    for machine in lab.control:
        if machine.running:
            _remove(machine, traffic.table("api-drip", parameters))
            machine.run("systemctl", "stop", _unit(parameters), check=False)


def _in_effect(lab: Lab, parameters: Parameters) -> bool:
    """The first bytes come, and after three seconds it is still no whole line."""
    try:
        with socket.create_connection((lab.layout.vip, port(parameters["service"])), timeout=5) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n")
            end, said = time.monotonic() + 3, b""
            while (left := end - time.monotonic()) > 0:
                connection.settimeout(max(left, 0.01))
                try:
                    said += connection.recv(4096)
                except TimeoutError:
                    break
            return 0 < len(said) < 12
    except OSError:
        return False


FAULTS = {"api-drip": Fault(_inject, _undo, _in_effect, known, 60)}
"""The faults of this file."""
