"""Everything the overview needs, read once and side by side: what `nephoscope health` does.

Each service has readers of its own, so a system that hangs costs its own deadline and nobody else's time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future

from collectors import registry
from collectors.connections import Connections
from collectors.errors import SourceError
from collectors.kind import AnyKind
from collectors.poller import READERS, budget_key
from collectors.read import read
from collectors.snapshot import Snapshot, TargetRead
from collectors.threads import Pool


def _one(
    kind: AnyKind,
    connections: Connections,
    clock: Callable[[], float],
    seconds: float | None,
    others: Mapping[str, Future[Snapshot]],
) -> Snapshot:
    try:
        beside = {name: others[name].result() for name in kind.judged_with if name in others}
        joined = {name: found for name, found in beside.items() if found.complete}
        return read(kind, connections, clock=clock, deadline=seconds, joined=joined)
    except SourceError as error:
        site = connections.site
        target = TargetRead(kind.system, 0.0, 0, error=error)
        return Snapshot(kind, (), (), (target,), 0.0, complete=False, cloud=site.cloud, region=connections.region)


def survey(
    kinds: Iterable[AnyKind], connections: Connections, clock: Callable[[], float], seconds: float | None = None
) -> dict[str, Snapshot]:
    """Kind name → snapshot; `seconds` limits each read (default: the kind's own deadline).

    What some kinds are judged with is read before all others, and waits for nobody: so all who wait for it get it.
    """
    asked = list(kinds)
    pools: dict[str, Pool] = {}

    def submit(kind: AnyKind, others: Mapping[str, Future[Snapshot]]) -> Future[Snapshot]:
        key = budget_key(kind)
        if key not in pools:
            pools[key] = Pool(READERS, f"survey-{key}")
        return pools[key].submit(_one, kind, connections, clock, seconds, others)

    try:
        names = dict.fromkeys(name for kind in asked for name in kind.judged_with)
        beside = {kind.name: submit(kind, {}) for kind in map(registry.kind, names)}
        pending = {kind.name: beside.get(kind.name) or submit(kind, beside) for kind in asked}
        return {name: future.result() for name, future in pending.items()}
    finally:
        for pool in pools.values():
            pool.close()
