"""Which moment an age on the screen counts from, and how moments are written. Pure; the time is passed in.

Ages in rows count to the reading that they came from, on the clock of the service that was read: between two readings
nothing on the screen moves, and a system that stopped answering does not make its rows look older than what is known.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

from collectors.snapshot import AnyRow, OddRow, Snapshot
from collectors.values import age


def reading_clock(snapshot: Snapshot) -> Callable[[AnyRow], float]:
    """Row → the moment of its reading on its service's clock, seconds since the epoch."""
    latest = max((t.at + t.skew for t in snapshot.targets), default=snapshot.at)
    per = snapshot.kind.scope.per
    if len(snapshot.targets) < 2 or per not in ("host", "member"):
        return lambda row: latest
    moments = {t.target: t.at + t.skew for t in snapshot.targets}

    def moment(row: AnyRow) -> float:
        target = row.target if isinstance(row, OddRow) else str(getattr(row, per, ""))
        return moments.get(target, latest)

    return moment


def service_now(snapshot: Snapshot) -> float:
    """The service's clock at the latest reading: what ages in filters count to."""
    return max((t.at + t.skew for t in snapshot.targets), default=snapshot.at)


def hour(at: float, zone: tzinfo | None = None) -> str:
    """A moment as people say it: `21:03:14`, on the clock of this terminal."""
    return datetime.fromtimestamp(at, zone).strftime("%H:%M:%S")


def ago(at: float, now: float) -> str:
    """`5 min ago`, `just now`."""
    words = age(now - at)
    return "just now" if words == "now" else f"{words} ago"
