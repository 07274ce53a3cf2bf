"""The read of one kind under way: decodes and judges what each target gives, and puts the parts together.

A target's failure is part of the result: it costs its own rows, which stay as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

import msgspec
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.decode import rows_of
from collectors.errors import OurBug, SourceError, TooLate, UsageError
from collectors.health import Health, unknown
from collectors.kind import AnyKind, Reading
from collectors.parts import Part, assembled, changed, ids, kept
from collectors.request import Request, Rest
from collectors.snapshot import AnyRow, OddRow, Snapshot, TargetRead
from collectors.sources.base import EVERYWHERE, Page, Where

Clock = Callable[[], float]
Partial = Callable[[Snapshot], None]

FULL_READ_EVERY = 300.0
"""Seconds after which a list that is refreshed by its changes is read whole again."""

GROW_EVERY = 0.5
"""Seconds between the growing snapshots of a long first read."""

GROW_BY = 1.25
"""And each is larger by this factor: sorting what has arrived stays cheap beside reading it, however long the list."""


class Ask(msgspec.Struct, frozen=True, eq=False):
    """One kind, or a part of it, to be read now.

    `previous` lets failed targets keep their last rows; `joined` holds the snapshots that the kind's `joins` name;
    `partial` is told growing snapshots of a long first read; `deadline` and `request` stand in for the kind's own.
    """

    kind: AnyKind
    where: Where = EVERYWHERE
    deadline: float | None = None
    previous: Snapshot | None = None
    joined: Mapping[str, Snapshot] = {}
    partial: Partial | None = None
    request: Request | None = None


class Reader:
    """One `Ask` under way. Raises `UsageError` for unknown targets and `BadConfiguration` when there is no such system.

    What targets gave is handed to `took` by one thread; `part` may run on many.
    """

    def __init__(self, ask: Ask, connections: Connections, clock: Clock) -> None:
        self.ask, self.kind, self.clock = ask, ask.kind, clock
        self.source = connections.source(ask.kind.read)
        self.targets = self.source.targets(ask.kind.scope, ask.where)
        self.seconds = ask.deadline if ask.deadline is not None else ask.kind.deadline
        self.at_hand = frozenset(ask.joined)
        changes = _since(ask, clock(), self.at_hand) if ask.request is None else None
        self.changes = changes is not None
        self.request = ask.request or ask.kind.read
        self.where = changes or ask.where
        self.over = False
        """Its snapshot was given, or it failed."""
        self._connections = connections
        self._parts: dict[str, Part] = {}
        self._shown = 0
        self._joins = {
            name: {i: r for i, r in zip(ids(s.kind, s.rows), s.rows, strict=True) if not isinstance(r, OddRow)}
            for name, s in ask.joined.items()
        }

    # -- on the threads of the source -----------------------------------------------------------------------------

    def part(
        self,
        target: str,
        pages: Iterator[Page],
        deadline: Deadline,
        began: float,
        grow: Callable[[Part], None] | None = None,
    ) -> Part:
        """What `target` gives; its failure is part of the result, never raised. Raises `UsageError`."""
        rows: list[AnyRow] = []
        healths: list[Health] = []
        seen: dict[str, int] = {}
        skew, calls, shown, next_size = 0.0, 0, began, 0.0
        error: SourceError | None = None
        try:
            with working(deadline), closing(_closable(pages)) as arriving:
                for page in arriving:
                    now = self.clock()
                    if page.server_time is not None:
                        skew = page.server_time - now
                        # HTTP Date has whole seconds: a difference below that is no difference.
                        skew = skew if abs(skew) > 1.5 else 0.0
                    calls += page.calls
                    for identity, row, health in self._judged(page, target, now + skew):
                        if (place := seen.get(identity)) is not None:
                            rows[place], healths[place] = row, health  # the same object again, on a later page
                            continue
                        seen[identity] = len(rows)
                        rows.append(row)
                        healths.append(health)
                    if grow is not None and len(rows) >= next_size and (not next_size or now - shown >= GROW_EVERY):
                        shown, next_size = now, len(rows) * GROW_BY
                        read = TargetRead(target, now, len(rows), now - began, None, skew, calls)
                        grow(Part(read, list(rows), list(healths)))
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
        at = now if rows or not error else 0.0
        return Part(TargetRead(target, at, len(rows), now - began, error, skew, calls), rows, healths)

    def _judged(self, page: Page, target: str, now: float) -> Iterable[tuple[str, AnyRow, Health]]:
        """(id, row, health) of what a page holds; `now` is the target's clock."""
        kind = self.kind
        rows = rows_of(page, kind, Reading(target, now, self.where.parent, self._joins))
        if (keep := kind.keep) is not None:
            rows = [row for row in rows if isinstance(row, OddRow) or keep(row, now)]
        judge = kind.health
        healths = [unknown(row.reason) if isinstance(row, OddRow) else judge(row, now) for row in rows]
        return zip(ids(kind, rows), rows, healths, strict=True)

    # -- on the thread that reads ---------------------------------------------------------------------------------

    @property
    def grows(self) -> bool:
        """Somebody wants to see what has arrived so far."""
        return self.ask.partial is not None and self.ask.previous is None

    def took(self, part: Part) -> Snapshot | None:
        """One target has answered; the snapshot when it was the last."""
        self._parts[part.read.target] = part
        return self.snapshot() if len(self._parts) == len(self.targets) else None

    def snapshot(self) -> Snapshot:
        """What all targets gave."""
        self.over = True
        previous, parts = self.ask.previous, [self._parts[target] for target in self.targets]
        if self.changes and previous is not None and parts[0].read.error is None:
            return changed(self.kind, previous, parts[0], cloud=self._cloud, region=self._connections.region)
        return self._assembled([kept(p, previous) for p in parts], complete=all(p.read.error is None for p in parts))

    def grow(self, so_far: Part | None = None) -> None:
        """Tell what has arrived, where that is wanted: of one target a part of its answer, or who has answered."""
        partial = self.ask.partial
        if partial is None or not self.grows or self.over:
            return
        if so_far is not None:
            partial(self._assembled([so_far], complete=False))
        elif len(self._parts) > self._shown:
            self._shown = len(self._parts)
            silent = tuple(target for target in self.targets if target not in self._parts)
            answered = [self._parts[target] for target in self.targets if target in self._parts]
            partial(self._assembled(answered, complete=False, waiting=silent))

    @property
    def _cloud(self) -> str:
        return self._connections.site.cloud

    def _assembled(self, parts: list[Part], *, complete: bool, waiting: tuple[str, ...] = ()) -> Snapshot:
        return assembled(
            self.kind,
            parts,
            cloud=self._cloud,
            region=self._connections.region,
            joined=self.at_hand,
            complete=complete,
            waiting=waiting,
        )


def _closable(pages: Iterator[Page]) -> Any:
    """The pages as a generator: closing it closes them, so that a source learns at once that nobody waits any more."""
    yield from pages


def _since(ask: Ask, now: float, joined: frozenset[str]) -> Where | None:
    """The narrower read that suffices: only what changed since `previous`, with ten seconds of overlap.

    Not for a list that the API filters: a row that no longer matches would not be among its changes, and would stay.
    Nor when another kind has become known whose names the unchanged rows lack.
    """
    kind, previous, where = ask.kind, ask.previous, ask.where
    if not (isinstance(kind.read, Rest) and kind.read.since and previous is not None and previous.complete):
        return None
    last = previous.targets[0]
    if where.since is not None or where.query or last.error or now - previous.full_at > FULL_READ_EVERY:
        return None
    if joined - previous.joined:
        return None
    return replace(where, since=last.at + last.skew - 10.0 - last.took)
