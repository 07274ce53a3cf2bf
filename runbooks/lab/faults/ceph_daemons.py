"""Ceph's daemons: OSDs, monitors and managers that die, freeze, crash or are slow. The cluster itself is asked.

A host has the monitor of its own name and one OSD; the first two hosts have a manager.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runbooks.ground.declared import FaultError
from runbooks.lab.faults import clock
from runbooks.lab.faults.fault import Fault, Parameters, host
from runbooks.lab.faults.units import frozen, killed, must_be_active, state
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services import ceph_client as ceph
from runbooks.lab.shell import LabError

WRITER = "nephoscope-fault-writer"
DELAY, WRITERS = "1", "16"
"""Seconds that a slow OSD sleeps before each request, and how many queue up: some wait for longer than the five
seconds after which Ceph complains, and yet all get done."""


def osd(lab: Lab, parameters: Parameters) -> int:
    """The number of the host's OSD."""
    return next(node.osd for node in ceph.nodes(lab) if node.name == parameters["host"])


def _osd_unit(lab: Lab, parameters: Parameters) -> Sequence[tuple[str, str]]:
    return [(parameters["host"], f"ceph-osd@{osd(lab, parameters)}")]


def _mon_unit(lab: Lab, parameters: Parameters) -> Sequence[tuple[str, str]]:
    return [(parameters["host"], f"ceph-mon@{parameters['host']}")]


def _two_mons(lab: Lab, parameters: Parameters) -> Sequence[tuple[str, str]]:
    return [(node.name, f"ceph-mon@{node.name}") for node in ceph.nodes(lab)[1:]]


def _managers(lab: Lab, parameters: Parameters) -> Sequence[tuple[str, str]]:
    return [(node.name, f"ceph-mgr@{node.name}") for node in ceph.managers(lab)]


def seen(test: Callable[[Lab, Parameters], bool], otherwise: bool = True) -> Callable[[Lab, Parameters], bool]:
    """The test; a cluster that does not answer counts as `otherwise`."""

    def look(lab: Lab, parameters: Parameters) -> bool:
        try:
            return test(lab, parameters)
        except LabError:
            return otherwise

    return look


def storage(lab: Lab, parameters: Parameters) -> None:
    """Raises FaultError where the lab has no Ceph."""
    if not lab.with_role("storage"):
        raise FaultError(f"the profile {lab.layout.profile} has no Ceph")


def told_by(fault: Fault, look: Callable[[Lab, Parameters], bool], seconds: float = 120) -> Fault:
    """The same fault, but the cluster tells whether it is there."""

    def refuse(lab: Lab, parameters: Parameters) -> None:
        storage(lab, parameters)
        fault.refuse(lab, parameters)

    return Fault(fault.inject, fault.undo, look, refuse, seconds)


def _osd_down(lab: Lab, parameters: Parameters) -> bool:
    """Down; or up again, but its copies are not all there yet."""
    return not ceph.osd_states(lab)[osd(lab, parameters)]["up"] or (_running(lab, parameters) and not ceph.clean(lab))


def _running(lab: Lab, parameters: Parameters) -> bool:
    return all(state(lab.machines[name], unit) == "active" for name, unit in _osd_unit(lab, parameters))


def _mon_out(lab: Lab, parameters: Parameters) -> bool:
    return parameters["host"] not in ceph.ask(lab, "quorum_status")["quorum_names"]


def _no_quorum(lab: Lab, parameters: Parameters) -> bool:
    """Only the monitor's own socket answers; all three must be back for the fault to be over."""
    said = ceph.mon_status(lab.with_role("storage")[0])
    return said is None or len(said["quorum"]) != 3 if _mons_run(lab) else said is not None and not said["quorum"]


def _mons_run(lab: Lab) -> bool:
    return all(state(lab.machines[name], unit) == "active" for name, unit in _two_mons(lab, {}))


def _no_manager(lab: Lab, parameters: Parameters) -> bool:
    """No manager, and the monitors say so, which they do half a minute later."""
    available = ceph.ask(lab, "mgr", "stat")["available"]
    told = "MGR_DOWN" in ceph.health(lab)
    alive = any(state(lab.machines[name], unit) == "active" for name, unit in _managers(lab, parameters))
    return told or not available if alive else told


# A crash: the daemon aborts, leaves a report, and is started again by systemd


