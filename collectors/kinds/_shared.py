"""Small pure helpers that the row functions of several kinds share; no kind itself.

A row is flat and lean: words that repeat are interned, lists become text, units become bytes and seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from sys import intern
from typing import Any, Final

from collectors.health import Health, warning
from collectors.kind import Reading
from collectors.values import age, epoch

MIB: Final = 2**20
GIB: Final = 2**30

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 86400.0


def word(text: str | None) -> str | None:
    """`text` held only once however many rows say it; None when there is none."""
    return intern(text) if text else None


def joined_name(reading: Reading, kind: str, identity: str | None) -> str | None:
    """The name of the `kind` row with that id, or None while that kind has not been read."""
    found = reading.joins.get(kind, {}).get(identity or "")
    name: str | None = getattr(found, "name", None)
    return name


def listed(parts: Iterable[object] | None) -> str | None:
    """`a, b, c`; None for nothing."""
    return ", ".join(str(part) for part in parts or ()) or None


def pairs(found: Mapping[str, Any] | None) -> str | None:
    """`key=value, other=value` in the order of the keys; None for nothing."""
    return listed(f"{key}={value}" for key, value in sorted((found or {}).items()))


def scaled(value: float | None, unit: int) -> int | None:
    """`value` units as bytes."""
    return None if value is None else round(value * unit)


def percent(part: float | None, whole: float | None) -> float | None:
    """`part` of `whole` in percent with one decimal; None when either is unknown or there is no whole."""
    return None if part is None or not whole else round(100.0 * part / whole, 1)


def ago(seconds: float) -> str:
    """`just now`, `40 s ago`, `3 d ago`."""
    return "just now" if seconds < 10 else f"{age(seconds)} ago"


def moment(text: str | None) -> float | None:
    """Seconds since the epoch of a time that Go wrote, with nanoseconds; its zero time means never."""
    return None if not text or text.startswith("0001-") else epoch(re.sub(r"(\.\d{6})\d+", r"\1", text))


def lasting(what: str, since: float | None, now: float, limit: float) -> Health | None:
    """A warning when `what` (a verb in -ing) has been going on for longer than `limit` seconds, else None."""
    if since is None or now - since <= limit:
        return None
    return warning(f"{what} for {age(now - since)}")
