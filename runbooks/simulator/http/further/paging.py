"""Pages of the further services' lists: by marker, or by offset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from runbooks.simulator.http.call import ApiError, Call

T = TypeVar("T")


def whole(call: Call, name: str, default: int, refused: ApiError) -> int:
    """A number of the query. Raises `refused`."""
    given = call.query.get(name)
    if given is None:
        return default
    if not given.isdecimal():
        raise refused
    return int(given)


def after(found: Sequence[T], marker: str | None, id_of: Callable[[T], str], refused: ApiError) -> Sequence[T]:
    """Those behind the one with the marker's id. Raises `refused` when there is none."""
    if marker is None:
        return found
    for place, each in enumerate(found):
        if id_of(each) == marker:
            return found[place + 1 :]
    raise refused
