"""A page of text that is read by scrolling: help, the request budget, anything that is not a list.

The text is made for the width it is shown in, by a function, so that it is never cut; it is made again when the width
changes or when `reread` is called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeAlias

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from views.keys import Keys, bindings, hints
from views.lines import Lines, Text
from views.run_line import RunLine

Made: TypeAlias = Callable[[int], Sequence[Text]]
"""Width in cells → the text."""


class Page(Screen[None]):
    """`title` above, the text, the keys below."""

    DEFAULT_CSS = """
    Page > .line { height: 1; }
    Page > #page { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("help")

    def __init__(self, title: str, made: Made, keys: Keys, *, every: float = 0.0) -> None:
        super().__init__()
        self.page_title = title
        self.made = made
        self.keys = keys
        self.every = every
        """Seconds between two readings of the text; 0: it does not change by itself."""
        self.top = 0
        self._texts: Sequence[Text] = ()

    def compose(self) -> ComposeResult:
        """Title, text, keys."""
        yield Lines(id="title", classes="line")
        yield Lines(id="page")
        yield RunLine()
        yield Lines(id="keys", classes="line")

    def on_mount(self) -> None:
        """Keep the text fresh where it changes."""
        if self.every:
            self.set_interval(self.every, self.reread)

    def on_resize(self) -> None:
        """Another width: other lines."""
        self.call_after_refresh(self.reread)

    def reread(self) -> None:
        """Make the text again."""
        self._texts = self.made(self.size.width)
        self.scroll_text(0)

    @property
    def room(self) -> int:
        """Lines of text that are on the screen."""
        return max(self.query_one("#page").size.height or self.size.height - 2, 1)

    def scroll_text(self, by: int) -> None:
        """Scroll by lines."""
        last = max(len(self._texts) - self.room, 0)
        self.top = max(min(self.top + by, last), 0)
        end = min(self.top + self.room, len(self._texts))
        place = f"{self.top + 1}-{end} of {len(self._texts)}" if last else ""
        self.query_one("#title", Lines).line((self.page_title, "strong"), right=((place, "dim"),) if place else ())
        self.query_one("#page", Lines).show(self._texts, top=self.top)
        line = hints(["help"], self.size.width, self.keys, {"nav.back": "back"}, frozenset({"app.help"}))
        self.query_one("#keys", Lines).line((line, "hint"))

    def action_move_down(self) -> None:
        """One line."""
        self.scroll_text(1)

    def action_move_up(self) -> None:
        """One line."""
        self.scroll_text(-1)

    def action_move_page_down(self) -> None:
        """One screen, less a line to go by."""
        self.scroll_text(self.room - 1)

    def action_move_page_up(self) -> None:
        """One screen, less a line to go by."""
        self.scroll_text(1 - self.room)

    def action_move_half_down(self) -> None:
        """Half a screen."""
        self.scroll_text(self.room // 2)

    def action_move_half_up(self) -> None:
        """Half a screen."""
        self.scroll_text(-(self.room // 2))

    def action_move_top(self) -> None:
        """The first line."""
        self.scroll_text(-len(self._texts))

    def action_move_bottom(self) -> None:
        """The last line."""
        self.scroll_text(len(self._texts))
