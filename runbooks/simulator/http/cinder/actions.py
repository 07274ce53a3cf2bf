"""`POST /volumes/ID/action`: extend, attach and detach, reset a state, retype, flags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.cinder import find
from runbooks.simulator.http.cinder.limits import check
from runbooks.simulator.http.cinder.volumes import remove
from runbooks.simulator.http.pipeline import forbid
from runbooks.simulator.model.storage import work
from runbooks.simulator.model.storage.records import Volume

Given = dict[str, Any]
Action = Callable[[Call, Volume, Given], Reply]

_STATES = (
    *("creating", "available", "deleting", "error", "error_deleting", "error_managing", "managing", "attaching"),
    *("detaching", "in-use", "maintenance", "error_extending", "extending", "error_restoring", "downloading"),
)


def _act(call: Call) -> Reply:
    volume = find.volume(call)
    body = call.body()
    names = [name for name in body if name in _ACTIONS]
    if not names:
        raise ApiError(400, f"There is no such action: {next(iter(body), None)}")
    role, act = _ACTIONS[names[0]]
    if role not in call.user.roles:
        raise forbid(call, f"volume_extension:volume_admin_actions:{names[0].removeprefix('os-')}")
    given = body[names[0]]
    return act(call, volume, given if isinstance(given, dict) else {})


def _status(call: Call, volume: Volume) -> str:
    return call.cloud.storage.volumes.status(volume)


def _extend(call: Call, volume: Volume, given: Given) -> Reply:
    size = find.whole(given.get("new_size"), "new_size")
    status = _status(call, volume)
    allowed = ("available", "in-use") if call.version >= (3, 42) else ("available",)
    if status not in allowed:
        raise ApiError(
            400,
            f"Invalid volume: Volume {volume.id} status must be '{find.status_words(allowed)}' to extend, currently "
            f"{status}.",
        )
    if size <= volume.size:
        raise ApiError(
            400,
            f"Invalid input received: New size for extend must be greater than current size. (current: {volume.size}, "
            f"extended: {size}).",
        )
    check(call, volume.project_id, {"gigabytes": size - volume.size}, volume.type_id)
    call.cloud.storage.volumes.change(volume, status="extending")
    work.extend(call.cloud, volume.id, size)
    return Reply(None, 202)


def _reset(call: Call, volume: Volume, given: Given) -> Reply:
    """`os-reset_status`: set what the database says, whatever is true."""
    status = given.get("status")
    if status is None and not given.get("attach_status") and "migration_status" not in given:
        raise ApiError(400, "Must specify 'status', 'attach_status', or 'migration_status' for update.")
    changes: Given = {}
    if status is not None:
        word = str(status).lower()
        if word not in _STATES:
            raise ApiError(
                400,
                f"Invalid input for field/attribute os-reset_status. Value: {given}. {status!r} is not valid under any "
                "of the given schemas",
            )
        if word == "in-use" and not volume.attachments:
            raise ApiError(400, "Cannot reset-state to in-use because volume does not have any attachments.")
        changes["status"] = None if word == call.cloud.storage.volumes.natural(volume) else word
    if given.get("attach_status") == "detached":
        for attachment in volume.attachments:
            call.cloud.storage.volumes.detach(volume, attachment)
        changes["attachments"] = ()
    if "migration_status" in given:
        word = str(given["migration_status"]).lower()
        changes["migration_status"] = None if word == "none" else word
    call.cloud.storage.volumes.change(volume, **changes)
    return Reply(None, 202)


def _attach(call: Call, volume: Volume, given: Given) -> Reply:
    """`os-attach`: Nova's own old way to record an attachment."""
    server = call.cloud.compute.servers.get(str(given.get("instance_uuid")))
    if _status(call, volume) not in ("available", "attaching", "reserved"):
        raise ApiError(400, "Invalid volume: volume status must be available or reserved")
    if server is not None:
        call.cloud.storage.volumes.attach(volume, server, str(given.get("mountpoint") or ""))
    return Reply(None, 202)


def _detach(call: Call, volume: Volume, given: Given) -> Reply:
    wanted = given.get("attachment_id")
    found = [one for one in volume.attachments if wanted in (None, one.id)]
    if wanted is not None and not found:
        raise ApiError(404, f"Volume attachment could not be found with filter: attachment_id = {wanted}.")
    if not volume.attachments:
        raise ApiError(
            400,
            "Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status must be "
            "'attached' to detach.",
        )
    for attachment in found[:1]:
        call.cloud.storage.volumes.detach(volume, attachment)
    return Reply(None, 202)


def _force_detach(call: Call, volume: Volume, given: Given) -> Reply:
    """`os-force_detach`; since the fix of bug 2004555, not of what Nova has, nor of one of several attachments."""
    if not volume.attachments:
        call.cloud.storage.volumes.change(volume, status=None)
        return Reply(None, 202)
    used = next((one.server_id for one in volume.attachments if one.status == "attached"), None)
    if used is not None or len(volume.attachments) > 1:
        several = "" if len(volume.attachments) > 1 else used or ""
        raise ApiError(409, f"Detach volume from instance {several} using the Compute API")
    return _detach(call, volume, given)


