"""The screen of any kind, whole: rows and their actions, the way to what belongs to a row, the pane beside the list.

Where an action leads elsewhere or needs a system, a message is posted and the app does the rest.
"""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from collectors.kind import Link
from views.chart import of_rows
from views.chart_screen import ChartRequested
from views.choices import Choice
from views.keys import Context, bindings, hints
from views.links import destination, usable
from views.list_operations import OperationsScreen, can_be_done
from views.log_feed import LogsRequested, ShellRequested
from views.machine import ask_of, shell_of
from views.messages import GoTo
from views.place import Place


class KindScreen(OperationsScreen):
    """A list, its keys, and the pane beside it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        b for b in bindings("list", "describe") if not str(getattr(b, "id", "")).startswith("move.")
    ]

    def links(self) -> list[Link]:
        """Where one can go from it."""
        here = self.here()
        return [] if here is None else usable(*here)

    def cursor_moved(self) -> None:
        """The cursor went elsewhere."""
        self._said = ("", False)
        if self.following and self.grid.wanted != self._followed:
            self.following = ""
            self.grid.pinned = False
        self.refill_pane()
        self.tell()

    def on_pane_scrolled(self) -> None:
        """The pane shows other lines."""
        self.tell()

    def on_grid_opened(self) -> None:
        """The mouse chose a row."""
        self.action_nav_open()

    def key_hints(self, width: int) -> str:
        """The keys that work here, with what they do here."""
        links, here = self.links(), self.here()
        labels = {"nav.open": links[0].title if links else "", "nav.back": self._back_label()}
        absent: set[str] = set()
        if self.listing is not None and self.listing.place.wide:
            labels["move.right"] = "more columns"
        if here is None:
            absent |= {"nav.open", "row.describe", "row.raw", "row.copy", "list.mark", "row.copy_command"}
        if not links:
            absent.add("nav.open")
        if here is None or not can_be_done(here[0].kind.name):
            absent.add("row.actions")
        if here is None or not here[0].kind.trends:
            absent.add("row.chart")
        if here is None or ask_of(here[0], [here[1]]) is None:
            absent.add("row.logs")
        if (where := shell_of(*here) if here is not None else None) is not None:
            labels["row.shell"] = f"shell on {where[0]}"
        if here is None or here[0].snapshot.healths[here[1]].level == "ok":
            absent.add("row.acknowledge")
        if self.listing is not None and self.listing.place.problems:
            labels["list.problems"] = "all"
        context: Context = "describe" if self.focused is self.pane else "list"
        first = {"nav.open", "nav.back"} if labels["nav.back"] else set()
        return hints([context], width, self.keys, labels, frozenset(absent), frozenset(first))

    def _back_label(self) -> str:
        place = self.listing.place if self.listing is not None else Place()
        if self.pane.is_open:
            return "close"
        return "clear marks" if self.grid.marks else "clear filter" if place.filter_text else ""

    # -- going elsewhere ------------------------------------------------------------------------------------------

    def action_nav_open(self) -> None:
        """Go where the first link leads; a row without links is described."""
        links = self.links()
        if links:
            self._follow(links[0])
        else:
            self.action_row_describe()

    def _follow(self, link: Link) -> None:
        here = self.here()
        if here is not None:
            self.post_message(GoTo(destination(*here, link, self.whole(link.kind) is not None)))

    def action_nav_links(self) -> None:
        """Choose where to go from the row."""
        links = self.links()
        if links:
            self.offer([Choice(link.title, link.kind) for link in links], lambda index: self._follow(links[index]))
        elif self.here() is not None:
            self.say("nothing else is known to belong to this row")

    # -- charts, logs and shells ----------------------------------------------------------------------------------

    def action_row_chart(self) -> None:
        """The values of the marked rows, or of the one under the cursor, over time."""
        table = self.grid.table
        if table is None or not (rows := self._chosen()):
            return
        ask = of_rows(table, rows)
        if ask is None:
            self.say(f"nothing of {table.kind.name} is followed over time; hosts and queues are", error=True)
        else:
            self.post_message(ChartRequested(ask))

    def action_row_logs(self) -> None:
        """The log of what the marked rows, or the one under the cursor, are about."""
        table = self.grid.table
        if table is None or not (rows := self._chosen()):
            return
        ask = ask_of(table, list(rows))
        if ask is None:
            self.say(f"nothing is known to log for these {table.kind.name}; units have logs", error=True)
        else:
            self.post_message(LogsRequested(ask))

    def action_row_shell(self) -> None:
        """A shell where the row's thing runs."""
        here = self.here()
        where = shell_of(*here) if here is not None else None
        if where is None:
            self.say("this row does not say on which host it is", error=True)
        else:
            self.post_message(ShellRequested(*where))

    def step_back(self) -> bool:
        """Close the pane, clear the marks, clear the filter: the first of these that there is; False when none is."""
        place = self.listing.place if self.listing is not None else Place()
        if self.pane.is_open:
            self.close_pane()
        elif self.grid.marks:
            self.grid.unmark()
        elif place.filter_text:
            self.filter("")
        else:
            return False
        self.tell()
        return True
