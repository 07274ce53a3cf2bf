"""OpenStack's commands for people who log in to a host: `nova-manage`, `openstack` and the like."""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine

PACKAGES: tuple[str, ...] = ()

CONTROL = [
    "cinder-manage",
    "glance-manage",
    "keystone-manage",
    "neutron-db-manage",
    "neutron-status",
    "nova-manage",
    "nova-status",
    "openstack",
    "placement-manage",
]
FURTHER = ["barbican-manage", "designate-manage", "heat-manage", "manila-manage", "octavia-db-manage"]
NETWORK = ["neutron-netns-cleanup", "neutron-ovs-cleanup"]


def of(machine: Machine) -> list[str]:
    """The commands that a host has."""
    return CONTROL if "control" in machine.roles else NETWORK


def install(lab: Lab, machine: Machine, *more: str) -> None:
    """Wrappers in /usr/local/bin: what runs there needs the environment's own programs, too."""
    for name in (*of(machine), *more):
        text = f'#!/bin/sh\nPATH={lab.venv}/bin:$PATH exec {lab.venv}/bin/{name} "$@"\n'
        machine.write(f"/usr/local/bin/{name}", text, mode=0o755)
