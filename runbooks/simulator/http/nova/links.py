"""What Nova's answers have in common: times, links, pages, checks of ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import islice
from time import gmtime
from typing import TypeVar

from runbooks.simulator.http.call import ApiError, Call

T = TypeVar("T")
View = dict[str, object]
PAGE = 1000
"""`osapi_max_limit`, Nova's default."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


def stamp(at: float | None) -> str | None:
    """`2026-11-20T22:37:00.000000`: whole seconds, as Nova's database keeps them."""
    return None if at is None else f"{_second(at)}.000000"


def stamp_z(at: float) -> str:
    """`2026-11-20T22:37:00Z`."""
    return f"{_second(at)}Z"


def _second(at: float) -> str:
    days, rest = divmod(int(at), 86400)
    minutes, seconds = divmod(rest, 60)
    return f"{_day(days)}T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


@lru_cache(maxsize=1024)
def _day(days: int) -> str:
    t = gmtime(days * 86400)
    return f"{t.tm_year}-{t.tm_mon:02}-{t.tm_mday:02}"


def links(call: Call, collection: str, key: str) -> list[dict[str, str]]:
    """`self` and `bookmark`."""
    return [
        {"rel": "self", "href": f"{call.base}/v2.1/{collection}/{key}"},
        {"rel": "bookmark", "href": f"{call.base}/{collection}/{key}"},
    ]


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def limit(call: Call) -> int:
    """The page's size: what the query asks for, at most Nova's own limit. Raises ApiError 400."""
    text = call.query.get("limit", "")
    if not re.fullmatch(r"[0-9]*", text):
        raise ApiError(
            400, f"Invalid input for query parameters limit. Value: {text}. '{text}' does not match '^[0-9]*$'"
        )
    wanted = int(text) if text else PAGE
    return min(wanted, PAGE)


def next_link(call: Call, marker: str) -> list[dict[str, str]]:
    """The link to the page after `marker`."""
    return [{"rel": "next", "href": f"{call.base}{call.path_and_query(marker=marker)}"}]


def page(call: Call, things: Iterable[T], key: Callable[[T], str], refuse: Callable[[str], ApiError]) -> list[T]:
    """The page of `things` that the query asks for; `refuse` says that there is no such marker."""
    marker = call.query.get("marker")
    found = iter(things)
    if marker and not any(key(thing) == marker for thing in found):
        raise refuse(marker)
    return list(islice(found, limit(call)))


def flag(call: Call, name: str) -> bool:
    """A boolean of the query, as oslo.utils reads it. Raises ApiError 400 for a word that it does not know."""
    text = call.query.get(name, "")
    lowered = text.strip().lower()
    if lowered in ("1", "t", "true", "on", "y", "yes"):
        return True
    if lowered in ("", "0", "f", "false", "off", "n", "no"):
        return False
    raise ApiError(
        400,
        f"Invalid input for query parameters {name}. Value: {text}. '{text}' is not one of ['1', 't', 'true', 'on', "
        "'y', 'yes', '0', 'f', 'false', 'off', 'n', 'no']",
    )
