"""What to read next: pure decisions, the time passed in.

Visible subjects go at their kind's period, others slower; nothing overlaps; after a failure the pause doubles; a read
that costs many requests is spread so that no service gets more than its budget of requests a minute. A small jitter,
fixed per subject, keeps reads apart that started together; subjects of one batch are read together instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import msgspec

from collectors.store import Subject

BACKGROUND = 3.0
"""Times the period, for what nobody looks at but the overview needs."""

CEILING = 300.0
"""Seconds: the longest pause after failures."""


HASTE = 2.0
"""Seconds between two reads that were asked for by events, at least: a hundred servers may be built at once."""


EARLY = 0.2
"""Share of its pause by which a subject is read early when others of its batch are due."""


class _Entry(msgspec.Struct):
    period: float
    budget_key: str
    batch: str = ""
    """Subjects with the same word here share their round trips; empty: it goes alone."""
    visible: bool = False
    watchers: int = 0
    due: float = 0.0
    reading: bool = False
    failures: int = 0
    cost: int = 1
    again: bool = False
    late: bool = False
    """What happened during its read may not be in it: another one follows."""
    ended: float = -HASTE
    """When its last read was over."""


class Spent(msgspec.Struct, frozen=True):
    """Requests to one service in the last minute, and how many it may get."""

    service: str
    calls: int
    limit: int


class Schedule(msgspec.Struct):
    """The plan for every watched subject. Times are seconds of one monotonic clock."""

    limit: int = 240
    """Requests per minute and service."""
    background: float = BACKGROUND
    """Times the period for what is not visible; 1 while the overview, which shows all of it, is in front."""
    _entries: dict[Subject, _Entry] = msgspec.field(default_factory=dict)
    _calls: dict[str, list[tuple[float, int]]] = msgspec.field(default_factory=dict)

    def watch(
        self, subject: Subject, period: float, budget_key: str, now: float, *, visible: bool, batch: str = ""
    ) -> None:
        """Start to read `subject`, at once; several may watch it."""
        entry = self._entries.get(subject)
        if entry is None:
            entry = self._entries[subject] = _Entry(period, budget_key, batch, due=now)
        entry.watchers += 1
        if visible and not entry.visible:
            entry.visible = True
            entry.due = min(entry.due, now if not entry.failures else entry.due)

    def unwatch(self, subject: Subject, *, visible: bool) -> bool:
        """One watcher less; True when nobody is left and the subject was dropped."""
        entry = self._entries.get(subject)
        if entry is None:
            return False
        entry.watchers -= 1
        if visible:
            entry.visible = False
        if entry.watchers <= 0:
            del self._entries[subject]
            return True
        return False

    def pace(self, background: float, now: float) -> None:
        """Read the background at another pace from now on; quicker also brings forward what is waiting."""
        quicker = background < self.background
        self.background = background
        for entry in self._entries.values() if quicker else ():
            if not entry.visible and not entry.reading and not entry.failures:
                entry.due = min(entry.due, now + self.pause(False, entry.period, 0, entry.cost))

    def refresh(self, subject: Subject, now: float) -> None:
        """Read it now, or again as soon as the read under way is over."""
        entry = self._entries.get(subject)
        if entry is not None:
            entry.due = now
            entry.again = entry.reading

    def hasten(self, kind_name: str, now: float) -> bool:
        """Something happened to a row of this kind: read it soon where somebody looks at it. True when one is."""
        found = False
        for subject, entry in self._entries.items():
            if subject.kind_name == kind_name and entry.visible and not entry.failures:
                found = True
                soon = max(now, entry.ended + self._haste(entry))
                entry.late = entry.late or entry.reading
                entry.due = min(entry.due, soon)
        return found

    def _haste(self, entry: _Entry) -> float:
        """Seconds after a read before events bring the next one: a costly list keeps to its budget."""
        return max(HASTE, entry.cost * 60.0 / self.limit)

    def due(self, now: float) -> Iterator[Subject]:
        """What should start now, visible ones first."""
        ready = [(not e.visible, e.due, i, s, e) for i, (s, e) in enumerate(self._entries.items()) if e.due <= now]
        for _, _, _, subject, entry in sorted(ready, key=lambda item: item[:3]):
            if not entry.reading:
                yield subject

    def batches(self, now: float) -> list[list[Subject]]:
        """What should start now, by what is read together; those join in that would soon be due anyway."""
        found: dict[str, list[Subject]] = {}
        for subject in self.due(now):
            batch = self._entries[subject].batch
            found.setdefault(batch or repr(subject), []).append(subject)
        for subject, entry in self._entries.items():
            if entry.batch in found and not entry.reading and not entry.failures:
                early = EARLY * self.pause(entry.visible, entry.period, 0, entry.cost)
                if now < entry.due <= now + early:
                    found[entry.batch].append(subject)
        return list(found.values())

    def started(self, subject: Subject) -> None:
        """A read of it is under way; it is not due again before it ends."""
        self._entries[subject].reading = True

    def finished(self, subject: Subject, now: float, *, failed: bool, calls: int) -> None:
        """The read is over; `calls` requests were spent."""
        entry = self._entries.get(subject)
        if entry is None:
            return
        entry.reading, entry.ended = False, now
        entry.failures = entry.failures + 1 if failed else 0
        entry.cost = max(calls, 1)
        self._calls.setdefault(entry.budget_key, []).append((now, calls))
        if entry.again:
            entry.again, entry.late, entry.due = False, False, now
            return
        if entry.late and not failed:
            entry.late, entry.due = False, now + self._haste(entry)
            return
        entry.late = False
        entry.due = now + self.pause(entry.visible, entry.period, entry.failures, entry.cost) * _jitter(subject)

    def pause(self, visible: bool, period: float, failures: int, cost: int) -> float:
        """Seconds until the next read."""
        base = period if visible else period * self.background
        base = max(base, cost * 60.0 / self.limit)
        return float(min(base * 2**failures, max(CEILING, base))) if failures else base

    def next_due(self) -> float | None:
        """When something becomes due next; None when nothing is waiting."""
        return min((e.due for e in self._entries.values() if not e.reading), default=None)

    def when(self, subject: Subject) -> float | None:
        """When `subject` is read next."""
        entry = self._entries.get(subject)
        return None if entry is None or entry.reading else entry.due

    def failures(self, subject: Subject) -> int:
        """Failed reads of it in a row."""
        entry = self._entries.get(subject)
        return entry.failures if entry else 0

    def spent(self, now: float) -> list[Spent]:
        """The request budget: what each service got in the last minute."""
        found = []
        for service, calls in sorted(self._calls.items()):
            calls[:] = [(at, count) for at, count in calls if at > now - 60]
            found.append(Spent(service, sum(count for _, count in calls), self.limit))
        return found


def _jitter(subject: Subject) -> float:
    """0.95 to 1.05, always the same for one subject."""
    return 0.95 + (crc32(repr(subject).encode()) % 1000) / 10000
