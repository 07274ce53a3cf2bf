"""Curves as a drawing of characters, made by plotext; the only file that imports it, when the first chart is drawn.

The figure of textual-plotext is used and not its widget, which paints everything anew whenever anything changes and
knows neither our themes nor ASCII. Lines come out without colours; where there are several curves, each has a letter of
its own, so that a terminal without colours tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from collectors.curve import Curve
from collectors.kind import Role
from views.glyphs import Glyphs
from views.ticks import time_ticks, value_ticks

LETTERS: Final = "abcdef"
"""One for each curve that may be drawn together."""

LEAST: Final = (24, 5)
"""Columns and lines below which nothing can be drawn."""


def drawn(
    curves: Sequence[Curve], start: float, end: float, size: tuple[int, int], role: Role, ceiling: float,
    glyphs: Glyphs, zone: tzinfo | None = None,
) -> list[str]:  # fmt: skip
    """The curves from `start` to `end` (seconds since the epoch) in lines of `size` (columns, lines) cells.

    The axis reaches to `ceiling` at least. Empty where there is no room or nothing to draw.
    """
    values = [value for curve in curves for _, value in curve.points]
    width, height = size
    if width < LEAST[0] or height < LEAST[1] or not values:
        return []
    from textual_plotext import Plot

    figure = Plot()
    figure.plotsize(width, height)
    figure._set_size(width, height)  # without it plotext keeps to the size that it takes the terminal to have
    figure.theme("clear")
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    for letter, curve in zip(LETTERS, curves, strict=False):
        marker = letter if len(curves) > 1 else "*" if glyphs.ascii else "braille"
        for part in curve.stretches():
            times, found = [at - start for at, _ in part], [value for _, value in part]
            (figure.plot if len(part) > 1 else figure.scatter)(times, found, marker=marker)
    marks, words = value_ticks(min(values), max(*values, ceiling), role, (height - 2) // 2)
    figure.ylim(marks[0], marks[-1])
    figure.yticks(marks, words)
    times_at, hours = time_ticks(start, end, width - max(map(len, words)), zone)
    figure.xlim(0, end - start)
    figure.xticks([at - start for at in times_at], hours)
    text: str = figure.build()
    return [glyphs.text(line.replace("\x1b[0m", "")) for line in text.splitlines()][:height]
