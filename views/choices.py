"""A few things to choose from, over the first lines of a list: where to go from a row, what can be done to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import msgspec
from textual.binding import BindingType
from textual.events import Key
from textual.message import Message

from views.cells import cut, readable
from views.keys import some
from views.lines import Lines, Text
from views.text.width import cells

OWN: Final = "jkgGq"
"""Letters that do something here."""


class Choice(msgspec.Struct, frozen=True):
    """One of them."""

    label: str
    about: str = ""
    closed: str = ""
    """Why it cannot be chosen now; it is shown, quietly."""


class Choices(Lines, can_focus=True):
    """Lines with a cursor; a digit chooses at once. More than fit scroll."""

    BINDINGS: ClassVar[list[BindingType]] = some(
        "move.down", "move.up", "move.top", "move.bottom", "nav.open", "nav.back", "nav.close"
    )
    DEFAULT_CSS = """
    Choices { layer: above; position: absolute; offset: 0 -40; width: 100%; height: auto; }
    Choices.-open { offset: 0 2; }
    """

    class Chosen(Message):
        """Number `index` was chosen."""

        def __init__(self, index: int) -> None:
            self.index = index
            super().__init__()

    class Left(Message):
        """Nothing was chosen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.options: Sequence[Choice] = ()
        self.title: Sequence[str] = ()
        self.at = 0
        self.first = 0
        """The first choice on the screen."""

    hint: ClassVar[str] = "enter choose  1-9 at once  esc stay"
    """The keys that work while it is open."""

    @property
    def is_open(self) -> bool:
        """True while something is to be chosen."""
        return self.has_class("-open")

    def offer(self, options: Sequence[Choice], title: Sequence[str] = ()) -> None:
        """Show them below a title, and take the keys."""
        self.options, self.title, self.at, self.first = options, title, 0, 0
        self.add_class("-open")
        self._tell()
        # At once, not with the next message: the keys typed behind this one are for the choice already.
        self.screen.set_focus(self, scroll_visible=False)

    def close(self) -> None:
        """Hide; the caller puts the focus back."""
        self.remove_class("-open")

    @property
    def room(self) -> int:
        """Choices that fit between line 2 and the last two lines."""
        return max(self.app.size.height - 5 - len(self.title), 3)

    def _tell(self) -> None:
        width, room = self.app.size.width, self.room
        self.first = max(min(self.first, self.at), self.at - room + 1, 0)
        shown = self.options[self.first : self.first + room]
        labels = max((cells(readable(choice.label)) for choice in self.options), default=0)
        texts = [self._line(f" {words}", width, chosen=False, closed=False) for words in self.title]
        for number, choice in enumerate(shown, self.first):
            label = readable(choice.label)
            digit = str(number + 1) if number < 9 else " "
            words = f" {digit}  {label}{' ' * (labels - cells(label))}   {choice.closed or choice.about}"
            texts.append(self._line(words, width, chosen=number == self.at, closed=bool(choice.closed)))
        more = len(self.options) - self.first - len(shown)
        if more or self.first:
            above = f"{self.first} above" if self.first else ""
            below = f"{more} below" if more else ""
            texts.append(self._line(f"    {', '.join(part for part in (above, below) if part)}", width, False, True))
        self.show(texts)

    def _line(self, words: str, width: int, chosen: bool, closed: bool) -> Text:
        shown = cut(readable(words), width)
        line = shown + " " * max(width - cells(shown), 0)
        return Text([(line, "completion-chosen" if chosen else "dim" if closed else "completion")])

    def _go(self, at: int) -> None:
        self.at = max(min(at, len(self.options) - 1), 0)
        self._tell()

    def action_move_down(self) -> None:
        """One line down."""
        self._go(self.at + 1)

    def action_move_up(self) -> None:
        """One line up."""
        self._go(self.at - 1)

    def action_move_top(self) -> None:
        """The first line."""
        self._go(0)

    def action_move_bottom(self) -> None:
        """The last line."""
        self._go(len(self.options))

    def action_nav_open(self) -> None:
        """Choose it."""
        self.post_message(self.Chosen(self.at))

    def action_nav_back(self) -> None:
        """Choose nothing."""
        self.post_message(self.Left())

    def action_nav_close(self) -> None:
        """Choose nothing."""
        self.post_message(self.Left())

    def on_key(self, event: Key) -> None:
        """A digit chooses; letters that mean nothing here are not for the list behind it."""
        if event.character is not None and event.character.isdigit():
            number = int(event.character) - 1
            if 0 <= number < len(self.options):
                self.post_message(self.Chosen(number))
        elif not event.is_printable or str(event.character) in OWN:
            return
        event.stop()
