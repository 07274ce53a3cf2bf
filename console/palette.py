"""The command palette (`ctrl-p`): kinds and actions by fuzzy match, rows by a part of their name.

Four providers. Actions are those that the screen below really offers, with the keys that are really bound. Rows are
looked up in what was read already, with a cap and in slices, so that a quarter of a million names do not hold up a
keystroke. What tenants called their things is never read as markup.
"""

from __future__ import annotations

from asyncio import sleep
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

from rich.cells import cell_len
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input

from collectors import registry
from collectors.board import Board
from collectors.named import named
from collectors.untrusted import clipped, neutral
from views.desk import want
from views.keys import BY_ID, Action, shown
from views.messages import OpenKind

LONGEST: Final = 60
"""Characters of a name that are shown."""

COLUMN: Final = 22
"""Cells for a name before what it is."""

WIDEST: Final = 100
"""Cells of the palette; the style sheet says the same."""


class _Found(Provider):
    """Shared by the providers: hits of one line without markup, and messages to the screen below."""

    def line(self, text: str, told: str, offsets: Sequence[int] = ()) -> Content:
        """What is shown: the text with the letters that fit, and what it is, cut to the screen."""
        content = Content(text)
        if self.match_style is not None:
            for offset in offsets:
                content = content.stylize(self.match_style, offset, offset + 1)
        room = min(self.screen.size.width, WIDEST) - 6 - max(cell_len(text), COLUMN) - 2
        words = clipped(told.removeprefix("one row per "), room) if room > 8 else ""
        return content + Content(" " * max(COLUMN - cell_len(text), 0) + "  ") + Content(words).stylize("not bold dim")

    def hit(self, query: str, text: str, do: Callable[[], Any], told: str) -> Hit | None:
        """A fuzzy hit of `query` in `text`, or None."""
        score, offsets = self.matcher(query).fuzzy_search.match(query, text)
        return Hit(score, self.line(text, told, offsets), do, text=text) if score > 0 else None

    def open(self, kind_name: str, row: str = "") -> None:
        """Go to a list, the cursor on `row`."""
        self.screen.post_message(OpenKind(kind_name, row=row))


class KindsProvider(_Found):
    """Go to any kind, by name, alias or title."""

    async def search(self, query: str) -> Hits:
        """Kinds whose words hold the letters."""
        for entry in registry.entries().values():
            go = partial(self.open, entry.name)
            hits = [self.hit(query, word, go, entry.about) for word in (entry.name, *entry.aliases)]
            best = max((hit for hit in hits if hit is not None), key=lambda hit: hit.score, default=None)
            if best is not None:
                yield Hit(best.score, self.line(entry.name, entry.about), go, text=entry.name)

    async def discover(self) -> Hits:
        """Every kind, in the order of the overview."""
        for entry in registry.entries().values():
            yield DiscoveryHit(self.line(entry.name, entry.about), partial(self.open, entry.name), text=entry.name)


class ActionsProvider(_Found):
    """Do what a key of the screen below does."""

    def _offered(self) -> Iterable[tuple[Action, str, Callable[[], Any]]]:
        told: set[str] = set()
        for key, active in self.screen.active_bindings.items():
            action = BY_ID.get(active.binding.id or "")
            if action is None or not active.enabled or action.id in told or action.id == "app.palette":
                continue
            told.add(action.id)
            run = partial(self.app.run_action, active.binding.action, active.node)
            yield action, shown(key), run

    async def search(self, query: str) -> Hits:
        """Actions whose title holds the letters."""
        for action, key, run in self._offered():
            word = f"  :{action.word}" if action.word else ""
            if found := self.hit(query, action.title, run, f"{key}{word}"):
                yield found


class OperationsProvider(_Found):
    """Plan an operation on the marked rows of the list, or on the one under its cursor."""

    async def search(self, query: str) -> Hits:
        """Operations of the list's kind that these rows can be targets of."""
        from views.kind_screen import KindScreen
        from views.list_operations import chosen, menu

        screen = next((each for each in reversed(self.app.screen_stack) if isinstance(each, KindScreen)), None)
        table = screen.grid.table if screen is not None else None
        if screen is None or table is None or not (rows := list(screen.grid.chosen())):
            return
        for operation, choice in menu(table, rows):
            if choice.closed:
                continue
            do = partial(want, screen, chosen(operation, table, rows))
            if found := self.hit(query, operation.name, do, choice.about):
                yield found


class RowsProvider(_Found):
    """Go to a row of any list that was read."""

    async def search(self, query: str) -> Hits:
        """Rows whose name holds the text."""
        board = getattr(self.app, "board", None)
        if not isinstance(board, Board) or len(query.strip()) < 2:
            return
        for found in named(board.snapshots, query):
            if found is None:
                await sleep(0)
                continue
            text = clipped(neutral(found.name or found.id), LONGEST)
            yield Hit(0.5, self.line(text, found.kind), partial(self.open, found.kind, found.id), text=text)


PROVIDERS: Final = (KindsProvider, ActionsProvider, OperationsProvider, RowsProvider)


class Palette(CommandPalette):
    """Textual's palette with our providers, nothing blinking in it."""

    def __init__(self) -> None:
        super().__init__(PROVIDERS, placeholder="kind, action or name")

    def on_mount(self) -> None:
        """A blinking cursor costs 2 kB a second on a slow link."""
        self.query_one(Input).cursor_blink = False
