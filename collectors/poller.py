"""Reads what is watched, when the schedule says so, and swaps the results into the store.

One thread decides; reads run on threads of their own per service, so that a hanging service holds up nothing but
itself. What is due on hosts goes there in one round trip per host, whatever kinds it is for. Each swap is told once
(`on_swap`, on a reader's thread); what is done with it is the listener's business.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from collectors import registry
from collectors.connections import Connections, system_of
from collectors.errors import BadConfiguration, CircuitOpen, OurBug, SourceError, UsageError
from collectors.kind import AnyKind
from collectors.read import Outcome, read_together
from collectors.reader import Ask
from collectors.request import HostCommands, Rest
from collectors.schedule import BACKGROUND, Schedule, Spent
from collectors.snapshot import Snapshot, TargetRead
from collectors.sources.base import EVERYWHERE
from collectors.store import Store, Subject
from collectors.threads import Pool

Swap = Callable[[Subject, Snapshot], None]

READERS = 3
"""Threads per service."""


def batch_key(kind: AnyKind) -> str:
    """Kinds with the same word here are read together; empty where reading together saves nothing."""
    return system_of(kind.read) if isinstance(kind.read, HostCommands) else ""


def budget_key(kind: AnyKind) -> str:
    """Whose budget a read of `kind` is charged to: the OpenStack service, else the system."""
    return kind.read.service if isinstance(kind.read, Rest) else system_of(kind.read)


class Poller:
    """Keeps every watched subject fresh."""

    def __init__(
        self, connections: Connections, store: Store, on_swap: Swap, *, clock: Callable[[], float], limit: int = 240
    ) -> None:
        self.connections = connections
        self.store = store
        self._on_swap = on_swap
        self._clock = clock
        self._schedule = Schedule(limit)
        self._wake = threading.Condition()
        self._pools: dict[str, Pool] = {}
        self._joined: dict[Subject, list[Subject]] = {}
        self._frozen = False
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="poller", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def watch(self, subject: Subject, *, visible: bool = True) -> None:
        """Keep `subject` fresh, and in the background the kinds that its rows join."""
        kind = registry.kind(subject.kind_name)
        with self._wake:
            now = time.monotonic()
            self._schedule.watch(subject, kind.period, budget_key(kind), now, visible=visible, batch=batch_key(kind))
            for name in kind.joins:
                other = registry.kind(name)
                if self.connections.has(system_of(other.read)):
                    joined = Subject(name)
                    self._schedule.watch(
                        joined,
                        max(other.period, 60.0),
                        budget_key(other),
                        now,
                        visible=False,
                        batch=batch_key(other),
                    )
                    self._joined.setdefault(subject, []).append(joined)
            self._wake.notify()

    def unwatch(self, subject: Subject, *, visible: bool = True) -> None:
        """Nobody looks at it any more; parts of a kind are forgotten, whole kinds stay with their age."""
        with self._wake:
            gone = self._schedule.unwatch(subject, visible=visible)
            if gone:
                for joined in self._joined.pop(subject, ()):
                    self._schedule.unwatch(joined, visible=False)
                if subject.where != EVERYWHERE:
                    self.store.drop(subject)

    def refresh(self, subject: Subject) -> None:
        """Read it now."""
        with self._wake:
            self._schedule.refresh(subject, time.monotonic())
            self._wake.notify()

    def hasten(self, kind_name: str) -> None:
        """An event names a row of this kind: read it soon, if it is on a screen."""
        with self._wake:
            if self._schedule.hasten(kind_name, time.monotonic()):
                self._wake.notify()

    def overview(self, in_front: bool) -> None:
        """While the overview is in front all of its kinds are looked at; behind a list they go slower."""
        with self._wake:
            self._schedule.pace(1.0 if in_front else BACKGROUND, time.monotonic())
            self._wake.notify()

    def freeze(self, frozen: bool) -> None:
        """Start no new reads while frozen."""
        with self._wake:
            self._frozen = frozen
            self._wake.notify()

    def spent(self) -> list[Spent]:
        """The request budget of the last minute, by service."""
        with self._wake:
            return self._schedule.spent(time.monotonic())

    def next_try(self, subject: Subject) -> tuple[int, float]:
        """(failed reads in a row, seconds until the next one)."""
        with self._wake:
            due = self._schedule.when(subject)
            return self._schedule.failures(subject), max((due or 0.0) - time.monotonic(), 0.0)

    def stop(self) -> None:
        """End: no new reads; those under way are cut off by closing the connections."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        self.connections.close()
        for pool in self._pools.values():
            pool.close()

    # -- the deciding thread --------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._wake:
                if self._stopped:
                    return
                now = time.monotonic()
                for subjects in [] if self._frozen else self._schedule.batches(now):
                    for subject in subjects:
                        self._schedule.started(subject)
                    self._pool(subjects[0]).submit(self._read, subjects)
                due = None if self._frozen else self._schedule.next_due()
                self._wake.wait(None if due is None else max(due - time.monotonic(), 0.0))

    def _pool(self, subject: Subject) -> Pool:
        key = budget_key(registry.kind(subject.kind_name))
        if key not in self._pools:
            self._pools[key] = Pool(READERS, f"poll-{key}")
        return self._pools[key]

    def _read(self, subjects: list[Subject]) -> None:
        """Read what goes together; each is told, and is due again, as soon as its own answer is whole."""
        unread = dict(enumerate(subjects))
        try:
            asks = [self._ask(subject) for subject in subjects]
            for index, outcome in read_together(asks, self.connections, clock=self._clock):
                self._answered(unread.pop(index), outcome)
        except Exception as error:  # noqa: BLE001  nobody waits for this thread: what it does not tell is lost
            for subject in unread.values():
                self._answered(subject, error)

    def _ask(self, subject: Subject) -> Ask:
        kind = registry.kind(subject.kind_name)
        return Ask(
            kind,
            subject.where,
            previous=self.store.get(subject),
            joined={name: found for name in kind.joins if (found := self.store.whole(name)) is not None},
            partial=lambda growing: self._swap(subject, growing),
        )

    def _answered(self, subject: Subject, outcome: Outcome) -> None:
        calls, failed = 1, True
        try:
            snapshot = self._failed(subject, outcome) if isinstance(outcome, Exception) else outcome
            # Hosts are asked side by side: what one of them gets is what counts, not how many there are.
            counted = max if snapshot.kind.scope.per == "host" else sum
            calls = counted([t.calls for t in snapshot.targets] or [0])
            # Resting circuits were not tried: that is no further failure of ours to back off from.
            failed = any(e for e in snapshot.errors if not isinstance(e, CircuitOpen))
            failed = failed and len(snapshot.errors) == len(snapshot.targets)
            self._swap(subject, snapshot)
        finally:
            with self._wake:
                self._schedule.finished(subject, time.monotonic(), failed=failed, calls=calls)
                self._wake.notify()

    def _failed(self, subject: Subject, error: Exception) -> Snapshot:
        """What was known before, with why it could not be read again."""
        kind, previous = registry.kind(subject.kind_name), self.store.get(subject)
        rows = previous.rows if previous else ()
        at = previous.at if previous else 0.0
        return Snapshot(
            kind=kind,
            rows=rows,
            healths=previous.healths if previous else (),
            targets=(TargetRead(kind.system, at, len(rows), error=_known(kind, error)),),
            at=at,
            complete=False,
            cloud=self.connections.site.cloud,
            region=self.connections.region,
            keys=previous.keys if previous else {},
        )

    def _swap(self, subject: Subject, snapshot: Snapshot) -> None:
        if not self._stopped:
            self.store.put(subject, snapshot)
            self._on_swap(subject, snapshot)


def _known(kind: AnyKind, error: Exception) -> SourceError:
    """`error` as one of those that screens can tell."""
    if isinstance(error, SourceError):
        return error
    if isinstance(error, UsageError):
        return BadConfiguration(kind.name, error.message, error.hint)
    return OurBug(kind.name, error)
