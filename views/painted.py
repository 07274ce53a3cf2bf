"""A widget of finished lines that paints only what differs from what is on the screen.

Subclasses say what every line is now (`lines_now`) and call `repaint` after whatever may have changed something; the
comparison with what was painted before is done here, cell by cell, so nobody has to know what a change touched.
"""

from __future__ import annotations

from typing import ClassVar, Self

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from views.paint import EMPTY, changed_span


class Painted(Widget):
    """Lines, compared before they are painted."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[Strip] = []
        self._theme = ""

    def lines_now(self) -> list[Strip]:
        """Every line of the widget, each exactly as wide as it is; subclasses say which."""
        return []

    @property
    def paintable(self) -> bool:
        """True when the widget has a place on the screen."""
        return bool(self.is_mounted and self.size)

    def repaint(self) -> None:
        """Bring the screen up to date."""
        if not self.paintable:
            return
        before, self._lines = self._lines, self.lines_now()
        if len(before) != len(self._lines):
            super().refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            span = changed_span(old, new)
            if span is not None:
                self.refresh(Region(span[0], y, span[1] - span[0], 1))

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """A refresh without a region (Textual does it whenever the focus moves) paints only what differs."""
        if repaint and not (regions or layout or recompose) and self.paintable and self._lines:
            self.repaint()
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def anew(self) -> None:
        """Paint everything: another size, theme or subject."""
        self._lines = []
        self.repaint()

    def on_resize(self) -> None:
        """Another size."""
        self.anew()

    def notify_style_update(self) -> None:
        """Another theme, or only another pseudo-class (the focus moved): then nothing has to be made anew."""
        super().notify_style_update()
        if self.is_mounted and self.app.theme != self._theme:
            self._theme = self.app.theme
            self.anew()

    def render_line(self, y: int) -> Strip:
        """The line as it was last painted."""
        if len(self._lines) != self.size.height:
            self._lines = self.lines_now()
        return self._lines[y] if y < len(self._lines) else EMPTY
