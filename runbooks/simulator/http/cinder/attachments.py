"""Attachments of volumes to servers, an API of their own since 3.27."""

from __future__ import annotations

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.cinder import find, query, views
from runbooks.simulator.model.storage.records import Attachment


def _attachments(call: Call) -> Reply:
    return Reply({"attachments": [views.attachment(one, detail=False) for one in _visible(call)]})


def _attachments_detail(call: Call) -> Reply:
    return Reply({"attachments": [views.attachment(one, detail=True) for one in _visible(call)]})


def _visible(call: Call) -> list[Attachment]:
    volumes = call.cloud.storage.volumes
    wanted = query.filters(call)
    if "volume_id" in wanted:
        one = volumes.get(wanted["volume_id"])
        found = [one] if one is not None and find.mine(call, one.project_id) else []
    elif "instance_id" in wanted:
        server = call.cloud.compute.servers.get(wanted["instance_id"])
        ids = {*(server.volumes if server is not None else ())}
        ids |= {one.volume_id for one in volumes.reserved() if one.server_id == wanted["instance_id"]}
        found = [one for identity in ids if (one := volumes.get(identity)) and find.mine(call, one.project_id)]
    else:
        found = list(volumes.newest() if query.everybody(call) else volumes.of_project(call.user.project))
    server_id = wanted.get("instance_id")
    rows = [
        attachment
        for volume in found
        for attachment in volume.attachments
        if server_id in (None, attachment.server_id) and wanted.get("status") in (None, attachment.status)
    ]
    return query.page(call, rows)


def _attachment(call: Call) -> Attachment:
    wanted = call.args["id"]
    volumes = call.cloud.storage.volumes
    found = volumes.newest() if call.user.is_admin else volumes.of_project(call.user.project)
    for volume in found:
        for attachment in volume.attachments:
            if attachment.id == wanted:
                return attachment
    raise ApiError(404, f"Volume attachment could not be found with filter: attachment_id = {wanted}.")


def _show_attachment(call: Call) -> Reply:
    return Reply({"attachment": views.attachment(_attachment(call), detail=True)})


def _create_attachment(call: Call) -> Reply:
    """Without a connector, all that is done is to reserve the volume."""
    given = find.part(call, "attachment")
    wanted, server = given.get("volume_uuid"), given.get("instance_uuid")
    volumes = call.cloud.storage.volumes
    volume = volumes.get(str(wanted))
    if volume is None or not find.mine(call, volume.project_id):
        raise ApiError(404, f"Volume {wanted} could not be found.")
    status = volumes.status(volume)
    if status not in ("available", "downloading") and not (volume.multiattach and status == "in-use"):
        raise ApiError(
            400,
            f"Invalid volume: Volume {volume.id} status must be available or downloading to reserve, but the current "
            f"status is {status}.",
        )
    return Reply({"attachment": views.attachment(volumes.reserve(volume, str(server or "")), detail=True)})


def _delete_attachment(call: Call) -> Reply:
    attachment = _attachment(call)
    volume = find.volume(call, attachment.volume_id)
    if attachment.status == "attached":
        # Since the fix of bug 2004555, for whoever is no service.
        raise ApiError(
            409,
            f"Detach volume from instance {attachment.server_id} using the Compute API",
        )
    call.cloud.storage.volumes.detach(volume, attachment)
    return Reply({"attachments": []})


ROUTES = (
    Route("GET", "/v3/attachments", _attachments, rule="volume:attachment_get", since=(3, 27)),
    Route("GET", "/v3/attachments/detail", _attachments_detail, rule="volume:attachment_get", since=(3, 27)),
    Route("GET", "/v3/attachments/{id}", _show_attachment, rule="volume:attachment_get", since=(3, 27)),
    Route("POST", "/v3/attachments", _create_attachment, "member", "volume:attachment_create", since=(3, 27)),
    Route("DELETE", "/v3/attachments/{id}", _delete_attachment, "member", "volume:attachment_delete", since=(3, 27)),
)
