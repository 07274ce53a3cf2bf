"""Hypervisors: drain one, bring it back into service, evacuate one that is dead.

Draining disables the scheduler's use of it, moves every server away a few at a time, and proves that nothing is left.
It can be stopped between two servers and resumed: what was moved stays moved, and what is left is what remains to do.
"""

from __future__ import annotations

import shlex
from typing import Any

from collectors.call import RestCall, path
from runbooks.expect import Expect
from runbooks.guards import some
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Parameter,
    Stage,
    Step,
    Work,
)
from runbooks.operations.hypervisor_guards import (
    CAPACITY,
    MOVES_COLD,
    MOVES_LIVE,
    alone,
    host_of,
    idle,
    less,
    network_idle,
    servers_on,
    service_of,
    silent,
    stated,
)  # fmt: skip
from runbooks.operations.hypervisor_storage import NOOUT, given_back, kept_in
from runbooks.operations.hypervisor_storage import READS as STORAGE
from runbooks.operations.server_moves import LIVE, UNWIRED, elsewhere, evacuate_step, live_step, wired


def _set(service: Any, body: dict[str, Any], options: str, where: str) -> Step:
    return Step(
        f"{options.split()[0].removeprefix('--')} {service.binary} on {service.host}",
        RestCall("compute", "PUT", path("/os-services/{}", service.id), body, "2.53"),
        f"openstack compute service set {options} {shlex.quote(service.host)} {service.binary}",
        Expect("compute-services", service.id, where),
    )


def _cold_steps(row: Any) -> tuple[Step, Step]:
    act = path("/servers/{}/action", row.id)
    return (
        Step(
            f"migrate {row.name} (it is off)",
            RestCall("compute", "POST", act, {"migrate": None}, "2.68"),
            f"openstack server migrate {row.id}",
            Expect("servers", row.id, f"host!={row.host} status=VERIFY_RESIZE task_state=", "status=ERROR"),
            LIVE,
            unless=elsewhere(row.id, row.host or ""),
        ),
        Step(
            f"confirm that {row.name} was moved",
            RestCall("compute", "POST", act, {"confirmResize": None}, "2.68"),
            f"openstack server resize confirm {row.id}",
            Expect("servers", row.id, "status=SHUTOFF task_state=", "status=ERROR"),
            300.0,
            unless=Expect("servers", row.id, "status=VERIFY_RESIZE", absent=True),
        ),
    )


def _drain(asked: Asked) -> Work:
    service, at_once, reason = service_of(asked), int(asked.values["at_once"]), asked.values["reason"]
    servers = sorted(servers_on(asked), key=lambda row: str(row.name))
    live = [row for row in servers if row.status in MOVES_LIVE]
    cold = [row for row in servers if row.status in MOVES_COLD]
    stages = []
    if service.status != "disabled":
        body = {"status": "disabled", "disabled_reason": reason}
        options = f"--disable --disable-reason {shlex.quote(reason)}"
        stages.append(Stage((_set(service, body, options, "status=disabled"),)))
    kept, told = kept_in(asked, host_of(asked))
    stages += kept
    if live:
        steps = tuple(live_step(row.id, row.name, source=host_of(asked)) for row in live)
        stages.append(Stage(steps, at_once, f"live-migrate {len(steps)} servers"))
    if cold:
        pairs = [_cold_steps(row) for row in cold]
        stages.append(Stage(tuple(move for move, _ in pairs), at_once, f"migrate {len(pairs)} servers that are off"))
        stages.append(Stage(tuple(confirm for _, confirm in pairs), at_once, f"confirm {len(pairs)} migrations"))
    return Work(
        tuple(stages),
        (
            Expect("hypervisors", asked.identity, "running_vms<1"),
            Expect("compute-services", service.id, "status=disabled"),
            *wired({row.id: str(row.name) for row in live}),
        ),
        Inverse("hypervisor.return", asked.identity, words="returns it to service; moves nothing back"),
        stops=f"nothing; each of {len(live)} servers pauses under 1 s" if live else "nothing",
        less=less(asked),
        notes=((f"{len(cold)} servers are off: their disks are copied",) if cold else ())
        + ((UNWIRED,) if live else ())
        + told,
    )


