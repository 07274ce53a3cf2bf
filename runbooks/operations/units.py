"""Units and containers: start, stop, restart, reload, and forgetting a failure; by the engine that runs them.

What a stop costs and what guards it follow from what the unit is: a member of a cluster keeps its majority, services
that stand in for each other stop one at a time, what the host itself or our way in depends on is not touched.
"""

from __future__ import annotations

from typing import Any

from runbooks.expect import Expect
from runbooks.operation import Asked, Inverse, Operation, Step, Work, work
from runbooks.operations.entries import host_call
from runbooks.service_steps import restart_step, start_step, stop_step
from runbooks.unit_effects import effect
from runbooks.unit_guards import COPIES, ONE_AT_A_TIME, QUORUM_KEPT, RUNNING

_GUARDS = (QUORUM_KEPT, ONE_AT_A_TIME, COPIES)
_READS = ("units", "galera-members", "rabbitmq-nodes", "mons", "ceph-health-checks")


def _untouched(row: Any) -> str:
    """Why it is not for these operations at all."""
    if row.engine == "podman" and row.name.startswith("ceph-"):
        return "is run by systemd, which makes and removes the container: use its service"
    if row.load not in (None, "loaded"):
        return f"is {row.load}: systemd does not run it"
    if row.engine == "systemd" and row.detail == "exited":
        return "has done its work and ended: there is no process"
    return ""


def _closed_start(row: Any) -> str:
    return _untouched(row) or ("runs already" if row.state in RUNNING else "")


def _closed_running(row: Any) -> str:
    if never := effect(row.name).never:
        return never
    return _untouched(row) or ("" if row.state in RUNNING or row.state == "activating" else "does not run")


def _closed_restart(row: Any) -> str:
    return effect(row.name).never or _untouched(row)


def _closed_reload(row: Any) -> str:
    if row.engine != "systemd" or not row.can_reload:
        return "cannot reload: it reads its configuration only when it starts"
    return "" if row.state == "active" else "does not run"


def _about(asked: Asked) -> tuple[str, ...]:
    found = effect(asked.row.name)
    if found.voters is not None:
        return (f"Its cluster shows in {found.voters.kind}: look there before the next member.",)
    return ()


def _start(asked: Asked) -> Work:
    step = start_step(asked.cloud, asked.row)
    word = "active" if asked.row.engine == "systemd" else "running"
    return work(
        step,
        # without the moment: what must still be so when it is taken back
        verify=(Expect("units", asked.identity, f"state={word}", target=asked.row.host),),
        stops="nothing",
        inverse=Inverse("unit.stop", asked.identity, words="stops it again"),
    )


def _stop(asked: Asked) -> Work:
    notes = ("It comes back with the next boot, or when the deployment runs.",) if asked.row.engine == "systemd" else ()
    return work(
        stop_step(asked.cloud, asked.row),
        stops=effect(asked.row.name).stops,
        notes=_about(asked) + notes,
        inverse=Inverse("unit.start", asked.identity, words="starts it again"),
    )


def _restart(asked: Asked) -> Work:
    return work(
        restart_step(asked.cloud, asked.row),
        stops=f"for some seconds: {effect(asked.row.name).stops}",
        notes=_about(asked),
    )


def _reload(asked: Asked) -> Work:
    unit = asked.row
    call = host_call(unit.host, "unit-reload", unit=unit.name)
    active = Expect("units", asked.identity, "state=active", target=unit.host)
    return work(
        # nothing of the unit shows that it has read its configuration again
        Step(f"reload {unit.name} on {unit.host}", call),
        verify=(active,),
        stops="nothing, where its configuration is right; look at its log afterwards",
    )


def _reset(asked: Asked) -> Work:
    unit = asked.row
    return work(
        Step(
            f"forget the failure of {unit.name} on {unit.host}",
            host_call(unit.host, "unit-reset-failed", unit=unit.name),
            "",
            # A transient unit (systemd-run) is forgotten with its failure, and a file that is gone leaves nothing.
            Expect("units", asked.identity, "state=failed", absent=True, target=unit.host),
        ),
        stops="nothing; it starts nothing either",
        notes=("How it ended is no longer shown: read its log first.",),
    )


OPERATIONS = (
    Operation(
        name="unit.start",
        kind="units",
        title="start {name} on {host}",
        about="start a service or container that does not run",
        risk="R1",
        account="ssh",
        closed=_closed_start,
        work=_start,
    ),
    Operation(
        name="unit.stop",
        kind="units",
        title="stop {name} on {host}",
        about="stop a service or container; what that costs is told from what it is",
        risk="R2",
        account="ssh",
        reads=_READS,
        closed=_closed_running,
        guards=_GUARDS,
        work=_stop,
    ),
    Operation(
        name="unit.restart",
        kind="units",
        title="restart {name} on {host}",
        about="stop and start a service or container; its others must run meanwhile",
        risk="R1",
        account="ssh",
        reads=_READS,
        closed=_closed_restart,
        guards=_GUARDS,
        work=_restart,
    ),
    Operation(
        name="unit.reload",
        kind="units",
        title="reload {name} on {host}",
        about="let a service read its configuration again while it runs on",
        risk="R1",
        account="ssh",
        rows="engine=systemd",
        closed=_closed_reload,
        work=_reload,
    ),
    Operation(
        name="unit.reset-failed",
        kind="units",
        title="forget the failure of {name} on {host}",
        about="let systemd forget that a service has failed, after its cause was found",
        risk="R1",
        account="ssh",
        rows="engine=systemd",
        closed=lambda row: "" if row.state == "failed" else "has not failed",
        work=_reset,
    ),
)
