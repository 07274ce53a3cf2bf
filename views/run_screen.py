"""One run: while it goes on, when it ended, or out of the journal; and what can be done with it.

Leaving the screen ends nothing. `ctrl-c` cancels between two steps. One that was interrupted offers to look up what was
in flight, to go on, to settle it, or to take back what was done; one that was cancelled, to go on or to take it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from collectors.errors import SourceError, UsageError
from collectors.overview import Overview
from runbooks.seen import RunSeen
from runbooks.settle import Flight
from views import consent
from views.asking import Question
from views.asking_sheet import AskingSheet
from views.desk import Desk, RunsChanged, Wanted, show_run, want
from views.header import Identity
from views.keys import Context, Keys, bindings
from views.lines import Text
from views.look import look_of
from views.paint import Run
from views.plan_texts import frame
from views.sheet import laid_out
from views.text.run import lines


class LookedUp(Message):
    """What was in flight was looked up, or could not be; or a run was settled."""

    def __init__(self, flights: Sequence[Flight], said: str = "", *, error: bool = False) -> None:
        self.flights, self.said, self.error = flights, said, error
        super().__init__()


class RunScreen(AskingSheet):
    """One run."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("run")
    context: ClassVar[Context] = "run"

    def __init__(
        self, seen: RunSeen, desk: Desk, now: float, identity: Identity, overview: Overview | None, keys: Keys
    ) -> None:
        super().__init__(identity, overview, keys)
        self.seen = seen
        self.desk = desk
        self.now = now
        """When it was opened: whether it can be taken back is told for then."""
        self.flights: list[Flight] | None = None

    def on_mount(self) -> None:
        """What was in flight when it was interrupted is looked up at once: that is what one comes here for."""
        super().on_mount()
        if self.seen.state == "interrupted" and not self.seen.problem:
            self.action_plan_evidence()

    def told(self, seen: RunSeen) -> None:
        """Something happened to a run; when it is this one, show it."""
        if seen.number and seen.number == self.seen.number:
            self.seen = seen
            self.reread()

    # -- what is shown --------------------------------------------------------------------------------------------

    def crumb(self) -> tuple[str, str]:
        """What it does, and how it stands."""
        return f"run   {self.seen.title}", self.seen.state

    def texts(self, width: int) -> Sequence[Text]:
        """Everything about it."""
        if self.waiting:
            return self.question_texts(width)
        found = lines(self.seen, look_of(self).glyphs, self.flights)
        return [*frame(self.identity, width), *laid_out(list(found), width)]

    def foot(self) -> Run:
        """What can be done now."""
        state = self.seen.state
        if state == "running":
            if self.seen.cancelled:
                return "cancelled: only the step that was begun is waited for", "message"
            return "it goes on when you leave this screen; ctrl-c cancels it between two steps", "message"
        if state == "interrupted":
            return "next: e looks up what was in flight; then R goes on, x settles it", "message"
        if self.seen.goes_on:
            back = ", u takes back what was done" if self.seen.undoable(self.now) else ""
            return f"next: R goes on with what is left{back}", "message"
        return "", "message"

    def labels(self) -> dict[str, str]:
        """The keys that do something now."""
        interrupted = self.seen.state == "interrupted"
        return {
            "plan.begin": "go on" if self.seen.goes_on else "",
            "plan.evidence": "look up" if interrupted else "",
            "plan.leave_out": "settle" if interrupted else "",
            "run.undo": "undo" if self.seen.undoable(self.now) else "",
            "app.interrupt": "cancel" if self._going else "",
        }

    @property
    def _going(self) -> bool:
        return self.seen.state == "running" and bool(self.seen.number) and not self.seen.cancelled

    # -- keys -----------------------------------------------------------------------------------------------------

    def interrupt(self) -> None:
        """Cancel it between two steps."""
        if self.seen.state != "running":
            self.say("it does not run")
        elif not self.seen.number:
            self.say("another process works on it: cancel it there", error=True)
        else:
            self.desk.cancel(self.seen.number)
            self.told(self.desk.look(self.seen.number))

    def action_run_undo(self) -> None:
        """Take back what it did, by a plan."""
        if self.seen.state == "running":
            self.say("it runs: it can be taken back when it has ended")
        elif self.seen.state == "interrupted":
            self.say("settle it first (x): then what was done can be taken back")
        elif not self.seen.run or not self.seen.undoable(self.now):
            self.say("no operation takes it back" if not self.seen.undone_by else "it was taken back already")
        else:
            want(self, Wanted(undoes=self.seen.run))

    def action_plan_evidence(self) -> None:
        """Look up in the cloud what was in flight."""
        if self.seen.state != "interrupted" or self.waiting:
            return
        self.say("looks up what was in flight …")
        run, desk = self.seen.run, self.desk

        def look() -> None:
            try:
                found = desk.look_up(run)
            except (SourceError, UsageError) as error:
                self.post_message(LookedUp([], str(error), error=True))
            else:
                self.post_message(LookedUp(found))

        self.app.run_worker(look, thread=True, group="look-up", exit_on_error=False)

    def on_looked_up(self, event: LookedUp) -> None:
        """Show it."""
        event.stop()
        if not event.error and not event.said:
            self.flights = list(event.flights)
        self._said = (event.said, "error" if event.error else "message")
        self.reread()

    def action_plan_begin(self) -> None:
        """Go on with it, once it is confirmed like any plan."""
        plan = self.seen.plan
        if not self.seen.goes_on or plan is None or self.waiting:
            return
        if refusal := self.desk.refusal(plan):
            self.say(refusal, error=True)
            return
        asked = [q for q in consent.questions(plan, reason=self.desk.reason) if q.prompt != "reason"]

        def confirmed(answers: Sequence[str]) -> None:
            try:
                seen = self.desk.resume(self.seen)
            except UsageError as error:
                self.say(str(error), error=True)
            else:
                show_run(self, seen)

        self.ask(asked, confirmed)

    def action_plan_leave_out(self) -> None:
        """Settle it: what was done stays, nothing more is done."""
        if self.seen.state != "interrupted" or self.waiting:
            return
        about = ["it ends here: what was done stays, and nothing more is done; then it can be taken back (u)"]
        question = Question("settle it, why", about, wrong=lambda text: "" if text else "why? esc leaves it")
        run, desk = self.seen.run, self.desk

        def settle(answers: Sequence[str]) -> None:
            words = answers[0]

            def work() -> None:
                try:
                    desk.settle(run, words)
                except (SourceError, UsageError) as error:
                    self.post_message(LookedUp([], str(error), error=True))
                else:
                    self.post_message(RunsChanged(run))

            self.app.run_worker(work, thread=True, group="settle", exit_on_error=False)

        self.ask([question], settle)
