"""Leaving while an operation runs: asked first, staying is the default, and nothing is cut off in the middle of a step.

A run lives in this process. What it has begun cannot be unbegun by leaving, so leaving means one of two things: wait
until it is done, or begin no further step and wait for the one that was begun. There is no third way but killing the
process, after which the next start tells what was in flight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal, TypeAlias

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from runbooks.seen import RunSeen, progress_words
from views.choices import Choice, Choices
from views.keys import some

Way: TypeAlias = Literal["stay", "wait", "cancel"]

WAYS: Final[tuple[tuple[Way, Choice], ...]] = (
    ("stay", Choice("stay", "it goes on, and so do you")),
    ("wait", Choice("leave when it is done", "the console waits, then leaves")),
    ("cancel", Choice("cancel, then leave", "no further step begins; the one that was begun is waited for")),
)


class LeaveScreen(ModalScreen[Way]):
    """Asks how to leave."""

    DEFAULT_CSS = "LeaveScreen { background: transparent; }"
    BINDINGS: ClassVar[list[BindingType]] = some("nav.back", "nav.close")

    def __init__(self, runs: Sequence[RunSeen]) -> None:
        super().__init__()
        self.runs = runs

    def compose(self) -> ComposeResult:
        """The choices."""
        yield Choices()

    def on_mount(self) -> None:
        """Ask."""
        many = f"{len(self.runs)} operations run" if len(self.runs) > 1 else "an operation runs"
        title = [f"{many}, and ends with this console: {self.runs[0].title}", progress_words(self.runs[0])]
        self.query_one(Choices).offer([choice for _, choice in WAYS], title)

    def on_choices_chosen(self, event: Choices.Chosen) -> None:
        """That way."""
        self.dismiss(WAYS[event.index][0])

    def on_choices_left(self) -> None:
        """Stay."""
        self.dismiss("stay")

    def action_nav_back(self) -> None:
        """Stay."""
        self.dismiss("stay")

    def action_nav_close(self) -> None:
        """Stay."""
        self.dismiss("stay")
