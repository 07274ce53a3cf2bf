"""One series over time, and what it comes to in figures. Pure; times are seconds since the epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec


class Curve(msgspec.Struct, frozen=True):
    """Values of one thing; where none was known there is no point."""

    name: str
    points: tuple[tuple[float, float], ...]
    """(when, value), oldest first."""
    step: float
    """Seconds between two points where none is missing."""

    def since(self, start: float) -> Curve:
        """What is not older than `start`."""
        return Curve(self.name, tuple(p for p in self.points if p[0] >= start), self.step)

    def stretches(self) -> Iterator[Sequence[tuple[float, float]]]:
        """The points without a gap between them: a line drawn over a gap would tell what nobody knows."""
        part: list[tuple[float, float]] = []
        for point in self.points:
            if part and point[0] - part[-1][0] > 2.5 * self.step:
                yield part
                part = []
            part.append(point)
        if part:
            yield part


class Figures(msgspec.Struct, frozen=True):
    """What a curve comes to."""

    last: float
    at: float
    """When the last value was so."""
    least: float
    mean: float
    most: float


def figures(curve: Curve) -> Figures | None:
    """The figures of a curve; None when it has no point."""
    if not curve.points:
        return None
    values = [value for _, value in curve.points]
    at, last = curve.points[-1]
    return Figures(last, at, min(values), sum(values) / len(values), max(values))
