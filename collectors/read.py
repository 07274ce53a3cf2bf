"""The only way to a snapshot: ask a kind's source, decode the pages, judge the rows.

The command line calls it once, the poller on its threads. Targets (members, hosts) are read side by side, each within
the same deadline, so that one that hangs costs only its own rows; what a failed target gave last time stays, with its
age. A list that knows changes (`changes-since`) is refreshed by its changes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import closing
from itertools import chain
from typing import Any

import msgspec
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.decode import rows_of
from collectors.errors import OurBug, SourceError, TooLate, UsageError
from collectors.health import Health, unknown
from collectors.kind import AnyKind, Reading
from collectors.request import Request, Rest
from collectors.snapshot import AnyRow, OddRow, Snapshot, TargetRead
from collectors.sources.base import Page, Source, Where

_GONE = ("DELETED", "SOFT_DELETED")
"""Statuses that appear in a list of changes but not in the list itself."""

Clock = Callable[[], float]
Partial = Callable[[Snapshot], None]

FULL_READ_EVERY = 300.0
"""Seconds after which a list that is refreshed by its changes is read whole again."""

GROW_EVERY = 0.5
"""Seconds between the growing snapshots of a long first read."""

GROW_BY = 1.25
"""And each is larger by this factor: sorting what has arrived stays cheap beside reading it, however long the list."""


class _Part(msgspec.Struct, frozen=True):
    """What one target gave."""

    read: TargetRead
    rows: Sequence[AnyRow]
    healths: Sequence[Health]


def _health(kind: AnyKind, rows: Sequence[AnyRow], now: float) -> list[Health]:
    judge = kind.health
    return [unknown(row.reason) if isinstance(row, OddRow) else judge(row, now) for row in rows]


def _ids(kind: AnyKind, rows: Sequence[AnyRow]) -> list[str]:
    key_of = kind.key_of
    return [row.id if isinstance(row, OddRow) else key_of(row) for row in rows]


class _Reader:
    """One read of one kind: holds what every target's read needs."""

    def __init__(
        self,
        kind: AnyKind,
        source: Source,
        request: Request,
        where: Where,
        clock: Clock,
        joined: Mapping[str, Snapshot],
    ) -> None:
        self.kind, self.source, self.request, self.where, self.clock = kind, source, request, where, clock
        self.joins = {
            name: {i: r for i, r in zip(_ids(s.kind, s.rows), s.rows, strict=True) if not isinstance(r, OddRow)}
            for name, s in joined.items()
        }

    def target(self, target: str, deadline: Deadline, partial: Callable[[_Part], None] | None) -> _Part:
        """Read one target; its failure is part of the result, never raised. Raises `UsageError`."""
        began = self.clock()
        rows: list[AnyRow] = []
        healths: list[Health] = []
        seen: dict[str, int] = {}
        skew, calls, shown, next_size = 0.0, 0, began, 0.0
        error: SourceError | None = None
        try:
            with working(deadline), closing(self._pages(target, deadline)) as pages:
                for page in pages:
                    now = self.clock()
                    if page.server_time is not None:
                        skew = page.server_time - now
                        # HTTP Date has whole seconds: a difference below that is no difference.
                        skew = skew if abs(skew) > 1.5 else 0.0
                    calls += page.calls
                    reading = Reading(target, now + skew, self.where.parent, self.joins)
                    for row, health in self._judged(rows_of(page, self.kind, reading), now + skew):
                        identity = row.id if isinstance(row, OddRow) else self.kind.key_of(row)
                        if (place := seen.get(identity)) is not None:
                            rows[place], healths[place] = row, health  # the same object again, on a later page
                            continue
                        seen[identity] = len(rows)
                        rows.append(row)
                        healths.append(health)
                    if partial is not None and len(rows) >= next_size and (not next_size or now - shown >= GROW_EVERY):
                        shown, next_size = now, len(rows) * GROW_BY
                        partial(
                            _Part(TargetRead(target, now, len(rows), now - began, None, skew, calls), rows, healths)
                        )
        except SourceError as caught:
            error = caught
            if deadline.expired and not isinstance(caught, TooLate):
                error = TooLate(caught.what, f"did not finish within {deadline.seconds:g} s", caught.hint)
            # The snapshot keeps the error, and must not keep the frames (with all their rows) that it came through.
            error.__traceback__ = error.__cause__ = error.__context__ = None
        except UsageError:
            raise  # what was asked cannot be asked of anybody
        except Exception as caught:  # noqa: BLE001  one target's bug must not cost the others, nor be silent
            error = OurBug(f"{self.kind.name} of {target}", caught)
        now = self.clock()
        return _Part(
            TargetRead(target, now if rows or not error else 0.0, len(rows), now - began, error, skew, calls),
            rows,
            healths,
        )

    def _pages(self, target: str, deadline: Deadline) -> Generator[Page, None, None]:
        """The source's pages; closing this closes them, so that a source learns at once that nobody waits any more."""
        yield from self.source.read(self.request, target, deadline, self.where)

    def _judged(self, rows: list[AnyRow], now: float) -> Any:
        return zip(rows, _health(self.kind, rows, now), strict=True)


