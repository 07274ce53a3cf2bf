"""Images: lists, one, create, change, delete, data, tags, deactivation, members."""

from __future__ import annotations

from hashlib import md5
from typing import Any
from uuid import UUID, uuid4

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.glance import patch, query, views
from runbooks.simulator.model.images import Image, Member


def _list(call: Call) -> Reply:
    found, following = query.page(call, query.chosen(call))
    body: dict[str, Any] = {"images": [views.image(one) for one in found], "first": query.first(call)}
    if following is not None:
        body["next"] = following
    return Reply(body | {"schema": "/v2/schemas/images"})


def _show(call: Call) -> Reply:
    return Reply(views.image(_find(call)))


def _find(call: Call, *, change: bool = False) -> Image:
    """The image that the path names; `change`: the caller wants to change it. Raises ApiError 403, 404."""
    wanted = call.args["id"]
    found = call.cloud.images.get(wanted)
    if found is None or not query.may_see(call, found):
        raise ApiError(404, f"No image found with ID {wanted}")
    if change and not call.user.is_admin and found.owner != call.user.project:
        raise ApiError(403, "You are not permitted to modify this image.")
    return found


def _create(call: Call) -> Reply:
    given = call.body()
    now = call.cloud.now()
    identity = str(given.get("id") or uuid4())
    try:
        UUID(identity)
    except ValueError:
        raise ApiError(400, f"Provided object does not match schema 'image': '{identity}' is not a 'uuid'") from None
    if call.cloud.images.get(identity) is not None:
        raise ApiError(409, f"Image ID {identity} already exists!")
    image = Image(id=identity, owner=call.user.project, name=None, created=now, updated=now)
    for name, value in given.items():
        if name != "id":
            patch.set_value(call, image, name, value)
    call.cloud.images.add(image)
    headers = {
        "Location": f"{call.base}/v2/images/{identity}",
        "OpenStack-image-import-methods": "glance-direct,web-download",
    }
    return Reply(views.image(image), 201, headers)


def _update(call: Call) -> Reply:
    image = _find(call, change=True)
    patch.apply(call, image)
    image.updated = call.cloud.now()
    return Reply(views.image(image))


def _delete(call: Call) -> Reply:
    image = _find(call, change=True)
    if image.protected:
        raise ApiError(403, f"Image {image.id} is protected and cannot be deleted.")
    del call.cloud.images.by_id[image.id]
    return Reply(None, 204)


def _upload(call: Call) -> Reply:
    image = _find(call, change=True)
    if image.status not in ("queued", "saving"):
        raise ApiError(409, f"Image status transition from {image.status} to saving is not allowed")
    image.fill(len(call.data), md5(call.data, usedforsecurity=False).hexdigest(), call.cloud.now())
    return Reply(None, 204)


def _download(call: Call) -> Reply:
    """The simulated cloud keeps what describes images, not their contents."""
    image = _find(call)
    if image.status == "deactivated":
        raise ApiError(403, "The requested image has been deactivated. Image data download is forbidden.")
    if image.size is None:
        return Reply(None, 204)
    raise ApiError(404, "Image data can not be found in the backing store.")


def _deactivate(call: Call) -> Reply:
    return _switch(call, "active", "deactivated", "deactivate")


def _reactivate(call: Call) -> Reply:
    return _switch(call, "deactivated", "active", "reactivate")


def _switch(call: Call, before: str, after: str, verb: str) -> Reply:
    image = _find(call, change=True)
    if image.status not in (before, after):
        raise ApiError(403, f"Not allowed to {verb} image in status '{image.status}'")
    image.status = after
    image.updated = call.cloud.now()
    return Reply(None, 204)


def _add_tag(call: Call) -> Reply:
    image = _find(call, change=True)
    if call.args["tag"] not in image.tags:
        image.tags.append(call.args["tag"])
    return Reply(None, 204)


