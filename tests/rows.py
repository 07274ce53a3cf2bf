"""Hand-made snapshots for plain tests: rows of compute-services without any wire."""

from __future__ import annotations

from collections.abc import Sequence

from collectors.health import Health
from collectors.kinds.compute_services import KIND, ComputeService, health
from collectors.snapshot import AnyRow, OddRow, Snapshot, TargetRead

NOW = 1_800_000_000.0
"""The moment of every hand-made snapshot."""


def service(host: str, binary: str = "nova-compute", **fields: object) -> ComputeService:
    """One service, up and enabled unless told otherwise."""
    values: dict[str, object] = {
        "id": f"{binary}-{host}",
        "binary": binary,
        "host": host,
        "zone": "nova",
        "status": "enabled",
        "state": "up",
        "updated_at": NOW - 5,
        "disabled_reason": None,
        "forced_down": False,
    }
    return ComputeService(**(values | fields))  # type: ignore[arg-type]


def snapshot(rows: Sequence[AnyRow], now: float = NOW) -> Snapshot:
    """A complete snapshot of `rows`."""
    healths = [Health("unknown", r.reason) if isinstance(r, OddRow) else health(r, now) for r in rows]  # type: ignore[arg-type]
    keys = {r.id: i for i, r in enumerate(rows)}  # type: ignore[union-attr]
    target = TargetRead("simulator", now, len(rows))
    return Snapshot(KIND, list(rows), healths, (target,), now, now, cloud="prod", region="RegionOne", keys=keys)


def few() -> Snapshot:
    """A down compute, a disabled one, a conductor, and one odd row."""
    return snapshot(
        [
            service("cmp02", state="down", updated_at=NOW - 370),
            service("cmp10", status="disabled", disabled_reason="RAM swap", updated_at=NOW - 2),
            service("ctl01", "nova-conductor", zone="internal"),
            service("cmp01"),
            OddRow("7f3c", "7f3c", "Expected `str`, got `int` at `host`"),
        ]
    )
