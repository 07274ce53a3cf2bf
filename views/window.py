"""The part of a long list that is on the screen, and the cursor in it: positions only, no rows. Pure.

The list is known by its length. The cursor is always inside it and always on the screen, except in an empty list, where
it is at 0 of nothing.
"""

from __future__ import annotations

import msgspec


class Window(msgspec.Struct):
    """`height` lines from position `top` on; the cursor is at position `at`."""

    count: int = 0
    height: int = 0
    top: int = 0
    at: int = 0

    @property
    def end(self) -> int:
        """Behind the last position that is on the screen."""
        return min(self.top + self.height, self.count)

    def go(self, at: int) -> None:
        """Put the cursor at `at`, or at the nearest end, and scroll as little as possible."""
        self.at = max(min(at, self.count - 1), 0)
        self.top = max(min(self.top, self.at), self.at - self.height + 1)
        self._settle()

    def move(self, by: int) -> None:
        """Move the cursor by lines."""
        self.go(self.at + by)

    def page(self, by: float) -> None:
        """Move by screens; the cursor keeps its place on the screen while there is something to scroll."""
        lines = max(round(self.height * abs(by)) - (1 if abs(by) >= 1 else 0), 1) * (1 if by > 0 else -1)
        self.top += lines
        self._settle()
        self.at = max(min(self.at + lines, self.count - 1), 0)

    def scroll(self, by: int) -> None:
        """Move the screen by lines; the cursor comes along only as far as it must."""
        self.top += by
        self._settle()
        self.at = max(
            min(self.at, self.top + max(self.height, 1) - 1, self.count - 1), min(self.top, self.count - 1), 0
        )

    def resize(self, height: int) -> None:
        """Another number of lines; the cursor stays on the screen."""
        self.height = max(height, 0)
        self.go(self.at)

    def swap(self, count: int, at: int | None, *, pinned: bool = False) -> None:
        """Another list: the row under the cursor is now at `at` (None: gone, the cursor keeps its position).

        The screen stays where it is and scrolls only as far as the cursor needs; `pinned` scrolls so that the cursor
        keeps its line.
        """
        line = self.at - self.top
        self.count = count
        if at is not None and pinned:
            self.top = at - line
            self._settle()
        self.go(self.at if at is None else at)

    @property
    def last_top(self) -> int:
        """The furthest that can be scrolled."""
        return max(self.count - max(self.height, 1), 0)

    def _settle(self) -> None:
        self.top = max(min(self.top, self.last_top), 0)
