"""The simulated cloud's clock.

It runs with real time plus a shift. `advance` moves the whole cloud on (heartbeats age, builds finish) without
waiting; every timestamp and every HTTP `Date` of the cloud comes from here, so that clients see one consistent time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch as the simulated cloud sees them."""

    def __init__(self, base: Callable[[], float] = time.time) -> None:
        self._base = base
        self._shift = 0.0

    def now(self) -> float:
        """The cloud's time, seconds since the epoch."""
        return self._base() + self._shift

    def advance(self, seconds: float) -> float:
        """Move the cloud's time on by `seconds` (never back); return the new time."""
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        self._shift += seconds
        return self.now()


def iso(at: float, *, micro: bool = True) -> str:
    """`at` as Nova and Neutron's database layers print it: UTC, no zone; microseconds or none at all."""
    stamp = datetime.fromtimestamp(at, UTC)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.%f" if micro else "%Y-%m-%dT%H:%M:%S")


def iso_z(at: float) -> str:
    """`at` as `2026-11-20T22:37:00Z` (Nova servers, Glance)."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp(at: float) -> str:
    """`at` as `2026-11-20 22:37:00` (Neutron's agents)."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
