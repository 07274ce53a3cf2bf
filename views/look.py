"""How things look here and now: the styles of the theme in use and the signs of this terminal.

Widgets that render lines ask for it when they paint; the app holds the glyphs, because they never change while it runs.
"""

from __future__ import annotations

import msgspec
from textual.widget import Widget

from views.glyphs import UNICODE, Glyphs
from views.theme import Palette, palette


class Look(msgspec.Struct, frozen=True):
    """Styles by role, and signs."""

    styles: Palette
    glyphs: Glyphs = UNICODE


def look_of(widget: Widget) -> Look:
    """The look of the app that `widget` lives in."""
    glyphs = getattr(widget.app, "glyphs", UNICODE)
    return Look(palette(widget.app.theme), glyphs if isinstance(glyphs, Glyphs) else UNICODE)
