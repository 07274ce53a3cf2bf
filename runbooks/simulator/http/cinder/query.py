"""Cinder's list parameters: `limit`, `marker`, `offset`, `sort`, filters, `with_count`; and the links of pages.

At most 1,000 objects are sent at once (`osapi_max_limit`), with a link to the rest. Lists are newest first unless they
are sorted otherwise. An admin may filter by anything; a filter that names no field then fits nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlencode

from runbooks.simulator.http.call import ApiError, Call

T = TypeVar("T")
Row = dict[str, Any]

MOST = 1000
_CONTROLS = frozenset(
    {"limit", "marker", "offset", "sort", "sort_key", "sort_dir", "all_tenants", "with_count", "is_public"}
)


def limit(call: Call) -> int:
    """How many objects are wanted. Raises ApiError 400."""
    try:
        found = int(call.query.get("limit", MOST))
    except ValueError:
        raise ApiError(400, "limit param must be an integer") from None
    if found < 0:
        raise ApiError(400, "limit param must be positive")
    return min(found, MOST)


def offset(call: Call) -> int:
    """How many objects to leave out. Raises ApiError 400."""
    given = call.query.get("offset", "0")
    try:
        found = int(given)
    except ValueError:
        raise ApiError(400, "Invalid input received: offset must be an integer.") from None
    if found < 0:
        raise ApiError(400, "Invalid input received: offset must be >= 0")
    return found


def sorts(call: Call, known: Collection[str]) -> list[tuple[str, bool]]:
    """(field, ascending), most important first; empty for the default order. Raises ApiError 400."""
    if "sort" in call.query and ("sort_key" in call.query or "sort_dir" in call.query):
        raise ApiError(
            400,
            "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.",
        )
    if "sort" in call.query:
        pairs = [part.strip().partition(":")[::2] for part in call.query["sort"].split(",")]
    elif "sort_key" in call.query or "sort_dir" in call.query:
        pairs = [(call.query.get("sort_key", "created_at"), call.query.get("sort_dir", "desc"))]
    else:
        return []
    for key, direction in pairs:
        if key.strip() not in known:
            raise ApiError(400, f"Invalid input received: Sort key supplied is invalid: {key}")
        if direction not in ("asc", "desc", ""):
            raise ApiError(
                400, f"Invalid input received: Unknown sort direction, must be one of: asc, desc. Got {direction}"
            )
    found = [(key.strip(), direction == "asc") for key, direction in pairs]
    return [] if found == [("created_at", False)] else found


def filters(call: Call) -> dict[str, str]:
    """What the list is filtered by."""
    return {name: value for name, value in call.query.items() if name not in _CONTROLS}


def everybody(call: Call) -> bool:
    """True when an admin asked for all projects' objects."""
    given = call.query.get("all_tenants")
    return call.user.is_admin and given is not None and given.lower() not in ("0", "false", "f", "no", "off", "n")


def page(call: Call, rows: Iterable[T]) -> list[T]:
    """The wanted part of objects that are sorted and begin after the marker."""
    start = offset(call)
    return list(islice(rows, start, start + limit(call)))


def links(call: Call, rows: list[Any], collection: str, last_id: str) -> list[dict[str, str]]:
    """`volumes_links`: a next page when this one is full."""
    if not rows or len(rows) < limit(call):
        return []
    pairs = [(key, value) for key, value in call.query.items() if key != "marker"]
    query = urlencode([*pairs, ("marker", last_id)])
    return [{"rel": "next", "href": f"{href(call, collection)}?{query}"}]


def href(call: Call, *parts: str) -> str:
    """An address below the API's root, with the project where the request named it."""
    return "/".join((f"{call.base}/v3", *_project(call), *parts))


def both_links(call: Call, *parts: str) -> list[dict[str, str]]:
    """`links` of an object: `self`, and `bookmark` without the API's version."""
    return [
        {"rel": "self", "href": href(call, *parts)},
        {"rel": "bookmark", "href": "/".join((call.base, *_project(call), *parts))},
    ]


def _project(call: Call) -> list[str]:
    project = call.user.project
    return [project] if project and call.path.startswith(f"/v3/{project}") else []


def fits(values: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    """Whether an object fits all filters; `name~` asks for a part (since 3.34)."""
    for name, value in wanted.items():
        if name.endswith("~"):
            if value not in str(values.get(name[:-1]) or ""):
                return False
        elif name not in values or not _equal(values[name], value):
            return False
    return True


def _equal(found: Any, wanted: str) -> bool:
    if isinstance(found, bool):
        return str(found).lower() == wanted.lower()
    if isinstance(found, Mapping):
        pairs = [
            part.split(":", 1)
            for part in wanted.strip("{} ").replace("'", "").replace('"', "").split(",")
            if ":" in part
        ]
        return all(found.get(key.strip()) == value.strip() for key, value in pairs)
    return str(found) == wanted


def ordered(rows: Iterable[T], order: list[tuple[str, bool]], value: Callable[[T, str], Any]) -> list[T]:
    """Sorted by several fields; null is smallest."""
    found = list(rows)
    for key, ascending in reversed(order):
        found.sort(key=lambda row: _sort_value(value(row, key)), reverse=not ascending)
    return found


def _sort_value(value: Any) -> tuple[bool, Any]:
    return value is not None, "" if value is None else value
