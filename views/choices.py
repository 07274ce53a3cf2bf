"""A few things to choose from, over the first lines of a list: where to go from a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.events import Key
from textual.message import Message

from views.keys import some
from views.lines import Lines, Text
from views.text.width import cells


class Choices(Lines, can_focus=True):
    """Lines with a cursor; a digit chooses at once."""

    BINDINGS: ClassVar[list[BindingType]] = some(
        "move.down", "move.up", "move.top", "move.bottom", "nav.open", "nav.back", "nav.close"
    )
    DEFAULT_CSS = """
    Choices { layer: above; position: absolute; offset: 0 -20; width: 100%; height: auto; }
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
        self.options: Sequence[tuple[str, str]] = ()
        self.at = 0

    hint: ClassVar[str] = "enter go  1-9 go at once  esc stay"
    """The keys that work while it is open."""

    @property
    def is_open(self) -> bool:
        """True while something is to be chosen."""
        return self.has_class("-open")

    def offer(self, options: Sequence[tuple[str, str]]) -> None:
        """Show (label, what is there) and take the keys."""
        self.options, self.at = options, 0
        self.add_class("-open")
        self._tell()
        self.focus()

    def close(self) -> None:
        """Hide; the caller puts the focus back."""
        self.remove_class("-open")

    def _tell(self) -> None:
        room = max((cells(label) for label, _ in self.options), default=0)
        width = self.app.size.width
        texts: list[Text] = []
        for number, (label, about) in enumerate(self.options):
            words = f" {number + 1}  {label}{' ' * (room - cells(label))}   {about}"
            line = words + " " * max(width - cells(words), 0)
            texts.append(Text([(line, "completion-chosen" if number == self.at else "completion")]))
        self.show(texts)

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
        """A digit chooses."""
        if event.character is not None and event.character.isdigit():
            number = int(event.character) - 1
            if 0 <= number < len(self.options):
                event.stop()
                self.post_message(self.Chosen(number))
