"""What the app does with operations: plans, runs, the journal and the window, on whatever screen one is.

The desk does the work on threads; here its answers become screens and words. A run belongs to no screen: it is told on
every one of them, goes on wherever one goes, and is asked about before the console is left.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable, Sequence
from typing import Final

from collectors.errors import SourceError, UsageError
from collectors.store import Subject
from console.armed import Armed
from console.session import Switch
from console.signals import part_from_terminal
from console.terminal_watch import TerminalWatch
from runbooks import registry
from runbooks.outcome import Progress
from runbooks.seen import RunSeen, progress_words
from views.desk import RunsChanged, RunTold, StepDone, Wanted
from views.journal_screen import JournalScreen
from views.leaving import LeaveScreen, Way
from views.plan_screen import PlanScreen
from views.run_line import RunLine, RunWords
from views.run_screen import RunScreen
from views.text.run import outcome_words

TAKING: Final = (signal.SIGTERM, signal.SIGHUP)
TICK: Final = 5.0
"""Seconds between two looks at the window's clock; line 1 changes by whole minutes."""


class Operator(Armed):
    """An app that does something."""

    taken = ""
    """The signal that ends it."""
    taken_from: Sequence[RunSeen] = ()
    """What ran when it came."""
    _watch: TerminalWatch | None = None
    _leaving: tuple[Switch | None] | None = None
    """How it ends once nothing runs any more."""
    _interrupted: Sequence[RunSeen] = ()
    run_words = RunWords()
    """What every screen says of what runs."""

    def begin_operating(self) -> None:
        """Listen to the desk, look at the window's clock, and look for what was interrupted."""
        desk = self.desk
        if desk is None:
            return
        desk.tell(self._heard)
        self.set_interval(TICK, self.look_at_window)
        self._look_for_interrupted()

    # -- plans ----------------------------------------------------------------------------------------------------

    def want(self, wanted: Wanted) -> None:
        """Open the plan screen; what is wrong with what was asked for is told, and we stay."""
        try:
            desk = self.need_desk()
            operation = registry.operation(wanted.operation) if wanted.undoes is None else None
        except UsageError as error:
            self.say(str(error), error=True)
            return
        known = self.lists.whole
        self.push_screen(PlanScreen(wanted, operation, desk, known, self.who, self.overview_now, self.keys))

    def action_run_undo(self) -> None:
        """Take back the last operation that can be."""
        self.want(Wanted(undoes=""))

    # -- runs -----------------------------------------------------------------------------------------------------

    def _heard(self, seen: RunSeen, progress: Progress | None) -> None:
        """Called on the runs' threads."""
        self.post_message(RunTold(seen))
        if progress is not None and progress.state == "done" and seen.plan is not None:
            part = seen.plan.part(progress.target)
            step = next((step for number, step in part.steps() if number == progress.step), None)
            kinds = [seen.plan.kind, *([step.expect.kind] if step is not None and step.expect is not None else ())]
            self.post_message(StepDone(list(dict.fromkeys(kinds))))

    def on_step_done(self, event: StepDone) -> None:
        """What was changed is read again at once."""
        for name in event.kinds:
            self.feed.refresh(Subject(name))
        listing = self.lists.listing
        if (
            listing is not None
            and listing.kind.name in event.kinds
            and listing.place.subject != Subject(listing.kind.name)
        ):
            self.feed.refresh(listing.place.subject)

    async def on_run_told(self, event: RunTold) -> None:
        """Tell it where it is shown, and on every screen that it runs; when it ended, how."""
        seen = event.seen
        for screen in self.screen_stack:
            if isinstance(screen, RunScreen | JournalScreen):
                screen.told(seen)
        if not seen.live and not (isinstance(self.screen, RunScreen) and self.screen.seen.number == seen.number):
            self.say(f"{seen.title}: {outcome_words(seen)}", error=seen.result not in ("done", "cancelled"))
        if not seen.live and any(run.run == seen.run for run in self._interrupted):
            self._look_for_interrupted()
        self.tell_runs()
        if self._leaving is not None and not self.need_desk().going():
            self.exit(self._leaving[0])

    def tell_runs(self) -> None:
        """The line about what runs, on every screen; without anything, about what was interrupted."""
        going = self.desk.going() if self.desk is not None else ()
        words = RunWords()
        if going:
            lead = (
                "leaves when it is done: " if self._leaving is not None else "cancelled: " if going[0].cancelled else ""
            )
            more = f" (and {len(going) - 1} more)" if len(going) > 1 else ""
            words = RunWords(f"runs: {lead}{progress_words(going[0])}{more}", "armed")
        elif self._interrupted:
            first, key = self._interrupted[0], self.keys.shown("app.journal")
            more = f" (and {len(self._interrupted) - 1} more)" if len(self._interrupted) > 1 else ""
            words = RunWords(f"interrupted: {first.title}{more}: {key} looks up what was done, and settles it", "error")
        if words == self.run_words:
            return
        self.run_words = words
        for line in self._run_lines():
            line.tell(words)

    def _run_lines(self) -> Iterable[RunLine]:
        for screen in dict.fromkeys((self.lists, self.overview, *self.screen_stack)):
            if screen.is_mounted:
                yield from screen.query(RunLine)

    def show_run(self, seen: RunSeen) -> None:
        """Show a run; the plan that it was begun from gives way."""
        self.tell_runs()
        if isinstance(self.screen, PlanScreen | RunScreen):
            self.pop_screen()
        desk, now = self.need_desk(), self.session.clock()
        self.push_screen(RunScreen(seen, desk, now, self.who, self.overview_now, self.keys))

    async def action_app_journal(self) -> None:
        """What runs, what was done, by whom; an interrupted run first."""
        try:
            desk = self.need_desk()
        except UsageError as error:
            self.say(str(error), error=True)
            return
        if isinstance(self.screen, JournalScreen):
            self.screen.read_again()
            return
        first = self._interrupted[0].run if self._interrupted else ""
        screen = JournalScreen(desk, self.session.clock, self.who, self.overview_now, self.keys, first)
        await self.push_screen(screen)

    # -- what was interrupted -------------------------------------------------------------------------------------

    def _look_for_interrupted(self) -> None:
        desk = self.need_desk()

        def look() -> None:
            try:
                found = desk.interrupted()
            except SourceError as error:
                self.call_from_thread(self.say, str(error), error=True)
            else:
                self.call_from_thread(self._found_interrupted, found)

        self.run_worker(look, thread=True, group="interrupted", exit_on_error=False)

    def _found_interrupted(self, found: Sequence[RunSeen]) -> None:
        self._interrupted = found
        self.tell_runs()

    async def on_runs_changed(self, event: RunsChanged) -> None:
        """A run was settled: its screen closes, and what it was is told by the journal."""
        if isinstance(self.screen, RunScreen) and self.screen.seen.run == event.run:
            await self.pop_screen()
        if isinstance(self.screen, JournalScreen):
            self.screen.read_again()
        self.say("settled: what was done stays; u takes it back where that is possible")
        self._look_for_interrupted()

    # -- signals --------------------------------------------------------------------------------------------------

    def hear_signals(self) -> None:
        """A signal that would kill us ends the console instead: by itself it would leave the terminal as it is."""
        loop = asyncio.get_running_loop()
        for number in TAKING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self._taken_by, number)
        self._watch = TerminalWatch(0, lambda: loop.call_soon_threadsafe(self._hung_up))
        self._watch.start()

    def ignore_signals(self) -> None:
        """They are somebody else's again."""
        loop = asyncio.get_running_loop()
        for number in TAKING:
            loop.remove_signal_handler(number)
        if self._watch is not None:
            self._watch.close()

    def _hung_up(self) -> None:
        if not self.taken:  # SIGHUP, where it is heard, says the same
            self._taken_by(signal.SIGHUP)

    def _taken_by(self, number: signal.Signals) -> None:
        if number == signal.SIGHUP:
            part_from_terminal()
        self.taken = number.name
        if self.desk is not None:
            self.taken_from = self.desk.going()
            self.desk.interrupt(f"{number.name} came")
        self.exit(None)

    # -- leaving --------------------------------------------------------------------------------------------------

    def leave(self, outcome: Switch | None = None) -> None:
        """End the console; while something runs, ask how."""
        going = self.desk.going() if self.desk is not None else ()
        if not going:
            self.exit(outcome)
            return

        def answered(way: Way | None) -> None:
            self._leaving = None if way in (None, "stay") else (outcome,)
            desk = self.need_desk()
            if way == "cancel":
                for seen in desk.going():
                    desk.cancel(seen.number)
            self.tell_runs()
            if self._leaving is not None and not desk.going():
                self.exit(outcome)

        self.push_screen(LeaveScreen(going), answered)
