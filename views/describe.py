"""Everything about one row in words: what is wrong first, then its fields, then what other systems say. Pure.

“Where else” follows the kind's links into snapshots that are there already: nothing is read for it, so it costs nothing
and says so where nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from collectors.errors import UsageError
from collectors.kind import Link
from collectors.snapshot import OddRow
from collectors.table import Table
from collectors.values import count
from views.cells import readable
from views.equivalent import of_row
from views.glyphs import Glyphs
from views.lines import Text
from views.links import linked, name_of, usable, value_of
from views.paint import Run, wrapped
from views.text.plain import plain
from views.text.width import cells
from views.when import hour, reading_clock

Whole = Callable[[str], Table | None]
"""Kind name → its last whole snapshot as a table."""

TWO_COLUMNS: Final = 72
"""Cells from which short fields stand side by side."""

_INDENT: Final = "  "


def describe_texts(table: Table, index: int, width: int, glyphs: Glyphs, whole: Whole, detail: str = "") -> list[Text]:
    """The lines about row `index` of `table`; `detail` is what a second read of that one row said."""
    snapshot = table.snapshot
    row, health = snapshot.rows[index], snapshot.healths[index]
    title = Text([(readable(name_of(table, index)), "strong")], [(glyphs.severity(health.level), health.level)])
    texts = [title]
    if health.reason:
        texts += [Text([(line, "text")]) for line in wrapped(health.reason, width)]
    texts.append(Text())
    if isinstance(row, OddRow):
        texts += _odd(row, width)
    else:
        texts += _fields(table, index, width)
    texts += _where_else(table, index, width, glyphs, whole)
    texts.append(Text())
    texts += _block("command", [of_row(table.kind, row)], width)
    if table.kind.runbooks:
        texts += _block("runbooks", [" · ".join(table.kind.runbooks)], width)
    if detail:
        texts += [Text(), Text([(_INDENT + "more", "accent")])]
        texts += [Text([(_INDENT, "text"), *line.left]) for line in raw_texts(detail, width - 2)]
        texts.append(Text())
    told = ", ".join(t.target for t in snapshot.targets[:3]) or table.kind.system
    texts += _block("read", [f"{hour(snapshot.at)} from {told}"], width)
    return texts


def _odd(row: OddRow, width: int) -> list[Text]:
    texts = [Text([(_INDENT + "This row arrived but could not be understood:", "message")])]
    texts += [Text([(_INDENT + line, "text")]) for line in wrapped(row.raw, width - 2)]
    return [*texts, Text()]


def _fields(table: Table, index: int, width: int) -> list[Text]:
    """Label and value, two abreast where both are short; what has no value is named at the end."""
    now = reading_clock(table.snapshot)(table.snapshot.rows[index])
    names = [c.name for c in table.kind.columns]
    if table.kind.key not in names:
        names.append(table.kind.key)
    pairs: list[tuple[str, str]] = []
    unset: list[str] = []
    for name in names:
        column = table.kind.column(name)
        label = column.title.lower() if column is not None else name.replace("_", " ")
        value = table.value(index, name)
        words = readable(plain(value, column, now, full=True))
        if words:
            pairs.append((label, words))
        else:
            unset.append(label)
    room = max((cells(label) for label, _ in pairs), default=0) + 2
    texts = _paired(pairs, room, width)
    if unset:
        texts += _block("not set", [", ".join(unset)], width, room=room)
    return [*texts, Text()]


def _paired(pairs: Sequence[tuple[str, str]], room: int, width: int) -> list[Text]:
    half = (width - 2) // 2 if width >= TWO_COLUMNS else 0
    texts: list[Text] = []
    waiting: tuple[str, str] | None = None
    for label, value in pairs:
        short = half > 0 and room + cells(value) < half - 1
        if short and waiting is not None:
            left = f"{waiting[1]}{' ' * (half - room - cells(waiting[1]))}"
            texts.append(Text([_label(waiting[0], room), (left, "text"), (label.ljust(room), "dim"), (value, "text")]))
            waiting = None
            continue
        if waiting is not None:
            texts.append(Text([_label(waiting[0], room), (waiting[1], "text")]))
            waiting = None
        if short:
            waiting = (label, value)
        else:
            texts += _block(label, [value], width, room=room)
    if waiting is not None:
        texts.append(Text([_label(waiting[0], room), (waiting[1], "text")]))
    return texts


def _label(label: str, room: int) -> Run:
    return (_INDENT + label + " " * max(room - cells(label), 1), "dim")


def _block(label: str, lines: Sequence[str], width: int, *, room: int = 12) -> list[Text]:
    """A label, and lines beside it that are folded where they are too long."""
    folded = [part for line in lines for part in wrapped(line, max(width - room - 2, 10))]
    return [Text([_label(label if number == 0 else "", room), (part, "text")]) for number, part in enumerate(folded)]


def _where_else(table: Table, index: int, width: int, glyphs: Glyphs, whole: Whole) -> list[Text]:
    links = usable(table, index)
    if not links:
        return []
    room = max(cells(link.title) for link in links) + 2
    texts = [Text([(_INDENT + "where else", "accent")])]
    for link in links:
        texts.append(Text([_label(link.title, room), *_there(table, index, link, glyphs, whole)]))
    return texts


def _there(table: Table, index: int, link: Link, glyphs: Glyphs, whole: Whole) -> list[Run]:
    """What is known at the other end of a link."""
    there = whole(link.kind)
    if there is None:
        return [("not read yet", "dim")]
    snapshot = there.snapshot
    try:
        rows = list(linked(there, link, value_of(table, index, link.field)))
    except UsageError:
        return [("not read yet", "dim")]
    if not rows:
        return [("none", "dim") if snapshot.complete else ("none so far", "dim")]
    if len(rows) == 1:
        health = snapshot.healths[rows[0]]
        runs: list[Run] = [
            (f"{readable(name_of(there, rows[0]))}  ", "text"),
            (glyphs.severity(health.level), health.level),
        ]
        return [*runs, (f"  {readable(health.reason)}", "dim")] if health.reason else runs
    worst = min(rows, key=lambda i: snapshot.healths[i].rank)
    level = snapshot.healths[worst].level
    many: Run = (f"{count(len(rows))}  ", "text")
    if level == "ok":
        return [many, (glyphs.severity("ok"), "ok")]
    bad = sum(1 for i in rows if snapshot.healths[i].level == level)
    said = f"{glyphs.level(level)} {count(bad)} {level}"
    return [many, (said, level), (readable(f"  {name_of(there, worst)}: {snapshot.healths[worst].reason}"), "dim")]


def raw_texts(text: str, width: int, most: int = 20_000) -> list[Text]:
    """A document, folded hard at the width so that nothing is hidden; at most `most` lines."""
    texts: list[Text] = []
    for line in text.splitlines():
        shown = readable(line) if len(line) <= 1000 else line
        for start in range(0, max(len(shown), 1), max(width, 1)):
            texts.append(Text([(shown[start : start + width], "text")]))
            if len(texts) >= most:
                return [*texts, Text([(f"… cut after {most} lines", "dim")])]
    return texts