def _crash(lab: Lab, parameters: Parameters) -> None:
    machine = host(lab, parameters)
    machine.run("systemctl", "kill", "--signal=ABRT", "--kill-whom=main", f"ceph-osd@{osd(lab, parameters)}")
    folder = "/var/lib/ceph/crash"
    machine.wait("the crash is reported on disk", lambda: _reports(machine, folder), 30)
    machine.restart("ceph-crash")  # it looks only every ten minutes, and when it starts


def _reports(machine: Machine, folder: str) -> bool:
    done = machine.run("find", folder, "-mindepth", "2", "-name", "meta", "-not", "-path", "*/posted/*")
    return bool(done.out.strip())


def _archive(lab: Lab, parameters: Parameters) -> None:
    name = f"osd.{osd(lab, parameters)}"
    for each in ceph.ask(lab, "crash", "ls"):
        if each["entity_name"] == name:
            ceph.tell(lab, "crash", "rm", each["crash_id"])
    machine = lab.machines[parameters["host"]]
    unit = f"ceph-osd@{osd(lab, parameters)}"
    if machine.running:
        machine.run("systemctl", "reset-failed", unit, check=False)
        machine.start(unit)


def _crashed(lab: Lab, parameters: Parameters) -> bool:
    name = f"osd.{osd(lab, parameters)}"
    return any(each["entity_name"] == name for each in ceph.ask(lab, "crash", "ls-new"))


def _osd_runs(lab: Lab, parameters: Parameters) -> None:
    storage(lab, parameters)
    must_be_active(host(lab, parameters), f"ceph-osd@{osd(lab, parameters)}")


# A slow OSD needs somebody who waits for it, so a writer comes with the fault


def _writer_host(lab: Lab, parameters: Parameters) -> Machine:
    others = [machine for machine in lab.with_role("storage") if machine.name != parameters["host"]]
    return next((machine for machine in others if machine.running), others[0])


def _slow(lab: Lab, parameters: Parameters) -> None:
    name = f"osd.{osd(lab, parameters)}"
    ceph.tell(lab, "config", "set", name, "osd_debug_inject_dispatch_delay_duration", DELAY)
    ceph.tell(lab, "config", "set", name, "osd_debug_inject_dispatch_delay_probability", "1")
    bench = ("rados", "-p", "volumes", "bench", "86400", "write", "-b", "4096", "-t", WRITERS, "--run-name", WRITER)
    _writer_host(lab, parameters).run("systemd-run", "--quiet", f"--unit={WRITER}", *bench)


def _fast(lab: Lab, parameters: Parameters) -> None:
    name = f"osd.{osd(lab, parameters)}"
    for option in ("probability", "duration"):
        ceph.tell(lab, "config", "rm", name, f"osd_debug_inject_dispatch_delay_{option}")
    for machine in lab.with_role("storage"):
        if machine.running:
            machine.run("systemctl", "stop", WRITER, check=False)
            machine.run("systemctl", "reset-failed", WRITER, check=False)
    cleanup = ("rados", "-p", "volumes", "cleanup", "--run-name", WRITER)
    ceph.asked(lab).run(*cleanup, seconds=180, check=False)


def _slow_ops(lab: Lab, parameters: Parameters) -> bool:
    return "SLOW_OPS" in ceph.health(lab)


# A monitor with a wrong clock


def _skewed(lab: Lab, parameters: Parameters) -> bool:
    found = ceph.health(lab).get("MON_CLOCK_SKEW", {"detail": []})
    return any(f"mon.{parameters['host']} " in each["message"] for each in found["detail"])


FAULTS = {
    "ceph-osd-down": told_by(killed(_osd_unit), seen(_osd_down)),
    "ceph-osd-frozen": told_by(frozen(_osd_unit), seen(_osd_down)),
    "ceph-osd-slow": Fault(_slow, _fast, seen(_slow_ops), _osd_runs, 180),
    "ceph-daemon-crashed": Fault(_crash, _archive, seen(_crashed), _osd_runs, 90),
    "ceph-mon-down": told_by(killed(_mon_unit), seen(_mon_out)),
    "ceph-mon-clock-skew": told_by(clock.offset(_mon_unit), seen(_skewed), 180),
    "ceph-quorum-lost": told_by(killed(_two_mons), _no_quorum),
    "ceph-mgr-down": told_by(killed(_managers), seen(_no_manager), 180),
}
"""The faults of this file."""
