"""Rows of a list as strips: measures, plans the columns, and keeps what it made.

The texts of a row are kept until the next swap, its strips until anything about the columns changes; so moving the
cursor makes two new strips and a page makes a screenful, whatever the list's length.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

from textual.strip import Strip

from collectors.acknowledge import NOTHING, Acknowledgement, Known
from collectors.recent import Recent
from collectors.table import Order, Table
from themes.roles import Role
from views.columns import TREND, Measures, Slot, plan, shown_names
from views.look import Look
from views.paint import strip_of
from views.rows import heading_runs, row_runs, texts_of
from views.sparks import row_spark
from views.when import reading_clock

CACHED: Final = 512
"""Rows kept as texts, and lines kept as strips."""

SAMPLE: Final = 100
"""Rows besides those on the screen that are measured for the widths."""


def _keep(cache: OrderedDict[Any, Any], key: object, value: object) -> None:
    cache[key] = value
    if len(cache) > CACHED:
        cache.popitem(last=False)


class RowPainter:
    """Texts and strips of the rows `indexes` of `table`."""

    def __init__(self, recent: Recent | None = None) -> None:
        self.table: Table | None = None
        self.indexes: Sequence[int] = ()
        self.order = Order()
        self.wide = False
        self.skip = 0
        """Columns scrolled out to the left in wide mode."""
        self.known: Known = NOTHING
        """Acknowledged problems of this cloud and region."""
        self.recent = recent or Recent()
        """What sparklines are made of."""
        self.now = 0.0
        """Our clock, for what is left of an acknowledgement."""
        self.names: list[str] = []
        self.slots: tuple[Slot, ...] = ()
        self._measures = Measures()
        self._texts: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._strips: OrderedDict[tuple[str, bool, bool, bool], Strip] = OrderedDict()

    def swap(self, table: Table | None, indexes: Sequence[int], order: Order) -> None:
        """Other rows; the widths stay unless it is another kind."""
        if table is None or self.table is None or self.table.kind is not table.kind:
            self._measures = Measures()
        self.table, self.indexes, self.order = table, indexes, order
        self.names = shown_names(table.kind, self.wide) if table is not None else []
        self.forget()

    def forget(self) -> None:
        """Texts and lines are made anew; the widths stay."""
        self._texts.clear()
        self.replan()

    def replan(self) -> None:
        """The columns are chosen anew."""
        self._strips.clear()
        self.slots = ()

    def set_wide(self, wide: bool) -> None:
        """All columns, or those that fit."""
        self.wide, self.skip = wide, 0
        self.names = shown_names(self.table.kind, wide) if self.table is not None else []
        self.forget()

    def sideways(self, by: int) -> bool:
        """Scroll the columns of wide mode; True when that changes anything."""
        skip = max(min(self.skip + by, len(self.names) - 3), 0) if self.wide else 0
        changed = skip != self.skip
        self.skip = skip
        if changed:
            self.replan()
        return changed

    def sample(self, look: Look) -> None:
        """Measure some rows from all over the list."""
        step = max(len(self.indexes) // SAMPLE, 1)
        self._measure(range(0, len(self.indexes), step), look)

    def plan(self, positions: range, width: int, look: Look) -> None:
        """Choose the columns, wide enough for the rows at `positions`."""
        assert self.table is not None
        if self._measure(positions, look) or not self.slots:
            self._strips.clear()
            sort = self.order.columns[0] if self.order.columns else ""
            self.slots = plan(self.table.kind, self._measures, width, wide=self.wide, skip=self.skip, sort=sort)

    def _measure(self, positions: range, look: Look) -> bool:
        rows = [self.texts(position, look) for position in positions]
        columns = zip(self.names, zip(*rows, strict=True), strict=False)
        grown = [self._measures.see(name, texts) for name, texts in columns]
        return any(grown)

    def texts(self, position: int, look: Look) -> tuple[str, ...]:
        """The cells of the row at `position`, in the order of `names`."""
        assert self.table is not None
        index = self.indexes[position]
        row_id = self.table.snapshot.id_at(index)
        found = self._texts.get(row_id)
        if found is None:
            moment = reading_clock(self.table.snapshot)(self.table.snapshot.rows[index])
            told = self._told(index)
            words = told.words(self.now) if told is not None else ""
            kind = self.table.kind
            trend = row_spark(self.recent, kind, row_id, look.glyphs) if TREND in self.names else ""
            found = texts_of(self.table, index, self.names, moment, look.glyphs, words, trend)
            _keep(self._texts, row_id, found)
        return found

    def _told(self, index: int) -> Acknowledgement | None:
        """The acknowledgement that holds for a row."""
        assert self.table is not None
        snapshot = self.table.snapshot
        found = self.known.get((snapshot.kind.name, snapshot.id_at(index)))
        level = snapshot.healths[index].level
        return found if found is not None and level != "ok" and found.holds(level, self.now) else None

    def heading(self, width: int, look: Look) -> Strip:
        """The line of titles."""
        return strip_of(heading_runs(self.slots, self.order, width, look.glyphs), width, look)

    def row(self, position: int, width: int, look: Look, *, cursor: bool, marked: bool, focused: bool) -> Strip:
        """The line of the row at `position`."""
        assert self.table is not None
        index = self.indexes[position]
        key = (self.table.snapshot.id_at(index), cursor, marked, focused)
        strip = self._strips.get(key)
        if strip is None:
            role: Role = self.table.snapshot.healths[index].level if self._told(index) is None else "acknowledged"
            texts, glyphs = self.texts(position, look), look.glyphs
            runs = row_runs(texts, self.names, self.slots, role, width, glyphs, cursor=cursor, marked=marked)
            over = look.styles["cursor" if focused else "cursor-unfocused"] if cursor else None
            strip = strip_of(runs, width, look, over=over)
            _keep(self._strips, key, strip)
        return strip
