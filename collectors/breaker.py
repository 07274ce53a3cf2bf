"""A circuit breaker: after three failures in a row a system is left alone for a while, then tried once.

Pure decisions, the time passed in: the source asks `allow`, then reports `succeeded` or `failed`. The rest doubles with
every failed try up to a ceiling, so that the console never adds to an outage.
"""

from __future__ import annotations

import threading
from typing import Literal


class Breaker:
    """State of one system's circuit. Times are seconds of any monotonic clock."""

    def __init__(self, *, threshold: int = 3, rest: float = 10.0, ceiling: float = 30.0) -> None:
        self._threshold = threshold
        self._first_rest = rest
        self._ceiling = ceiling
        self._failures = 0
        self._rest = rest
        self._retry_at: float | None = None
        self._trying = False
        self._lock = threading.Lock()

    def state(self, now: float) -> Literal["closed", "open", "half-open"]:
        """`open` while resting, `half-open` when one try is due or under way."""
        with self._lock:
            if self._retry_at is None:
                return "closed"
            return "open" if now < self._retry_at and not self._trying else "half-open"

    @property
    def failures(self) -> int:
        """Failures since the last success."""
        return self._failures

    @property
    def retry_at(self) -> float | None:
        """When the next try is due, or None while closed."""
        return self._retry_at

    def allow(self, now: float) -> bool:
        """May we try now? While half-open only one caller gets a yes."""
        with self._lock:
            if self._retry_at is None:
                return True
            if now < self._retry_at or self._trying:
                return False
            self._trying = True
            return True

    def succeeded(self) -> None:
        """The system answered."""
        with self._lock:
            self._failures, self._rest, self._retry_at, self._trying = 0, self._first_rest, None, False

    def failed(self, now: float) -> None:
        """The system did not answer."""
        with self._lock:
            self._failures += 1
            if self._trying:
                self._rest = min(self._rest * 2, self._ceiling)
            self._trying = False
            if self._failures >= self._threshold:
                self._retry_at = now + self._rest
