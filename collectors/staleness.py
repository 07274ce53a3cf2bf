"""How old is too old: a row that has not been read for three periods is unknown, whatever it was.

In the background a kind is read at a third of its pace, and a list that costs many requests is spread over the budget;
both make the period longer. A target whose latest read failed is held to the short period: it was asked and silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from collectors.health import Health, unknown
from collectors.schedule import BACKGROUND
from collectors.snapshot import Snapshot, TargetRead
from collectors.values import age

PERIODS: Final = 3.0
BUDGET: Final = 240.0
"""Requests per minute and service, as in `Schedule.limit`."""


def limit(snapshot: Snapshot, target: TargetRead) -> float:
    """Seconds after which what `target` gave is no longer known."""
    period = snapshot.kind.period
    if target.error is not None:
        return PERIODS * period
    calls = sum(t.calls for t in snapshot.targets)
    return PERIODS * max(period * BACKGROUND, calls * 60.0 / BUDGET) + snapshot.kind.deadline


def parts(snapshot: Snapshot) -> Iterator[tuple[TargetRead, range]]:
    """Each target with the numbers of its rows: a snapshot holds them target by target."""
    start = 0
    for target in snapshot.targets:
        stop = len(snapshot.rows) if len(snapshot.targets) == 1 else start + target.rows
        yield target, range(start, min(stop, len(snapshot.rows)))
        start = stop


def is_stale(snapshot: Snapshot, target: TargetRead, now: float) -> bool:
    """True when the rows of `target` are older than they may be."""
    return bool(target.at) and now - target.at > limit(snapshot, target)


def was(health: Health, seconds: float) -> Health:
    """What is left of a health that was read `seconds` ago: unknown, and what it was."""
    before = f"was {health.level}, {age(seconds)} ago"
    return unknown(before if health.level == "ok" or not health.reason else f"{before}: {health.reason}")


def healths(snapshot: Snapshot, now: float) -> Sequence[Health]:
    """The health of every row as it is known now; the snapshot's own list while nothing is stale."""
    stale = [(target, rows) for target, rows in parts(snapshot) if is_stale(snapshot, target, now)]
    if not stale:
        return snapshot.healths
    found = list(snapshot.healths)
    for target, rows in stale:
        for index in rows:
            found[index] = was(found[index], now - target.at)
    return found
