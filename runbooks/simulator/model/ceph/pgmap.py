"""What the managers count together from the reports of the OSDs: placement groups, space, objects.

The monitors keep the last of it. Without a manager it stands still, whatever happens to the OSDs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from runbooks.simulator.model.ceph.pools import Usage, shares, usage

if TYPE_CHECKING:
    from runbooks.simulator.model.ceph import Ceph

META = 2 << 30
"""Bytes of an OSD that hold its own records."""


@dataclass(frozen=True, slots=True)
class Stat:
    """One placement group as it was reported."""

    id: str
    pool: int
    state: str
    up: tuple[int, ...]
    acting: tuple[int, ...]
    objects: int
    bytes: int
    copies: int
    degraded: int
    misplaced: int
    errors: int
    fresh: float
    changed: float
    lost: Mapping[str, float]
    epoch: int
    born: float
    scrubbed: float
    deep_scrubbed: float

    def last(self, what: str) -> float:
        """When it last was `active`, `clean`, `fullsized`, `peered`, `undegraded`, `unstale`."""
        return self.lost.get(what, self.fresh)


@dataclass(frozen=True)
class PgMap:
    """All of it at one moment."""

    at: float
    stats: tuple[Stat, ...]
    usage: Mapping[int, Usage]
    """By pool."""
    used: Mapping[int, int]
    """Bytes by OSD, its own records included; of those that are in."""
    sizes: Mapping[int, int]
    held: Mapping[int, int]
    """Placement groups by OSD."""

    @cached_property
    def states(self) -> list[tuple[str, int]]:
        """Count by state, the most frequent first."""
        return sorted(Counter(stat.state for stat in self.stats).items(), key=lambda item: -item[1])

    @cached_property
    def objects(self) -> int:
        return sum(use.objects for use in self.usage.values())

    @cached_property
    def stored(self) -> int:
        return sum(use.stored for use in self.usage.values())

    @cached_property
    def copies(self) -> int:
        return sum(stat.copies for stat in self.stats)

    @cached_property
    def degraded(self) -> int:
        return sum(stat.degraded for stat in self.stats)

    @cached_property
    def misplaced(self) -> int:
        return sum(stat.misplaced for stat in self.stats)

    @cached_property
    def total(self) -> int:
        return sum(self.sizes.values())

    @cached_property
    def total_used(self) -> int:
        return sum(self.used.values())

    @property
    def available(self) -> int:
        return max(self.total - self.total_used, 0)


def look(ceph: Ceph, now: float) -> PgMap:
    """What the OSDs report now."""
    uses = {pool.id: usage(ceph.cloud, pool) for pool in ceph.pools.values()}
    blocked = ceph.blocked()
    stats, used, held = [], dict.fromkeys((osd.id for osd in ceph.osds.values() if osd.inside), META), Counter[int]()
    for group in ceph.groups.values():
        use, pool = uses[group.pool], ceph.pools[group.pool]
        share = shares(group.pool, pool.groups)[group.number]
        objects, size = round(use.objects * share), int(use.stored * share)
        for osd in group.homes:
            if osd in used:
                used[osd] += size
        for osd in group.moves:
            if osd in used and osd not in group.homes:
                used[osd] += int(size * group.moved(osd, now))
        held.update(set(group.up) | set(group.acting))
        stats.append(
            Stat(
                id=group.id,
                pool=group.pool,
                state=group.look(now, blocked=blocked(group)),
                up=group.up,
                acting=group.acting,
                objects=objects,
                bytes=size,
                copies=objects * pool.size,
                degraded=group.degraded(objects, now),
                misplaced=group.misplaced(objects, now),
                errors=group.errors,
                fresh=group.fresh(now),
                changed=group.changed,
                lost=dict(group.lost),
                epoch=group.epoch,
                born=group.born,
                scrubbed=group.scrubbed,
                deep_scrubbed=group.deep_scrubbed,
            )
        )
    sizes = {osd: ceph.osds[osd].size for osd in used}
    return PgMap(now, tuple(stats), uses, {osd: min(size, sizes[osd]) for osd, size in used.items()}, sizes, held)
