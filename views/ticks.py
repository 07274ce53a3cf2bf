"""Where the marks of a chart's axes go: round values in their unit, round times on the terminal's clock. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from collectors.kind import Column, Role
from views.text.plain import plain

_TIMES: Final = (60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 21600.0, 43200.0)
"""Seconds between two marks of a time axis."""

LABEL: Final = 9
"""Cells of a mark of the time axis with the room around it."""


def value_text(value: float, role: Role) -> str:
    """A value of a chart in words: `0.51`, `71 %`, `3.4 GiB`, `12 ms`."""
    if role == "percent" and value and abs(value) < 10:
        return f"{value:.2g} %"
    return plain(value, Column("value", "VALUE", "number" if role == "flag" else role), 0.0) or "0"


def _round_up(value: float) -> float:
    """The next of 1, 2, 2.5, 5 or 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= value * 0.999)


def value_ticks(least: float, most: float, role: Role, room: int) -> tuple[list[float], list[str]]:
    """Marks from below `least` to above `most`, the first and the last of them the ends of the axis.

    The axis begins at zero unless everything is far from it: half of a chart of nothing would hide what changes.
    """
    least = 0.0 if least >= 0 and least <= 0.6 * most else least
    if most - least <= max(abs(least), abs(most)) * 1e-6 or most - least < 1e-9:  # all the same
        least, most = (0.0, most if most > 1e-9 else 1.0) if most >= 0 else (least, 0.0)
    unit = 1024.0 ** max(int(math.log(max(abs(most), 1.0), 1024)), 0) if role == "bytes" else 1.0
    step = _round_up((most - least) / unit / max(min(room, 4), 1)) * unit
    first = math.floor(least / step + 1e-9)
    last = max(math.ceil(most / step - 1e-9), first + 1)
    values = [n * step for n in range(first, last + 1)]
    return values, [value_text(value, role) for value in values]


def time_ticks(start: float, end: float, width: int, zone: tzinfo | None = None) -> tuple[Sequence[float], list[str]]:
    """Marks at round times between `start` and `end` (seconds since the epoch), as many as fit into `width` cells."""
    most = max(width // LABEL, 1)
    step = next((step for step in _TIMES if (end - start) / step <= most), _TIMES[-1])
    offset = datetime.fromtimestamp(end, zone).astimezone(zone).utcoffset()
    ahead = offset.total_seconds() if offset is not None else 0.0
    first = math.ceil((start + ahead) / step) * step - ahead
    times = [first + n * step for n in range(int((end - first) // step) + 1)]
    return times, [datetime.fromtimestamp(at, zone).strftime("%H:%M") for at in times]