def _return(asked: Asked) -> Work:
    service = service_of(asked)
    step = _set(service, {"status": "enabled"}, "--enable", "status=enabled")
    back = Inverse(
        "compute-service.disable", service.id, {"reason": service.disabled_reason or "disabled again"}, "disables it"
    )
    proof = Expect("compute-services", service.id, "status=enabled state=up")
    first, told = given_back(asked, host_of(asked))
    return Work((*first, Stage((step,))), (proof,), back, stops="nothing", notes=told)


def _evacuate(asked: Asked) -> Work:
    service, at_once = service_of(asked), int(asked.values["at_once"])
    servers = sorted(servers_on(asked), key=lambda row: str(row.name))
    stages = []
    if not service.forced_down:
        stages.append(Stage((_set(service, {"forced_down": True}, "--down", "forced_down=true"),)))
    if servers:
        steps = tuple(evacuate_step(row.id, row.name, host_of(asked)) for row in servers)
        stages.append(Stage(steps, at_once, f"evacuate {len(steps)} servers"))
    off = [row for row in servers if not row.volumes]
    notes = [
        "When the host comes back: enable it only after its old domains are gone (Nova removes them as it starts)."
    ]
    if off:
        names = some([row.name for row in off])
        notes.append(f"{names} boot from local disks: without shared storage their content is lost.")
    return Work(
        tuple(stages),
        tuple(Expect("servers", row.id, f"host!={host_of(asked)} task_state=", "status=ERROR") for row in servers)
        or (Expect("compute-services", service.id, "forced_down=true"),),
        stops=f"{len(servers)} servers are down with their host; they start again elsewhere",
        less=less(asked),
        notes=tuple(notes),
    )


AT_ONCE = Parameter("at_once", "how many servers move at the same time", "2", pattern=r"[1-9]\d?")
READS = ("compute-services", "hypervisors", "provider-summaries", "flavors", "agents", "subnets")

OPERATIONS = (
    Operation(
        name="hypervisor.drain",
        kind="hypervisors",
        title="drain hypervisor {name}",
        about="disable it and move every server away, a few at a time",
        risk="R2",
        parameters=(Parameter("reason", "why; Nova keeps it beside the service", pattern=r".{1,255}"), AT_ONCE, NOOUT),
        reads=(*READS, *STORAGE),
        closed=lambda row: "is down: evacuate it, or bring it back" if row.state == "down" else "",
        guards=(
            CAPACITY,
            Guard("one-at-a-time", alone, "no other compute is down, and only one is drained"),
            Guard("no-task", idle, "each server can be moved: no task, active, paused or off"),
            Guard("network-work", network_idle, "no router and no DHCP network depends on the agents on it alone"),
        ),
        work=_drain,
    ),
    Operation(
        name="hypervisor.return",
        kind="hypervisors",
        title="return hypervisor {name} to service",
        about="let the scheduler use it again",
        risk="R1",
        reads=("compute-services", *STORAGE),
        closed=lambda row: "is in service" if row.status == "enabled" else "is down" if row.state == "down" else "",
        work=_return,
        at_once=4,
    ),
    Operation(
        name="hypervisor.evacuate",
        kind="hypervisors",
        title="evacuate dead hypervisor {name}",
        about="build every server of a dead and fenced host again elsewhere",
        risk="R4",
        parameters=(Parameter("fenced", "how you know that the host is powered off", pattern=r".{1,200}"), AT_ONCE),
        reads=READS,
        closed=lambda row: "" if row.state == "down" else "is up: drain it instead",
        guards=(
            Guard("fenced", stated, "somebody states how the host was fenced"),
            Guard("silent", silent, "its nova-compute does not report"),
            CAPACITY,
        ),
        work=_evacuate,
        irreversible=True,
    ),
)
