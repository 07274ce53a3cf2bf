"""One row as its system gives it now, or the rows of a list that a plan or a proof needs: fresh, and no more than that.

A row of a long paged list is read by its own address; the others by their (short) list, limited to the host or member
that it is on. What operations believe about the cloud comes from here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from collectors import registry
from collectors.connections import Connections
from collectors.errors import NoSuchObject
from collectors.health import Health, unknown
from collectors.kind import AnyKind
from collectors.raw import of_its_own, one_by_path
from collectors.read import read
from collectors.snapshot import AnyRow, OddRow, Snapshot, TargetRead
from collectors.sources.base import Where

Clock = Callable[[], float]


def snapshot_of(
    kind: AnyKind, connections: Connections, clock: Clock, *, where: Where | None = None, seconds: float | None = None
) -> Snapshot:
    """A kind, or the part of it that `where` says, with what its judgement needs. Errors are in the snapshot."""
    wanted = where or Where()
    joined = {
        name: read(registry.kind(name), connections, clock=clock, deadline=seconds)
        for name in kind.joins
        if connections.can_ask(registry.kind(name))
    }
    return read(kind, connections, wanted, clock=clock, deadline=seconds, joined=joined)


def row_of(
    kind: AnyKind,
    connections: Connections,
    clock: Clock,
    identity: str,
    *,
    where: Where | None = None,
    seconds: float = 20.0,
) -> Snapshot:
    """A snapshot with the row of that id alone; with none when it is not there. Raises `SourceError`.

    What is read by its own address has no joined columns.
    """
    if not of_its_own(kind):
        found = snapshot_of(kind, connections, clock, where=where, seconds=seconds)
        if identity not in found.keys and found.errors:
            raise found.errors[0]
        return only(found, identity)
    try:
        row, now = one_by_path(kind, connections, where or Where(), identity, clock, seconds)
    except NoSuchObject:
        return _made(kind, connections, [], clock())
    return _made(kind, connections, [row], now)


def only(snapshot: Snapshot, identity: str) -> Snapshot:
    """`snapshot` with that row alone, if it has it."""
    from msgspec.structs import replace

    at = snapshot.keys.get(identity)
    if at is None:
        return replace(snapshot, rows=[], healths=[], keys={})
    return replace(snapshot, rows=[snapshot.rows[at]], healths=[snapshot.healths[at]], keys={identity: 0})


def merged(kind: AnyKind, snapshots: Sequence[Snapshot]) -> Snapshot:
    """One snapshot with the rows of several parts of a kind, each row once."""
    from msgspec.structs import replace

    rows: dict[str, tuple[AnyRow, Health]] = {}
    for snapshot in snapshots:
        for at, (row, health) in enumerate(zip(snapshot.rows, snapshot.healths, strict=True)):
            rows.setdefault(snapshot.id_at(at), (row, health))
    return replace(
        snapshots[0],
        rows=[row for row, _ in rows.values()],
        healths=[health for _, health in rows.values()],
        targets=tuple(target for snapshot in snapshots for target in snapshot.targets),
        at=min(snapshot.at for snapshot in snapshots),
        keys={identity: at for at, identity in enumerate(rows)},
    )


def _made(kind: AnyKind, connections: Connections, rows: list[object], now: float) -> Snapshot:
    healths = [unknown(row.reason) if isinstance(row, OddRow) else kind.health(row, now) for row in rows]
    keys = {row.id if isinstance(row, OddRow) else kind.key_of(row): index for index, row in enumerate(rows)}
    return Snapshot(
        kind=kind,
        rows=rows,  # type: ignore[arg-type]
        healths=healths,
        targets=(TargetRead(connections.site.cloud or "cloud", now, len(rows)),),
        at=now,
        cloud=connections.site.cloud,
        region=connections.region,
        keys=keys,
    )
