"""memcached on every controller, on the host's own address only."""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine

PACKAGES = ("memcached",)
PORT = 11211


def install(lab: Lab) -> None:
    """Its configuration."""
    for machine in lab.control:
        machine.write("/etc/memcached.conf", config(machine.address))
        machine.enable("memcached")


def start(lab: Lab) -> None:
    """Start it and wait until it answers."""
    lab.each(lab.control, _start)


def _start(machine: Machine) -> None:
    machine.start("memcached")
    machine.wait_port(PORT)


def config(address: str) -> str:
    """memcached.conf: an option a line, as Debian's unit wants it."""
    return f"-m 64\n-p {PORT}\n-u memcache\n-l {address}\n-P /var/run/memcached/memcached.pid\n"
