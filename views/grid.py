"""The one list widget: any number of rows, of which only those on the screen are ever turned into text.

It shows a `Table` through a list of row numbers, so a refresh is a swap and a sort moves numbers. The cursor is on the
*id* of a row and stays there whatever comes in. A poll that changes nothing writes nothing. There are no scroll bars
(they cost more bytes than the rows): the position is told in words, and the widget's scroll offset is `window.top`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.events import Click
from textual.message import Message
from textual.strip import Strip

from collectors.acknowledge import Known
from collectors.recent import Recent
from collectors.table import Order, Table
from views.columns import Slot
from views.keys import some
from views.look import look_of
from views.moving import Moving
from views.paint import strip_of
from views.painter import RowPainter
from views.window import Window


class Grid(Moving, can_focus=True):
    """Rows, their cursor and their marks."""

    BINDINGS: ClassVar[list[BindingType]] = some(
        "move.down", "move.up", "move.top", "move.bottom", "move.page_down", "move.page_up",
        "move.half_down", "move.half_up", "move.right", "move.left",
    )  # fmt: skip
    DEFAULT_CSS = """
    Grid { width: 1fr; height: 1fr; }
    """

    class Opened(Message):
        """A row was chosen with the mouse."""

    def __init__(
        self, when_moved: Callable[[], None] = lambda: None, recent: Recent | None = None, *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._when_moved = when_moved
        """Called when the cursor is on another row or other rows are shown: a message would cost another repaint."""
        self.painter = RowPainter(recent)
        self.marks: set[str] = set()
        self.pinned = False
        """The cursor keeps its line on the screen when the order changes (follow)."""
        self._wanted = ""
        """The row that the cursor belongs on: where it is, unless that row is not in the list just now."""
        self._touched = False
        """Somebody moved the cursor, marked or sought a row: then it stays on its row wherever that goes."""
        self._anchor = ""
        self._empty: Sequence[str] = ()
        self._told: tuple[str, int, int] = ("", 0, 0)

    # -- what is shown --------------------------------------------------------------------------------------------

    @property
    def table(self) -> Table | None:
        """What the rows are of."""
        return self.painter.table

    @property
    def indexes(self) -> Sequence[int]:
        """Row numbers in the order on the screen."""
        return self.painter.indexes

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The columns on the screen."""
        return self.painter.slots

    def clear(self, empty: Sequence[str] = ()) -> None:
        """Show no rows, for another kind."""
        self.painter.swap(None, (), Order())
        self.painter.set_wide(False)
        self._empty = empty
        self._wanted = self._anchor = ""
        self._touched = False
        self.marks, self.pinned = set(), False
        self.window = Window(height=self.window.height)
        self.repaint()

    def say_empty(self, empty: Sequence[str]) -> None:
        """Why there is no row."""
        if list(empty) != list(self._empty):
            self._empty = empty
            self.repaint()

    def show(self, table: Table, indexes: Sequence[int], order: Order, empty: Sequence[str] = ()) -> None:
        """Show these rows of `table`; the cursor stays on its row. `empty` says why there is none."""
        self.painter.swap(table, indexes, order)
        self._empty = empty
        position = self._position(self._wanted)
        if not self._touched and position is not None and position >= max(self.window.height, 1):
            self._wanted, position = "", 0  # nobody looks at that row: the first lines matter, not where it went
        self.window.swap(len(indexes), position, pinned=self.pinned)
        if not self._wanted and table.snapshot.complete:
            self._wanted = self.cursor_id  # while pages arrive, an untouched cursor stays at the top instead
        if self.paintable:
            self.painter.sample(look_of(self))
        self.repaint()

    def set_known(self, known: Known, now: float) -> None:
        """Which problems are acknowledged."""
        painter = self.painter
        painter.now = now
        if known is not painter.known:
            painter.known = known
            painter.forget()
            self.repaint()

    def _position(self, row_id: str) -> int | None:
        """Where the row with that id is in the list."""
        index = self.table.snapshot.keys.get(row_id) if self.table is not None and row_id else None
        if index is None:
            return None
        try:
            return self.indexes.index(index)
        except ValueError:
            return None

    def id_at(self, position: int) -> str:
        """The id of the row at a position of the list; empty where there is none."""
        if self.table is None or not 0 <= position < len(self.indexes):
            return ""
        return self.table.snapshot.id_at(self.indexes[position])

    @property
    def cursor_id(self) -> str:
        """The id of the row under the cursor; empty in an empty list."""
        return self.id_at(self.window.at)

    @property
    def cursor_index(self) -> int | None:
        """The number of that row in the table."""
        return self.indexes[self.window.at] if self.cursor_id else None

    @property
    def wanted(self) -> str:
        """The row that the cursor belongs on; another than `cursor_id` when the list does not show it just now."""
        return self._wanted

    def go_to(self, row_id: str, top: int | None = None) -> bool:
        """Put the cursor on a row, with position `top` as first line; what the list lacks (yet) is kept as a wish."""
        position = self._position(row_id)
        self._wanted, self._touched = row_id, True
        if top is not None:
            self.window.top = top
        if position is not None:
            self.window.go(position)
        self.repaint()
        return position is not None

    def set_wide(self, wide: bool) -> None:
        """Show all columns, or those that fit."""
        self.painter.set_wide(wide)
        if self.paintable:
            self.painter.sample(look_of(self))
        self.repaint()

    # -- marks ----------------------------------------------------------------------------------------------------

    def toggle_mark(self) -> None:
        """Mark the row under the cursor, or unmark it, and go on to the next one."""
        row_id = self.cursor_id
        if row_id:
            self.marks ^= {row_id}
            self._anchor = row_id
            self._go(self.window.at + 1)

    def mark_range(self) -> int:
        """Mark from the last mark to the cursor, in the order on the screen; returns how many rows that were."""
        here, there = self.window.at, self._position(self._anchor)
        first, last = sorted((here, here if there is None else there))
        rows = {self.id_at(position) for position in range(first, last + 1)} - {""}
        self.marks |= rows
        self._anchor = self.cursor_id
        self.repaint()
        return len(rows)

    def unmark(self) -> None:
        """Unmark all."""
        self.marks = set()
        self._anchor = ""
        self.repaint()

    def marked(self) -> list[int]:
        """Numbers of the marked rows, in the order of the snapshot, whether the filter shows them or not."""
        keys = self.table.snapshot.keys if self.table is not None else {}
        return sorted(keys[m] for m in self.marks if m in keys)

    def chosen(self) -> list[int]:
        """Numbers of the marked rows, else of the row under the cursor."""
        here = self.cursor_index
        return self.marked() or ([] if here is None else [here])

    # -- moving --------------------------------------------------------------------------------------------------

    def moved(self) -> None:
        """The cursor belongs where it is now."""
        self._wanted, self._touched = self.cursor_id, True
        self.repaint()

    def action_move_right(self) -> None:
        """Columns further right, in wide mode."""
        self._sideways(1)

    def action_move_left(self) -> None:
        """Columns further left, in wide mode."""
        self._sideways(-1)

    def _sideways(self, by: int) -> None:
        if self.painter.sideways(by):
            self.repaint()

    def on_click(self, event: Click) -> None:
        """Put the cursor there; a double click opens."""
        position = self.window.top + event.y - 1
        if event.y >= 1 and position < self.window.end:
            self._go(position)
            if event.chain == 2:
                self.post_message(self.Opened())

    # -- painting -------------------------------------------------------------------------------------------------

    def lines_now(self) -> list[Strip]:
        """Titles, then rows, or the sentences that say why there are none."""
        look, (width, height), painter, window = look_of(self), self.size, self.painter, self.window
        lines: list[Strip] = []
        if self.table is not None:
            painter.plan(range(window.top, window.end), width, look)
            lines.append(painter.heading(width, look))
        focused = self.has_focus
        for position in range(window.top, window.end):
            cursor, marked = position == window.at, self.id_at(position) in self.marks
            lines.append(painter.row(position, width, look, cursor=cursor, marked=marked, focused=focused))
        if not window.count:
            lines += [strip_of([("  " + line, "message")], width, look) for line in ("", *self._empty)]
        lines += [strip_of((), width, look)] * (height - len(lines))
        return lines[:height]

    def repaint(self) -> None:
        """Bring the screen up to date, and tell when the cursor or the part that shows is another."""
        super().repaint()
        now = (self.cursor_id, self.window.top, self.window.end)
        if now != self._told and self.is_mounted:
            self._told = now
            self._when_moved()

    def anew(self) -> None:
        """Everything: another size or theme; the cursor stays on the screen."""
        self.window.resize(self.size.height - 1)
        self.painter.forget()
        if self.paintable:
            self.painter.sample(look_of(self))
        super().anew()

    def on_focus(self) -> None:
        """The cursor shows that keys come here."""
        self.repaint()

    def on_blur(self) -> None:
        """The cursor shows that keys go elsewhere."""
        self.repaint()
