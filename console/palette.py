"""The command palette (`ctrl-p`): kinds and actions by fuzzy match, rows by a part of their name.

Three providers. Actions are those that the screen below really offers, with the keys that are really bound. Rows are
looked up in what was read already, with a cap and in slices, so that a quarter of a million names do not hold up a
keystroke. What tenants called their things is never read as markup.
"""

from __future__ import annotations

from asyncio import sleep
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input

from collectors import registry
from collectors.board import Board
from collectors.named import named
from collectors.untrusted import clipped, neutral
from views.keys import BY_ID, Action, shown
from views.messages import OpenKind

LONGEST: Final = 60
"""Characters of a name that are shown."""


def _plain(text: str) -> str:
    """`text` for a place that reads markup."""
    return text.replace("\\", "\\\\").replace("[", "\\[")


class _Found(Provider):
    """Shared by the providers: hits without markup, and messages to the screen below."""

    def hit(self, query: str, text: str, do: Callable[[], Any], told: str) -> Hit | None:
        """A fuzzy hit of `query` in `text`, or None."""
        matcher = self.matcher(query)
        score, offsets = matcher.fuzzy_search.match(query, text)
        if score <= 0:
            return None
        content = Content(text)
        if self.match_style is not None:
            for offset in offsets:
                content = content.stylize(self.match_style, offset, offset + 1)
        return Hit(score, content, do, text=text, help=_plain(told))

    def open(self, kind_name: str, row: str = "") -> None:
        """Go to a list, the cursor on `row`."""
        self.screen.post_message(OpenKind(kind_name, row=row))


class KindsProvider(_Found):
    """Go to any kind, by name, alias or title."""

    async def search(self, query: str) -> Hits:
        """Kinds whose words hold the letters."""
        for entry in registry.entries().values():
            hits = [
                self.hit(query, word, partial(self.open, entry.name), entry.about)
                for word in (entry.name, *entry.aliases)
            ]
            best = max((hit for hit in hits if hit is not None), key=lambda hit: hit.score, default=None)
            if best is not None:
                yield Hit(best.score, Content(entry.name), best.command, text=entry.name, help=_plain(entry.about))

    async def discover(self) -> Hits:
        """Every kind, in the order of the overview."""
        for entry in registry.entries().values():
            yield DiscoveryHit(
                Content(entry.name), partial(self.open, entry.name), text=entry.name, help=_plain(entry.about)
            )


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
            yield Hit(0.5, Content(text), partial(self.open, found.kind, found.id), text=text, help=_plain(found.kind))


PROVIDERS: Final = (KindsProvider, ActionsProvider, RowsProvider)


class Palette(CommandPalette):
    """Textual's palette with our providers, nothing blinking in it."""

    def __init__(self) -> None:
        super().__init__(PROVIDERS, placeholder="kind, action or name")

    def on_mount(self) -> None:
        """A blinking cursor costs 2 kB a second on a slow link."""
        self.query_one(Input).cursor_blink = False
