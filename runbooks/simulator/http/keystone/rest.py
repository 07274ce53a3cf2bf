"""What Keystone's collections have in common: filters, links, lookups, checks of what is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from runbooks.simulator.http.call import ApiError, Call

T = TypeVar("T")
View = dict[str, object]


def listed(call: Call, **parts: object) -> View:
    """`{"users": […], "links": {…}}`."""
    return {**parts, "links": {"next": None, "self": f"{call.base}{call.path_and_query()}", "previous": None}}


def itself(call: Call, collection: str, key: str) -> View:
    """The `links` of one thing."""
    return {"self": f"{call.base}/v3/{collection}/{key}"}


def filtered(call: Call, views: Iterable[View], *names: str) -> list[View]:
    """The views whose values match the query's: exactly, booleans as Keystone reads them."""
    found = list(views)
    for name in names:
        wanted = call.query.get(name)
        if wanted is None:
            continue
        if name == "enabled":
            truth = wanted.lower() not in ("0", "false")
            found = [view for view in found if view[name] is truth]
        else:
            found = [view for view in found if str(view.get(name) or "") == wanted]
    return found


def one(things: Mapping[str, T], key: str, kind: str) -> T:
    """The thing with this id. Raises ApiError 404 in Keystone's words: `Could not find user: x.`"""
    found = things.get(key)
    if found is None:
        raise ApiError(404, f"Could not find {kind}: {key}.")
    return found


def given(call: Call, kind: str) -> dict[str, object]:
    """The thing in the request's body."""
    found = call.body().get(kind)
    if not isinstance(found, dict):
        raise ApiError(400, f"'{kind}' is a required property")
    return found


def text(values: dict[str, object], name: str, default: str | None = None) -> str:
    """A string among them. Raises ApiError 400 when it is missing (without a default) or something else."""
    found = values.get(name, default)
    if found is None and default is None:
        raise ApiError(400, f"'{name}' is a required property")
    if not isinstance(found, str):
        raise ApiError(400, f"Invalid input for field '{name}': {found!r} is not of type 'string'")
    return found


def truth(values: dict[str, object], name: str, default: bool) -> bool:
    """A boolean among them. Raises ApiError 400 when it is something else."""
    found = values.get(name, default)
    if not isinstance(found, bool):
        raise ApiError(400, f"Invalid input for field '{name}': {found!r} is not of type 'boolean'")
    return found
