"""Everything the overview needs, read once and side by side: what `nephoscope health` does.

Each service has readers of its own, so a system that hangs costs its own deadline and nobody else's time. Hosts are
asked for all that they are asked for in one round trip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future

from collectors import registry
from collectors.connections import Connections
from collectors.errors import SourceError
from collectors.kind import AnyKind
from collectors.poller import READERS, batch_key, budget_key
from collectors.read import read_together
from collectors.reader import Ask
from collectors.snapshot import Snapshot, TargetRead
from collectors.threads import Pool

_Found = dict[str, Snapshot]


def _read(
    kinds: Sequence[AnyKind],
    connections: Connections,
    clock: Callable[[], float],
    seconds: float | None,
    others: Mapping[str, Future[_Found]],
) -> _Found:
    """Kinds that go together, with what they are judged with at hand."""
    asks = []
    for kind in kinds:
        beside = {name: others[name].result()[name] for name in kind.judged_with if name in others}
        asks.append(Ask(kind, deadline=seconds, joined={n: found for n, found in beside.items() if found.complete}))
    found = {}
    for index, outcome in read_together(asks, connections, clock=clock):
        kind = kinds[index]
        if isinstance(outcome, SourceError):
            site = connections.site
            target = TargetRead(kind.system, 0.0, 0, error=outcome)
            outcome = Snapshot(
                kind, (), (), (target,), 0.0, complete=False, cloud=site.cloud, region=connections.region
            )
        elif isinstance(outcome, Exception):
            raise outcome
        found[kind.name] = outcome
    return found


def _groups(kinds: Iterable[AnyKind]) -> list[list[AnyKind]]:
    """What is read together: kinds of hosts, but those that need not wait for others do not wait for them."""
    found: dict[object, list[AnyKind]] = {}
    for kind in kinds:
        batch = batch_key(kind)
        found.setdefault((batch, bool(kind.judged_with)) if batch else kind.name, []).append(kind)
    return list(found.values())


def survey(
    kinds: Iterable[AnyKind], connections: Connections, clock: Callable[[], float], seconds: float | None = None
) -> dict[str, Snapshot]:
    """Kind name → snapshot; `seconds` limits each read (default: the kind's own deadline).

    What some kinds are judged with is read before all others; what that is judged with itself, before it. A kind that
    is judged with its own rows is read twice.
    """
    asked = list(kinds)
    pools: dict[str, Pool] = {}

    def submit(group: Sequence[AnyKind], others: Mapping[str, Future[_Found]]) -> Future[_Found]:
        key = budget_key(group[0])
        if key not in pools:
            pools[key] = Pool(READERS, f"survey-{key}")
        return pools[key].submit(_read, group, connections, clock, seconds, others)

    beside: dict[str, Future[_Found]] = {}

    def begun(kind: AnyKind) -> Future[_Found]:
        """Its read, under way after all that it is judged with: so nobody waits for what is queued behind it."""
        if kind.name not in beside:
            others = {name: begun(registry.kind(name)) for name in kind.judged_with if name != kind.name}
            if kind.name in kind.judged_with:
                others[kind.name] = submit([kind], others.copy())
            beside[kind.name] = submit([kind], others)
        return beside[kind.name]

    try:
        for name in dict.fromkeys(name for kind in asked for name in kind.judged_with):
            begun(registry.kind(name))
        others = dict(beside)
        pending = [submit(group, others) for group in _groups(k for k in asked if k.name not in others)]
        found = {
            name: snapshot for future in [*others.values(), *pending] for name, snapshot in future.result().items()
        }
        return {kind.name: found[kind.name] for kind in asked}
    finally:
        for pool in pools.values():
            pool.close()
