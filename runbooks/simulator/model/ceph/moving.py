"""When the data of placement groups is made anew where it should be: backfills, one after the other on each OSD."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbooks.simulator.model.ceph.groups import BACKFILL, PEERING
from runbooks.simulator.model.ceph.pools import shares, usage

if TYPE_CHECKING:
    from runbooks.simulator.model.ceph import Ceph

LEAST = 0.5
"""Seconds that even an empty group takes."""


def schedule(ceph: Ceph, now: float) -> Iterator[float]:
    """Give each group that lacks data somewhere its turn; the moments at which something will have changed."""
    free: dict[int, float] = defaultdict(lambda: now + PEERING)
    for group in ceph.groups.values():
        for osd, (_, end) in group.moves.items():
            free[osd] = max(free[osd], end)
    uses: dict[int, int] = {}
    blocked = ceph.blocked()
    for group in ceph.groups.values():
        if now < group.peered:
            yield group.peered
        yield from (until for until in group.behind.values() if until is not None and until > now)
        if not group.missing or not group.serving():
            continue
        if blocked(group):
            for osd in group.missing:
                group.moves.pop(osd, None)
            continue
        pool = ceph.pools[group.pool]
        if pool.id not in uses:
            uses[pool.id] = usage(ceph.cloud, pool).stored
        seconds = max(uses[pool.id] * shares(pool.id, pool.groups)[group.number] / BACKFILL, LEAST)
        for osd in group.missing:
            if osd not in group.moves:
                begin = free[osd]
                free[osd] = begin + seconds
                group.moves[osd] = begin, begin + seconds
            begin, end = group.moves[osd]
            yield from (moment for moment in (begin, end) if moment > now)
