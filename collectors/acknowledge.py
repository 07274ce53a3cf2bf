"""Known problems: rows acknowledged with a reason and an expiry. Values only; `console/acknowledgements.py` keeps them.

An acknowledged problem is shown, but does not make the headline. It ends at its expiry, or as soon as the row gets
worse than it was. Rows are acknowledged, never whole systems: whatever fails next to a known problem is news.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

import msgspec

from collectors.errors import UsageError
from collectors.health import RANK, Health, Level
from collectors.values import age, quantity

LONGEST: Final = 90 * 86400.0
"""Seconds: what is known for longer is no longer a problem but a fact."""

_UNITS: Final = ("s", "m", "min", "h", "d", "w")


class Acknowledgement(msgspec.Struct, frozen=True):
    """That somebody knows about a problem. Times are seconds since the epoch on our clock."""

    cloud: str
    region: str
    kind: str
    row: str
    """The row's id; `@NAME` for a member or host that does not answer."""
    name: str
    level: Level
    """How bad it was then."""
    reason: str
    by: str
    at: float
    until: float

    def holds(self, level: Level, now: float) -> bool:
        """True while it has not lapsed and the problem is not worse than it was."""
        return now < self.until and RANK[level] >= RANK[self.level]

    def words(self, now: float) -> str:
        """`“RAM on order” (ana, 2 d left)`."""
        return f"“{self.reason}” ({self.by}, {age(self.until - now + 30)} left)"


Known: TypeAlias = Mapping[tuple[str, str], Acknowledgement]
"""(kind, row id) → acknowledgement, of one cloud and region."""

NOTHING: Final[Known] = {}


def known(found: Iterable[Acknowledgement], cloud: str, region: str, now: float) -> Known:
    """Those of one cloud and region that have not lapsed; the latest for a row wins."""
    return {
        (a.kind, a.row): a
        for a in sorted(found, key=lambda a: a.at)
        if (a.cloud, a.region) == (cloud, region) and now < a.until
    }


def is_known(known: Known, kind: str, row: str, health: Health, now: float) -> bool:
    """True when the problem of this row is acknowledged, and no worse than it was then."""
    if health.level == "ok":
        return False
    found = known.get((kind, row))
    return found is not None and found.holds(health.level, now)


def parse(text: str) -> tuple[float, str]:
    """`2h RAM on order` → (seconds, reason). Raises `UsageError` that says what is missing."""
    first, _, reason = text.strip().partition(" ")
    seconds = quantity(first) if first[-1:].isalpha() and first.lstrip("0123456789.") in _UNITS else None
    if seconds is None:
        raise UsageError(f"“{first[:20]}” is no time", "Say how long and why: 2h RAM on order")
    if not 0 < seconds <= LONGEST:
        raise UsageError(f"{first} is too long or no time", f"At most {LONGEST / 86400:.0f} days: 30m, 2h, 3d, 1w")
    if not reason.strip():
        raise UsageError("The reason is missing", "Say how long and why: 2h RAM on order")
    return seconds, " ".join(reason.split())[:200]
