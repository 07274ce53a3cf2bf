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
        self._go(self.window.at + 1)

    def action_move_up(self) -> None:
        self._go(self.window.at - 1)

    def action_move_top(self) -> None:
        self._go(0)

    def action_move_bottom(self) -> None:
        self._go(self.window.count - 1)

    def action_move_page_down(self) -> None:
        self._page(1)

    def action_move_page_up(self) -> None:
        self._page(-1)

    def action_move_half_down(self) -> None:
        self._page(0.5)

    def action_move_half_up(self) -> None:
        self._page(-0.5)

    def _scroll(self, by: int) -> None:
        self.window.scroll(by)
        self.moved()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self._scroll(-3)
