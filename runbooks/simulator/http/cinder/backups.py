"""Backups of volumes."""

from __future__ import annotations

from uuid import uuid4

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.cinder import copies, find, views
from runbooks.simulator.http.cinder.limits import check
from runbooks.simulator.model.storage import work
from runbooks.simulator.model.storage.records import Backup

_STATES = ("available", "error", "creating", "deleting", "restoring", "error_deleting")


def _backups(call: Call) -> Reply:
    return copies.answer(call, "backups", call.cloud.storage.backups, views.backup_summary)


def _backups_detail(call: Call) -> Reply:
    return copies.answer(call, "backups", call.cloud.storage.backups, views.backup, "/detail")


def _show_backup(call: Call) -> Reply:
    return Reply({"backup": views.backup(call, find.backup(call))})


def _create_backup(call: Call) -> Reply:
    storage = call.cloud.storage
    given = find.part(call, "backup")
    volume = find.volume(call, str(given.get("volume_id")))
    status = storage.volumes.status(volume)
    if status not in ("available", "in-use") or (status == "in-use" and not given.get("force")):
        if status == "in-use":
            raise ApiError(400, "Invalid volume: Backing up an in-use volume must use the force flag.")
        raise ApiError(
            400,
            "Invalid volume: Volume to be backed up must be available or in-use, but the current status is "
            f'"{status}".',
        )
    check(call, volume.project_id, {"backups": 1, "backup_gigabytes": volume.size})
    workers = storage.services.usable("cinder-backup")
    if not workers:
        raise ApiError(500, "Service cinder-backup could not be found.")
    backup = Backup(
        id=str(uuid4()),
        project_id=volume.project_id,
        user_id=call.user.user_id,
        volume_id=volume.id,
        size=volume.size,
        created=call.cloud.now(),
        name=given.get("name"),
        description=given.get("description"),
        status="creating",
        container=given.get("container") or "backups",
        host=workers[0].host,
        incremental=bool(given.get("incremental")),
    )
    storage.backups[backup.id] = backup
    storage.volumes.change(volume, status="backing-up")
    work.backup(call.cloud, backup.id)
    return Reply({"backup": views.backup_summary(call, backup)}, 202)


def _delete_backup(call: Call) -> Reply:
    backup = find.backup(call)
    if backup.status not in ("available", "error"):
        raise ApiError(400, "Invalid backup: Backup status must be available or error")
    backup.status = "deleting"
    work.backup(call.cloud, backup.id, remove=True)
    return Reply(None, 202)


def _act_on_backup(call: Call) -> Reply:
    backup = find.backup(call)
    body = call.body()
    if "os-reset_status" not in body:
        raise ApiError(400, f"There is no such action: {next(iter(body), None)}")
    copies.reset(backup, body["os-reset_status"], _STATES)
    backup.updated = call.cloud.now()
    return Reply(None, 202)


ROUTES = (
    Route("GET", "/v3/backups", _backups, rule="backup:get_all"),
    Route("GET", "/v3/backups/detail", _backups_detail, rule="backup:get_all"),
    Route("POST", "/v3/backups", _create_backup, "member", "backup:create"),
    Route("GET", "/v3/backups/{id}", _show_backup, rule="backup:get"),
    Route("DELETE", "/v3/backups/{id}", _delete_backup, "member", "backup:delete"),
    Route("POST", "/v3/backups/{id}/action", _act_on_backup, "admin", "volume_extension:backup_admin_actions"),
)
