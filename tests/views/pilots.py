"""What pilots share: a console on a fake feed, and what its screen shows as text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.widget import Widget

from collectors.kind import AnyKind
from collectors.kinds.compute_services import KIND
from collectors.snapshot import Snapshot
from console.app import Console
from tests.views.fakes import Clock, FakeFeed, session
from views.grid import Grid
from views.kind_screen import KindScreen
from views.place import Place


def screen_lines(app: App[Any]) -> list[str]:
    """Every line of the screen as it is painted, blanks at the end cut off."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


class Painting:
    """Counts what is painted again: (widget, x, y, width, height) of each part."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, int, int, int, int]] = []

    def watch(self, widget: Widget) -> None:
        """Count what `widget` paints from now on."""
        before = widget._set_dirty

        def dirty(*regions: Any) -> None:
            shown = regions or (widget.size.region,)
            self.parts += [(type(widget).__name__, r.x, r.y, r.width, r.height) for r in shown]
            before(*regions)

        widget._set_dirty = dirty  # type: ignore[method-assign]

    def take(self) -> list[tuple[str, int, int, int, int]]:
        """What was painted since the last time."""
        parts, self.parts = self.parts, []
        return parts


@dataclass
class Running:
    """A console that runs."""

    app: Console
    pilot: Pilot[Any]
    feed: FakeFeed
    clock: Clock

    @property
    def screen(self) -> KindScreen:
        """The list."""
        return self.app.lists

    @property
    def grid(self) -> Grid:
        """Its rows."""
        return self.app.lists.grid

    @property
    def lines(self) -> list[str]:
        """What the screen shows."""
        return screen_lines(self.app)

    @property
    def crumb(self) -> str:
        """Line 2."""
        return self.lines[1]

    @property
    def foot(self) -> str:
        """The line above the keys."""
        return self.lines[-2]

    @property
    def hints(self) -> str:
        """The last line."""
        return self.lines[-1]

    async def press(self, *keys: str) -> None:
        """Press keys and let everything settle."""
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        """Type letters."""
        await self.press(*text)

    async def settle(self) -> None:
        """Until nothing is going on."""
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def put(self, found: Snapshot) -> None:
        """A swap."""
        self.feed.put(found)
        await self.settle()

    @property
    def hosts(self) -> list[str]:
        """The first column that names something, of the rows on the screen."""
        table, window = self.grid.table, self.grid.window
        assert table is not None
        return [str(table.value(self.grid.indexes[p], "host")) for p in range(window.top, window.end)]


@asynccontextmanager
async def running(
    *snapshots: Snapshot,
    place: Place | None = None,
    size: tuple[int, int] = (80, 24),
    kinds: Sequence[AnyKind] = (KIND,),
    clock: Clock | None = None,
    **changes: object,
) -> AsyncIterator[Running]:
    """A console whose feed has `snapshots` already, at `place` (the list of compute services)."""
    feed, clock = FakeFeed(), clock or Clock()
    for found in snapshots:
        feed.put(found)
    start = place if place is not None else Place(KIND.name)
    app = Console(session(feed, clock, kinds, start=start, **changes))
    async with app.run_test(size=size) as pilot:
        found_running = Running(app, pilot, feed, clock)
        await found_running.settle()
        for found in snapshots:
            await found_running.put(found)
        yield found_running
