"""Which list is on the screen, and keeping it fresh: one screen serves every kind, `show_place` swaps what it is about.

Snapshots come by `swapped`. A short list is arranged at once, a long one in slices on the event loop, so that no key
waits. A list that was left is kept arranged for a while: coming back shows it as it was, before anything is read.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

from msgspec.structs import replace

from collectors import registry
from collectors.errors import SourceError, UsageError
from collectors.find import index_of
from collectors.snapshot import Snapshot
from collectors.store import Subject
from collectors.table import finish
from views.list_frame import ListFrame
from views.listing import Arranged, Listing
from views.place import Place

TICK = 5.0
"""Seconds between two looks at the clock: silence becomes news by time alone."""

KEPT = 3
"""Lists that are remembered arranged."""


class ListScreen(ListFrame):
    """A list of any kind, kept fresh."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._working = self._again = False
        self._kept: OrderedDict[Subject, Listing] = OrderedDict()
        self._sought: tuple[str, bool] | None = None

    def on_mount(self) -> None:
        """Look at the clock now and then."""
        self.set_interval(TICK, self.look)
        self.give_keys(self.grid)

    def on_resize(self) -> None:
        """Another width: other words."""
        self.call_after_refresh(self.tell)

    # -- coming and going -----------------------------------------------------------------------------------------

    def show_place(self, place: Place) -> None:
        """Show another list, or the same one differently. Raises `UsageError` for an unknown kind or a bad filter."""
        listing = Listing(registry.kind(place.kind_name), place, self.clock())
        self.leave()
        self.listing = listing
        self.following, self._said, self._sought = "", ("", False), None
        self._working = self._again = False
        self.close_pane()
        grid = self.grid
        grid.clear()
        grid.set_wide(place.wide)
        before = self._kept.get(place.subject)
        if before is not None and before.shown is not None:
            listing.read, listing.snapshot, listing.shown = before.read, before.snapshot, before.shown
            if before.shown.lens == listing.lens:
                self._show(before.shown)
            else:
                self.rearrange()
        if place.row:
            grid.go_to(place.row, place.top)
        if listing.kind.scope.per != "parent" or place.where.parent:
            self.feed.watch(place.subject)
        self.catch_up()
        self.tell()
        self.give_keys(grid)

    def catch_up(self) -> None:
        """Show what was read in the meantime."""
        snapshot = self.feed.get(self.listing.place.subject) if self.listing is not None else None
        if snapshot is not None:
            self.take(snapshot)

    @property
    def as_left(self) -> Place | None:
        """The place as it looks now, to come back to."""
        if self.listing is None:
            return None
        return replace(self.listing.place, row=self.grid.cursor_id, top=self.grid.window.top)

    def leave(self) -> None:
        """Nobody looks at this list any more."""
        if self.listing is None:
            return
        subject = self.listing.place.subject
        self.feed.unwatch(subject)
        self._kept[subject] = self.listing
        self._kept.move_to_end(subject)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.listing = None

    def read_instead(self, place: Place) -> None:
        """Read another part of the same kind that the filter wants; the rows stay until it is there."""
        assert self.listing is not None
        self.feed.unwatch(self.listing.place.subject)
        self.listing.place = place
        self.feed.watch(place.subject)
        self.catch_up()

    def seek(self, word: str, *, describe: bool = False) -> None:
        """Put the cursor on the row with that id or name, now or as soon as it is read."""
        self._sought = (word, describe)
        self._find_sought()

    def _find_sought(self) -> None:
        if self._sought is None or self.listing is None or self.listing.snapshot is None:
            return
        (word, describe), snapshot = self._sought, self.listing.snapshot
        try:
            row_id = snapshot.id_at(index_of(snapshot, word))
        except UsageError as error:
            self._sought = None
            self.say(str(error), error=True)
        except SourceError as error:
            if snapshot.complete:
                self._sought = None
                self.say(str(error), error=True)
        else:
            self._sought = None
            if not self.grid.go_to(row_id):
                self.say(f"{word} is there, but the filter hides it", error=True)
            elif describe:
                self.action_row_describe()

    # -- snapshots ------------------------------------------------------------------------------------------------

    def swapped(self, subject: Subject, snapshot: Snapshot) -> None:
        """Something was read; this list is brought up to date when it is about it."""
        if self.listing is not None and subject == self.listing.place.subject:
            self.take(snapshot)
        else:
            self.refill_pane()

    def take(self, snapshot: Snapshot) -> None:
        """Arrange and show a snapshot."""
        assert self.listing is not None
        if self.listing.take(snapshot, self.clock()):
            self.rearrange(urgent=False)
        self.tell()

    def look(self) -> None:
        """The clock has moved: ages, stale rows, the next try."""
        if self.listing is not None and self.listing.read is not None:
            self.take(self.listing.read)
        else:
            self.tell()

    def rearrange(self, *, urgent: bool = True) -> None:
        """Apply filter and order to what was read; `urgent` when somebody asked for it."""
        listing = self.listing
        if listing is None or listing.snapshot is None:
            return
        if not listing.is_long:
            table = listing.table()
            self._show(Arranged(table, finish(listing.work(table)), listing.lens))
        elif self._working and not urgent:
            self._again = True  # what is under way is shown first, else a stream of pages would never show
        else:
            self._working, self._again = True, False
            self.run_worker(self._in_slices(listing), group="arrange", exclusive=True)

    async def _in_slices(self, listing: Listing) -> None:
        table, lens = listing.table(), listing.lens
        work = listing.work(table)
        while True:
            try:
                next(work)
            except StopIteration as stop:
                found: list[int] = stop.value
                break
            await asyncio.sleep(0)
        if listing is not self.listing:
            return
        self._working = False
        self._show(Arranged(table, found, lens))
        self.tell()
        if self._again:
            self.rearrange(urgent=False)

    def _show(self, arranged: Arranged) -> None:
        assert self.listing is not None
        self.listing.shown = arranged
        self.grid.show(arranged.table, arranged.indexes, arranged.lens.order, self.why_empty())
        self._find_sought()
        self.refill_pane()
