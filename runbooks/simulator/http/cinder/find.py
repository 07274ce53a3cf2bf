"""Objects by id, as far as the caller may see them; and what a request's body holds."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.http.call import ApiError, Call
from runbooks.simulator.model.storage.records import Backup, Snapshot, Volume, VolumeType


def volume(call: Call, identity: str = "") -> Volume:
    """The volume that the path (or `identity`) names. Raises ApiError 404."""
    wanted = identity or call.args["id"]
    found = call.cloud.storage.volumes.get(wanted)
    if found is None or not mine(call, found.project_id):
        raise ApiError(404, f"Volume {wanted} could not be found.")
    return found


def snapshot(call: Call, identity: str = "") -> Snapshot:
    """The snapshot that the path (or `identity`) names. Raises ApiError 404."""
    wanted = identity or call.args["id"]
    found = call.cloud.storage.snapshots.get(wanted)
    if found is None or not mine(call, found.project_id):
        raise ApiError(404, f"Snapshot {wanted} could not be found.")
    return found


def backup(call: Call) -> Backup:
    """The backup that the path names. Raises ApiError 404."""
    found = call.cloud.storage.backups.get(call.args["id"])
    if found is None or not mine(call, found.project_id):
        raise ApiError(404, f"Backup {call.args['id']} could not be found.")
    return found


def volume_type(call: Call, wanted: str) -> VolumeType:
    """By id or name. Raises ApiError 404."""
    types = call.cloud.storage.types
    found = types.get(wanted) or next((one for one in types.values() if one.name == wanted), None)
    if found is None:
        raise ApiError(404, f"Volume type {wanted} could not be found.")
    return found


def mine(call: Call, project: str) -> bool:
    """True for the caller's own project, and for an admin always."""
    return call.user.is_admin or project == call.user.project


def part(call: Call, name: str) -> dict[str, Any]:
    """The object under `name` in the request's body. Raises ApiError 400."""
    body = call.body()
    if name not in body:
        raise ApiError(400, f"Invalid input for field/attribute {name}. Value: None. '{name}' is a required property")
    found = body[name]
    if not isinstance(found, dict):
        raise ApiError(
            400, f"Invalid input for field/attribute {name}. Value: {found}. {found!r} is not of type 'object'"
        )
    return found


def whole(value: Any, field: str, *, least: int = 1) -> int:
    """A number that a body holds. Raises ApiError 400."""
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise ApiError(
            400,
            f"Invalid input for field/attribute {field}. Value: {value}. {value!r} does not match '^[0-9]+$'",
        ) from None
    if number < least:
        raise ApiError(
            400,
            f"Invalid input for field/attribute {field}. Value: {value}. {number} is less than the minimum of {least}",
        )
    return number


def status_words(words: tuple[str, ...]) -> str:
    """`available or error`: how Cinder lists states (`utils.build_or_str`)."""
    return " or ".join(words)
