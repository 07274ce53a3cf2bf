"""What the screens need of the readers: snapshots that are there, and a say in what is read next.

The poller and its store are behind it (`console/wiring.py`); tests put a dictionary there.
"""

from __future__ import annotations

from typing import Protocol

from collectors.snapshot import Snapshot
from collectors.store import Subject


class Feed(Protocol):
    """Nothing here waits for a system."""

    def get(self, subject: Subject) -> Snapshot | None:
        """The last snapshot, or None while nothing was read."""

    def watch(self, subject: Subject) -> None:
        """Keep it fresh while somebody looks at it."""

    def unwatch(self, subject: Subject) -> None:
        """Nobody looks at it any more."""

    def refresh(self, subject: Subject) -> None:
        """Read it now."""

    def freeze(self, frozen: bool) -> None:
        """Start no reads while frozen."""

    def next_try(self, subject: Subject) -> tuple[int, float]:
        """(failed reads in a row, seconds until the next one)."""
