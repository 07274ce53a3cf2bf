"""The line that says what runs, on every screen, only while there is something to say.

It belongs to no screen: the app knows the words, and tells every such line there is; a new one asks for them.
"""

from __future__ import annotations

import msgspec

from themes.roles import Role
from views.lines import Lines


class RunWords(msgspec.Struct, frozen=True):
    """What it says."""

    text: str = ""
    role: Role = "message"


class RunLine(Lines):
    """One line, or none."""

    DEFAULT_CSS = """
    RunLine { height: 1; display: none; }
    RunLine.-told { display: block; }
    """

    def on_mount(self) -> None:
        """Ask for the words."""
        known = getattr(self.app, "run_words", None)
        if isinstance(known, RunWords):
            self.tell(known)

    def tell(self, known: RunWords) -> None:
        """Say this; nothing, and the line is not there."""
        self.set_class(bool(known.text), "-told")
        if known.text:
            self.line((known.text, known.role))
