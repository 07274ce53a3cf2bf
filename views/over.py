"""A screen that lies over a list or the overview until `esc`: a log, a chart. What the app asks of any of them."""

from __future__ import annotations

from typing import ClassVar

from textual.screen import Screen

from collectors.kind import AnyKind
from views.keys import Context


class Over(Screen[None]):
    """Base of such screens."""

    context: ClassVar[Context]
    """Whose keys the help page explains."""
    columns: ClassVar[AnyKind | None] = None
    """What can be filtered there, if anything."""
    frozen = False
    """Nothing new is read or shown."""

    def say(self, text: str, *, error: bool = False) -> None:
        """One sentence at the foot, until the next move."""

    def again(self) -> None:
        """Read anew what is shown."""
