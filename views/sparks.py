"""Sparklines: the last minutes of a row's first trend in a list, and of a system's problems on the overview. Pure.

A bar stands for a stretch of time that is over, so that it changes when a stretch ends and at no other moment: a screen
on which nothing happens writes nothing.
"""

from __future__ import annotations

from typing import Final

from collectors.kind import AnyKind
from collectors.recent import SYSTEMS, Recent
from views.glyphs import Glyphs

BARS: Final = 10
"""Cells of a sparkline."""
IN_LIST: Final = 2
"""Half minutes of one bar in a list: ten minutes in all."""
ON_OVERVIEW: Final = 4
"""The same on the overview, where one wants to see when something began: twenty minutes."""


def row_spark(recent: Recent, kind: AnyKind, row_id: str, glyphs: Glyphs) -> str:
    """The sparkline of a row's first trend, always `BARS` cells wide."""
    return glyphs.spark(recent.tail(kind.name, row_id, BARS, IN_LIST), kind.trends[0].ceiling)


def system_spark(recent: Recent, system: str, glyphs: Glyphs) -> str:
    """Rows of a system that were not ok; empty while that has not changed, since then it says nothing."""
    values = recent.tail(SYSTEMS, system, BARS, ON_OVERVIEW)
    if len({value for value in values if value is not None}) < 2:
        return ""
    return glyphs.spark(values, 4.0)
