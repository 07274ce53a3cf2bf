"""Neutron's quotas: limits per project, what a project uses, and the refusal of what would exceed them."""

from __future__ import annotations

from typing import Any

import msgspec

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.neutron.errors import conflict, invalid_input, malformed
from runbooks.simulator.http.pipeline import forbid
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network import QUOTA
from runbooks.simulator.model.network.port_search import narrowed


def used(cloud: Cloud, project: str, name: str) -> int:
    """How many of a resource a project has."""
    network = cloud.network
    if name == "port":
        return len(narrowed(network.ports, {"project_id": [project]}) or ())
    if name == "floatingip":
        return len(network.floating_ips.of_project(project))
    if name == "security_group_rule":
        return sum(rule.project_id == project for rule in network.rules())
    records: dict[str, Any] = {
        "network": network.networks,
        "subnet": network.subnets,
        "router": network.routers.by_id,
        "rbac_policy": network.rbac_policies,
        "security_group": network.security_groups,
    }
    return sum(record.project_id == project for record in records.get(name, {}).values())


def check(call: Call, project: str, name: str, more: int = 1) -> None:
    """Refuse with 409 what would exceed the project's quota."""
    limit = call.cloud.network.quota(project).get(name, -1)
    if 0 <= limit < used(call.cloud, project, name) + more:
        raise conflict("OverQuota", f"Quota exceeded for resources: ['{name}'].")


def _list(call: Call) -> Reply:
    """Only projects whose limits somebody set, as Neutron does."""
    quotas = call.cloud.network.quotas
    rows = [{"project_id": project, **QUOTA, **own, "tenant_id": project} for project, own in sorted(quotas.items())]
    return Reply({"quotas": [row for row in rows if call.user.is_admin or row["project_id"] == call.user.project]})


def _show(call: Call) -> Reply:
    project = _project(call)
    return Reply({"quota": call.cloud.network.quota(project)})


def _default(call: Call) -> Reply:
    _project(call)
    return Reply({"quota": dict(QUOTA)})


def _details(call: Call) -> Reply:
    project = _project(call)
    limits = call.cloud.network.quota(project)
    found = {
        name: {"limit": limit, "used": used(call.cloud, project, name), "reserved": 0} for name, limit in limits.items()
    }
    return Reply({"quota": found})


def _update(call: Call) -> Reply:
    try:
        body = msgspec.json.decode(call.data)
    except msgspec.DecodeError:
        raise malformed("Body contains invalid data") from None
    given = body.get("quota") if isinstance(body, dict) else None
    if not isinstance(given, dict):
        raise malformed("Unable to find 'quota' in request body")
    odd = sorted(name for name in given if name not in QUOTA and name not in ("tenant_id", "project_id", "check_limit"))
    if odd:
        raise malformed(f"Unrecognized attribute(s) '{', '.join(odd)}'")
    limits = {}
    for name, value in given.items():
        if name not in QUOTA:
            continue
        try:
            limits[name] = int(value)
        except (TypeError, ValueError):
            raise invalid_input(f"'{value}' is not an integer") from None
        if limits[name] < -1:
            raise ApiError(
                400,
                f"Invalid input for {name}. Reason: '{value}' should be greater or equal to -1.",
                kind="HTTPBadRequest",
            )
    project = call.args["project"]
    call.cloud.network.quotas.setdefault(project, {}).update(limits)
    return Reply({"quota": call.cloud.network.quota(project)})


def _delete(call: Call) -> Reply:
    project = call.args["project"]
    if call.cloud.network.quotas.pop(project, None) is None:
        raise ApiError(404, f"Quota for tenant {project} could not be found.", kind="TenantQuotaNotFound")
    return Reply(None, 204)


def _project(call: Call) -> str:
    project = call.args["project"]
    if not call.user.is_admin and project != call.user.project:
        raise forbid(call, "get_quota")
    return project


ROUTES = (
    Route("GET", "/v2.0/quotas", _list),
    Route("GET", "/v2.0/quotas/{project}", _show),
    Route("GET", "/v2.0/quotas/{project}/default", _default),
    Route("GET", "/v2.0/quotas/{project}/default.json", _default),
    Route("GET", "/v2.0/quotas/{project}/details", _details),
    Route("GET", "/v2.0/quotas/{project}/details.json", _details),
    Route("PUT", "/v2.0/quotas/{project}", _update, "admin", "update_quota"),
    Route("DELETE", "/v2.0/quotas/{project}", _delete, "admin", "delete_quota"),
)
