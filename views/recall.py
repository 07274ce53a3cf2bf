"""What was typed before, recalled with ↑ and ↓: the lines, and how the shell remembers them between two runs. Pure.

Only lines that begin like what is typed are offered, as in a shell; going down past the newest gives back what was
being typed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

MOST: Final = 500
"""Lines that are kept."""


class Recall:
    """Lines, oldest first. `keep` is told each new one (the shell writes it to a file)."""

    def __init__(self, lines: Sequence[str] = (), keep: Callable[[str], None] | None = None) -> None:
        self.lines = [line for line in lines if line][-MOST:]
        self._keep = keep
        self._typed = ""
        self._at = len(self.lines)

    def begin(self) -> None:
        """Somebody starts to type."""
        self._typed, self._at = "", len(self.lines)

    def add(self, line: str) -> None:
        """Remember a line; one that is the newest already is not kept twice."""
        line = line.strip()
        if line and (not self.lines or self.lines[-1] != line):
            self.lines = [*(other for other in self.lines if other != line), line][-MOST:]
            if self._keep is not None:
                self._keep(line)
        self.begin()

    def older(self, typed: str) -> str | None:
        """The line before that begins like what was typed; None when there is none."""
        if self._at == len(self.lines):
            self._typed = typed
        for at in range(self._at - 1, -1, -1):
            if self.lines[at].startswith(self._typed) and self.lines[at] != typed:
                self._at = at
                return self.lines[at]
        return None

    def newer(self) -> str | None:
        """The line after; in the end what was typed; None when nothing was recalled."""
        if self._at >= len(self.lines):
            return None
        for at in range(self._at + 1, len(self.lines)):
            if self.lines[at].startswith(self._typed):
                self._at = at
                return self.lines[at]
        self._at = len(self.lines)
        return self._typed
