"""`os-simple-tenant-usage`: hours of VCPUs, memory and disk by project."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.links import View, stamp
from runbooks.simulator.model.server import Server

RULE = "os_compute_api:os-simple-tenant-usage:"
MONTH = 28 * 86400.0


def _moment(call: Call, name: str, default: float) -> float:
    text = call.query.get(name)
    if text is None:
        return default
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ApiError(400, f"Bad format for {name}: {text}") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _usage(call: Call, project: str, servers: Iterable[Server], detailed: bool) -> View:
    now = call.cloud.now()
    start, stop = _moment(call, "start", now - MONTH), _moment(call, "end", now)
    sums = {"hours": 0.0, "vcpus": 0.0, "ram": 0.0, "disk": 0.0}
    rows: list[View] = []
    for server in servers:
        begin, end = max(server.launched or server.created, start), min(stop, now, server.terminated or now)
        hours = max(end - begin, 0.0) / 3600
        flavor = server.flavor
        sums["hours"] += hours
        sums["vcpus"] += hours * flavor.vcpus
        sums["ram"] += hours * flavor.ram
        sums["disk"] += hours * (flavor.disk + flavor.ephemeral)
        if detailed:
            rows.append(
                {
                    "instance_id": server.id,
                    "name": server.name,
                    "hours": hours,
                    "tenant_id": project,
                    "flavor": flavor.name,
                    "vcpus": flavor.vcpus,
                    "memory_mb": flavor.ram,
                    "local_gb": flavor.disk,
                    "started_at": stamp(server.launched or server.created),
                    "ended_at": stamp(server.terminated),
                    "state": server.vm_state,
                    "uptime": int(now - (server.launched or server.created)),
                }
            )
    shown: View = {
        "tenant_id": project,
        "total_local_gb_usage": sums["disk"],
        "total_vcpus_usage": sums["vcpus"],
        "total_memory_mb_usage": sums["ram"],
        "total_hours": sums["hours"],
        "start": stamp(start),
        "stop": stamp(stop),
    }
    return shown | ({"server_usages": rows} if detailed else {})


def index(call: Call) -> Reply:
    detailed = call.query.get("detailed") in ("1", "True", "true")
    servers = call.cloud.compute.servers
    found = [
        _usage(call, project, servers.of_project(project), detailed)
        for project in call.cloud.identity.projects
        if next(servers.of_project(project), None) is not None
    ]
    return Reply({"tenant_usages": found})


def show(call: Call) -> Reply:
    project = call.args["project_id"]
    if project != call.user.project and not call.user.is_admin:
        raise ApiError(403, call.api.forbidden.format(rule=RULE + "show"))
    servers = list(call.cloud.compute.servers.of_project(project))
    return Reply({"tenant_usage": _usage(call, project, servers, True) if servers else {}})


ROUTES = [
    Route("GET", "/v2.1/os-simple-tenant-usage", index, "admin", RULE + "list"),
    Route("GET", "/v2.1/os-simple-tenant-usage/{project_id}", show, "any", RULE + "show"),
]
