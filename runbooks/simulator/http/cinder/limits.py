"""Cinder's quotas: limits and usage per project, and the refusal (413) of what would exceed them."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.cinder import find
from runbooks.simulator.http.pipeline import forbid


def check(call: Call, project: str, more: dict[str, int], type_id: str | None = None) -> None:
    """Refuse what would exceed a limit of the project or of the volume type. Raises ApiError 413."""
    storage = call.cloud.storage
    limits, used = storage.quota(project), storage.used(project)
    kind = storage.types.get(type_id or "")
    wanted = dict(more)
    if kind is not None:
        wanted |= {f"{name}_{kind.name}": amount for name, amount in more.items() if f"{name}_{kind.name}" in limits}
    largest = limits.get("per_volume_gigabytes", -1)
    if 0 <= largest < more.get("gigabytes", 0) and "volumes" in more:
        raise _over(f"Requested volume size {more['gigabytes']}G is larger than maximum allowed limit {largest}G.")
    for name, amount in wanted.items():
        limit = limits.get(name, -1)
        if limit < 0 or used.get(name, 0) + amount <= limit:
            continue
        if name.startswith("gigabytes"):
            raise _over(
                f"Requested volume or snapshot exceeds allowed {name} quota. Requested {amount}G, quota is {limit}G "
                f"and {used[name]}G has been consumed."
            )
        if name == "backup_gigabytes":
            raise _over(
                f"Requested backup exceeds allowed Backup gigabytes quota. Requested {amount}G, quota is {limit}G and "
                f"{used[name]}G has been consumed."
            )
        if name.startswith("volumes"):
            raise _over(f"Maximum number of volumes allowed ({limit}) exceeded for quota '{name}'.")
        raise _over(f"Maximum number of {name.partition('_')[0]} allowed ({limit}) exceeded")


def _over(message: str) -> ApiError:
    return ApiError(413, message, headers={"Retry-After": "0"})


def _show(call: Call) -> Reply:
    project = _project(call)
    storage = call.cloud.storage
    limits = storage.quota(project)
    if call.query.get("usage", "").lower() in ("true", "1"):
        used = storage.used(project)
        rows: dict[str, Any] = {
            name: {"limit": limit, "in_use": used.get(name, 0), "reserved": 0} for name, limit in limits.items()
        }
    else:
        rows = dict(limits)
    return Reply({"quota_set": rows | {"id": project}})


def _defaults(call: Call) -> Reply:
    _project(call)
    return Reply({"quota_set": call.cloud.storage.quota("") | {"id": call.args["project"]}})


def _update(call: Call) -> Reply:
    given = find.part(call, "quota_set")
    project = call.args["project"]
    storage = call.cloud.storage
    known = storage.quota(project)
    limits = {}
    for name, value in given.items():
        if name in ("tenant_id", "id", "skip_validation", "force"):
            continue
        if name not in known:
            raise ApiError(400, f"Bad key(s) in quota set: {name}")
        limits[name] = find.whole(value, name, least=-1)
    storage.quotas.setdefault(project, {}).update(limits)
    return Reply({"quota_set": storage.quota(project)})


def _delete(call: Call) -> Reply:
    call.cloud.storage.quotas.pop(call.args["project"], None)
    return Reply(None, 200)


def _project(call: Call) -> str:
    project = call.args["project"]
    if not call.user.is_admin and project != call.user.project:
        raise forbid(call, "volume_extension:quotas:show")
    return project


def _class(call: Call) -> Reply:
    return Reply({"quota_class_set": call.cloud.storage.quota("") | {"id": call.args["name"]}})


def _limits(call: Call) -> Reply:
    project = call.user.project
    if call.user.is_admin and call.version >= (3, 39):
        project = call.query.get("project_id", call.query.get("tenant_id", project))
    limits, used = call.cloud.storage.quota(project), call.cloud.storage.used(project)
    absolute = {
        "maxTotalVolumes": limits["volumes"],
        "maxTotalSnapshots": limits["snapshots"],
        "maxTotalVolumeGigabytes": limits["gigabytes"],
        "maxTotalBackups": limits["backups"],
        "maxTotalBackupGigabytes": limits["backup_gigabytes"],
        "totalVolumesUsed": used["volumes"],
        "totalGigabytesUsed": used["gigabytes"],
        "totalSnapshotsUsed": used["snapshots"],
        "totalBackupsUsed": used["backups"],
        "totalBackupGigabytesUsed": used["backup_gigabytes"],
    }
    return Reply({"limits": {"rate": [], "absolute": absolute}})


ROUTES = (
    Route("GET", "/v3/os-quota-sets/{project}", _show, rule="volume_extension:quotas:show"),
    Route("GET", "/v3/os-quota-sets/{project}/defaults", _defaults, rule="volume_extension:quotas:show"),
    Route("PUT", "/v3/os-quota-sets/{project}", _update, "admin", "volume_extension:quotas:update"),
    Route("DELETE", "/v3/os-quota-sets/{project}", _delete, "admin", "volume_extension:quotas:delete"),
    Route("GET", "/v3/os-quota-class-sets/{name}", _class, "admin", "volume_extension:quota_classes:get"),
    Route("GET", "/v3/limits", _limits, rule="limits_extension:used_limits"),
)