def _kept(part: _Part, previous: Snapshot | None) -> _Part:
    """A failed target keeps what it gave before, with that age; rows of a broken-off read are merged over it."""
    if part.read.error is None or previous is None:
        return part
    before = next((t for t in previous.targets if t.target == part.read.target), None)
    if before is None or not before.at:
        return part
    several = len(previous.targets) > 1
    old = [
        (row, health)
        for row, health in zip(previous.rows, previous.healths, strict=True)
        if not several or _target_of(previous.kind, row) == part.read.target
    ]
    fresh = set(_ids(previous.kind, part.rows))
    kept = [(r, h) for r, h in old if _ids(previous.kind, [r])[0] not in fresh]
    rows = [*part.rows, *(r for r, _ in kept)]
    healths = [*part.healths, *(h for _, h in kept)]
    return _Part(replace(part.read, at=before.at, rows=len(rows), skew=before.skew), rows, healths)


def _target_of(kind: AnyKind, row: AnyRow) -> str:
    """Whose row it is: its `host` or `member`, or the row itself where the rows are the hosts."""
    if isinstance(row, OddRow):
        return row.target
    return str(getattr(row, kind.scope.per, None) or kind.key_of(row))


def _assembled(
    kind: AnyKind,
    parts: Sequence[_Part],
    connections: Connections,
    *,
    joined: frozenset[str],
    complete: bool,
    waiting: tuple[str, ...] = (),
) -> Snapshot:
    rows = list(chain.from_iterable(p.rows for p in parts))
    healths = list(chain.from_iterable(p.healths for p in parts))
    times = [p.read.at for p in parts if p.read.at]
    return Snapshot(
        kind=kind,
        rows=rows,
        healths=healths,
        joined=joined,
        targets=tuple(p.read for p in parts),
        at=min(times, default=0.0),
        full_at=min(times, default=0.0),
        complete=complete,
        waiting=waiting,
        cloud=connections.site.cloud,
        region=connections.region,
        keys={identity: index for index, identity in enumerate(_ids(kind, rows))},
    )


def _changed(kind: AnyKind, previous: Snapshot, part: _Part, connections: Connections) -> Snapshot:
    """`previous` with the rows of a changes-since read laid over it; deleted ones leave."""
    merged = dict(zip(_ids(kind, previous.rows), zip(previous.rows, previous.healths, strict=True), strict=True))
    for identity, row, health in zip(_ids(kind, part.rows), part.rows, part.healths, strict=True):
        if getattr(row, "status", "") in _GONE:
            merged.pop(identity, None)
        else:
            merged[identity] = (row, health)
    rows, healths = [r for r, _ in merged.values()], [h for _, h in merged.values()]
    read = replace(part.read, rows=len(rows))
    made = _assembled(kind, [_Part(read, rows, healths)], connections, joined=previous.joined, complete=True)
    return replace(made, full_at=previous.full_at)


def _answered(futures: Sequence[Future[_Part]]) -> Iterator[list[_Part]]:
    """What those gave that have answered, twice a second until all have: who hangs does not hide the others."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, timeout=GROW_EVERY)
        if done and pending:
            yield [f.result() for f in futures if f.done()]


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
    """Read `kind` once.

    `previous` lets failed targets keep their last rows; `joined` holds the snapshots that the kind's `joins` name;
    `partial` is told growing snapshots of a long first read. Raises `UsageError` for unknown targets and
    `BadConfiguration` when the site has no such system; failures of the system itself are in the snapshot.
    """
    where = where or Where()
    seconds = deadline if deadline is not None else kind.deadline
    source = connections.source(kind.read)
    targets = source.targets(kind.scope, where)
    at_hand = frozenset(joined or ())
    changes = _since(kind, previous, where, clock(), at_hand) if request is None else None
    reader = _Reader(kind, source, request or kind.read, changes or where, clock, joined or {})

    def grow(part: _Part) -> None:
        if partial is not None:
            copy = replace(part, rows=list(part.rows), healths=list(part.healths))
            partial(_assembled(kind, [copy], connections, joined=at_hand, complete=False))

    if len(targets) == 1:
        part = reader.target(targets[0], connections.deadline(seconds), grow if partial and previous is None else None)
        if changes is not None and previous is not None and part.read.error is None:
            return _changed(kind, previous, part, connections)
        parts = [_kept(part, previous)]
    else:
        pool = connections.pool(source)
        futures = [pool.submit(reader.target, t, connections.deadline(seconds), None) for t in targets]
        if partial is not None and previous is None:
            for so_far in _answered(futures):
                answered = {part.read.target for part in so_far}
                silent = tuple(target for target in targets if target not in answered)
                partial(_assembled(kind, so_far, connections, joined=at_hand, complete=False, waiting=silent))
        parts = [_kept(f.result(), previous) for f in futures]
    return _assembled(kind, parts, connections, joined=at_hand, complete=all(p.read.error is None for p in parts))


def _since(kind: AnyKind, previous: Snapshot | None, where: Where, now: float, joined: frozenset[str]) -> Where | None:
    """The narrower read that suffices: only what changed since `previous`, with ten seconds of overlap.

    Not for a list that the API filters: a row that no longer matches would not be among its changes, and would stay.
    Nor when another kind has become known whose names the unchanged rows lack.
    """
    if not (isinstance(kind.read, Rest) and kind.read.since and previous is not None and previous.complete):
        return None
    last = previous.targets[0]
    if where.since is not None or where.query or last.error or now - previous.full_at > FULL_READ_EVERY:
        return None
    if joined - previous.joined:
        return None
    return replace(where, since=last.at + last.skew - 10.0 - last.took)
