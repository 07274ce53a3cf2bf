"""Which columns a list shows at a width, and how wide each one is. Pure.

Widths are measured on a sample and on what is on the screen, and only grow, so that a refresh does not make the screen
jump. On a narrow screen columns leave by priority, never the health, the name or the reason; the reason takes what is
left, because it is what people came for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from msgspec.structs import replace
from rich.cells import cell_len

from collectors.kind import AnyKind, Column
from views.cells import Cut, telling_cut, usual_cut

GUTTER: Final = 2
"""Cells for the cursor and the mark, at the left."""

HEALTH_WIDTH: Final = 10
"""`✖ critical`; the others are padded, so that health never moves the columns."""

SAMPLED: Final = 100
"""Texts per column that are kept to choose where to cut."""

_EXTRA: Final = 4
"""Columns from this priority on leave as soon as the reason cannot be read whole."""

_ALL, _OTHERS = 0, 1
_STEPS: Final = ((_ALL, 24), (3, 0), (_OTHERS, 12), (_ALL, 16), (2, 0), (_ALL, 8))
"""How a screen gets room, in turn: drop columns of at least a priority (priority, 0), or shrink columns (which, width);
names are shrunk after the others."""

TREND: Final = "trend"
"""The sparkline of the kind's first trend, beside its column; it is a column of the screen only."""

TREND_PRIORITY: Final = 4
"""It leaves a narrow screen before anything that people came for."""

_META: Final = {"health": "HEALTH", "reason": "REASON", TREND: "TREND"}


class Slot(msgspec.Struct, frozen=True):
    """One column on the screen."""

    name: str
    title: str
    column: Column | None
    width: int
    right: bool = False
    where: Cut = "end"
    """Where a text that is too long is cut."""


class Measures(msgspec.Struct):
    """How wide the texts of each column are, as far as they were seen."""

    natural: dict[str, int] = msgspec.field(default_factory=dict)
    texts: dict[str, list[str]] = msgspec.field(default_factory=dict)

    def see(self, name: str, texts: Iterable[str]) -> bool:
        """Take note of `texts`; True when the column has to grow."""
        before = self.natural.get(name, 0)
        most = before
        kept = self.texts.setdefault(name, [])
        for text in texts:
            size = cell_len(text)
            if size > most:
                most = size
            if len(kept) < SAMPLED:
                kept.append(text)
        self.natural[name] = most
        return most > before


def shown_names(kind: AnyKind, wide: bool) -> list[str]:
    """Columns that a list of `kind` may show, in order: health, the kind's own, the reason; wide ones behind that.

    The sparkline of the first trend stands behind the column that it is of.
    """
    own = [c.name for c in kind.columns if not c.wide and c.name not in _META]
    if kind.trends and kind.trends[0].field in own:
        own.insert(own.index(kind.trends[0].field) + 1, TREND)
    more = [c.name for c in kind.columns if c.wide and c.name not in _META] if wide else []
    return ["health", *own, "reason", *more]


def _slot(kind: AnyKind, name: str, natural: Mapping[str, int], sort: str) -> Slot:
    column = kind.column(name)
    title = _META.get(name) or (column.title if column is not None else name.upper())
    arrow = 1 if name == sort and name not in _META else 0
    width = max(cell_len(title) + arrow, natural.get(name, 0), HEALTH_WIDTH if name == "health" else 0)
    right = column is not None and column.role in ("bytes", "number", "percent", "duration")
    return Slot(name, title, column, width, right)


def _priority(kind: AnyKind, slot: Slot) -> int:
    if slot.name == TREND:
        return TREND_PRIORITY
    if slot.column is None or slot.name == kind.name_field:
        return 0
    return slot.column.priority


def gap(width: int) -> int:
    """Cells between two columns."""
    return 2 if width >= 120 else 1


def _needed(slots: list[Slot], width: int, reason: int) -> int:
    taken = sum(min(s.width, reason) if s.name == "reason" else s.width for s in slots)
    return GUTTER + taken + gap(width) * (len(slots) - 1)


