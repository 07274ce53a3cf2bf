"""What Prometheus remembers of a trend of one row: a range query bound to the row, its answer as a curve.

It waits for Prometheus, within a deadline, so it is called on a thread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from collectors.connections import Connections
from collectors.curve import Curve
from collectors.deadline import working
from collectors.errors import NoSuchObject, NotUnderstood
from collectors.kind import Scope
from collectors.request import Promql
from collectors.shapes import converted
from collectors.sources.base import EVERYWHERE
from collectors.trend import Trend, bound, scraped_as

SPANS: Final = (900.0, 3600.0, 21600.0, 86400.0)
"""How far back one may look, seconds."""
POINTS: Final = 120
"""Values of one curve, about: more than a screen of the usual width can show."""
LEAST_STEP: Final = 15.0
"""Seconds between two values: the shortest usual interval of scraping."""


class SeriesWire(msgspec.Struct, gc=False):
    """One series of a matrix; values are text, `NaN` and `+Inf` among them."""

    values: list[tuple[float, str]] = []
    metric: dict[str, str] = {}


def step_of(span: float) -> float:
    """Seconds between two values of a curve of `span` seconds."""
    return max(span / POINTS, LEAST_STEP)


def past(connections: Connections, trend: Trend, row: Any, name: str, span: float, seconds: float) -> Curve:
    """The curve of one row over the last `span` seconds, within `seconds`.

    Raises `SourceError`; `NoSuchObject` when Prometheus has no such series.
    """
    addresses = {host.name: host.address for host in connections.site.hosts.values()}
    query = bound(trend.query_for(row), row, lambda host: scraped_as(addresses, host))
    if not query:
        raise NoSuchObject("Prometheus", "nothing of this row is asked of it", "")
    request = Promql(query, window=span, step=step_of(span))
    source = connections.source(request)
    found: list[Any] = []
    with working(connections.deadline(seconds)) as held:
        for page in source.read(request, source.targets(Scope(), EVERYWHERE)[0], held, EVERYWHERE):
            found += page.items
    if not found:
        raise NoSuchObject("Prometheus", "it has no such values", "")
    return Curve(name, points_of(found), request.step)


def points_of(found: Sequence[Any]) -> tuple[tuple[float, float], ...]:
    """The points of an answer of one series; several are added up. Raises `NotUnderstood`."""
    total: dict[float, float] = {}
    try:
        for series in converted(found, list[SeriesWire]):
            for at, text in series.values:
                value = float(text)
                if math.isfinite(value):
                    total[at] = total.get(at, 0.0) + value
    except (msgspec.ValidationError, ValueError) as error:
        raise NotUnderstood("Prometheus", "the answer is not a range of values", "") from error
    return tuple(sorted(total.items()))
