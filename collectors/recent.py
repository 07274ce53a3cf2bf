"""The console's own short memory of values: an hour in half minutes, in rings of fixed size, fed by each swap.

It is there where no Prometheus is, and it is what sparklines are made of. Values belong to the moment when their
target was read, so that a host that fell silent leaves a gap and no flat line. Rows that vanish are forgotten, and only
so many rows of a kind are kept: those that were there first, then those that are worst.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from typing import Final

from collectors.curve import Curve
from collectors.health import RANK
from collectors.kind import AnyKind, Row
from collectors.snapshot import OddRow, Snapshot
from collectors.staleness import parts
from collectors.trend import Trend

STEP: Final = 30.0
"""Seconds of one value."""
KEPT: Final = 120
"""Values of one series: an hour."""
ROWS: Final = 500
"""Rows of one kind that are remembered."""
SERIES: Final = 8000
"""Series in all: 480 bytes each, and about as much again around them."""

_NOTHING: Final = array("f", [math.nan]) * KEPT
SYSTEMS: Final = "systems"
"""In place of a kind's name: rows that are not ok, by system."""


class Ring:
    """The last values of one series by bucket (time divided by `STEP`); a value of a later read replaces one."""

    __slots__ = ("_counted", "newest", "values")

    def __init__(self) -> None:
        self.values = _NOTHING[:]
        self.newest = 0
        self._counted = (math.nan, 0.0)
        """Of a counter: what it was, and when."""

    def put(self, value: float, at: float) -> None:
        """Note `value`, read `at` (seconds since the epoch)."""
        bucket = int(at // STEP)
        if bucket <= self.newest - KEPT:
            return
        for skipped in range(max(self.newest + 1, bucket - KEPT + 1), bucket):
            self.values[skipped % KEPT] = math.nan
        self.newest = max(self.newest, bucket)
        self.values[bucket % KEPT] = value

    def count(self, total: float, at: float) -> None:
        """Note a counter: its growth per second since the last read; one that began anew tells nothing once."""
        before, then = self._counted
        if at <= then:
            return
        self._counted = (total, at)
        if total >= before:  # false for the first one too: that is not a number
            self.put((total - before) / (at - then), at)

    def at(self, bucket: int) -> float:
        """The value of a bucket; NaN where there is none."""
        return self.values[bucket % KEPT] if self.newest - KEPT < bucket <= self.newest else math.nan


class Recent:
    """Rings by kind and row, one for each trend that has a field."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[str, tuple[Ring, ...]]] = {}
        self._newest: dict[str, int] = {}

    @property
    def series(self) -> int:
        """How many series are held."""
        return sum(len(rings) for rows in self._kinds.values() for rings in rows.values())

    # -- fed ------------------------------------------------------------------------------------------------------

    def note(self, snapshot: Snapshot) -> None:
        """A newer snapshot of a whole kind."""
        kind = snapshot.kind
        followed = [trend for trend in kind.trends if trend.field]
        if not followed:
            return
        rows = self._kinds.setdefault(kind.name, {})
        if snapshot.complete:
            for gone in rows.keys() - snapshot.keys.keys():
                del rows[gone]
        self._admit(snapshot, rows, len(followed))
        for target, part in parts(snapshot):
            if target.at:
                self._newest[kind.name] = max(self._newest.get(kind.name, 0), int(target.at // STEP))
                for index in part:
                    rings = rows.get(snapshot.id_at(index))
                    row = snapshot.rows[index]
                    if rings is not None and not isinstance(row, OddRow):
                        _take(rings, followed, row, target.at)

    def _admit(self, snapshot: Snapshot, rows: dict[str, tuple[Ring, ...]], each: int) -> None:
        """Begin to remember rows that are new, as long as there is room: the worst first."""
        room = min(ROWS - len(rows), (SERIES - self.series) // each)
        new: Iterable[str] = snapshot.keys.keys() - rows.keys() if room > 0 else ()
        if not new:
            return
        ranked = sorted(new, key=lambda row_id: (RANK[snapshot.healths[snapshot.keys[row_id]].level], row_id))
        for row_id in ranked[:room]:
            rows[row_id] = tuple(Ring() for _ in range(each))

    def note_system(self, system: str, problems: int, now: float) -> None:
        """How many rows of a system are not ok."""
        rows = self._kinds.setdefault(SYSTEMS, {})
        if system not in rows:
            rows[system] = (Ring(),)
        rows[system][0].put(problems, now)
        self._newest[SYSTEMS] = max(self._newest.get(SYSTEMS, 0), int(now // STEP))

    # -- asked ----------------------------------------------------------------------------------------------------

    def _ring(self, group: str, row_id: str, place: int) -> Ring | None:
        rings = self._kinds.get(group, {}).get(row_id)
        return rings[place] if rings is not None and place < len(rings) else None

    def tail(self, group: str, row_id: str, cells: int, per: int, place: int = 0) -> Sequence[float | None]:
        """The largest value of each of the last `cells` stretches of `per` buckets that are over, oldest first.

        Stretches begin at round times, so what is returned changes only when one of them is over.
        """
        ring, newest = self._ring(group, row_id, place), self._newest.get(group, 0)
        if ring is None:
            return [None] * cells
        now = newest // per
        found: list[float | None] = []
        for stretch in range(now - cells, now):
            values = [v for b in range(stretch * per, stretch * per + per) if not math.isnan(v := ring.at(b))]
            found.append(max(values, default=None))
        return found

    def curve(self, group: str, row_id: str, name: str, place: int = 0) -> Curve:
        """Everything that is known of one series, the newest value included."""
        ring = self._ring(group, row_id, place)
        if ring is None:
            return Curve(name, (), STEP)
        first = ring.newest - KEPT + 1
        points = tuple((b * STEP, v) for b in range(first, ring.newest + 1) if not math.isnan(v := ring.at(b)))
        return Curve(name, points, STEP)

    def holds(self, group: str, row_id: str) -> bool:
        """False for a row beyond the number that is kept, and for one that was never seen."""
        return row_id in self._kinds.get(group, {})


def _take(rings: tuple[Ring, ...], followed: Sequence[Trend], row: Row, at: float) -> None:
    for ring, trend in zip(rings, followed, strict=True):
        value = getattr(row, trend.field)
        if value is None:
            continue
        if trend.counter:
            ring.count(float(value), at)
        else:
            ring.put(float(value), at)


def place_of(kind: AnyKind, trend: Trend) -> int:
    """Which of a row's rings is the trend's."""
    return [t for t in kind.trends if t.field].index(trend)
