"""Values as people write and read them: ages, durations, sizes, times. Pure; the time is passed in."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_UNITS: Final[dict[str, float]] = {
    "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800,
    "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
    "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15,
    "B": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50, "%": 1,
}  # fmt: skip
_QUANTITY = re.compile(r"(-?\d+(?:\.\d+)?)\s*([A-Za-z%]*)")


def epoch(text: str | None) -> float | None:
    """Seconds since the epoch of an ISO 8601 time; one without zone is UTC, as the services mean it.

    Raises `ValueError` for anything else.
    """
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def iso(at: float) -> str:
    """`at` (seconds since the epoch) as UTC ISO 8601 with `Z`; microseconds only where there are any."""
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def quantity(text: str) -> float | None:
    """`5m`, `2GiB`, `80%`, `17` as a number in seconds, bytes or as it stands; None when it is none."""
    found = _QUANTITY.fullmatch(text.strip())
    if found is None:
        return None
    factor = 1.0 if not found[2] else _UNITS.get(found[2])
    return None if factor is None else float(found[1]) * factor


def age(seconds: float) -> str:
    """A duration in steps, so that it does not change on every look: `now`, `40 s`, `6 min`, `3 h`, `2 d`."""
    seconds = max(seconds, 0.0)
    if seconds < 10:
        return "now"
    if seconds < 60:
        return f"{int(seconds // 10) * 10} s"
    if seconds < 5400:
        return f"{int(seconds // 60)} min"
    if seconds < 172800:
        return f"{int(seconds // 3600)} h"
    return f"{int(seconds // 86400)} d"


def size(count: float) -> str:
    """Bytes with a binary unit: `812 B`, `3.4 GiB`, `120 TiB`."""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if abs(value) < 1024 or unit == "PiB":
            return f"{value:.0f} {unit}" if unit == "B" or abs(value) >= 100 else f"{value:.1f} {unit}"
        value /= 1024
    raise AssertionError("unreachable")


def count(number: float) -> str:
    """A number with thousands separated: `260,000`."""
    if float(number).is_integer():
        return f"{number:,.0f}"
    return f"{number:.2g}" if abs(number) < 0.1 else f"{number:,.2f}".rstrip("0").rstrip(".")
