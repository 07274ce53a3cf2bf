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
        ids = server.volumes if server is not None else ()
        found = [one for identity in ids if (one := volumes.get(identity)) and find.mine(call, one.project_id)]
    else:
        found = list(volumes.newest() if query.everybody(call) else volumes.of_project(call.user.project))
    rows = [attachment for volume in found for attachment in volume.attachments]
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


def _delete_attachment(call: Call) -> Reply:
    attachment = _attachment(call)
    volume = find.volume(call, attachment.volume_id)
    call.cloud.storage.volumes.detach(volume, attachment)
    return Reply({"attachments": []})


ROUTES = (
    Route("GET", "/v3/attachments", _attachments, rule="volume:attachment_get", since=(3, 27)),
    Route("GET", "/v3/attachments/detail", _attachments_detail, rule="volume:attachment_get", since=(3, 27)),
    Route("GET", "/v3/attachments/{id}", _show_attachment, rule="volume:attachment_get", since=(3, 27)),
    Route("DELETE", "/v3/attachments/{id}", _delete_attachment, "member", "volume:attachment_delete", since=(3, 27)),
)
