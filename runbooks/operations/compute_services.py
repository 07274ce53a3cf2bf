"""Nova's services: enable, disable with a reason, force down and back, delete what will never report again.

`PUT /os-services/{id}` from microversion 2.53 on; `forced_down` tells Nova that a host is fenced, so that its servers
may be evacuated. Deleting a compute service that still has servers leaves orphaned allocations (Nova refuses it since
Rocky).
"""

from __future__ import annotations

import shlex
from typing import Any

from collectors.call import RestCall, path
from runbooks.expect import Expect
from runbooks.guards import one_at_a_time
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Parameter,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    work,
)

_VERSION = "2.53"


def _put(asked: Asked, body: dict[str, Any]) -> RestCall:
    return RestCall("compute", "PUT", path("/os-services/{}", asked.identity), body, _VERSION)


def _set(asked: Asked, options: str) -> str:
    return f"openstack compute service set {options} {shlex.quote(asked.row.host)} {shlex.quote(asked.row.binary)}"


def _expect(asked: Asked, where: str) -> Expect:
    return Expect("compute-services", asked.identity, where)


def _enable(asked: Asked) -> Work:
    before = asked.row.disabled_reason or ""
    return work(
        Step(
            f"enable {asked.row.binary} on {asked.row.host}",
            _put(asked, {"status": "enabled"}),
            _set(asked, "--enable"),
            _expect(asked, "status=enabled"),
        ),
        stops="nothing",
        inverse=Inverse("compute-service.disable", asked.identity, {"reason": before or "disabled again"}),
    )


def _disable(asked: Asked) -> Work:
    reason = asked.values["reason"]
    free = asked.cloud.rows("compute-services", binary=asked.row.binary, status="enabled", state="up")
    left = sum(1 for row in free if row.id not in {asked.identity, *asked.also})
    return work(
        Step(
            f"disable {asked.row.binary} on {asked.row.host}",
            _put(asked, {"status": "disabled", "disabled_reason": reason}),
            _set(asked, f"--disable --disable-reason {shlex.quote(reason)}"),
            _expect(asked, "status=disabled"),
        ),
        stops="nothing; its servers run on",
        less=f"{left} {asked.row.binary} stay enabled and up",
        inverse=Inverse("compute-service.enable", asked.identity, words="enables it again"),
    )


def _force_down(asked: Asked) -> Work:
    return work(
        Step(
            f"tell Nova that {asked.row.host} is down",
            _put(asked, {"forced_down": True}),
            _set(asked, "--down"),
            _expect(asked, "forced_down=true"),
        ),
        stops="Nova schedules nothing there and lets its servers be evacuated",
        notes=("If the host lives, evacuated servers run twice: make sure that it is powered off.",),
        inverse=Inverse("compute-service.unforce-down", asked.identity, words="only right if nothing was evacuated"),
    )


def _unforce(asked: Asked) -> Work:
    return work(
        Step(
            f"let {asked.row.host} report itself again",
            _put(asked, {"forced_down": False}),
            _set(asked, "--up"),
            _expect(asked, "forced_down=false"),
        ),
        stops="nothing",
        inverse=Inverse("compute-service.force-down", asked.identity, {"fenced": "taken back"}),
    )


def _delete(asked: Asked) -> Work:
    return work(
        Step(
            f"delete the record of {asked.row.binary} on {asked.row.host}",
            RestCall("compute", "DELETE", path("/os-services/{}", asked.identity), None, _VERSION),
            f"openstack compute service delete {shlex.quote(asked.identity)}",
            Expect("compute-services", asked.identity, absent=True),
        ),
        stops="nothing: it must be stopped already",
        notes=("A service that still runs registers itself again.",),
    )


def _silent(asked: Asked) -> Verdict:
    if asked.row.state == "up":
        return is_closed(f"it reports: a living host must not be forced down; stop {asked.row.binary} first")
    return is_open("it does not report")


def _stated(asked: Asked) -> Verdict:
    told = asked.values["fenced"].strip()
    return is_open(f"stated: {told}") if told else is_closed("say how you know that it is powered off: fenced=…")


def _unused(asked: Asked) -> Verdict:
    """No servers, and no allocations against its resource provider."""
    if asked.row.binary != "nova-compute":
        return is_open("it holds no servers")
    servers = asked.cloud.rows("servers", host=asked.row.host)
    if servers:
        return is_closed(f"{len(servers)} servers are on {asked.row.host}: move or delete them first")
    used = [row for row in asked.cloud.rows("hypervisors") if row.host == asked.row.host and (row.vcpus_used or 0) > 0]
    if used:
        return is_closed(f"{asked.row.host} has allocations although no servers: heal them first")
    return is_open(f"no servers and no allocations on {asked.row.host}")


def _restarted(asked: Asked) -> Verdict:
    """Nova refuses (400) while evacuations from there are `done`: nova-compute completes them when it starts again."""
    wanted = {"source_compute": asked.row.host, "migration_type": "evacuation", "status": "done"}
    waiting = len(asked.cloud.rows("migrations", **wanted))
    if not waiting:
        return is_open("no evacuation from it waits to be cleaned up")
    what = f"{waiting} evacuated server{' is' if waiting == 1 else 's are'}"
    return is_closed(f"{what} not cleaned up there yet: start {asked.row.binary} on {asked.row.host}, which does it")


REASON = Parameter("reason", "why; Nova keeps it beside the service", pattern=r".{1,255}")

OPERATIONS = (
    Operation(
        name="compute-service.enable",
        kind="compute-services",
        title="enable {binary} on {host}",
        about="let the scheduler use it again",
        risk="R1",
        closed=lambda row: "is enabled already" if row.status == "enabled" else "",
        work=_enable,
        at_once=8,
    ),
    Operation(
        name="compute-service.disable",
        kind="compute-services",
        title="disable {binary} on {host}",
        about="keep new servers away from it; what runs there runs on",
        risk="R1",
        rows="binary=nova-compute",
        parameters=(REASON,),
        closed=lambda row: "is disabled already" if row.status == "disabled" else "",
        work=_disable,
        at_once=8,
    ),
    Operation(
        name="compute-service.force-down",
        kind="compute-services",
        title="force {binary} on {host} down",
        about="tell Nova that its host is fenced, so that servers may be evacuated",
        risk="R3",
        rows="binary=nova-compute",
        parameters=(Parameter("fenced", "how you know that the host is powered off", pattern=r".{1,200}"),),
        closed=lambda row: "is forced down already" if row.forced_down else "",
        guards=(
            Guard("fenced", _stated, "somebody states how the host was fenced"),
            Guard("silent", _silent, "the service does not report"),
            one_at_a_time("compute-services", "forced_down=true"),
        ),
        work=_force_down,
    ),
    Operation(
        name="compute-service.unforce-down",
        kind="compute-services",
        title="let {binary} on {host} report itself again",
        about="take back that it was forced down, once the host is well and empty of evacuated servers",
        risk="R2",
        rows="binary=nova-compute",
        reads=("migrations",),
        closed=lambda row: "" if row.forced_down else "is not forced down",
        guards=(Guard("restarted", _restarted, "it has cleaned up what was evacuated from it"),),
        work=_unforce,
    ),
    Operation(
        name="compute-service.delete",
        kind="compute-services",
        title="delete {binary} on {host}",
        about="remove the record of a service that will never report again",
        risk="R3",
        reads=("servers", "hypervisors"),
        closed=lambda row: "it reports: stop it first" if row.state == "up" else "",
        guards=(Guard("unused", _unused, "no servers and no allocations are on its host"),),
        work=_delete,
        irreversible=True,
    ),
)
