"""Snapshots of volumes."""

from __future__ import annotations

from uuid import uuid4

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.cinder import copies, find, views
from runbooks.simulator.http.cinder.limits import check
from runbooks.simulator.model.storage import work
from runbooks.simulator.model.storage.records import Snapshot

_STATES = ("available", "creating", "deleting", "error", "error_deleting")


def _snapshots(call: Call) -> Reply:
    return copies.answer(call, "snapshots", call.cloud.storage.snapshots, views.snapshot)


def _snapshots_detail(call: Call) -> Reply:
    return copies.answer(call, "snapshots", call.cloud.storage.snapshots, views.snapshot, "/detail")


def _show_snapshot(call: Call) -> Reply:
    return Reply({"snapshot": views.snapshot(call, find.snapshot(call))})


def _create_snapshot(call: Call) -> Reply:
    storage = call.cloud.storage
    given = find.part(call, "snapshot")
    volume = find.volume(call, str(given.get("volume_id")))
    status = storage.volumes.status(volume)
    force = call.version >= (3, 66) or str(given.get("force", "")).lower() == "true"
    if status == "error":
        raise ApiError(400, "Invalid volume: The snapshot cannot be created when the volume is in error status.")
    if status not in (("available", "in-use") if force else ("available",)):
        allowed = "available, in-use" if force else "available"
        raise ApiError(
            400,
            f"Invalid volume: Volume {volume.id} status must be {allowed}, but current status is: {status}.",
        )
    check(call, volume.project_id, {"snapshots": 1, "gigabytes": volume.size}, volume.type_id)
    snapshot = Snapshot(
        id=str(uuid4()),
        project_id=volume.project_id,
        user_id=call.user.user_id,
        volume_id=volume.id,
        size=volume.size,
        created=call.cloud.now(),
        name=given.get("name"),
        description=given.get("description"),
        status="creating",
        metadata={str(key): str(value) for key, value in (given.get("metadata") or {}).items()},
    )
    storage.snapshots[snapshot.id] = snapshot
    work.snapshot(call.cloud, snapshot.id)
    return Reply({"snapshot": views.snapshot(call, snapshot)}, 202)


def _update_snapshot(call: Call) -> Reply:
    snapshot = find.snapshot(call)
    given = find.part(call, "snapshot")
    snapshot.name = given.get("name", snapshot.name)
    snapshot.description = given.get("description", snapshot.description)
    snapshot.updated = call.cloud.now()
    return Reply({"snapshot": views.snapshot(call, snapshot)})


def _delete_snapshot(call: Call) -> Reply:
    snapshot = find.snapshot(call)
    if snapshot.status not in ("available", "error"):
        raise ApiError(
            400, "Invalid snapshot: Snapshot status must be available or error and must not be part of a group."
        )
    snapshot.status = "deleting"
    work.snapshot(call.cloud, snapshot.id, remove=True)
    return Reply(None, 202)


def _act_on_snapshot(call: Call) -> Reply:
    snapshot = find.snapshot(call)
    body = call.body()
    if "os-reset_status" in body:
        copies.reset(snapshot, body["os-reset_status"], _STATES)
    elif "os-force_delete" in body:
        snapshot.status = "deleting"
        work.snapshot(call.cloud, snapshot.id, remove=True)
    else:
        raise ApiError(400, f"There is no such action: {next(iter(body), None)}")
    snapshot.updated = call.cloud.now()
    return Reply(None, 202)


ROUTES = (
    Route("GET", "/v3/snapshots", _snapshots, rule="volume:get_all_snapshots"),
    Route("GET", "/v3/snapshots/detail", _snapshots_detail, rule="volume:get_all_snapshots"),
    Route("POST", "/v3/snapshots", _create_snapshot, "member", "volume:create_snapshot"),
    Route("GET", "/v3/snapshots/{id}", _show_snapshot, rule="volume:get_snapshot"),
    Route("PUT", "/v3/snapshots/{id}", _update_snapshot, "member", "volume:update_snapshot"),
    Route("DELETE", "/v3/snapshots/{id}", _delete_snapshot, "member", "volume:delete_snapshot"),
    Route("POST", "/v3/snapshots/{id}/action", _act_on_snapshot, "admin", "volume_extension:snapshot_admin_actions"),
)
