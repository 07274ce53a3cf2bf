"""The pane of a list: one row described, the object as its system gives it now, the errors in full.

It lies over a narrow list and stands beside a wide one, where it follows the cursor. What needs a system is asked for
by a message and arrives by another; an answer that nobody waits for any more is dropped.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace
from textual.timer import Timer

from collectors.store import Subject
from views.describe import describe_texts, raw_texts
from views.lines import Text
from views.links import value_of
from views.list_actions import RowsScreen
from views.look import look_of
from views.messages import DetailArrived, DetailRequested, RawArrived, RawRequested
from views.pane import SHAPES, Made
from views.text import formats
from views.trouble import Tries, all_troubles, sentence

RESTING: Final = 0.3
"""Seconds that the cursor stays on a row before more is read about it."""


class PaneScreen(RowsScreen):
    """A list with its pane."""

    raw: object = None
    """The object that the raw view shows."""
    raw_id: str = ""
    as_yaml: bool = False
    """As which it is shown."""
    detail: tuple[str, str] = ("", "")
    """Row id and what the second read said about it."""
    _resting: Timer | None = None

    # -- the pane -------------------------------------------------------------------------------------------------

    def action_row_describe(self) -> None:
        """Everything about the row, beside the list or over it; again: close."""
        if self.pane.what == "describe":
            self.close_pane()
        elif self.here() is not None:
            self.detail = ("", "")
            self._open("describe", self._described)
            self._ask_detail()
        self.tell()

    def _described(self, width: int) -> list[Text]:
        here, (row_id, words) = self.here(), self.detail
        if here is None:
            return []
        more = words if row_id == self.grid.cursor_id else ""
        return describe_texts(*here, width, look_of(self.grid).glyphs, self.there, more)

    def refill_pane(self) -> None:
        """The row, or what is known of it, is another."""
        if self.pane.what == "describe":
            self.pane.open("describe", self._described)
            self._ask_detail()

    def _ask_detail(self) -> None:
        """Ask for more about a row of a kind that has a second read, once the cursor rests on it."""
        listing, row_id = self.listing, self.grid.cursor_id
        if listing is None or listing.kind.describe is None or row_id == self.detail[0]:
            return

        def ask() -> None:
            if row_id == self.grid.cursor_id and self.pane.what == "describe" and listing is self.listing:
                self.post_message(DetailRequested(listing.place.subject, row_id))

        self.detail = (row_id, "reading …")
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(RESTING, ask)

    def on_detail_arrived(self, event: DetailArrived) -> None:
        """The second read answered; what nobody waits for any more is dropped."""
        event.stop()
        if event.row_id == self.detail[0]:
            told = sentence(event.error) if event.error is not None else ""
            self.detail = (event.row_id, told or "".join(formats.yaml_text(f) for f in event.found) or "nothing more")
            self.refill_pane()

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
            self.post_message(RawRequested(self._narrow(), row_id))
        self.tell()

    def _narrow(self) -> Subject:
        """What has to be read for the row under the cursor: its own host or member, not all of them."""
        assert self.listing is not None
        subject, per, here = self.listing.place.subject, self.listing.kind.scope.per, self.here()
        target = "" if here is None or per not in ("host", "member") else value_of(*here, per)
        return replace(subject, where=replace(subject.where, targets=(target,))) if target else subject

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
