"""node_exporter on every host. Units and the root file system are truly the host's own; memory and load are the
machine's, which all hosts share.
"""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine

PACKAGES = ("prometheus-node-exporter",)
PORT = 9100

UNIT = "prometheus-node-exporter"


def arguments(address: str) -> str:
    """The line of /etc/default that the unit reads."""
    return f'ARGS="--web.listen-address={address}:{PORT} --collector.systemd"\n'


def install(lab: Lab) -> None:
    """Its arguments, on every host."""
    lab.each(lab.machines.values(), _install)


def _install(machine: Machine) -> None:
    machine.write(f"/etc/default/{UNIT}", arguments(machine.address))
    machine.enable(UNIT)


def start(lab: Lab) -> None:
    """Start it everywhere."""
    lab.each(lab.machines.values(), _start)


def _start(machine: Machine) -> None:
    machine.start(UNIT)
    machine.wait_port(PORT)
