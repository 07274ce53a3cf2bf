"""A wrong clock of one service. A kernel has one wall clock for all of its hosts, so a whole host cannot be wrong.

The library libfaketime is put before the C library's own, and gives the service another time of day; what it
measures durations with stays right. Programs that ask the kernel by themselves (Go: Prometheus, Alertmanager,
node_exporter) do not notice it, and such a request is refused.
"""

from __future__ import annotations

from runbooks.ground.declared import FaultError
from runbooks.lab.faults.fault import Fault, Parameters, host
from runbooks.lab.faults.units import Where, drop_in, must_be_active, processes, remove_drop_in
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine

_GO = ("prometheus", "prometheus-alertmanager", "prometheus-node-exporter")


def library(machine: Machine) -> str:
    """Where libfaketime is. Raises FaultError when the host has none."""
    found = machine.run("find", "/usr/lib", "-name", "libfaketimeMT.so.1").out.split()
    if not found:
        raise FaultError(f"{machine.name} has no libfaketime")
    return found[0]


def environment(path: str, seconds: int) -> str:
    """A drop-in that shifts the service's time."""
    return (
        "[Service]\n"
        f'Environment="LD_PRELOAD={path}" "FAKETIME={seconds:+d}s"\n'
        "Environment=DONT_FAKE_MONOTONIC=1 FAKETIME_DONT_RESET=1 NO_FAKE_STAT=1\n"
    )


def offset(where: Where) -> Fault:
    """The units live some seconds in the future or in the past."""

    def refuse(lab: Lab, parameters: Parameters) -> None:
        for name, unit in where(lab, parameters):
            machine = host(lab, {"host": name})
            must_be_active(machine, unit)
            library(machine)
            if unit in _GO:
                raise FaultError(f"{unit} asks the kernel for the time itself: its clock cannot be set apart")
        if parameters["seconds"] == "0":
            raise FaultError("an offset of 0 seconds changes nothing")

    def inject(lab: Lab, parameters: Parameters) -> None:
        for name, unit in where(lab, parameters):
            machine = lab.machines[name]
            drop_in(machine, unit, environment(library(machine), int(parameters["seconds"])))
            _again(machine, unit)

    def undo(lab: Lab, parameters: Parameters) -> None:
        for name, unit in where(lab, parameters):
            machine = lab.machines[name]
            if machine.running:
                remove_drop_in(machine, unit)
                _again(machine, unit)

    def in_effect(lab: Lab, parameters: Parameters) -> bool:
        return any(_shifted(lab.machines[name], unit) for name, unit in where(lab, parameters))

    return Fault(inject, undo, in_effect, refuse, 120)


def _again(machine: Machine, unit: str) -> None:
    machine.run("systemctl", "reset-failed", unit, check=False)
    machine.restart(unit, seconds=240)


def _shifted(machine: Machine, unit: str) -> bool:
    """True when the unit's processes have the library in their memory."""
    if not machine.running:
        return False
    maps = [f"/proc/{pid}/maps" for pid in processes(machine, unit)]
    return bool(maps) and machine.run("grep", "-qs", "libfaketime", *maps, check=False).ok


FAULTS = {"clock-offset": offset(lambda lab, parameters: [(parameters["host"], parameters["unit"])])}
"""The faults of this file."""
