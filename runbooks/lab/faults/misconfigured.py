"""Services with a wrong configuration: one that does not start with it, and settings that are wrong on one host only.

The file itself is changed, and the service restarted: who looks for the cause finds it where it really is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from runbooks.ground.declared import FaultError
from runbooks.lab.faults import files
from runbooks.lab.faults.fault import Fault, Parameters, host, mark
from runbooks.lab.faults.units import START_SECONDS, must_be_active, shown, state
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services import neutron_options, nova_options

OSLO = "\n[DEFAULT]\nthis line is no option\n"
"""Every service of OpenStack refuses a file with such a line."""

BROKEN: dict[str, tuple[str, str]] = {
    "mariadb": ("/etc/mysql/mariadb.conf.d/60-galera.cnf", "\n[mariadbd]\nno_such_option = 1\n"),
    "rabbitmq-server": ("/etc/rabbitmq/rabbitmq.conf", "\nno_such_option = 1\n"),
    "haproxy": ("/etc/haproxy/haproxy.cfg", "\nno_such_section\n"),
    "memcached": ("/etc/memcached.conf", "\n--no-such-option\n"),
    "prometheus": ("/etc/prometheus/prometheus.yml", "\nno_such_option: 1\n"),
    "prometheus-alertmanager": ("/etc/prometheus/alertmanager.yml", "\nno_such_option: 1\n"),
    "keystone": ("/etc/keystone/keystone.conf", OSLO),
    "placement-api": ("/etc/placement/placement.conf", OSLO),
    "glance-api": ("/etc/glance/glance-api.conf", OSLO),
    "nova-api": (nova_options.CONFIG, OSLO),
    "nova-conductor": (nova_options.CONFIG, OSLO),
    "nova-scheduler": (nova_options.CONFIG, OSLO),
    "nova-compute": (nova_options.CONFIG, OSLO),
    "cinder-api": ("/etc/cinder/cinder.conf", OSLO),
    "cinder-scheduler": ("/etc/cinder/cinder.conf", OSLO),
    "cinder-volume": ("/etc/cinder/cinder.conf", OSLO),
    "neutron-api": (neutron_options.CONFIG, OSLO),
    "neutron-rpc-server": (neutron_options.CONFIG, OSLO),
    "neutron-openvswitch-agent": (neutron_options.SWITCH, OSLO),
    "neutron-l3-agent": (neutron_options.L3, OSLO),
    "neutron-dhcp-agent": (neutron_options.DHCP, OSLO),
    "neutron-metadata-agent": (neutron_options.METADATA, OSLO),
}
"""Of each service: its file, and what breaks it."""


def again(machine: Machine, unit: str, wait: bool = True) -> None:
    """Restart a unit, however often it has failed; without `wait` it need not get up."""
    machine.run("systemctl", "reset-failed", unit, check=False)
    if wait:
        machine.restart(unit, seconds=START_SECONDS)
    else:
        machine.run("systemctl", "restart", "--no-block", unit)


# A service that does not start


def _break(lab: Lab, parameters: Parameters) -> None:
    machine, unit = host(lab, parameters), parameters["unit"]
    path, words = BROKEN[unit]
    files.change(lab, machine, mark("unit-misconfigured", parameters), path, lambda before: before + words)
    again(machine, unit, wait=False)


def _mend(lab: Lab, parameters: Parameters) -> None:
    machine, unit = lab.machines[parameters["host"]], parameters["unit"]
    changed = files.put_back(lab, machine, mark("unit-misconfigured", parameters), BROKEN[unit][0])
    if machine.running and (changed or state(machine, unit) != "active"):
        again(machine, unit)


def _fails(lab: Lab, parameters: Parameters) -> bool:
    """Failed for good, or started again and again: never active for longer than a moment."""
    machine, unit = lab.machines[parameters["host"]], parameters["unit"]
    if not machine.running:
        return False
    result, now = shown(machine, unit, "Result"), state(machine, unit)
    return now == "failed" or (now == "activating" and result != "success")


def _known(lab: Lab, parameters: Parameters) -> None:
    unit = parameters["unit"]
    if unit not in BROKEN:
        raise FaultError(f"how to break {unit} is not known; known are: {', '.join(BROKEN)}")
    machine = host(lab, parameters)
    must_be_active(machine, unit)
    files.text(machine, BROKEN[unit][0])


# A setting that is wrong on one host


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: the units that read it, its file, its section and name, and the wrong value."""

    units: tuple[str, ...]
    path: str
    section: str
    option: str
    wrong: str

    def changed(self, before: str) -> str:
        """The file with the wrong value."""
        return self._pattern().sub(lambda found: found[1] + self.wrong, before, count=1)

    def value(self, text: str) -> str:
        """The value in a file; empty when it has none."""
        found = self._pattern().search(text)
        return found[2].strip() if found else ""

    def _pattern(self) -> re.Pattern[str]:
        section, option = re.escape(self.section), re.escape(self.option)
        return re.compile(rf"(^\[{section}\]\n(?:[^\[\n].*\n|\n)*?{option}[ ]*=[ ]*)(.*)$", re.MULTILINE)


