"""The health checks that the states of placement groups raise.

Some are told at once (degraded, inconsistent), others only when a group has been so for a minute by its own reports:
inactive, peering, stale, undersized. A group that nobody writes to reports seldom, so its minute is over at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from runbooks.simulator.model.ceph.words import percent, span

if TYPE_CHECKING:
    from runbooks.simulator.model.ceph.pgmap import PgMap, Stat

STUCK = 60.0
"""`mon_pg_stuck_threshold`."""
MOST_DETAILS = 50

Raised = tuple[str, str, str, int, tuple[str, ...]]
"""Code, severity, message, count, details."""


def group_checks(pgmap: PgMap, now: float) -> Iterator[Raised]:
    """The checks PG_AVAILABILITY, PG_DEGRADED, PG_DAMAGED and OSD_SCRUB_ERRORS."""
    unavailable, degraded, damaged = defaultdict(list), defaultdict(list), []
    for stat in pgmap.stats:
        words = set(stat.state.split("+"))
        for word, last in (("inactive", "active"), ("peering", "peered"), ("stale", "unstale")):
            held = "active" not in words if word == "inactive" else word in words
            if held and now - stat.last(last) > STUCK:
                unavailable[word].append((stat, last))
        if "degraded" in words and stat.degraded:
            degraded["degraded"].append((stat, ""))
        if "undersized" in words and now - stat.last("fullsized") > STUCK:
            degraded["undersized"].append((stat, "fullsized"))
        if "inconsistent" in words:
            damaged.append(stat)
    if unavailable:
        yield _of("PG_AVAILABILITY", "Reduced data availability: ", unavailable, now)
    if degraded or pgmap.degraded:
        yield _of("PG_DEGRADED", f"Degraded data redundancy: {_copies(pgmap)}", degraded, now)
    if damaged:
        errors = sum(stat.errors for stat in damaged)
        yield "OSD_SCRUB_ERRORS", "HEALTH_ERR", f"{errors} scrub errors", errors, ()
        details = tuple(_plain(stat) for stat in damaged[:MOST_DETAILS])
        said = f"Possible data damage: {_count(len(damaged))} inconsistent"
        yield "PG_DAMAGED", "HEALTH_ERR", said, len(damaged), details


def _copies(pgmap: PgMap) -> str:
    if not pgmap.degraded:
        return ""
    return f"{pgmap.degraded}/{pgmap.copies} objects degraded ({percent(pgmap.degraded, pgmap.copies)}%), "


def _count(number: int) -> str:
    return f"{number} pg{'s' if number > 1 else ''}"


def _of(code: str, lead: str, by_word: dict[str, list[tuple[Stat, str]]], now: float) -> Raised:
    ordered = sorted(by_word)
    parts = [f"{_count(len(by_word[word]))} {word}" for word in ordered]
    seen: dict[str, str] = {}
    for word in reversed(ordered):  # a group is told once, by what it has been stuck in
        for stat, last in by_word[word]:
            if last or stat.id not in seen:
                seen[stat.id] = _stuck(stat, word, last, now) if last else _plain(stat)
    details = [seen[key] for key in sorted(seen, key=_order)]
    count = max((len(stats) for stats in by_word.values()), default=0)
    return code, "HEALTH_WARN", (lead + ", ".join(parts)).removesuffix(", "), count, tuple(details[:MOST_DETAILS])


def _order(pgid: str) -> tuple[int, int]:
    pool, _, number = pgid.partition(".")
    return int(pool), int(number, 16)


def _plain(stat: Stat) -> str:
    return f"pg {stat.id} is {stat.state}, acting {_listed(stat.acting)}"


def _stuck(stat: Stat, word: str, last: str, now: float) -> str:
    lasted = span(now - stat.last(last))
    return f"pg {stat.id} is stuck {word} for {lasted}, current state {stat.state}, last acting {_listed(stat.acting)}"


def _listed(osds: Iterable[int]) -> str:
    return f"[{','.join(map(str, osds))}]"
