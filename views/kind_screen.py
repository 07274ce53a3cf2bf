"""The screen of any kind, whole: rows and their actions, the way to what belongs to a row, the pane beside the list.

Where an action leads elsewhere or needs a system, a message is posted and the app does the rest.
"""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from collectors.kind import Link
from views.choices import Choices
from views.describe import describe_texts, raw_texts
from views.keys import Context, bindings, hints
from views.lines import Text
from views.links import destination, usable
from views.list_actions import RowsScreen
from views.look import look_of
from views.messages import GoTo, RawArrived, RawRequested
from views.pane import SHAPES, Made
from views.place import Place
from views.text import formats
from views.trouble import Tries, all_troubles, sentence


class KindScreen(RowsScreen):
    """A list, its keys, and the pane beside it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        b for b in bindings("list", "describe") if not str(getattr(b, "id", "")).startswith("move.")
    ]
    raw: object = None
    """The object that the raw view shows."""
    raw_id: str = ""
    as_yaml: bool = False
    offered: tuple[Link, ...] = ()

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
            self._offered = links
            self.query_one(Choices).offer([(link.title, link.kind) for link in links])
            self.tell()
        elif self.here() is not None:
            self.say("nothing else is known to belong to this row")

    def on_choices_chosen(self, event: Choices.Chosen) -> None:
        """Go there."""
        self.query_one(Choices).close()
        self.give_keys(self.grid)
        self.tell()
        self._follow(self._offered[event.index])

    def on_choices_left(self) -> None:
        """Stay here."""
        self.query_one(Choices).close()
        self.give_keys(self.grid)
        self.tell()

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

    # -- the pane -------------------------------------------------------------------------------------------------

    def action_row_describe(self) -> None:
        """Everything about the row, beside the list or over it; again: close."""
        if self.pane.what == "describe":
            self.close_pane()
        elif self.here() is not None:
            self._open("describe", self._described)
        self.tell()

    def _described(self, width: int) -> list[Text]:
        here = self.here()
        return [] if here is None else describe_texts(*here, width, look_of(self.grid).glyphs, self.there)

    def refill_pane(self) -> None:
        """The row, or what is known of it, is another."""
        if self.pane.what == "describe":
            self.pane.open("describe", self._described)

    def _open(self, what: str, made: Made, document: str = "") -> None:
        self.pane.open(what, made, document)
        self.add_class("-paned")
        if not self.has_class("-wide") or self.has_class("-full"):
            self.give_keys(self.pane)

    def close_pane(self) -> None:
        """Hide it; the list has the keys again."""
        self.pane.close()
        self._tables.clear()
        self.remove_class("-paned", "-full")
        self.pane.remove_class("-half", "-full")
        self.give_keys(self.grid)

    def action_pane_next(self) -> None:
        """Keys to the list, or to the pane."""
        if self.pane.is_open and self.grid.display:
            self.give_keys(self.grid if self.focused is self.pane else self.pane)
            self.tell()

    def action_pane_previous(self) -> None:
        """Keys to the list, or to the pane."""
        self.action_pane_next()

    def _shape(self, by: int) -> None:
        if not self.pane.is_open:
            return
        now = next((n for n, shape in enumerate(SHAPES) if self.pane.has_class(f"-{shape}")), 0)
        shape = SHAPES[max(min(now + by, len(SHAPES) - 1), 0)]
        self.pane.remove_class("-half", "-full")
        self.pane.add_class(f"-{shape}")
        self.set_class(shape == "full", "-full")
        if shape == "full":
            self.give_keys(self.pane)

    def action_pane_bigger(self) -> None:
        """Normal, half, full."""
        self._shape(1)

    def action_pane_smaller(self) -> None:
        """Full, half, normal."""
        self._shape(-1)

    # -- the raw object -------------------------------------------------------------------------------------------

    def action_row_raw(self) -> None:
        """The object as its system gives it now, as JSON; again: close."""
        self._raw(yaml=False)

    def action_row_yaml(self) -> None:
        """The same as YAML."""
        self._raw(yaml=True)

    def _raw(self, *, yaml: bool) -> None:
        row_id = self.grid.cursor_id
        if self.listing is None or not row_id:
            return
        if self.pane.what == "raw" and self.as_yaml == yaml:
            self.close_pane()
        elif self.pane.what == "raw" and self.raw_id == row_id and self.raw is not None:
            self.as_yaml = yaml
            self._show_raw()
        else:
            self.as_yaml, self.raw, self.raw_id = yaml, None, row_id
            self._open("raw", lambda width: [Text([(f"reading {row_id} again", "message")])])
            self.post_message(RawRequested(self.listing.place.subject, row_id))
        self.tell()

    def on_raw_arrived(self, event: RawArrived) -> None:
        """It was read, or could not be; what nobody waits for any more is dropped."""
        event.stop()
        if self.pane.what != "raw" or event.row_id != self.raw_id:
            return
        if event.error is not None:
            words = sentence(event.error) + (f". Try: {event.error.hint}" if event.error.hint else "")
            self.pane.open("raw", lambda width: raw_texts(words, width))
        else:
            self.raw = event.found
            self._show_raw()

    def _show_raw(self) -> None:
        text = formats.yaml_text(self.raw) if self.as_yaml else formats.json_text(self.raw)
        self.pane.open("raw", lambda width: raw_texts(text, width), text)

    # -- troubles -------------------------------------------------------------------------------------------------

    def show_errors(self) -> None:
        """What could not be read, in full."""
        listing = self.listing
        tries = self.outages.tries(listing.place.subject, self.feed, self.clock()) if listing is not None else Tries()
        found = all_troubles(listing.read if listing is not None else None, tries)
        if found:
            self._open("errors", lambda width: [t for line in found for t in raw_texts(line, width)])
        else:
            self.say("everything that was asked answered")
