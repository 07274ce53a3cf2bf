"""Glance's list parameters: filters with operators, sorting, `limit`, `marker`, `member_status`.

25 images are sent when no limit is asked for, 1,000 at most; `next` is there when a page is full.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from runbooks.simulator.http.call import ApiError, Call
from runbooks.simulator.model.images import Image

DEFAULT, MOST = 25, 1000
_SORTS = ("name", "status", "container_format", "disk_format", "size", "id", "created_at", "updated_at")
_CONTROLS = frozenset(
    {"limit", "marker", "sort", "sort_key", "sort_dir", "member_status", "tag", "visibility", "os_hidden"}
)
_OPERATORS = ("neq", "eq", "gte", "gt", "lte", "lt")
Row = dict[str, Any]


def may_see(call: Call, image: Image) -> bool:
    """Whether the caller may look at an image at all."""
    if call.user.is_admin or image.owner == call.user.project or image.visibility in ("public", "community"):
        return True
    return image.visibility == "shared" and call.user.project in image.members


def chosen(call: Call) -> list[Image]:
    """The images that fit, in the order asked for, before paging. Raises ApiError 400."""
    visibility = call.query.get("visibility")
    if visibility not in (None, "community", "public", "private", "shared", "all"):
        raise ApiError(400, f"Invalid visibility value: {visibility}")
    hidden = _flag(call, "os_hidden", "false")
    protected = _flag(call, "protected") if "protected" in call.query else None
    status = call.query.get("member_status", "accepted")
    if status not in ("pending", "accepted", "rejected", "all"):
        raise ApiError(400, f"Invalid status: {status}")
    if "changes-since" in call.query:
        raise ApiError(400, 'The "changes-since" filter is no longer available on v2.')
    found = [
        image
        for image in call.cloud.images.newest()
        if _listed(call, image, visibility, status)
        and image.hidden == hidden
        and protected in (None, image.protected)
        and all(tag in image.tags for tag in call.query.getall("tag", []))
    ]
    for name, value in call.query.items():
        if name not in _CONTROLS and name != "protected":
            found = [image for image in found if _fits(image, name, value)]
    for key, ascending in reversed(_order(call)):
        found.sort(key=lambda image: _sort_value(_value(image, key)), reverse=not ascending)
    return found


def _listed(call: Call, image: Image, visibility: str | None, status: str) -> bool:
    """An admin's list has everybody's images; others' have public ones, their own and those shared with them."""
    if visibility not in (None, "all") and image.visibility != visibility:
        return False
    if image.visibility == "community" and visibility != "community" and image.owner != call.user.project:
        return visibility == "all"
    if call.user.is_admin or image.owner == call.user.project or image.visibility in ("public", "community"):
        return True
    member = image.members.get(call.user.project)
    return image.visibility == "shared" and member is not None and status in ("all", member.status)


def _flag(call: Call, name: str, default: str = "") -> bool:
    value = call.query.get(name, default).lower()
    if value not in ("true", "false"):
        raise ApiError(400, f"Invalid value '{value}' for '{name}' filter. Valid values are 'true' or 'false'.")
    return value == "true"


def _value(image: Image, name: str) -> Any:
    own = {"created_at": image.created, "updated_at": image.updated}
    if name in own:
        return own[name]
    if name in image.properties:
        return image.properties[name]
    return getattr(image, name, None)


def _fits(image: Image, name: str, wanted: str) -> bool:
    if name in ("size_min", "size_max"):
        try:
            bound = int(wanted)
        except ValueError:
            raise ApiError(400, "Unable to filter on a range with a non-numeric value.") from None
        size = image.size
        return size is not None and (size >= bound if name == "size_min" else size <= bound)
    if name in ("created_at", "updated_at"):
        return _compare(_value(image, name), wanted)
    if name in ("name", "status", "id", "disk_format", "container_format") and wanted.startswith("in:"):
        return _value(image, name) in [part.strip().strip('"') for part in wanted[3:].split(",")]
    found = _value(image, name)
    return found is not None and str(found) == wanted


def _compare(found: float, wanted: str) -> bool:
    operator, _, rest = wanted.partition(":")
    if operator not in _OPERATORS:
        operator, rest = "eq", wanted
    try:
        bound = datetime.fromisoformat(rest.replace("Z", "+00:00")).timestamp()
    except ValueError:
        raise ApiError(400, f"Invalid time format: {rest}") from None
    return {
        "eq": int(found) == bound,
        "neq": int(found) != bound,
        "gt": found > bound,
        "gte": found >= bound,
        "lt": found < bound,
        "lte": found <= bound,
    }[operator]


def _order(call: Call) -> list[tuple[str, bool]]:
    if "sort" in call.query:
        if "sort_key" in call.query or "sort_dir" in call.query:
            raise ApiError(400, "Old and new sorting syntax cannot be combined")
        pairs = [part.strip().partition(":")[::2] for part in call.query["sort"].split(",")]
    else:
        keys = [key.strip() for key in call.query.getall("sort_key", [])]
        directions = [word.strip() for word in call.query.getall("sort_dir", [])]
        if len(directions) > 1 and len(directions) != len(keys):
            raise ApiError(400, "Number of sort dirs does not match the number of sort keys")
        keys = keys or (["created_at"] if directions else [])
        directions = directions * len(keys) if len(directions) == 1 else directions or [""] * len(keys)
        pairs = list(zip(keys, directions, strict=True))
    for key, direction in pairs:
        if key not in _SORTS:
            raise ApiError(400, f"Invalid sort key: {key}. It must be one of the following: {', '.join(_SORTS)}.")
        if direction not in ("asc", "desc", ""):
            raise ApiError(400, f"Invalid sort direction: {direction}")
    return [(key, direction == "asc") for key, direction in pairs]


def _sort_value(value: Any) -> tuple[bool, Any]:
    return value is not None, "" if value is None else value


def page(call: Call, images: list[Image]) -> tuple[list[Image], str | None]:
    """The wanted part, and `next` when there may be more. Raises ApiError 400, 404."""
    try:
        limit = int(call.query.get("limit", DEFAULT))
    except ValueError:
        raise ApiError(400, "limit param must be an integer") from None
    if limit < 0:
        raise ApiError(400, "limit param must be positive")
    limit = min(limit, MOST)
    marker = call.query.get("marker")
    if marker is not None:
        place = next((at for at, image in enumerate(images) if image.id == marker), None)
        if place is None:
            if call.cloud.images.get(marker) is None:
                raise ApiError(404, f"No image found with ID {marker}")
            place = -1
        images = images[place + 1 :]
    found = images[:limit]
    if not found or len(found) < limit:
        return found, None
    pairs = [(key, value) for key, value in call.query.items() if key != "marker"]
    return found, "/v2/images?" + urlencode([*pairs, ("marker", found[-1].id)])


def first(call: Call) -> str:
    """The address of the first page."""
    pairs = [(key, value) for key, value in call.query.items() if key != "marker"]
    return "/v2/images" + (f"?{urlencode(pairs)}" if pairs else "")