def _remove_tag(call: Call) -> Reply:
    image = _find(call, change=True)
    if call.args["tag"] not in image.tags:
        raise ApiError(404, f"Image tag {call.args['tag']} not found")
    image.tags.remove(call.args["tag"])
    return Reply(None, 204)


def _members(call: Call) -> Reply:
    image = _shared(call)
    own = call.user.is_admin or image.owner == call.user.project
    shown = [one for one in image.members.values() if own or one.project_id == call.user.project]
    return Reply({"members": [views.member(image, one) for one in shown], "schema": "/v2/schemas/members"})


def _shared(call: Call) -> Image:
    image = _find(call)
    if image.visibility != "shared":
        raise ApiError(403, "Only shared images have members.")
    return image


def _member(call: Call, image: Image) -> Member:
    found = image.members.get(call.args["member"])
    if found is None:
        raise ApiError(404, f"{call.args['member']} not found in the member list of the image {image.id}.")
    return found


def _show_member(call: Call) -> Reply:
    image = _shared(call)
    return Reply(views.member(image, _member(call, image)))


def _add_member(call: Call) -> Reply:
    image = _shared(call)
    if not call.user.is_admin and image.owner != call.user.project:
        raise ApiError(403, "You are not permitted to create image members for the image.")
    wanted = call.body().get("member")
    if not wanted:
        raise ApiError(400, "Member to be added not specified" if wanted is None else "Member can't be empty")
    project = str(wanted)
    if project in image.members:
        raise ApiError(409, f"Member {project} is duplicated for image {image.id}")
    now = call.cloud.now()
    image.members[project] = Member(project, now, now)
    return Reply(views.member(image, image.members[project]))


def _set_member(call: Call) -> Reply:
    image = _shared(call)
    member = _member(call, image)
    if not call.user.is_admin and member.project_id != call.user.project:
        raise ApiError(403, "You are not permitted to modify 'status' on this image member.")
    status = call.body().get("status")
    if status is None:
        raise ApiError(400, "Status not specified")
    if status not in ("pending", "accepted", "rejected"):
        raise ApiError(400, 'Incorrect request: Status must be "pending", "accepted" or "rejected".')
    member.status, member.updated = str(status), call.cloud.now()
    return Reply(views.member(image, member))


def _remove_member(call: Call) -> Reply:
    image = _shared(call)
    if not call.user.is_admin and image.owner != call.user.project:
        raise ApiError(403, "You cannot delete image member.")
    del image.members[_member(call, image).project_id]
    return Reply(None, 204)


ROUTES = (
    Route("GET", "/v2/images", _list, rule="get_images"),
    Route("POST", "/v2/images", _create, "member", "add_image"),
    Route("GET", "/v2/images/{id}", _show, rule="get_image"),
    Route("PATCH", "/v2/images/{id}", _update, "member", "modify_image"),
    Route("DELETE", "/v2/images/{id}", _delete, "member", "delete_image"),
    Route("GET", "/v2/images/{id}/file", _download, "member", "download_image"),
    Route("PUT", "/v2/images/{id}/file", _upload, "member", "upload_image"),
    Route("POST", "/v2/images/{id}/actions/deactivate", _deactivate, "admin", "deactivate"),
    Route("POST", "/v2/images/{id}/actions/reactivate", _reactivate, "admin", "reactivate"),
    Route("PUT", "/v2/images/{id}/tags/{tag}", _add_tag, "member", "modify_image"),
    Route("DELETE", "/v2/images/{id}/tags/{tag}", _remove_tag, "member", "modify_image"),
    Route("GET", "/v2/images/{id}/members", _members, rule="get_members"),
    Route("POST", "/v2/images/{id}/members", _add_member, "member", "add_member"),
    Route("GET", "/v2/images/{id}/members/{member}", _show_member, rule="get_member"),
    Route("PUT", "/v2/images/{id}/members/{member}", _set_member, "member", "modify_member"),
    Route("DELETE", "/v2/images/{id}/members/{member}", _remove_member, "member", "delete_member"),
)
