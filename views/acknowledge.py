"""Acknowledging problems from any screen: one question at the bottom, for how long and why, and a way to take it back.

The question is a screen of its own, so that it works the same above the overview and above a list. What is answered
goes to whoever keeps the known problems (`KnownProblems`); views know no files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from collectors.acknowledge import parse
from collectors.errors import UsageError
from collectors.rollup import Member, names
from collectors.snapshot import Snapshot
from views.keys import some
from views.lines import Lines


class KnownProblems(Protocol):
    """Where acknowledgements are kept."""

    def add(self, snapshot: Snapshot, problems: Sequence[Member], seconds: float, reason: str) -> None:
        """Remember `problems`, rows of `snapshot`. Raises `OSError` when that cannot be written."""

    def take_back(self, kind_name: str, rows: Sequence[str]) -> None:
        """Forget the acknowledgements of these row ids. Raises `OSError` when that cannot be written."""


def question(problems: Sequence[Member]) -> str:
    """`acknowledge cmp17, cmp31: for how long, and why?`."""
    return f"acknowledge {names(problems)}: for how long, and why?"


class AcknowledgeScreen(ModalScreen[tuple[float, str] | None]):
    """Asks; ends with (seconds, reason), or None when it was left."""

    DEFAULT_CSS = """
    AcknowledgeScreen { align: left bottom; background: transparent; }
    AcknowledgeScreen > Vertical { height: 2; background: $background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = some("nav.back")

    def __init__(self, problems: Sequence[Member]) -> None:
        super().__init__()
        self.question = question(problems)

    def compose(self) -> ComposeResult:
        """The question above, the answer below."""
        answer = Input(placeholder="2h RAM on order", id="answer")
        answer.cursor_blink = False
        with Vertical():
            yield Lines(id="question")
            yield answer

    def on_mount(self) -> None:
        """Ask."""
        self.query_one("#question", Lines).line((self.question, "prompt"), right=(("esc cancel", "hint"),))
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Understand the answer, or say what is wrong with it."""
        try:
            found = parse(event.value)
        except UsageError as error:
            self.query_one("#question", Lines).line((str(error), "error"), right=(("esc cancel", "hint"),))
        else:
            self.dismiss(found)

    def action_nav_back(self) -> None:
        """Leave; nothing is acknowledged."""
        self.dismiss(None)
