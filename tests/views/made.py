"""Snapshots made by hand: what the views' tests look at instead of a cloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from collectors.errors import SourceError
from collectors.health import Health, unknown
from collectors.kind import AnyKind
from collectors.kinds.compute_services import KIND as SERVICES
from collectors.kinds.compute_services import ComputeService
from collectors.snapshot import OddRow, Snapshot, TargetRead

NOW = 1_763_700_000.0
"""2025-11-21 04:40:00 UTC."""


def service(number: int, **changes: Any) -> ComputeService:
    """nova-compute on cmp0001, …; well unless changed."""
    values: dict[str, Any] = {
        "id": f"1b0c6d0a-0000-4000-8000-{number:012d}",
        "binary": "nova-compute",
        "host": f"cmp{number:04d}",
        "zone": "az-1",
        "status": "enabled",
        "state": "up",
        "updated_at": NOW - 5,
        "disabled_reason": None,
        "forced_down": False,
    }
    return ComputeService(**{**values, **changes})


def snapshot(
    rows: Sequence[Any],
    kind: AnyKind = SERVICES,
    *,
    at: float = NOW,
    error: SourceError | None = None,
    complete: bool = True,
    target: str = "nova",
) -> Snapshot:
    """One reading of `kind`, judged as `read` would."""
    healths: list[Health] = [unknown(r.reason) if isinstance(r, OddRow) else kind.health(r, at) for r in rows]
    ids = [r.id if isinstance(r, OddRow) else kind.key_of(r) for r in rows]
    return Snapshot(
        kind=kind,
        rows=list(rows),
        healths=healths,
        targets=(TargetRead(target, at, len(rows), 0.1, error),),
        at=at,
        full_at=at,
        complete=complete,
        cloud="prod",
        region="RegionOne",
        keys={row_id: index for index, row_id in enumerate(ids)},
    )


def services(count: int, *changed: ComputeService, at: float = NOW) -> Snapshot:
    """`count` services, of which those in `changed` (by id) are as given."""
    rows = {service(n).id: service(n) for n in range(1, count + 1)}
    rows |= {row.id: row for row in changed}
    return snapshot(list(rows.values()), at=at)
