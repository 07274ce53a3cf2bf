"""Neutron's agents: Open vSwitch on network and compute hosts; routers, DHCP and metadata on network hosts."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services import neutron_options as options
from runbooks.lab.services.ovs import machines
from runbooks.lab.services.units import daemon

PACKAGES: tuple[str, ...] = (
    "busybox",
    "conntrack",
    "dnsmasq-base",
    "dnsmasq-utils",
    "haproxy",
    "ipset",
    "iptables",
    "iputils-arping",
    "keepalived",
)

SWITCH = "neutron-openvswitch-agent"
NETWORK = {
    "neutron-l3-agent": (options.L3, "OpenStack Neutron L3 agent"),
    "neutron-dhcp-agent": (options.DHCP, "OpenStack Neutron DHCP agent"),
    "neutron-metadata-agent": (options.METADATA, "OpenStack Neutron metadata agent"),
}


def units(machine: Machine) -> tuple[str, ...]:
    """The agents of a host."""
    return (SWITCH, *(NETWORK if "network" in machine.roles else ()))


def install(lab: Lab) -> None:
    """Configuration and units."""
    for machine in machines(lab):
        for path, text in _files(lab, machine):
            machine.write(path, text, mode=0o640)
        machine.write(f"{options.STATE}/tmp/.keep", "")
        _unit(lab, machine, SWITCH, options.SWITCH, "OpenStack Neutron Open vSwitch agent")
        if "network" in machine.roles:
            for unit, (path, title) in NETWORK.items():
                _unit(lab, machine, unit, path, title)
        machine.enable(*units(machine))


def _files(lab: Lab, machine: Machine) -> Iterator[tuple[str, str]]:
    yield options.CONFIG, options.host(lab, machine)
    yield options.SWITCH, options.switch(machine)
    if "network" in machine.roles:
        yield options.L3, options.l3()
        yield options.DHCP, options.dhcp()
        yield options.METADATA, options.metadata(lab)


def _unit(lab: Lab, machine: Machine, unit: str, path: str, title: str) -> None:
    command = f"{unit} --config-file {options.CONFIG} --config-file {path}"
    text = daemon(lab, title, command, after="ovs-bridges.service", leave_children=unit != "neutron-metadata-agent")
    machine.unit(unit, text)


def start(lab: Lab) -> None:
    """Start them all; they say themselves when they are alive."""
    lab.each(machines(lab), lambda machine: machine.start(*units(machine)))
