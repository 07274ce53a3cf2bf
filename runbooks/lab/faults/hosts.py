"""Whole hosts: without power, hanging, rebooted, with a full disk."""

from __future__ import annotations

from pathlib import Path

from runbooks.ground.declared import FaultError
from runbooks.lab import container
from runbooks.lab.faults.fault import Fault, Parameters, forget, host, mark, recall, remember
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine, accepts
from runbooks.lab.shell import LabError

FILLER = "/var/tmp/nephoscope-fault-filler"
BOOT_SECONDS = 180


def on(lab: Lab, parameters: Parameters) -> None:
    """Raises FaultError when the host is off."""
    host(lab, parameters)


def _machine(lab: Lab, parameters: Parameters) -> Machine:
    return lab.machines[parameters["host"]]


# Power


def _crash(lab: Lab, parameters: Parameters) -> None:
    _machine(lab, parameters).crash()


def _boot(lab: Lab, parameters: Parameters) -> None:
    machine = _machine(lab, parameters)
    machine.boot()
    machine.heal()
    machine.ready(BOOT_SECONDS)


def _is_down(lab: Lab, parameters: Parameters) -> bool:
    machine = _machine(lab, parameters)
    return not accepts(machine.address, 22, 1)


# Reboot: an event; what shows it is that the host has booted since


def _boots(machine: Machine) -> int:
    return len(machine.run("journalctl", "--list-boots", "--no-pager", "-q").out.splitlines())


def _reboot(lab: Lab, parameters: Parameters) -> None:
    machine = _machine(lab, parameters)
    remember(lab, mark("host-rebooted", parameters), {"boots": str(_boots(machine))})
    machine.power_off()
    _boot(lab, parameters)


def _reboot_over(lab: Lab, parameters: Parameters) -> None:
    forget(lab, mark("host-rebooted", parameters))
    _boot(lab, parameters)


def _has_rebooted(lab: Lab, parameters: Parameters) -> bool:
    machine = _machine(lab, parameters)
    before = recall(lab, mark("host-rebooted", parameters)).get("boots")
    return bool(before) and machine.running and _boots(machine) > int(before or 0)


# Hanging: every process of it is frozen, its kernel still answers pings and accepts connections


def _group(lab: Lab, parameters: Parameters) -> Path:
    name = lab.layout.namespace(parameters["host"])
    for group in container.groups(name):
        if (group / "cgroup.freeze").exists():
            return group
    raise FaultError("this machine's kernel has no control group that can freeze a whole host")


def _hang(lab: Lab, parameters: Parameters) -> None:
    (_group(lab, parameters) / "cgroup.freeze").write_text("1")


def _go_on(lab: Lab, parameters: Parameters) -> None:
    (_group(lab, parameters) / "cgroup.freeze").write_text("0")


def _hangs(lab: Lab, parameters: Parameters) -> bool:
    events = (_group(lab, parameters) / "cgroup.events").read_text().split()
    frozen = dict(zip(events[::2], events[1::2], strict=False)).get("frozen") == "1"
    others = [machine for machine in lab.machines.values() if machine.running and machine.name != parameters["host"]]
    ping = ("ping", "-q", "-c", "1", "-W", "2", _machine(lab, parameters).address)
    return frozen and (not others or others[0].run(*ping, check=False).ok)


def _can_hang(lab: Lab, parameters: Parameters) -> None:
    host(lab, parameters)
    _group(lab, parameters)


# Disk


def available(machine: Machine, path: str = "/") -> int:
    """Bytes that can still be written there."""
    return int(machine.run("df", "--output=avail", "--block-size=1", path).out.split()[-1])


def fill(machine: Machine, path: str) -> None:
    """Take every block that is left in the file system of `path`, in one file of that name."""
    size = 0
    step = available(machine, path.rpartition("/")[0])
    while step >= 4096:
        # Blocks are only reserved: this takes no time, and no room on the disk below.
        if machine.run("fallocate", "-o", str(size), "-l", str(step), path, check=False).ok:
            size += step
        else:
            step //= 2


def writable(machine: Machine, path: str) -> bool:
    """True when 64 KiB can be written beside `path`."""
    probe = f"{path}.probe"
    done = machine.run("dd", "if=/dev/zero", f"of={probe}", "bs=64K", "count=1", "conv=fsync", check=False)
    machine.run("rm", "-f", probe, check=False)
    return done.ok


def _fill(lab: Lab, parameters: Parameters) -> None:
    fill(host(lab, parameters), FILLER)


def _empty(lab: Lab, parameters: Parameters) -> None:
    machine = _machine(lab, parameters)
    if machine.running:
        machine.run("rm", "-f", FILLER, f"{FILLER}.probe")
    else:
        (machine.root / FILLER.removeprefix("/")).unlink(missing_ok=True)


def _is_full(lab: Lab, parameters: Parameters) -> bool:
    machine = _machine(lab, parameters)
    if not machine.running:
        return False
    try:
        return not writable(machine, FILLER)
    except LabError:
        return True


FAULTS = {
    "host-down": Fault(_crash, _boot, _is_down, on, BOOT_SECONDS),
    "host-rebooted": Fault(_reboot, _reboot_over, _has_rebooted, on, BOOT_SECONDS),
    "host-hung": Fault(_hang, _go_on, _hangs, _can_hang, 20),
    "disk-full": Fault(_fill, _empty, _is_full, on, 60),
}
"""The faults of this file."""
