"""The pane beside a list, or over it on a narrow screen: one row in words, the raw object, the errors in full.

It scrolls by lines and keeps its place while what it shows is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal, TypeAlias

from textual.binding import BindingType
from textual.events import MouseScrollDown, MouseScrollUp
from textual.message import Message

from views.keys import some
from views.lines import Lines, Text

Shape: TypeAlias = Literal["normal", "half", "full"]
SHAPES: tuple[Shape, ...] = ("normal", "half", "full")

Made: TypeAlias = Callable[[int], Sequence[Text]]
"""Width in cells → the lines."""


class Pane(Lines, can_focus=True):
    """Lines made for the width that the pane has."""

    BINDINGS: ClassVar[list[BindingType]] = some(
        "move.down", "move.up", "move.top", "move.bottom", "move.page_down", "move.page_up",
        "move.half_down", "move.half_up",
    )  # fmt: skip
    DEFAULT_CSS = """
    Pane { height: 1fr; width: 40%; margin-left: 2; display: none; }
    Pane.-open { display: block; }
    Pane.-half { width: 50%; }
    Pane.-full { width: 1fr; margin-left: 0; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.what = ""
        """What it shows: `describe`, `raw`, `errors`; empty while it is closed."""
        self._made: Made | None = None
        self._document = ""

    @property
    def is_open(self) -> bool:
        """True while it is on the screen."""
        return bool(self.what)

    def open(self, what: str, made: Made, document: str = "") -> None:
        """Show what `made` gives; the same thing again keeps its place. `document` is what copying copies."""
        top = self.top if what == self.what else 0
        self.what, self._made, self._document = what, made, document
        self.add_class("-open")
        self._make(top)

    def close(self) -> None:
        """Hide it."""
        self.what, self._made = "", None
        self.remove_class("-open")

    def _make(self, top: int) -> None:
        self._put(self._made(self.size.width) if self._made is not None and self.size.width else (), top)

    def _put(self, texts: Sequence[Text], top: int) -> None:
        last = max(len(texts) - self.size.height, 0)
        self.show(texts, top=max(min(top, last), 0))
        self.post_message(self.Scrolled())

    def on_resize(self) -> None:
        """Another width: other lines."""
        self._make(self.top)
        super().on_resize()

    @property
    def place(self) -> str:
        """`lines 1-19 of 40` where it has to be scrolled; else nothing."""
        if len(self.texts) <= self.size.height:
            return ""
        return f"lines {self.top + 1}-{min(self.top + self.size.height, len(self.texts))} of {len(self.texts)}"

    class Scrolled(Message):
        """Other lines are on the screen."""

        def can_replace(self, message: Message) -> bool:
            """Only where it is now matters."""
            return isinstance(message, Pane.Scrolled)

    @property
    def document(self) -> str:
        """All of it, for the clipboard."""
        if self._document:
            return self._document
        lines = ("".join(t for t, _ in (*line.left, ("  ", "text"), *line.right)).rstrip() for line in self.texts)
        return "\n".join(lines) + "\n"

    def _scroll(self, by: int) -> None:
        self._put(self.texts, self.top + by)

    def action_move_down(self) -> None:
        """One line down."""
        self._scroll(1)

    def action_move_up(self) -> None:
        """One line up."""
        self._scroll(-1)

    def action_move_top(self) -> None:
        """The first line."""
        self._scroll(-len(self.texts))

    def action_move_bottom(self) -> None:
        """The last line."""
        self._scroll(len(self.texts))

    def action_move_page_down(self) -> None:
        """A screen down, less a line to go by."""
        self._scroll(self.size.height - 1)

    def action_move_page_up(self) -> None:
        """A screen up, less a line to go by."""
        self._scroll(1 - self.size.height)

    def action_move_half_down(self) -> None:
        """Half a screen down."""
        self._scroll(self.size.height // 2)

    def action_move_half_up(self) -> None:
        """Half a screen up."""
        self._scroll(-(self.size.height // 2))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Three lines down."""
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Three lines up."""
        event.stop()
        self._scroll(-3)
