"""The only way to a snapshot: ask a kind's source, decode the pages, judge the rows.

The command line calls it once, the poller on its threads. Targets (members, hosts) are read side by side, each within
its own deadline, so that one that hangs costs only its own rows. Several kinds that are read on the same hosts are
asked for together: one round trip to each host answers all, and each kind's snapshot is there when its own rows are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import TypeAlias

from collectors.connections import Connections
from collectors.deadline import working
from collectors.errors import UsageError
from collectors.kind import AnyKind
from collectors.parts import Part
from collectors.reader import GROW_EVERY, Ask, Clock, Partial, Reader
from collectors.request import Request
from collectors.snapshot import Snapshot
from collectors.sources.base import EVERYWHERE, Asked, Page, Together, Where

Outcome: TypeAlias = Snapshot | Exception
"""What became of an `Ask`; what cannot be asked at all, or is a bug of ours, is an exception."""
_Told: TypeAlias = tuple[int, Part | Exception]


def read(
    kind: AnyKind,
    connections: Connections,
    where: Where | None = None,
    *,
    clock: Clock,
    deadline: float | None = None,
    previous: Snapshot | None = None,
    joined: Mapping[str, Snapshot] | None = None,
    partial: Partial | None = None,
    request: Request | None = None,
) -> Snapshot:
    """Read `kind` once; see `Ask` for what can be said about it.

    Raises `UsageError` for unknown targets and `BadConfiguration` when the site has no such system; failures of the
    system itself are in the snapshot.
    """
    ask = Ask(kind, where or EVERYWHERE, deadline, previous, joined or {}, partial, request)
    ((_, outcome),) = read_together([ask], connections, clock=clock)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def read_together(asks: Sequence[Ask], connections: Connections, *, clock: Clock) -> Iterator[tuple[int, Outcome]]:
    """Read kinds of one source once, each target once for all of them: (index, outcome) as each is whole.

    Those that come first are answered first where they cannot be answered at the same time.
    """
    readers: dict[int, Reader] = {}
    by_target: dict[str, list[int]] = {}
    for index, ask in enumerate(asks):
        try:
            readers[index] = Reader(ask, connections, clock)
        except Exception as error:  # noqa: BLE001  told to whoever asked
            yield index, error
            continue
        for target in readers[index].targets:
            by_target.setdefault(target, []).append(index)
        if not readers[index].targets:
            yield index, readers[index].snapshot()
    jobs = [_Job(target, {i: readers[i] for i in wanted}, connections) for target, wanted in by_target.items()]
    arriving = jobs[0].answers(alone=True) if len(jobs) == 1 else _side_by_side(jobs, connections, readers)
    for index, told in arriving:
        reader = readers[index]
        if reader.over:
            continue
        if isinstance(told, Exception):
            reader.over = True
            yield index, told
        elif (whole := reader.took(told)) is not None:
            yield index, whole


class _Job:
    """All that is asked of one target."""

    def __init__(self, target: str, readers: Mapping[int, Reader], connections: Connections) -> None:
        self.target = target
        self.readers = readers
        self.source = next(iter(readers.values())).source
        self._clock = next(iter(readers.values())).clock
        self._deadlines = {index: connections.deadline(reader.seconds) for index, reader in readers.items()}
        self._whole = connections.deadline(max(reader.seconds for reader in readers.values()))

    def answers(self, *, alone: bool = False) -> Iterator[_Told]:
        """(index, what the target gave) for every reader once. `alone`: nobody else is asked, so that one may grow."""
        began = self._clock()
        unanswered = dict(self.readers)
        try:
            with working(self._whole):
                for index, pages in self._pages():
                    reader = unanswered.pop(index)
                    grow: Callable[[Part], None] | None = reader.grow if alone and reader.grows else None
                    try:
                        yield index, reader.part(self.target, pages, self._deadlines[index], began, grow)
                    except UsageError as error:
                        yield index, error
        except Exception as error:  # noqa: BLE001  told to those who wait for it
            yield from ((index, error) for index in unanswered)

    def _pages(self) -> Iterator[tuple[int, Iterator[Page]]]:
        """(index, pages): by one round trip where the source knows how, else one read after the other."""
        source, indexes = self.source, list(self.readers)
        if isinstance(source, Together):
            asked = [Asked(r.request, r.where, self._deadlines[i]) for i, r in self.readers.items()]
            for place, pages in source.read_together(self.target, asked, self._whole):
                yield indexes[place], pages
            return
        for index, reader in self.readers.items():
            yield index, source.read(reader.request, self.target, self._deadlines[index], reader.where)


def _side_by_side(jobs: Sequence[_Job], connections: Connections, readers: Mapping[int, Reader]) -> Iterator[_Told]:
    """The answers of all jobs, run on the source's threads; growing snapshots are told meanwhile."""
    arrived: SimpleQueue[_Told | Future[None]] = SimpleQueue()

    def run(job: _Job) -> None:
        for told in job.answers():
            arrived.put(told)

    pool = connections.pool(jobs[0].source) if jobs else None
    pending = {pool.submit(run, job): job for job in jobs} if pool is not None else {}
    for future in pending:
        future.add_done_callback(arrived.put)
    grown = time.monotonic()
    while pending:
        try:
            told = arrived.get(timeout=GROW_EVERY)
        except Empty:
            told = None
        if isinstance(told, Future):
            job = pending.pop(told)
            try:
                told.result()
            except Exception as error:  # noqa: BLE001  the threads were closed under us: told to those who wait
                yield from ((index, error) for index in job.readers)
        elif told is not None:
            yield told
        if time.monotonic() - grown >= GROW_EVERY:
            grown = time.monotonic()
            for reader in readers.values():
                reader.grow()
