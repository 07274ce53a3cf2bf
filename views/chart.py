"""What a chart says around its drawing: whose values, what they come to, where they are from. Pure.

A chart is about up to six things and one of their trends. Figures are told in words, so that nobody has to measure a
drawing made of letters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from collectors.curve import Curve, figures
from collectors.errors import NoSuchObject, SourceError
from collectors.kind import Role
from collectors.past import SPANS
from collectors.recent import SYSTEMS
from collectors.snapshot import OddRow
from collectors.table import Table
from collectors.trend import Trend
from collectors.values import age
from views.cells import readable
from views.figure import LETTERS
from views.lines import Text
from views.text.width import cells, fitted
from views.ticks import value_text
from views.when import ago, hour

MOST: Final = len(LETTERS)
"""Things in one chart."""

Past: TypeAlias = Callable[[Trend, Any, str, float], Curve]
"""Asks Prometheus for a trend of a row, called NAME, over so many seconds; waits for it. Raises `SourceError`."""


PROBLEMS: Final = Trend("rows that are not ok", "problems", ceiling=4.0)
"""What is followed of a system."""


class Thing(msgspec.Struct, frozen=True):
    """One thing that is charted."""

    row_id: str
    name: str
    row: Any = None


class ChartAsk(msgspec.Struct, frozen=True):
    """What is charted."""

    group: str
    """The kind's name, or `SYSTEMS`."""
    things: tuple[Thing, ...]
    trends: tuple[tuple[Trend, Role], ...]
    """What can be shown of them, and what kind of number it is."""
    left_out: int = 0
    """Things that were chosen too, but are more than can be drawn together."""
    at: int = 0
    """Which of the trends."""
    span: float = SPANS[1]
    """Seconds that are shown."""

    @property
    def trend(self) -> Trend:
        """The one that is shown."""
        return self.trends[self.at][0]

    @property
    def role(self) -> Role:
        """What kind of number it is."""
        return self.trends[self.at][1]


class Shown(msgspec.Struct, frozen=True):
    """Curves, and where they are from, in words."""

    curves: tuple[Curve, ...]
    source: str
    trouble: str = ""
    """Why it is not what was wanted, as a sentence."""


def of_rows(table: Table, indexes: Sequence[int]) -> ChartAsk | None:
    """A chart of these rows, the first six of them; None when nothing of their kind is followed."""
    kind = table.kind
    rows = [(index, table.snapshot.rows[index]) for index in indexes]
    things = [
        Thing(table.snapshot.id_at(index), readable(str(kind.name_of(row) or "")) or table.snapshot.id_at(index), row)
        for index, row in rows
        if not isinstance(row, OddRow)
    ]
    if not kind.trends or not things:
        return None
    trends = tuple((trend, trend.role_in(kind)) for trend in kind.trends)
    return ChartAsk(kind.name, tuple(things[:MOST]), trends, max(len(things) - MOST, 0))


def of_system(system: str) -> ChartAsk:
    """A chart of how many rows of a system were not ok."""
    return ChartAsk(SYSTEMS, (Thing(system, system),), ((PROBLEMS, "number"),))


def title_of(ask: ChartAsk) -> str:
    """`chart  hosts › load of the last minute`."""
    more = f"  {ask.at + 1} of {len(ask.trends)}" if len(ask.trends) > 1 else ""
    return f"chart  {ask.group} › {ask.trend.title}{more}"


def span_words(span: float) -> str:
    """`last 15 minutes`, `last hour`."""
    if span < 3600:
        return f"last {span / 60:.0f} minutes"
    return "last hour" if span == 3600 else f"last {span / 3600:.0f} hours"


def figure_texts(ask: ChartAsk, curves: Sequence[Curve], now: float, width: int) -> list[Text]:
    """One line per curve: its letter, its name and what it comes to."""
    rows: list[list[str]] = []
    for curve in curves:
        found = figures(curve)
        if found is None:
            rows.append([curve.name, "nothing known"])
            continue
        old = now - found.at
        late = f" ({ago(found.at, now)})" if old > max(3 * curve.step, 60.0) else ""
        words = (("last", found.last), ("least", found.least), ("mean", found.mean), ("most", found.most))
        told = [f"{word} {value_text(value, ask.role)}" for word, value in words]
        rows.append([curve.name, told[0] + late, *told[1:]])
    sizes = [max(cells(row[n]) if n < len(row) else 0 for row in rows) for n in range(max(map(len, rows), default=0))]
    if sizes:
        sizes[0] = min(sizes[0], max(width - sum(sizes[1:]) - 2 * len(sizes) - 4, 8))
    lines: list[Text] = []
    for letter, row in zip(LETTERS, rows, strict=False):
        lead = f"{letter} " if len(rows) > 1 else ""
        parts = "  ".join(fitted(text, size) for text, size in zip(row[1:], sizes[1:], strict=False))
        lines.append(Text(((lead, "accent"), (fitted(row[0], sizes[0]), "name"), (f"  {parts}".rstrip(), "text"))))
    return lines


def own_source(curves: Sequence[Curve], step: float) -> str:
    """`seen by this console since 21:01, every 30 s`."""
    first = min((curve.points[0][0] for curve in curves if curve.points), default=0.0)
    return f"seen by this console since {hour(first)[:5]}, every {age(step)}" if first else ""


def past_source(at: float, step: float) -> str:
    """`from Prometheus at 21:03:14, every 30 s`."""
    return f"from Prometheus at {hour(at)}, every {age(step)}"


def why_no_past(errors: Sequence[SourceError]) -> str:
    """Why Prometheus gave nothing, as short as it can be told: the foot has one line."""
    if not errors or isinstance(errors[-1], NoSuchObject):
        return "Prometheus has no such values"
    return f"Prometheus: {errors[-1].why}"
