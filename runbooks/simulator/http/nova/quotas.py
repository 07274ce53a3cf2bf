"""`limits` and `os-quota-sets`: what a project may use, and what it does use."""

from __future__ import annotations

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.links import View
from runbooks.simulator.model.compute import QUOTA

RULE = "os_compute_api:"
_OLD_FILES = {"injected_file_content_bytes": 10240, "injected_file_path_bytes": 255, "injected_files": 5}
_OLD_NETWORK = {"fixed_ips": -1, "floating_ips": -1, "security_group_rules": -1, "security_groups": -1}


def used(call: Call, project_id: str) -> dict[str, int]:
    """What the servers of a project take."""
    cores = ram = count = 0
    for server in call.cloud.compute.servers.of_project(project_id):
        cores, ram, count = cores + server.flavor.vcpus, ram + server.flavor.ram, count + 1
    groups = sum(group.project_id == project_id for group in call.cloud.compute.groups.values())
    return {"cores": cores, "ram": ram, "instances": count, "server_groups": groups}


def limits(call: Call) -> Reply:
    project = call.query.get("tenant_id", call.user.project)
    if project != call.user.project and not call.user.is_admin:
        raise ApiError(403, call.api.forbidden.format(rule=RULE + "limits:other_project"))
    quota, taken = call.cloud.compute.quota(project), used(call, project)
    absolute: View = {
        "maxTotalCores": quota["cores"],
        "maxTotalInstances": quota["instances"],
        "maxTotalKeypairs": quota["key_pairs"],
        "maxServerMeta": quota["metadata_items"],
        "maxTotalRAMSize": quota["ram"],
        "maxServerGroups": quota["server_groups"],
        "maxServerGroupMembers": quota["server_group_members"],
        "totalRAMUsed": taken["ram"],
        "totalCoresUsed": taken["cores"],
        "totalInstancesUsed": taken["instances"],
        "totalServerGroupsUsed": taken["server_groups"],
    }
    if call.version < (2, 57):
        absolute |= {"maxImageMeta": 128, "maxPersonality": 5, "maxPersonalitySize": 10240}
    if call.version < (2, 36):
        absolute |= {
            "maxSecurityGroupRules": -1,
            "maxSecurityGroups": -1,
            "maxTotalFloatingIps": -1,
            "totalFloatingIpsUsed": 0,
            "totalSecurityGroupsUsed": 0,
        }
    return Reply({"limits": {"rate": [], "absolute": absolute}})


def _set(call: Call, project: str, values: dict[str, int]) -> View:
    found: dict[str, int] = dict(values)
    if call.version < (2, 57):
        found |= _OLD_FILES
    if call.version < (2, 36):
        found |= _OLD_NETWORK
    return {"quota_set": {"id": project, **dict(sorted(found.items()))}}


def _mine(call: Call, rule: str) -> str:
    project = call.args["project_id"]
    if project != call.user.project and not call.user.is_admin:
        raise ApiError(403, call.api.forbidden.format(rule=RULE + rule))
    return project


def show(call: Call) -> Reply:
    project = _mine(call, "os-quota-sets:show")
    return Reply(_set(call, project, call.cloud.compute.quota(project)))


def defaults(call: Call) -> Reply:
    return Reply(_set(call, call.args["project_id"], QUOTA))


def detail(call: Call) -> Reply:
    project = _mine(call, "os-quota-sets:detail")
    taken = used(call, project)
    found: View = {"id": project}
    for name, most in sorted(call.cloud.compute.quota(project).items()):
        found[name] = {"limit": most, "in_use": taken.get(name, 0), "reserved": 0}
    return Reply({"quota_set": found})


def update(call: Call) -> Reply:
    project = call.args["project_id"]
    given = call.body().get("quota_set")
    if not isinstance(given, dict):
        raise ApiError(400, "Invalid input for field/attribute quota_set. Value: None. None is not of type 'object'")
    taken = used(call, project)
    changed: dict[str, int] = {}
    for name, value in given.items():
        if name == "force":
            continue
        if name not in QUOTA:
            raise ApiError(400, f"Additional properties are not allowed ('{name}' was unexpected)")
        if not isinstance(value, int) or isinstance(value, bool) or value < -1:
            raise ApiError(400, f"Invalid input for field/attribute {name}. Value: {value}.")
        if 0 <= value < taken.get(name, 0) and not given.get("force"):
            raise ApiError(
                400,
                f"Quota limit {value} for {name} must be greater than or equal to already used and reserved "
                f"{taken[name]}.",
            )
        changed[name] = value
    call.cloud.compute.quotas.setdefault(project, {}).update(changed)
    found = _set(call, project, call.cloud.compute.quota(project))["quota_set"]
    assert isinstance(found, dict)
    del found["id"]
    return Reply({"quota_set": found})


def delete(call: Call) -> Reply:
    """Back to the defaults."""
    call.cloud.compute.quotas.pop(call.args["project_id"], None)
    return Reply(None, 202)


_AT = "/v2.1/os-quota-sets/{project_id}"
ROUTES = [
    Route("GET", "/v2.1/limits", limits, "any", RULE + "limits"),
    Route("GET", _AT, show, "any", RULE + "os-quota-sets:show"),
    Route("PUT", _AT, update, "admin", RULE + "os-quota-sets:update"),
    Route("DELETE", _AT, delete, "admin", RULE + "os-quota-sets:delete"),
    Route("GET", _AT + "/defaults", defaults, "any", RULE + "os-quota-sets:defaults"),
    Route("GET", _AT + "/detail", detail, "any", RULE + "os-quota-sets:detail"),
]
