"""Placement groups: on which OSDs each lies, in which state it is, and how its data moves.

Placement is a draw that only the OSDs' weights decide (as CRUSH's straw2 does): one OSD of each host, so that an OSD
that is taken out moves the groups it had and no others. An OSD that comes back is behind for some seconds; one that
never had a group gets it by a backfill, which takes the time that the bytes take.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runbooks.simulator.ids import Seed
    from runbooks.simulator.model.ceph.daemons import Osd

PEERING = 1.5
"""Seconds in which a group whose OSDs changed agrees on its history."""
RECOVERY = 3.0
"""Seconds after which a copy that missed some writes has caught up."""
REPORT, IDLE_REPORT = 5.0, 600.0
"""How often a group that is written to reports, and one that is not."""
BACKFILL = 400 << 20
"""Bytes per second that an OSD takes in."""


@dataclass(slots=True)
class Group:
    """One placement group. Times are seconds since the epoch."""

    pool: int
    number: int
    size: int
    min_size: int
    idle: bool
    homes: tuple[int, ...]
    """The OSDs that hold all of its data."""
    up: tuple[int, ...]
    acting: tuple[int, ...]
    born: float
    changed: float
    """When its state last changed."""
    peered: float = 0.0
    """It is peering until then."""
    behind: dict[int, float | None] = field(default_factory=dict)
    """OSD that missed writes → when it has caught up; None while it is down."""
    moves: dict[int, tuple[float, float]] = field(default_factory=dict)
    """OSD → from when to when it is filled."""
    errors: int = 0
    """Found by the last scrub."""
    damaged: int | None = None
    """The OSD whose copy of an object is another than the others'."""
    scrubbed: float = 0.0
    deep_scrubbed: float = 0.0
    repair_until: float = 0.0
    scrub_until: float = 0.0
    epoch: int = 18
    """Of the OSD map, when it was last mapped anew."""
    state: str = "active+clean"
    lost: dict[str, float] = field(default_factory=dict)
    """`active`, `clean`, `fullsized`, `peered`, `undegraded`, `unstale` → when it last was."""
    reported: float = 0.0
    """Its last report while its history was agreed upon."""

    @property
    def id(self) -> str:
        """`3.1f`."""
        return f"{self.pool}.{self.number:x}"

    @property
    def missing(self) -> tuple[int, ...]:
        """OSDs that should have its data and do not."""
        return tuple(osd for osd in self.up if osd not in self.homes)

    def fresh(self, now: float) -> float:
        """When it last reported: at once after a change, then from time to time."""
        every = IDLE_REPORT if self.idle else REPORT
        phase = (self.pool * 31 + self.number * 7) % 17 / 17 * every
        return max((now - phase) // every * every + phase, self.changed)

    def serving(self) -> bool:
        """Enough OSDs have it for writes."""
        return len(self.acting) >= self.min_size

    # Its state at a moment

    def look(self, now: float, *, blocked: bool = False) -> str:
        """The state's name. `blocked`: a flag keeps data from moving."""
        if not self.acting:
            return self.state if self.state.startswith("stale") else f"stale+{self.state}"
        if now < self.peered:
            return "remapped+peering" if self.up != self.acting else "peering"
        caught_up = [until for osd, until in self.behind.items() if osd in self.acting and until is not None]
        recovering = any(now < until for until in caught_up)
        words = []
        if self.serving():
            words.append("active")
        if len(self.acting) >= self.size and not recovering and not self.missing:
            words.append("clean")
        if recovering:
            words.append("recovering" if self.serving() else "recovery_wait")
        if len(self.acting) < self.size:
            words.append("undersized")
        if len(self.acting) < self.size or recovering:
            words.append("degraded")
        if set(self.up) != set(self.acting):
            words.append("remapped")
        if now < self.scrub_until:
            words += ["scrubbing", "deep"]
        if self.errors:
            words.append("inconsistent")
        if now < self.repair_until:
            words.append("repair")
        if self.missing and self.serving():
            begun = [osd for osd, (begin, _) in self.moves.items() if osd in self.missing and begin <= now]
            words.append("backfill_wait" if blocked or not begun else "backfilling")
        if not self.serving():
            words.append("peered")
        return "+".join(words)

    def moved(self, osd: int, now: float) -> float:
        """Which part of the group this OSD has got by now."""
        begin, end = self.moves.get(osd, (math.inf, math.inf))
        return 0.0 if now <= begin else min((now - begin) / max(end - begin, 0.001), 1.0)

    def degraded(self, objects: int, now: float) -> int:
        """Copies that are not there."""
        if not self.acting:
            return objects * self.size
        if now < self.peered:
            return 0
        whole = len([osd for osd in self.acting if osd in self.homes])
        short = float(max(self.size - whole, 0))
        if short:
            short -= sum(self.moved(osd, now) for osd in self.missing)
        late = sum(
            min(0.02, (until - now) / RECOVERY * 0.02)
            for osd, until in self.behind.items()
            if osd in self.acting and until is not None and until > now
        )
        return min(math.ceil(objects * max(short + late, 0.0)), objects * self.size)

    def misplaced(self, objects: int, now: float) -> int:
        """Copies that lie elsewhere than they should."""
        if len([osd for osd in self.acting if osd in self.homes]) < self.size:
            return 0
        away = len([osd for osd in self.acting if osd not in self.up])
        return math.ceil(objects * max(away - sum(self.moved(osd, now) for osd in self.missing), 0.0))

    # What happens to it

    def place(self, wanted: tuple[int, ...], osds: Mapping[int, Osd], now: float, epoch: int) -> None:
        """The map has changed: `wanted` is where CRUSH puts it now."""
        before = self.acting
        self._catch_up(osds, now)
        self.up = tuple(osd for osd in wanted if osds[osd].up)
        for osd in [osd for osd in self.moves if osd not in self.up]:
            del self.moves[osd]
        self._arrived(wanted, now)
        alive = tuple(osd for osd in self.homes if osds[osd].up)
        short = len(wanted) < self.size and len(alive) > len(self.up)
        self.acting = alive if (self.missing or short) and alive else self.up
        if self.acting != before:
            self.epoch = epoch
            if set(self.acting) != set(before) or (self.acting and self.acting[0] != before[:1][0]):
                self.peered, self.changed = now + PEERING, now

    def _catch_up(self, osds: Mapping[int, Osd], now: float) -> None:
        for osd in self.homes:
            if not osds[osd].up and osd in self.acting and not self.idle:
                self.behind[osd] = None
            elif osds[osd].up and self.behind.get(osd, 0.0) is None:
                self.behind[osd] = now + PEERING + RECOVERY
        for osd in [osd for osd, until in self.behind.items() if until is not None and until <= now]:
            del self.behind[osd]

    def _arrived(self, wanted: tuple[int, ...], now: float) -> None:
        """What has been filled counts as a home; what is no longer wanted is dropped once all is there."""
        done = [osd for osd, (_, end) in self.moves.items() if end <= now]
        for osd in done:
            del self.moves[osd]
        self.homes = (*self.homes, *(osd for osd in done if osd not in self.homes))
        if len(wanted) == self.size and set(wanted) <= set(self.homes):
            self.homes = wanted
            self.behind = {osd: until for osd, until in self.behind.items() if osd in wanted}

    def note(self, now: float, *, blocked: bool = False) -> None:
        """Remember since when it is no longer active, clean and so on."""
        state = self.look(now, blocked=blocked)
        words = set(state.split("+"))
        holds = {
            "active": "active" in words and "stale" not in words,
            "clean": "clean" in words and "stale" not in words,
            "fullsized": "undersized" not in words and len(self.acting) >= self.size,
            "peered": not words & {"peering", "stale"},
            "undegraded": "degraded" not in words,
            "unstale": "stale" not in words,
        }
        for name, held in holds.items():
            if held:
                self.lost.pop(name, None)
            elif name in ("active", "peered"):
                self.lost.setdefault(name, min(self.fresh(now), self.reported) if self.idle else self.fresh(now))
            else:
                self.lost.setdefault(name, now)
        if state != self.state:
            self.state, self.changed = state, now
        if not words & {"peering", "stale"}:
            self.reported = self.fresh(now)


def draw(seed: Seed, pool: int, number: int, osds: Iterable[Osd], size: int) -> tuple[int, ...]:
    """Where a group belongs: the longest straw of each host, hosts by their own straws; the first is the primary."""
    best: dict[str, tuple[float, int]] = {}
    for osd in osds:
        if osd.weight <= 0:
            continue
        straw = math.log(max(_chance(seed, pool, number, osd.id), 1e-12)) / osd.weight
        if osd.host not in best or straw > best[osd.host][0]:
            best[osd.host] = straw, osd.id
    order = sorted(best, key=lambda host: _chance(seed, pool, number, host))
    return tuple(best[host][1] for host in order[:size])


_DRAWN: dict[tuple[int, int, int, object], float] = {}


def _chance(seed: Seed, pool: int, number: int, who: object) -> float:
    key = (seed.value, pool, number, who)
    if key not in _DRAWN:
        _DRAWN[key] = seed.fraction("crush", pool, number, who)
    return _DRAWN[key]