def _reserve(call: Call, volume: Volume, given: Given) -> Reply:
    status = _status(call, volume)
    if status != "available":
        raise ApiError(400, f"Invalid volume: Volume status must be available to reserve, but the status is {status}.")
    call.cloud.storage.volumes.change(volume, status="attaching")
    return Reply(None, 202)


def _unreserve(call: Call, volume: Volume, given: Given) -> Reply:
    if _status(call, volume) == "attaching":
        call.cloud.storage.volumes.change(volume, status=None)
    return Reply(None, 202)


def _begin_detaching(call: Call, volume: Volume, given: Given) -> Reply:
    if _status(call, volume) != "in-use":
        raise ApiError(
            400,
            "Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status must be "
            "'attached' to detach.",
        )
    call.cloud.storage.volumes.change(volume, status="detaching")
    return Reply(None, 202)


def _roll_detaching(call: Call, volume: Volume, given: Given) -> Reply:
    if _status(call, volume) == "detaching":
        call.cloud.storage.volumes.change(volume, status=None)
    return Reply(None, 202)


def _bootable(call: Call, volume: Volume, given: Given) -> Reply:
    call.cloud.storage.volumes.change(volume, bootable=_flag(given.get("bootable")))
    return Reply(None, 200)


def _readonly(call: Call, volume: Volume, given: Given) -> Reply:
    status = _status(call, volume)
    if status != "available":
        raise ApiError(
            400,
            f"Invalid volume: Volume {volume.id} status must be available to update readonly flag, but current status "
            f"is: {status}.",
        )
    metadata = volume.metadata | {"readonly": str(_flag(given.get("readonly")))}
    call.cloud.storage.volumes.change(volume, readonly=_flag(given.get("readonly")), metadata=metadata)
    return Reply(None, 202)


def _retype(call: Call, volume: Volume, given: Given) -> Reply:
    """Accepted and `retyping` at once; what becomes of it is the scheduler's business."""
    kind, policy = find.volume_type(call, str(given.get("new_type"))), given.get("migration_policy") or "never"
    if kind.id == volume.type_id or _status(call, volume) not in ("available", "in-use"):
        raise ApiError(
            400,
            "Invalid volume: Retype needs volume to be in available or in-use state, not be part of an active "
            "migration or a consistency group, requested type has to be different that the one from the volume, and "
            "for in-use volumes front-end qos specs cannot change.",
        )
    call.cloud.storage.volumes.change(volume, status="retyping")
    work.retype(call.cloud, volume.id, kind.id, moves=policy == "on-demand")
    return Reply(None, 202)


def _migrate(call: Call, volume: Volume, given: Given) -> Reply:
    storage = call.cloud.storage
    target = str(given.get("host", ""))
    known = storage.services.find("cinder-volume", target.partition("#")[0])
    if known is None or not storage.services.up(known):
        raise ApiError(400, f"Invalid host: No available service named '{target}'")
    if _status(call, volume) not in ("available", "in-use") or target == volume.host:
        raise ApiError(
            400,
            f"Invalid volume: Volume {volume.id} status must be available or in-use, must not be migrating, have "
            "snapshots, be replicated, be part of a group and destination host/cluster must be different than the "
            "current one",
        )
    storage.volumes.change(volume, migration_status="migrating")
    volume_id = volume.id

    def done(at: float) -> None:
        found = storage.volumes.get(volume_id)
        if found is not None and found.migration_status == "migrating":
            storage.volumes.change(found, at, host=target, migration_status="success")

    call.cloud.timers.at(call.cloud.now() + 5.0, done)
    return Reply(None, 202)


def _force_delete(call: Call, volume: Volume, given: Given) -> Reply:
    remove(call, volume, force=True)
    return Reply(None, 202)


def _image_metadata(call: Call, volume: Volume, given: Given) -> Reply:
    return Reply({"metadata": volume.image_metadata})


def _set_image_metadata(call: Call, volume: Volume, given: Given) -> Reply:
    kept = volume.image_metadata | {str(key): str(value) for key, value in (given.get("metadata") or {}).items()}
    call.cloud.storage.volumes.change(volume, image_metadata=kept)
    return Reply({"metadata": kept})


def _flag(value: Any) -> bool:
    return str(value).strip().lower() in ("1", "t", "true", "on", "y", "yes")


_ACTIONS: dict[str, tuple[str, Action]] = {
    "os-extend": ("member", _extend),
    "os-reset_status": ("admin", _reset),
    "os-attach": ("member", _attach),
    "os-detach": ("member", _detach),
    "os-force_detach": ("admin", _force_detach),
    "os-reserve": ("member", _reserve),
    "os-unreserve": ("member", _unreserve),
    "os-begin_detaching": ("member", _begin_detaching),
    "os-roll_detaching": ("member", _roll_detaching),
    "os-set_bootable": ("member", _bootable),
    "os-update_readonly_flag": ("member", _readonly),
    "os-retype": ("member", _retype),
    "os-migrate_volume": ("admin", _migrate),
    "os-force_delete": ("admin", _force_delete),
    "os-show_image_metadata": ("reader", _image_metadata),
    "os-set_image_metadata": ("member", _set_image_metadata),
}
ROUTES = (Route("POST", "/v3/volumes/{id}/action", _act, rule="volume:get"),)
