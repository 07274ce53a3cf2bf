"""What the keys do with the rows of a list: filter, sort, mark, follow, copy.

Every action says in words what it did or why it cannot; none of them waits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from collectors.errors import UsageError
from collectors.table import Table
from views import equivalent
from views.bars import Bar, CommandBar
from views.clipboard import fits
from views.columns import TREND
from views.links import name_of
from views.list_screen import ListScreen
from views.messages import AcknowledgeRows
from views.place import Place, without_narrowing
from views.sentences import order_by
from views.text.listing import lines
from views.when import service_now

UNFINISHED = re.compile(r"(?:^|\s)(?:\w+(?:=|!=|~|<=?|>=?)|(?:not|re|fz):|!)$")
"""A last word that is still being typed: it filters as soon as there is a value."""


class RowsScreen(ListScreen):
    """A list and what can be done with its rows."""

    _before = ""
    """The filter before the bar was opened."""
    _followed = ""
    """Id of the row that is followed."""

    def here(self) -> tuple[Table, int] | None:
        """Table and number of the row under the cursor."""
        index = self.grid.cursor_index
        return None if self.grid.table is None or index is None else (self.grid.table, index)

    # -- filter and order -----------------------------------------------------------------------------------------

    def set_place(self, place: Place) -> None:
        """The same list, looked at differently."""
        assert self.listing is not None
        self.listing.place = place
        self.rearrange()
        self.tell()

    def action_list_filter(self) -> None:
        """Type a filter; it works while it is typed."""
        if self.listing is not None:
            self._before = self.listing.place.filter_text
            self.filter_bar.open((f"{self.listing.kind.name}  / ", "prompt"), self._before)
            self.tell()

    def filter(self, text: str) -> None:
        """Filter by `text`; one that cannot be understood is told, and the last good one stays."""
        if self.listing is None:
            return
        try:
            self.listing.set_filter(text)
        except UsageError as error:
            self.say(str(error), error=True)
            return
        self._said = ("", False)
        if self.listing.narrowed_too_far:
            self.read_instead(without_narrowing(self.listing.place))
        self.rearrange()
        self.tell()

    def on_bar_changed(self, event: Bar.Changed) -> None:
        """A letter more or less in the filter."""
        if not isinstance(event.bar, CommandBar):
            event.stop()
            self.filter(UNFINISHED.sub("", event.text))

    def bar_done(self, event: Bar.Submitted | Bar.Left) -> None:
        """The filter stays as it was typed, or is what it was before."""
        if isinstance(event, Bar.Submitted):
            self.filter(event.text)
            self.filters.add(event.text)
        else:
            self.filter(self._before)
        self._close_filter()

    def _close_filter(self) -> None:
        self.filter_bar.close()
        self.give_keys(self.grid)
        self.tell()

    def _sort(self, by: int) -> None:
        if self.listing is None:
            return
        names = [s.name for s in self.grid.slots if s.name not in ("reason", TREND)] or ["health"]
        now = self.listing.order.columns[0]
        at = names.index(now) + by if now in names else 0
        self.sort(names[at % len(names)])

    def sort(self, column: str, descending: bool | None = None) -> None:
        """Sort by a column."""
        if self.listing is not None:
            self.set_place(replace(self.listing.place, order=order_by(self.listing.kind, column, descending)))

    def action_list_sort_right(self) -> None:
        """Sort by the next column."""
        self._sort(1)

    def action_list_sort_left(self) -> None:
        """Sort by the column before."""
        self._sort(-1)

    def action_list_invert(self) -> None:
        """Turn the order round."""
        if self.listing is not None:
            order = self.listing.order
            self.set_place(replace(self.listing.place, order=replace(order, descending=not order.descending)))

    def action_list_problems(self) -> None:
        """Only what is not well, or all."""
        if self.listing is not None:
            self.set_place(replace(self.listing.place, problems=not self.listing.place.problems))

    def action_list_wide(self) -> None:
        """All columns, or those that fit."""
        if self.listing is not None:
            self.listing.place = replace(self.listing.place, wide=not self.listing.place.wide)
            self.grid.set_wide(self.listing.place.wide)
            self.tell()

    # -- marks ----------------------------------------------------------------------------------------------------

    def action_list_mark(self) -> None:
        """Mark the row."""
        self.grid.toggle_mark()
        self.tell()

    def action_list_range(self) -> None:
        """Mark from the last mark to here."""
        self.grid.mark_range()
        self.tell()

    def action_list_unmark(self) -> None:
        """Unmark all."""
        self.grid.unmark()
        self.tell()

    def action_row_follow(self) -> None:
        """Keep the row on its line of the screen, whatever is sorted around it."""
        here = self.here()
        if self.following or here is None:
            self.following, self.grid.pinned = "", False
        else:
            self.following, self._followed, self.grid.pinned = name_of(*here), self.grid.cursor_id, True
            self.grid.go_to(self._followed)
        self.tell()

    # -- copying --------------------------------------------------------------------------------------------------

    def copy(self, text: str, what: str) -> None:
        """Put text on the terminal's clipboard and say so."""
        if not fits(text):
            self.say(f"{what}: too much for a terminal's clipboard; nephoscope get writes it to a file", error=True)
            return
        self.app.copy_to_clipboard(text)
        self.say(f"copied {what}")

    def _chosen(self) -> Sequence[int]:
        return self.grid.chosen()

    def _rows(self) -> str:
        count = len(self._chosen())
        return "1 row" if count == 1 else f"{count:,} rows"

    def action_row_copy(self) -> None:
        """The marked rows, or the one under the cursor, as text; in the pane, what it shows."""
        table = self.grid.table
        if self.focused is self.pane:
            self.copy(self.pane.document, self.pane.what)
        elif table is not None and (rows := self._chosen()):
            wide = self.listing is not None and self.listing.place.wide
            found = lines(table, rows, [], service_now(table.snapshot), wide=wide, headers=len(rows) > 1, width=10_000)
            self.copy("".join(found), self._rows())

    def copy_column(self, name: str) -> None:
        """One column of the chosen rows, one value a line."""
        table = self.grid.table
        if table is not None and (rows := self._chosen()):
            texts = [t if t.isprintable() else equivalent.quoted(t) for t in (table.cell_text(r, name) for r in rows)]
            self.copy("\n".join(texts) + ("\n" if len(texts) > 1 else ""), f"{name} of {self._rows()}")

    def action_row_copy_command(self) -> None:
        """The command line that shows the chosen rows."""
        table = self.grid.table
        if table is None or self.listing is None:
            return
        snapshot, kind = table.snapshot, self.listing.kind
        found = [equivalent.of_row(kind, snapshot.rows[r]) for r in self._chosen()] or [equivalent.of_list(kind)]
        unique = [equivalent.on_cloud(command, snapshot) for command in dict.fromkeys(found)]
        self.copy("\n".join(unique), "1 command" if len(unique) == 1 else f"{len(unique)} commands")

    # -- known problems -------------------------------------------------------------------------------------------

    def action_row_acknowledge(self) -> None:
        """Make the problems of the chosen rows known ones, or take that back; the app asks for how long and why."""
        table = self.grid.table
        if table is not None and (rows := self._chosen()):
            self.post_message(AcknowledgeRows(table.snapshot, rows))
