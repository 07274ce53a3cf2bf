"""The lines of a log on the screen: any number of them, of which only those that show are ever unpacked.

It looks at a `LogStore` through a list of numbers in order of time. At the end it stays at the end while lines arrive;
anywhere else the line under the cursor stays where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from collectors.logs.line import LogLine
from collectors.logs.store import LogStore
from views.keys import some
from views.log_rows import Widths, runs, widths
from views.look import look_of
from views.moving import Moving
from views.paint import strip_of


class LogView(Moving, can_focus=True):
    """Lines of `store`, those that `show` was told."""

    BINDINGS: ClassVar[list[BindingType]] = some(
        "move.down", "move.up", "move.top", "move.bottom", "move.page_down", "move.page_up",
        "move.half_down", "move.half_up",
    )  # fmt: skip
    DEFAULT_CSS = """
    LogView { width: 1fr; height: 1fr; }
    """

    class Moved(Message):
        """The cursor is on another line."""

        def can_replace(self, message: Message) -> bool:
            """Only where it is now matters."""
            return isinstance(message, LogView.Moved)

    def __init__(self, store: LogStore, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.store = store
        self.numbers: Sequence[int] = ()
        self.at_end = True
        """The cursor stays on the last line while others arrive."""
        self.hosts = self.services = True
        """Lines of several hosts, of several services: then each says whose it is."""
        self.empty: Sequence[str] = ()
        self._number = -1
        """Of the line under the cursor."""
        self._widths = Widths()

    def swap(self, store: LogStore) -> None:
        """Another log."""
        self.store, self.numbers, self._number, self.at_end = store, (), -1, True
        self._widths = Widths()
        self.window.swap(0, None)
        self.repaint()

    def show(self, numbers: Sequence[int]) -> None:
        """Show these lines; the cursor stays at the end, or on its line."""
        self.numbers = numbers
        at = len(numbers) - 1 if self.at_end else self._position()
        self.window.swap(len(numbers), at, pinned=not self.at_end)
        self._remember()
        self.repaint()

    def _position(self) -> int | None:
        """Where the line under the cursor is now: near where it was, since lines only come and go around it."""
        here = self.window.at
        for reach in (64, len(self.numbers)):
            low = max(here - reach, 0)
            try:
                return low + list(self.numbers[low : here + reach]).index(self._number)
            except ValueError:
                continue
        return None

    def _remember(self) -> None:
        self._number = self.numbers[self.window.at] if self.window.at < len(self.numbers) else -1

    def moved(self) -> None:
        """Somebody moved: at the last line it follows, elsewhere it does not."""
        self.at_end = self.window.at >= len(self.numbers) - 1
        self._remember()
        self.repaint()
        self.post_message(self.Moved())

    @property
    def line(self) -> LogLine | None:
        """The line under the cursor."""
        return self.store.line(self._number) if self._number >= 0 else None

    def lines_now(self) -> list[Strip]:
        """What shows."""
        look, (width, height), window = look_of(self), self.size, self.window
        shown = self.numbers[window.top : window.end]
        found = dict(self.store.some(shown))
        self._widths = widths(found.values(), self._widths, hosts=self.hosts, services=self.services)
        strips: list[Strip] = []
        for position, number in enumerate(shown, window.top):
            line, cursor = found.get(number), position == window.at
            over = look.styles["cursor" if self.has_focus else "cursor-unfocused"] if cursor else None
            words = runs(line, self._widths, look.glyphs, cursor=cursor) if line is not None else ()
            strips.append(strip_of(words, width, look, over=over))
        if not window.count:
            strips += [strip_of([("  " + words, "message")], width, look) for words in ("", *self.empty)]
        strips += [strip_of((), width, look)] * (height - len(strips))
        return strips[:height]

    def anew(self) -> None:
        """Another size."""
        self.window.resize(self.size.height)
        super().anew()

    def on_focus(self) -> None:
        """The cursor shows that keys come here."""
        self.repaint()

    def on_blur(self) -> None:
        """The cursor shows that keys go elsewhere."""
        self.repaint()
