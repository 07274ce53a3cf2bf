"""Everything the overview needs, read once and side by side: what `nephoscope health` does.

Each service has readers of its own, so a system that hangs costs its own deadline and nobody else's time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future

from collectors.connections import Connections
from collectors.errors import SourceError
from collectors.kind import AnyKind
from collectors.poller import READERS, budget_key
from collectors.read import read
from collectors.snapshot import Snapshot, TargetRead
from collectors.threads import Pool


def _one(kind: AnyKind, connections: Connections, clock: Callable[[], float], seconds: float | None) -> Snapshot:
    try:
        return read(kind, connections, clock=clock, deadline=seconds)
    except SourceError as error:
        site = connections.site
        target = TargetRead(kind.system, 0.0, 0, error=error)
        return Snapshot(kind, (), (), (target,), 0.0, complete=False, cloud=site.cloud, region=connections.region)


def survey(
    kinds: Iterable[AnyKind], connections: Connections, clock: Callable[[], float], seconds: float | None = None
) -> dict[str, Snapshot]:
    """Kind name → snapshot; `seconds` limits each read (default: the kind's own deadline)."""
    pools: dict[str, Pool] = {}
    pending: dict[str, Future[Snapshot]] = {}
    try:
        for kind in kinds:
            key = budget_key(kind)
            if key not in pools:
                pools[key] = Pool(READERS, f"survey-{key}")
            pending[kind.name] = pools[key].submit(_one, kind, connections, clock, seconds)
        return {name: future.result() for name, future in pending.items()}
    finally:
        for pool in pools.values():
            pool.close()