def plan(
    kind: AnyKind, measures: Measures, width: int, *, wide: bool = False, skip: int = 0, sort: str = ""
) -> tuple[Slot, ...]:
    """The columns at `width` cells. In wide mode all of them, `skip` of them scrolled out behind health and name."""
    slots = [_slot(kind, name, measures.natural, sort) for name in shown_names(kind, wide)]
    empty = frozenset(s.name for s in slots if not measures.natural.get(s.name))
    chosen = _scrolled(kind, slots, width, skip) if wide else _fitted(kind, slots, width, empty)
    return tuple(_with_cut(s, measures) for s in chosen)


def _with_cut(slot: Slot, measures: Measures) -> Slot:
    usual = usual_cut(slot.column.role) if slot.column is not None else "end"
    if measures.natural.get(slot.name, 0) <= slot.width or slot.name == "reason":
        return replace(slot, where=usual)
    return replace(slot, where=telling_cut(measures.texts.get(slot.name, ()), slot.width, usual))


def _fitted(kind: AnyKind, slots: list[Slot], width: int, empty: frozenset[str]) -> list[Slot]:
    """Columns that fit; `empty` ones, of which no value was seen, leave before one with values is cut."""
    cap = max(width * 2 // 5, 12)
    natural = {s.name: s.width for s in slots}
    most, whole = (20, 40) if width < 100 else (30, 60)
    reason = max(min(natural["reason"], most), 10)
    found = [s if s.name == "reason" else replace(s, width=min(s.width, cap)) for s in slots]
    wanted = max(min(natural["reason"], whole), reason)
    found = _dropped(kind, found, width, wanted, _EXTRA)
    found = _dropped(kind, found, width, wanted, 2, empty)
    for which, size in _STEPS:
        name = kind.name_field if which == _OTHERS else ""
        found = _shrunk(found, width, reason, size, name) if size else _dropped(kind, found, width, reason, which)
    while _needed(found, width, reason) > width and reason > 6:
        reason -= 1
    return _filled(found, natural, width)


def _dropped(
    kind: AnyKind, slots: list[Slot], width: int, reason: int, priority: int, among: frozenset[str] | None = None
) -> list[Slot]:
    """Without columns (of `among`) of at least `priority`, least important and rightmost first, as far as needed."""
    found = list(slots)
    while _needed(found, width, reason) > width:
        gone = [
            (p, n)
            for n, s in enumerate(found)
            if (p := _priority(kind, s)) >= priority and (among is None or s.name in among)
        ]
        if not gone:
            break
        del found[max(gone)[1]]
    return found


def _shrunk(slots: list[Slot], width: int, reason: int, size: int, spared: str = "") -> list[Slot]:
    """With the widest columns but `spared` made narrower, down to `size`, as far as needed."""
    found = list(slots)
    while (over := _needed(found, width, reason) - width) > 0:
        wide = [(s.width, n) for n, s in enumerate(found) if s.width > size and s.name not in (*_META, spared)]
        if not wide:
            break
        widest, place = max(wide)
        found[place] = replace(found[place], width=max(widest - over, size))
    return found


def _filled(slots: list[Slot], natural: Mapping[str, int], width: int) -> list[Slot]:
    """The reason takes what is left; what it does not need goes back to columns that were cut."""
    found = list(slots)
    rest = width - _needed(found, width, 0)
    spare = rest - max(natural["reason"], 10)
    for place, slot in enumerate(found):
        more = min(natural[slot.name] - slot.width, spare) if slot.name != "reason" else 0
        if more > 0:
            found[place] = replace(slot, width=slot.width + more)
            spare -= more
            rest -= more
    return [replace(s, width=max(rest, 0)) if s.name == "reason" else s for s in found]


def _scrolled(kind: AnyKind, slots: list[Slot], width: int, skip: int) -> list[Slot]:
    """Health and name stay, `skip` of the others are out at the left; the last one that shows may be cut."""
    moving = [s.name for s in slots if s.name not in ("health", kind.name_field)]
    gone = set(moving[: min(skip, max(len(moving) - 1, 0))])
    room = width - GUTTER
    found: list[Slot] = []
    for slot in slots:
        if slot.name in gone:
            continue
        size = min(slot.width, 60, max(room, 0))
        if size < min(slot.width, 4):
            break
        found.append(replace(slot, width=size))
        room -= size + gap(width)
    if found and found[-1].name == "reason" and room > 0:
        found[-1] = replace(found[-1], width=found[-1].width + room + gap(width))
    return found
