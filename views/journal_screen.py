"""The journal of this cloud on the screen: every run, the newest first; enter shows one, `u` takes it back.

It is read on a thread, because a journal grows for years; what this console carries out is told as it goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from collectors.errors import SourceError
from collectors.overview import Overview
from runbooks.seen import RunSeen
from themes.roles import Role
from views.cells import cut, readable
from views.desk import Desk, Wanted, show_run, want
from views.header import Identity
from views.keys import Context, Keys, bindings
from views.lines import Text
from views.look import look_of
from views.sheet import Sheet
from views.text.run import row
from views.text.width import cells

_ROLES: dict[str, Role] = {
    "done": "ok", "running": "strong", "interrupted": "critical", "failed": "critical", "not-verified": "critical",
    "undone": "dim", "cancelled": "warning", "refused": "warning",
}  # fmt: skip


class JournalRead(Message):
    """The runs, or why they could not be read."""

    def __init__(self, runs: Sequence[RunSeen], error: str = "") -> None:
        self.runs, self.error = runs, error
        super().__init__()


class JournalScreen(Sheet):
    """Runs with a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("journal")
    context: ClassVar[Context] = "journal"

    def __init__(
        self,
        desk: Desk,
        clock: Callable[[], float],
        identity: Identity,
        overview: Overview | None,
        keys: Keys,
        first: str = "",
    ) -> None:
        super().__init__(identity, overview, keys)
        self.desk = desk
        self.clock = clock
        self.runs: Sequence[RunSeen] | None = None
        self.error = ""
        self.at = first
        """Id of the run under the cursor; empty: the newest."""

    def on_mount(self) -> None:
        """Read it."""
        super().on_mount()
        self.read_again()

    def read_again(self) -> None:
        """Read it again, on a thread."""
        desk = self.desk

        def read() -> None:
            try:
                found, error = desk.journal(), ""
            except SourceError as caught:
                found, error = [], str(caught)
            self.post_message(JournalRead(found, error))

        self.app.run_worker(read, thread=True, group="journal", exit_on_error=False)

    def on_journal_read(self, event: JournalRead) -> None:
        """Show it; the cursor stays on its run."""
        event.stop()
        self.runs, self.error = event.runs, event.error
        self.reread()

    def told(self, seen: RunSeen) -> None:
        """A run began, went on or ended."""
        if self.runs is None or not seen.run:
            return
        if any(run.run == seen.run for run in self.runs):
            self.runs = [seen if run.run == seen.run else run for run in self.runs]
            if not seen.live:
                self.read_again()  # how it can be taken back is in the journal
        else:
            self.runs = [seen, *self.runs]
        self.reread()

    # -- what is shown --------------------------------------------------------------------------------------------

    @property
    def index(self) -> int:
        """Place of the run under the cursor."""
        return next((at for at, run in enumerate(self.runs or ()) if run.run == self.at), 0)

    @property
    def selected(self) -> RunSeen | None:
        """The run under the cursor."""
        return self.runs[self.index] if self.runs else None

    def crumb(self) -> tuple[str, str]:
        """What it is, and how many."""
        return (
            "journal",
            f"{len(self.runs):,} run{'s' * (len(self.runs) > 1)} on this cloud, newest first" if self.runs else "",
        )

    def texts(self, width: int) -> Sequence[Text]:
        """A line for each run."""
        if self.error:
            return [Text(((f" {self.error}", "error"),))]
        if self.runs is None:
            return [Text(((" reading …", "message"),))]
        if not self.runs:
            words = "Nothing was done on this cloud from here. a on a row lists what can be done to it."
            return [Text(((f" {words}", "message"),))]
        now, glyphs, here = self.clock(), look_of(self).glyphs, self.index
        texts = [Text(((f"  {'WHEN':>7}  {'WHO':<10} WHAT", "column"),), ((f"{'OUTCOME':<12} {'UNDO':<8}", "column"),))]
        for at, seen in enumerate(self.runs):
            left, right = row(seen, now, width)
            room = width - cells(right) - 4
            bar = glyphs.cursor if at == here else " "
            role: Role = "cursor" if at == here else "text"
            shown = cut(readable(left), room)
            texts.append(Text(((f"{bar} ", "accent"), (shown, role)), ((right, _ROLES.get(seen.state, "text")),)))
        return texts

    def labels(self) -> dict[str, str]:
        """The keys that do something here."""
        seen = self.selected
        return {
            "nav.open": "its steps" if seen is not None else "",
            "run.undo": "undo it" if seen is not None and seen.undoable(self.clock()) else "",
            "app.refresh": "read again",
        }

    # -- keys -----------------------------------------------------------------------------------------------------

    def scroll_text(self, by: int) -> None:
        """Move the cursor; the text follows it."""
        if not self.runs or not self.is_mounted:
            super().scroll_text(0)
            return
        at = max(min(self.index + by, len(self.runs) - 1), 0)
        if by:
            self.at = self.runs[at].run
            self._texts = self.texts(self.size.width)
            self._said = ("", "message")
        line = at + 1  # below the titles
        self.top = min(self.top, line - (1 if at == 0 else 0))
        self.top = max(self.top, line - self.room + 1)
        super().scroll_text(0)

    def action_nav_open(self) -> None:
        """Everything about the run."""
        if self.selected is not None:
            show_run(self, self.selected)

    def action_run_undo(self) -> None:
        """Take it back, by a plan."""
        seen = self.selected
        if seen is None:
            return
        if seen.undoable(self.clock()):
            want(self, Wanted(undoes=seen.run))
        elif seen.state == "interrupted":
            self.say("it was interrupted: enter, and settle it first")
        else:
            self.say("it was taken back already" if seen.undone_by else "no operation takes it back")
