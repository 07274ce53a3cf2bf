"""Volumes: lists, one, create, change, delete, metadata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import msgspec

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.cinder import find, query, views
from runbooks.simulator.http.cinder.limits import check
from runbooks.simulator.model.storage import work
from runbooks.simulator.model.storage.records import Volume

_DELETABLE = ("available", "error", "error_restoring", "error_extending", "error_managing")
_SORTS = {
    "created_at": "created",
    "updated_at": "updated",
    "id": "id",
    "name": "name",
    "display_name": "name",
    "size": "size",
    "host": "host",
    "bootable": "bootable",
    "availability_zone": "zone",
    "project_id": "project_id",
    "user_id": "user_id",
    "volume_type_id": "type_id",
    "description": "description",
}


def _list(call: Call) -> Reply:
    return _answer(call, detail=False)


def _list_detail(call: Call) -> Reply:
    return _answer(call, detail=True)


def _answer(call: Call, *, detail: bool) -> Reply:
    rows = query.page(call, _chosen(call))
    view = views.volume if detail else views.volume_summary
    parts = [msgspec.json.encode(view(call, one)) for one in rows]
    collection = "volumes/detail" if detail else "volumes"
    links = query.links(call, rows, collection, rows[-1].id if rows else "")
    tail = b',"volumes_links":' + msgspec.json.encode(links) if links else b""
    if call.version >= (3, 45) and call.query.get("with_count", "").lower() in ("1", "true"):
        tail += b',"count":%d' % sum(1 for _ in _matching(call))
    return Reply(b'{"volumes":[%s]%s}' % (b",".join(parts), tail))


def _chosen(call: Call) -> Iterator[Volume]:
    """The volumes after the marker, in the order asked for."""
    marker = call.query.get("marker")
    order = query.sorts(call, {*_SORTS, "status"})
    after = find.volume(call, marker) if marker else None
    if not order:
        return _matching(call, after)
    found = query.ordered(_matching(call), order, lambda row, key: _sort_value(call, row, key))
    if after is not None:
        place = next((at for at, one in enumerate(found) if one.id == after.id), -1)
        found = found[place + 1 :]
    return iter(found)


def _sort_value(call: Call, row: Volume, key: str) -> Any:
    return call.cloud.storage.volumes.status(row) if key == "status" else getattr(row, _SORTS[key])


def _matching(call: Call, after: Volume | None = None) -> Iterator[Volume]:
    volumes = call.cloud.storage.volumes
    wanted = query.filters(call)
    project = wanted.pop("project_id", None) if query.everybody(call) else call.user.project
    if project is None and wanted.get("status", "in-use") == "in-use":
        found = volumes.newest(after)
    else:
        found = volumes.unusual() if project is None else volumes.of_project(project)
        if after is not None:
            found = (one for one in found if (one.created, one.id) < (after.created, after.id))
    if not call.user.is_admin:
        wanted = {name: value for name, value in wanted.items() if name in _FILTERS}
    return (one for one in found if query.fits(_values(call, one), wanted)) if wanted else found


_FILTERS = ("name", "status", "metadata", "bootable", "migration_status", "availability_zone", "group_id", "name~")


def _values(call: Call, one: Volume) -> dict[str, Any]:
    """What a list can be filtered by."""
    return {
        "id": one.id,
        "name": one.name or "",
        "display_name": one.name or "",
        "description": one.description or "",
        "status": call.cloud.storage.volumes.status(one),
        "size": one.size,
        "host": one.host,
        "bootable": one.bootable,
        "availability_zone": one.zone,
        "project_id": one.project_id,
        "user_id": one.user_id,
        "metadata": one.metadata,
        "volume_type_id": one.type_id,
        "migration_status": one.migration_status,
        "multiattach": one.multiattach,
        "snapshot_id": one.snapshot_id,
    }


def _show(call: Call) -> Reply:
    return Reply({"volume": views.volume(call, find.volume(call))})


def _summary(call: Call) -> Reply:
    found = list(_matching(call))
    body: dict[str, Any] = {"total_count": len(found), "total_size": sum(one.size for one in found)}
    if call.version >= (3, 36):
        distinct: dict[str, list[str]] = {}
        for one in found:
            for key, value in one.metadata.items():
                if value not in distinct.setdefault(key, []):
                    distinct[key].append(value)
        body["metadata"] = distinct
    return Reply({"volume-summary": body})


def _create(call: Call) -> Reply:
    storage = call.cloud.storage
    given = find.part(call, "volume")
    if given.get("multiattach"):
        raise ApiError(
            400,
            "multiattach parameter has been removed. The default behavior is to use multiattach enabled volume types. "
            "Contact your administrator to create a multiattach enabled volume type and use it to create multiattach "
            "volumes.",
        )
    source, size = _source(call, given)
    kind = find.volume_type(call, str(given["volume_type"])).id if given.get("volume_type") else storage.default_type
    zone = given.get("availability_zone") or "nova"
    if zone != "nova":
        raise ApiError(400, f"Invalid input received: Availability zone '{zone}' is invalid.")
    metadata = given.get("metadata") or {}
    project = call.user.project
    check(call, project, {"volumes": 1, "gigabytes": size}, kind)
    volume = Volume(
        id=str(uuid4()),
        project_id=project,
        user_id=call.user.user_id,
        size=size,
        created=call.cloud.now(),
        name=given.get("name", given.get("display_name")),
        description=given.get("description", given.get("display_description")),
        type_id=kind,
        status="creating",
        zone=zone,
        metadata={str(key): str(value) for key, value in metadata.items()},
        **source,
    )
    storage.volumes.add(volume)
    work.create(call.cloud, volume.id, from_image="image_metadata" in source)
    return Reply({"volume": views.volume(call, volume)}, 202)


def _source(call: Call, given: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """What the volume is made from, and its size."""
    image = given.get("imageRef") or given.get("image_id")
    least = 1
    source: dict[str, Any] = {}
    if given.get("snapshot_id"):
        snapshot = find.snapshot(call, str(given["snapshot_id"]))
        if snapshot.status != "available":
            raise ApiError(400, "Invalid snapshot: Originating snapshot status must be one of 'available' values")
        source, least = {"snapshot_id": snapshot.id}, snapshot.size
    elif given.get("source_volid"):
        origin = find.volume(call, str(given["source_volid"]))
        source, least = {"source_id": origin.id, "bootable": origin.bootable}, origin.size
    elif image:
        known = call.cloud.images.get(str(image))
        if known is None:
            raise ApiError(400, "Invalid image identifier or unable to access requested image.")
        least = max(1, known.min_disk, -(-(known.size or 0) // (1 << 30)))
        words = {"image_id": known.id, "image_name": known.name or "", "checksum": known.checksum or ""}
        source = {"bootable": True, "image_metadata": words | {"min_disk": str(known.min_disk)}}
    size = given.get("size")
    if size is None:
        if not source or image:
            raise ApiError(
                400,
                "Invalid input received: Invalid volume size provided for create request: None (size argument must be "
                "an integer (or string representation of an integer) and greater than zero).",
            )
        return source, least
    number = find.whole(size, "size")
    if number < least:
        what = "snapshot" if "snapshot_id" in source else "source volume" if "source_id" in source else "image"
        raise ApiError(
            400,
            f"Invalid input received: Volume size '{number}'GB cannot be smaller than the {what} size {least}GB. They "
            f"must be >= original {what} size.",
        )
    return source, number


def _update(call: Call) -> Reply:
    volume = find.volume(call)
    given = find.part(call, "volume")
    changes: dict[str, Any] = {}
    for name, field in (("name", "name"), ("display_name", "name"), ("description", "description")):
        if name in given:
            changes[field] = given[name]
    if "metadata" in given:
        changes["metadata"] = {str(key): str(value) for key, value in given["metadata"].items()}
    if not changes:
        raise ApiError(
            400, "Invalid input for field/attribute volume. Value: {}. {} is not valid under any of the given schemas"
        )
    return Reply({"volume": views.volume(call, call.cloud.storage.volumes.change(volume, **changes))})


def _delete(call: Call) -> Reply:
    volume = find.volume(call)
    force = call.query.get("force", "").lower() == "true" and call.user.is_admin
    remove(call, volume, cascade=call.query.get("cascade", "").lower() == "true", force=force)
    return Reply(None, 202)


def remove(call: Call, volume: Volume, *, cascade: bool = False, force: bool = False) -> None:
    """Begin the deletion of a volume. Raises ApiError 400 when it is in a state that forbids it."""
    storage = call.cloud.storage
    snapshots = [one for one in storage.snapshots.values() if one.volume_id == volume.id]
    fit = force or storage.volumes.status(volume) in _DELETABLE
    if not fit or volume.attachments or (snapshots and not cascade) or volume.migration_status not in (None, "error"):
        status = "" if force else f"status must be {find.status_words(_DELETABLE)} and"
        raise ApiError(
            400,
            f"Invalid volume: Volume {status} must not be migrating, attached, belong to a group, have snapshots, "
            "awaiting a transfer, or be disassociated from snapshots after volume transfer.",
        )
    for snapshot in snapshots:
        snapshot.status = "deleting"
    storage.volumes.change(volume, status="deleting")
    work.delete(call.cloud, volume.id)


def _metadata(call: Call) -> Reply:
    return Reply({"metadata": find.volume(call).metadata})


def _set_metadata(call: Call) -> Reply:
    """POST adds, PUT replaces."""
    volume = find.volume(call)
    given = {str(key): str(value) for key, value in find.part(call, "metadata").items()}
    kept = volume.metadata | given if call.method == "POST" else given
    return Reply({"metadata": call.cloud.storage.volumes.change(volume, metadata=kept).metadata})


def _one_metadata(call: Call) -> Reply:
    volume, key = find.volume(call), call.args["key"]
    if key not in volume.metadata:
        raise ApiError(404, f"Volume {volume.id} has no metadata with key {key}.")
    if call.method == "GET":
        return Reply({"meta": {key: volume.metadata[key]}})
    kept = {name: value for name, value in volume.metadata.items() if name != key}
    call.cloud.storage.volumes.change(volume, metadata=kept)
    return Reply(None, 200)


ROUTES = (
    Route("GET", "/v3/volumes", _list, rule="volume:get_all"),
    Route("GET", "/v3/volumes/detail", _list_detail, rule="volume:get_all"),
    Route("GET", "/v3/volumes/summary", _summary, rule="volume:get_all", since=(3, 12)),
    Route("POST", "/v3/volumes", _create, "member", "volume:create"),
    Route("GET", "/v3/volumes/{id}", _show, rule="volume:get"),
    Route("PUT", "/v3/volumes/{id}", _update, "member", "volume:update"),
    Route("DELETE", "/v3/volumes/{id}", _delete, "member", "volume:delete"),
    Route("GET", "/v3/volumes/{id}/metadata", _metadata, rule="volume:get_volume_metadata"),
    Route("POST", "/v3/volumes/{id}/metadata", _set_metadata, "member", "volume:create_volume_metadata"),
    Route("PUT", "/v3/volumes/{id}/metadata", _set_metadata, "member", "volume:update_volume_metadata"),
    Route("GET", "/v3/volumes/{id}/metadata/{key}", _one_metadata, rule="volume:get_volume_metadata"),
    Route("DELETE", "/v3/volumes/{id}/metadata/{key}", _one_metadata, "member", "volume:delete_volume_metadata"),
)
