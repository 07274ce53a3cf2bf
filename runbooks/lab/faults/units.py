"""Services that die, stop or freeze, on any host: the unit itself is asked.

A killed unit would be started again by systemd within seconds (that is what `Restart=` is for), so a drop-in below
/run forbids it while the fault is in effect; a reboot of the host heals it, as it heals the real thing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runbooks.ground.declared import FaultError
from runbooks.lab.faults.fault import Fault, Parameters, host
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.shell import LabError

Where = Callable[[Lab, Parameters], Sequence[tuple[str, str]]]
"""Which units a fault is about: (host, unit)."""

START_SECONDS = 240


def state(machine: Machine, unit: str) -> str:
    """What systemd says: active, failed, inactive, activating …; `off` for a host that is off."""
    if not machine.running:
        return "off"
    return machine.run("systemctl", "is-active", unit, check=False).out.strip()


def shown(machine: Machine, unit: str, name: str) -> str:
    """A property of a unit."""
    return machine.run("systemctl", "show", "--value", f"--property={name}", unit).out.strip()


def processes(machine: Machine, unit: str) -> list[str]:
    """The unit's processes, as the host numbers them."""
    group = shown(machine, unit, "ControlGroup")
    if not group:
        return []
    done = machine.run(
        "find", f"/sys/fs/cgroup{group}", "-name", "cgroup.procs", "-exec", "cat", "{}", "+", check=False
    )
    return done.out.split()


def stopped_by_signal(machine: Machine, unit: str) -> bool:
    """True when the unit has processes and every one of them is frozen (state T)."""
    found = processes(machine, unit)
    if not found:
        return False
    states = machine.run("ps", "-o", "stat=", "-p", ",".join(found), check=False).out.split()
    return bool(states) and all(each.startswith("T") for each in states)


def must_be_active(machine: Machine, unit: str) -> None:
    """Raises FaultError unless the unit runs."""
    if shown(machine, unit, "LoadState") != "loaded":
        raise FaultError(f"{machine.name} does not run {unit}")
    said = state(machine, unit)
    if said != "active":
        raise FaultError(f"{unit} on {machine.name} is {said}: only what runs can break")


def drop_in(machine: Machine, unit: str, text: str) -> None:
    """Change a unit until the fault is taken back."""
    # Not machine.write: /run is a file system of the running host's own.
    machine.run("install", "-D", "-m", "644", "/dev/stdin", _drop_in(unit), input=text)
    machine.run("systemctl", "daemon-reload")


def remove_drop_in(machine: Machine, unit: str) -> None:
    """The unit as it was."""
    machine.run("rm", "-f", _drop_in(unit))
    machine.run("rmdir", "--ignore-fail-on-non-empty", _drop_in(unit).rpartition("/")[0], check=False)
    machine.run("systemctl", "daemon-reload")


def _drop_in(unit: str) -> str:
    return f"/run/systemd/system/{unit}.service.d/nephoscope-fault.conf"


def kill(machine: Machine, unit: str) -> None:
    """SIGKILL, and nobody starts it again."""
    drop_in(machine, unit, "[Service]\nRestart=no\n")
    machine.run("systemctl", "kill", "--signal=KILL", unit)
    machine.wait(f"{unit} is dead", lambda: state(machine, unit) != "active", 20)


def revive(machine: Machine, unit: str) -> None:
    """Start a unit again, whatever became of it. A host that is off starts it when it boots."""
    if machine.running:
        remove_drop_in(machine, unit)
        machine.run("systemctl", "reset-failed", unit, check=False)
        machine.start(unit, seconds=START_SECONDS)


def freeze(machine: Machine, unit: str) -> None:
    """SIGSTOP to every process: it keeps its connections and answers nothing."""
    machine.run("systemctl", "kill", "--signal=STOP", unit)


def thaw(machine: Machine, unit: str) -> None:
    """Let it go on."""
    if machine.running:
        machine.run("systemctl", "kill", "--signal=CONT", unit, check=False)


def _one(lab: Lab, parameters: Parameters) -> Sequence[tuple[str, str]]:
    return [(parameters["host"], parameters["unit"])]


def _refuse(where: Where) -> Callable[[Lab, Parameters], None]:
    def refuse(lab: Lab, parameters: Parameters) -> None:
        found = where(lab, parameters)
        for name, unit in found:
            must_be_active(host(lab, {"host": name}), unit)

    return refuse


def _all(where: Where, act: Callable[[Machine, str], None]) -> Callable[[Lab, Parameters], None]:
    """Do it to all units, side by side."""

    def do(lab: Lab, parameters: Parameters) -> None:
        units = where(lab, parameters)

        def on(machine: Machine) -> None:
            for name, unit in units:
                if name == machine.name:
                    act(machine, unit)

        lab.each([lab.machines[name] for name in dict.fromkeys(name for name, _ in units)], on)

    return do


def killed(where: Where = _one, seconds: float = 60) -> Fault:
    """The units die, and stay dead."""

    def in_effect(lab: Lab, parameters: Parameters) -> bool:
        return any(state(lab.machines[name], unit) not in ("active", "off") for name, unit in where(lab, parameters))

    return Fault(_all(where, kill), _all(where, revive), in_effect, _refuse(where), seconds)


def stopped(where: Where = _one, seconds: float = 60) -> Fault:
    """The units are stopped in an orderly way."""

    def in_effect(lab: Lab, parameters: Parameters) -> bool:
        return any(state(lab.machines[name], unit) != "active" for name, unit in where(lab, parameters))

    def stop(machine: Machine, unit: str) -> None:
        machine.stop(unit)

    return Fault(_all(where, stop), _all(where, revive), in_effect, _refuse(where), seconds)


def frozen(where: Where = _one, seconds: float = 60) -> Fault:
    """The units' processes are frozen."""

    def in_effect(lab: Lab, parameters: Parameters) -> bool:
        return any(stopped_by_signal(lab.machines[name], unit) for name, unit in where(lab, parameters))

    return Fault(_all(where, freeze), _all(where, thaw), in_effect, _refuse(where), seconds)


def unit_where(unit: str) -> Where:
    """The unit of that name on the host that is given."""
    return lambda lab, parameters: [(parameters["host"], unit)]


def everywhere(role: str, unit: str) -> Where:
    """The unit on every host of a role that runs it."""

    def where(lab: Lab, parameters: Parameters) -> Sequence[tuple[str, str]]:
        found = [machine.name for machine in lab.with_role(role) if machine.running and _enabled(machine, unit)]
        if not found:
            raise FaultError(f"no host of the lab runs {unit}")
        return [(name, unit) for name in found]

    return where


def _enabled(machine: Machine, unit: str) -> bool:
    try:
        return machine.run("systemctl", "is-enabled", unit, check=False).out.strip() == "enabled"
    except LabError:
        return False


FAULTS = {
    "unit-killed": killed(),
    "unit-stopped": stopped(),
    "unit-frozen": frozen(),
    "conductor-frozen": frozen(everywhere("control", "nova-conductor")),
}
"""The faults of this file."""
