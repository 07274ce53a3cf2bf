"""One row of a list as the texts of its cells, and as the runs of its line. Pure.

Colour is spent where it says something: on the health. Everything else of the line is one run, because each change of
style costs bytes on a slow link.
"""

from __future__ import annotations

from collections.abc import Sequence

from collectors.snapshot import OddRow
from collectors.table import Order, Table
from themes.roles import Role
from views.cells import cell, fitted, readable
from views.columns import TREND, Slot, gap
from views.glyphs import Glyphs
from views.paint import Run


def texts_of(
    table: Table, index: int, names: Sequence[str], now: float, glyphs: Glyphs, known: str = "", trend: str = ""
) -> tuple[str, ...]:
    """The cells of a row, in the order of `names`; what an odd row does not say is `?`.

    `known` are the words of an acknowledgement: the sign then is that of a known problem. `trend` is its sparkline.
    """
    odd = isinstance(table.snapshot.rows[index], OddRow)
    found: list[str] = []
    for name in names:
        if name == TREND:
            found.append(trend)
            continue
        value = table.value(index, name)
        if name == "health":
            level = table.snapshot.healths[index].level
            found.append(f"{glyphs.known} {level}" if known else glyphs.severity(level))
        elif name == "reason":
            found.append(glyphs.text(readable(f"{known} {value or ''}".strip())))
        elif odd and value is None:
            found.append("?")
        else:
            found.append(glyphs.text(cell(value, table.kind.column(name), now)))
    return tuple(found)


def _put(runs: list[Run], text: str, role: Role) -> None:
    if runs and runs[-1][1] == role:
        runs[-1] = (runs[-1][0] + text, role)
    else:
        runs.append((text, role))


def row_runs(
    texts: Sequence[str],
    names: Sequence[str],
    slots: Sequence[Slot],
    role: Role,
    width: int,
    glyphs: Glyphs,
    *,
    cursor: bool,
    marked: bool,
) -> list[Run]:
    """The line of a row: cursor and mark, then the cells, each as wide as its slot. `role` is that of its health."""
    runs: list[Run] = []
    _put(runs, glyphs.cursor if cursor else " ", role)
    _put(runs, glyphs.mark if marked else " ", "mark" if marked else role)
    by_name = dict(zip(names, texts, strict=True))
    for slot in slots:
        between = " " * gap(width) if slot is not slots[-1] else ""
        text = fitted(by_name[slot.name], slot.width, slot.where, right=slot.right) + between
        _put(runs, text, role if slot.name == "health" else "text")
    return runs


def heading_runs(slots: Sequence[Slot], order: Order, width: int, glyphs: Glyphs) -> list[Run]:
    """The line of titles; the column that gives the order has an arrow, unless it is the health in its usual order."""
    runs: list[Run] = []
    _put(runs, "  ", "column")
    for slot in slots:
        first = bool(order.columns) and order.columns[0] == slot.name
        usual = slot.name == "health" and not order.descending
        title = slot.title + (glyphs.order(order.descending) if first and not usual else "")
        _put(
            runs,
            fitted(title, slot.width, right=slot.right) + (" " * gap(width) if slot is not slots[-1] else ""),
            "sorted" if first and not usual else "column",
        )
    return runs