def setting(fault: str, what: Setting, right: Callable[[Lab, Machine], str]) -> Fault:
    """A fault that is one wrong setting; `right` makes the file as it should be. The running services are asked."""

    def places(lab: Lab, parameters: Parameters) -> list[Machine]:
        """The host that is named, or every controller that has the file."""
        named = [lab.machines[parameters["host"]]] if "host" in parameters else lab.api
        return [machine for machine in named if machine.exists(what.path)]

    def units(machine: Machine) -> list[str]:
        return [unit for unit in what.units if shown(machine, unit, "LoadState") == "loaded"]

    def inject(lab: Lab, parameters: Parameters) -> None:
        for machine in places(lab, parameters):
            files.change(lab, machine, mark(fault, parameters), what.path, what.changed)
            for unit in units(machine):
                again(machine, unit)

    def undo(lab: Lab, parameters: Parameters) -> None:
        for machine in places(lab, parameters):
            if files.put_back(lab, machine, mark(fault, parameters), what.path) and machine.running:
                for unit in units(machine):
                    again(machine, unit)

    def in_effect(lab: Lab, parameters: Parameters) -> bool:
        return any(
            _runs_with(machine, unit, what, right(lab, machine))
            for machine in places(lab, parameters)
            if machine.running
            for unit in units(machine)
        )

    def refuse(lab: Lab, parameters: Parameters) -> None:
        found = places(lab, parameters)
        if not found:
            raise FaultError(f"no host of the lab has {what.path}")
        for machine in found:
            host(lab, {"host": machine.name})
            for unit in units(machine):
                must_be_active(machine, unit)
            if not what.value(machine.read(what.path)):
                raise FaultError(f"{what.path} of {machine.name} has no {what.option}")

    return Fault(inject, undo, in_effect, refuse, 120)


def _runs_with(machine: Machine, unit: str, what: Setting, right: str) -> bool:
    """True when the unit was started after its file became wrong, and runs."""
    if state(machine, unit) != "active" or what.value(machine.read(what.path)) == what.value(right):
        return False
    pid = shown(machine, unit, "MainPID")
    words = ("find", f"/proc/{pid}", "-maxdepth", "0", "-newer", what.path)
    return bool(machine.run(*words, check=False).out.strip())


FAULTS = {
    "unit-misconfigured": Fault(_break, _mend, _fails, _known, 120),
    "metadata-secret-wrong": setting(
        "metadata-secret-wrong",
        Setting(
            ("neutron-metadata-agent",),
            neutron_options.METADATA,
            "DEFAULT",
            "metadata_proxy_shared_secret",
            "of-somebody-else",
        ),
        lambda lab, machine: neutron_options.metadata(lab),
    ),
    "bridge-mapping-wrong": setting(
        "bridge-mapping-wrong",
        Setting(("neutron-openvswitch-agent",), neutron_options.SWITCH, "ovs", "bridge_mappings", "physnet-1:br-ex"),
        lambda lab, machine: neutron_options.switch(machine),
    ),
    "neutron-notifier-refused": setting(
        "neutron-notifier-refused",
        Setting(("neutron-api", "neutron-rpc-server"), neutron_options.CONFIG, "nova", "password", "of-somebody-else"),
        neutron_options.server,
    ),
}
"""The faults of this file."""
