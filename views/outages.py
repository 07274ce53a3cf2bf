"""Since when each subject cannot be read, as far as this session saw it. Fed with every swap; nothing else is kept."""

from __future__ import annotations

from collectors.snapshot import Snapshot
from collectors.store import Subject
from views.feed import Feed
from views.trouble import Tries

JITTER = 2.0
"""Seconds by which the moment of the next try may move without being told anew."""


class Outages:
    """First failure and next try by subject."""

    def __init__(self) -> None:
        self._since: dict[Subject, float] = {}
        self._next: dict[Subject, float] = {}

    def note(self, subject: Subject, snapshot: Snapshot, now: float) -> None:
        """A swap: remember when a failure began, forget it when it is over."""
        if snapshot.errors:
            self._since.setdefault(subject, now)
        else:
            self._since.pop(subject, None)
            self._next.pop(subject, None)

    def tries(self, subject: Subject, feed: Feed, now: float) -> Tries:
        """What is known about the failing of `subject`; the next try as a moment that does not flicker."""
        failed, wait = feed.next_try(subject)
        next_at = now + wait if wait > 0 and subject in self._since else 0.0
        before = self._next.get(subject, 0.0)
        if next_at and abs(next_at - before) > JITTER:
            self._next[subject] = before = next_at
        return Tries(failed, before if next_at else 0.0, self._since.get(subject, 0.0))
