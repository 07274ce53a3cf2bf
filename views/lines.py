"""Lines of words with roles: the crumb, error lines, the key hints, and anything longer that is read by scrolling.

Showing the same thing twice writes nothing. There is no markup in any of it: what tenants wrote stays what they wrote.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from textual.strip import Strip

from views.look import look_of
from views.paint import Run, Runs, strip_of
from views.painted import Painted


class Text(msgspec.Struct, frozen=True):
    """One line: `left` gives way when both do not fit."""

    left: Runs = ()
    right: Runs = ()


class Lines(Painted):
    """Shows `Text`s, one a line, from line `top` on; as high as there are texts by default."""

    DEFAULT_CSS = """
    Lines { height: auto; width: 1fr; }
    """

    def __init__(self, *texts: Text, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.texts: Sequence[Text] = texts
        self.top = 0

    def show(self, texts: Sequence[Text], *, top: int = 0) -> None:
        """Show `texts` instead; another number of them changes the layout only where the height is automatic."""
        resized = len(texts) != len(self.texts)
        self.texts = texts
        self.top = top
        if resized and self.styles.height is not None and self.styles.height.is_auto:
            self.refresh(layout=True)
        self.repaint()

    def line(self, *left: Run, right: Runs = ()) -> None:
        """Show one line."""
        self.show([Text(left, right)])

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many lines as there are texts."""
        return len(self.texts)

    def lines_now(self) -> list[Strip]:
        """Texts as strips."""
        look, (width, height) = look_of(self), self.size
        texts = [*self.texts[self.top : self.top + height], *[Text()] * height][:height]
        return [strip_of(text.left, width, look, right=text.right) for text in texts]
