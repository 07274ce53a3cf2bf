"""Moving a cursor through lines that do not all fit on the screen: what the moving keys and the wheel do."""

from __future__ import annotations

from textual.events import MouseScrollDown, MouseScrollUp

from views.painted import Painted
from views.window import Window


class Moving(Painted):
    """A window on a list, with a cursor."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.window = Window()

    def moved(self) -> None:
        """The cursor or the window went elsewhere; subclasses remember what is there now."""
        self.repaint()

    def _go(self, at: int) -> None:
        self.window.go(at)
        self.moved()

    def _page(self, by: float) -> None:
        self.window.page(by)
        self.moved()

    def action_move_down(self) -> None:
        """One line down."""
        self._go(self.window.at + 1)

    def action_move_up(self) -> None:
        """One line up."""
        self._go(self.window.at - 1)

    def action_move_top(self) -> None:
        """The first line."""
        self._go(0)

    def action_move_bottom(self) -> None:
        """The last line."""
        self._go(self.window.count - 1)

    def action_move_page_down(self) -> None:
        """A screen down, less a line to go by."""
        self._page(1)

    def action_move_page_up(self) -> None:
        """A screen up, less a line to go by."""
        self._page(-1)

    def action_move_half_down(self) -> None:
        """Half a screen down."""
        self._page(0.5)

    def action_move_half_up(self) -> None:
        """Half a screen up."""
        self._page(-0.5)

    def _scroll(self, by: int) -> None:
        self.window.scroll(by)
        self.moved()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Three lines down."""
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Three lines up."""
        event.stop()
        self._scroll(-3)
