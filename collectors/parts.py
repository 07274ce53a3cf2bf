"""What targets gave, put together to a snapshot. Pure.

A failed target keeps what it gave before, with that age; a list of changes is laid over the list that it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import msgspec
from msgspec.structs import replace

from collectors.health import Health
from collectors.kind import AnyKind
from collectors.snapshot import AnyRow, OddRow, Snapshot, TargetRead

_GONE = ("DELETED", "SOFT_DELETED")
"""Statuses that appear in a list of changes but not in the list itself."""


class Part(msgspec.Struct, frozen=True):
    """What one target gave."""

    read: TargetRead
    rows: Sequence[AnyRow]
    healths: Sequence[Health]


def ids(kind: AnyKind, rows: Sequence[AnyRow]) -> list[str]:
    """The stable id of each row."""
    key_of = kind.key_of
    return [row.id if isinstance(row, OddRow) else key_of(row) for row in rows]


def kept(part: Part, previous: Snapshot | None) -> Part:
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
    fresh = set(ids(previous.kind, part.rows))
    stays = [(r, h) for r, h in old if ids(previous.kind, [r])[0] not in fresh]
    rows = [*part.rows, *(r for r, _ in stays)]
    healths = [*part.healths, *(h for _, h in stays)]
    return Part(replace(part.read, at=before.at, rows=len(rows), skew=before.skew), rows, healths)


def _target_of(kind: AnyKind, row: AnyRow) -> str:
    """Whose row it is: its `host` or `member`, or the row itself where the rows are the hosts."""
    if isinstance(row, OddRow):
        return row.target
    return str(getattr(row, kind.scope.per, None) or kind.key_of(row))


def assembled(
    kind: AnyKind,
    parts: Sequence[Part],
    *,
    cloud: str,
    region: str,
    joined: frozenset[str],
    complete: bool,
    waiting: tuple[str, ...] = (),
) -> Snapshot:
    """One snapshot of all `parts`; `waiting` are the targets that have not answered yet."""
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
        cloud=cloud,
        region=region,
        keys={identity: index for index, identity in enumerate(ids(kind, rows))},
    )


def changed(kind: AnyKind, previous: Snapshot, part: Part, *, cloud: str, region: str) -> Snapshot:
    """`previous` with the rows of a changes-since read laid over it; deleted ones leave."""
    merged = dict(zip(ids(kind, previous.rows), zip(previous.rows, previous.healths, strict=True), strict=True))
    for identity, row, health in zip(ids(kind, part.rows), part.rows, part.healths, strict=True):
        if getattr(row, "status", "") in _GONE:
            merged.pop(identity, None)
        else:
            merged[identity] = (row, health)
    rows, healths = [r for r, _ in merged.values()], [h for _, h in merged.values()]
    read = replace(part.read, rows=len(rows))
    made = assembled(
        kind,
        [Part(read, rows, healths)],
        cloud=cloud,
        region=region,
        joined=previous.joined,
        complete=True,
    )
    return replace(made, full_at=previous.full_at)
