"""The list of systems: lines that belong to systems, a cursor that stays on its system, no scroll bar."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.strip import Strip

from collectors.overview import Overview
from collectors.recent import Recent
from views.look import look_of
from views.paint import strip_of
from views.painted import Painted
from views.systems import SystemLine, system_texts
from views.text.width import cells


class SystemList(Painted):
    """One or more lines per system."""

    class Chosen(Message):
        """The mouse put the cursor on another system."""

    class Opened(Message):
        """The mouse pressed on the system under the cursor."""

    def __init__(self, recent: Recent | None = None) -> None:
        super().__init__()
        self.recent = recent
        self.overview = Overview(())
        self.at = ""
        """The system under the cursor."""
        self.moved = False
        """Somebody put the cursor there; until then it is on the worst."""
        self.top = 0
        self.lines: list[SystemLine] = []

    def tell(self, overview: Overview) -> None:
        """Show `overview`; the cursor stays on the system where somebody put it, else it is on the worst."""
        self.overview = overview
        names = [s.system for s in overview.systems]
        if not self.moved or self.at not in names:
            self.at = names[0] if names else ""
        self._plan()
        self.repaint()

    def _plan(self) -> None:
        width, height = max(self.size.width - 1, 1), self.size.height
        self.lines = system_texts(self.overview, width, height, look_of(self).glyphs, self.recent)
        mine = [i for i, line in enumerate(self.lines) if line.system == self.at]
        if mine:
            self.top = max(min(self.top, mine[0]), mine[-1] - height + 1)
        self.top = max(min(self.top, len(self.lines) - height), 0)

    @property
    def below(self) -> int:
        """Lines that the screen is too low for."""
        return max(len(self.lines) - self.top - self.size.height, 0) if self.size.height else 0

    def move(self, by: int) -> None:
        """Move the cursor by systems."""
        self.moved = True
        names = [s.system for s in self.overview.systems]
        if names:
            at = names.index(self.at) if self.at in names else 0
            self.at = names[max(min(at + by, len(names) - 1), 0)]
        self._plan()
        self.repaint()

    def anew(self) -> None:
        """Another size: other words."""
        self._plan()
        super().anew()

    def lines_now(self) -> list[Strip]:
        """The lines on the screen, with the cursor."""
        look, width = look_of(self), self.size.width
        strips: list[Strip] = []
        for y in range(self.size.height):
            place = self.top + y
            if place >= len(self.lines):
                strips.append(strip_of((), width, look))
                continue
            line = self.lines[place]
            here = line.system == self.at
            named = line.text.left[0][0].strip() != ""
            bar = look.glyphs.cursor if here and named else " "
            over = look.styles["cursor"] if here and named else None
            lead = sum(cells(text) for text, _ in line.text.left[:-1]) + 1
            # Only sign and name are marked: a whole line in other colours costs three times the bytes per move.
            marked = strip_of(((bar, "accent"), *line.text.left[:-1]), lead, look, over=over)
            strips.append(
                Strip.join([marked, strip_of(line.text.left[-1:], width - lead, look, right=line.text.right)])
            )
        return strips

    def on_click(self, event: events.Click) -> None:
        """Choose a system; a second press opens it."""
        place = self.top + event.y
        if place < len(self.lines):
            again = self.lines[place].system == self.at
            self.at, self.moved = self.lines[place].system, True
            self.post_message(self.Opened() if again else self.Chosen())
