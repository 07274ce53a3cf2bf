"""A list as a plain text table: what `get` prints without `-o`.

On a terminal the columns give way by priority until the table fits, never the health, the name or the reason; into a
pipe everything is printed at full width, because something else will cut it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

from collectors.kind import Column
from collectors.query import META
from collectors.table import Table
from collectors.untrusted import neutral
from views.glyphs import ASCII, UNICODE, Glyphs
from views.text.plain import plain
from views.text.width import cells, fitted

_META_TITLES = {"health": "HEALTH", "reason": "REASON", "cloud": "CLOUD", "region": "REGION", "id": "ID"}
_MOST = 200
"""Cells of one value on a terminal that is wide enough for anything."""


def terminal_width() -> int | None:
    """Cells of a line on the terminal that stdout is; None for a pipe."""
    if not sys.stdout.isatty():
        return None
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except OSError:
        return None


def _cell(table: Table, index: int, name: str, column: Column | None, now: float, glyphs: Glyphs) -> str:
    value = table.value(index, name)
    if name == "health":
        return glyphs.severity(table.snapshot.healths[index].level)
    return glyphs.text(plain(value, column, now) if column is not None else neutral(str(value or "")))


def _chosen(table: Table, names: Sequence[str], wide: bool) -> list[tuple[str, str, Column | None, int]]:
    """(name, title, column, priority) in order."""
    kind = table.kind
    if not names:
        names = ["health", *(c.name for c in kind.columns if wide or not c.wide), "reason"]
    found: list[tuple[str, str, Column | None, int]] = []
    for name in names:
        column = kind.column(name)
        if column is not None:
            found.append((name, column.title, column, 1 if name == kind.name_field else column.priority))
        else:
            found.append((name, _META_TITLES[name], None, 0))
    return found


def lines(
    table: Table,
    indexes: Sequence[int],
    names: Sequence[str],
    now: float,
    *,
    wide: bool = False,
    ascii_only: bool = False,
    headers: bool = True,
    width: int | None = None,
) -> Iterator[str]:
    """The table, line by line. `width` is that of the terminal; by default it is asked, a pipe has none."""
    chosen = _chosen(table, names, wide)
    glyphs = ASCII if ascii_only else UNICODE
    room = width if width is not None else terminal_width()
    rows = [[_cell(table, i, name, column, now, glyphs) for name, _, column, _ in chosen] for i in indexes]
    keep = [n for n in range(len(chosen)) if chosen[n][0] in META or any(row[n] for row in rows) or names or wide]
    sizes = [max([cells(chosen[n][1]), *(cells(row[n]) for row in rows)]) for n in range(len(chosen))]
    if room is not None and not names and not wide:
        keep = _fitting(keep, sizes, [c[3] for c in chosen], [c[0] for c in chosen], room)
    last = keep[-1]
    gap = " " if room is not None and room < 100 else "  "

    def line(texts: Sequence[str]) -> str:
        parts = [fitted(texts[n], sizes[n]) for n in keep[:-1]] + [texts[last]]
        text = gap.join(parts).rstrip()
        return (fitted(text, room).rstrip() if room is not None else text) + "\n"

    if headers:
        yield line([title for _, title, _, _ in chosen])
    for row in rows:
        yield line(row)


def _fitting(
    keep: Sequence[int], sizes: list[int], priorities: Sequence[int], names: Sequence[str], room: int
) -> list[int]:
    """Drop columns by priority until the rest, with at least 20 cells of reason, fits into `room`."""
    found = list(keep)

    def needed() -> int:
        return sum((min(sizes[n], 20) if names[n] == "reason" else sizes[n]) + 2 for n in found) - 2

    while needed() > room and (droppable := [n for n in found if priorities[n] > 1]):
        found.remove(max(droppable, key=lambda n: (priorities[n], n)))
    while needed() > room:
        # Only what must stay is left: its longest column gives way.
        longest = max((n for n in found if names[n] not in ("health", "reason")), key=lambda n: sizes[n], default=-1)
        if longest < 0 or sizes[longest] <= 8:
            break
        sizes[longest] -= 1
    return found
