"""The desk of the console: plans are made, begun and remembered here. What waits is called on threads.

Every plan and every run has a reading of the cloud of its own, so that what one has looked at is no evidence for
another. Nothing is changed outside the window (`console/arming.py`); that it was opened is recorded first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from collectors.errors import BadConfiguration, UsageError
from console.arming import Arming
from console.doing import Doing, alive
from console.runs import Runs, Started, Told
from runbooks.approval import approved
from runbooks.outcome import Outcome, Progress
from runbooks.plan import Plan, encoded
from runbooks.planning import planned, targets_of
from runbooks.registry import operation
from runbooks.running import NotBegun
from runbooks.seen import RunSeen, of_past, who_words
from runbooks.settle import Flight, flights, leave, looked_up
from views.desk import Planned, Wanted

NEWEST: Final = 500
"""Runs of the journal that the screen shows; `nephoscope journal show` has all."""


class CloudDesk:
    """What `views.desk.Desk` promises, for one cloud."""

    def __init__(self, doing: Doing, clock: Callable[[], float], folder: Path) -> None:
        self._doing = doing
        self._clock = clock
        self._folder = folder
        """Where plans are written that a second person must approve."""
        self.arming = Arming(clock, doing.read_only)
        self.runs = Runs(clock, lambda seen, progress: None)

    def tell(self, heard: Callable[[RunSeen, Progress | None], None]) -> None:
        """Whom to tell, on any thread, what is new of a run."""
        self.runs.heard = heard

    # -- the window -----------------------------------------------------------------------------------------------

    @property
    def locked(self) -> str:
        """Why nothing may ever be changed from here."""
        return self.arming.locked

    def refusal(self, plan: Plan | None) -> str:
        """Why the plan may not be begun now; what only reads always may."""
        return "" if plan is not None and plan.only_reads else self.arming.refusal()

    @property
    def reason(self) -> str:
        """Why the window was opened."""
        return self.arming.why

    def record(self, event: str, data: dict[str, object]) -> None:
        """Keep `armed` or `disarmed`. Waits. Raises what the journal raises."""
        site = self._doing.cloud.site
        self._doing.journal.append(
            event, "", {"cloud": site.cloud, "region": self._doing.cloud.region, "who": self._doing.who()} | data
        )

    # -- plans ----------------------------------------------------------------------------------------------------

    def plan(self, wanted: Wanted) -> Planned:
        """Make a plan. Raises `UsageError`, `SourceError`."""
        doing = self._doing.beside()
        if wanted.undoes is not None:
            return self._taking_back(doing, wanted)
        chosen = operation(wanted.operation)
        values = doing.values(chosen, wanted.given)
        targets = list(wanted.targets) or targets_of(chosen, wanted.words, doing.cloud)
        plan = planned(chosen, targets, values, doing.cloud, read_only=doing.read_only)
        return self._with_approval(Planned(plan, chosen, wanted))

    def _taking_back(self, doing: Doing, wanted: Wanted) -> Planned:
        run, chosen, plan, more = doing.undo_plan(wanted.undoes or "", wanted.part, wanted.targets)
        return self._with_approval(Planned(plan, chosen, wanted, undoes=run.run, more=more))

    def _with_approval(self, made: Planned) -> Planned:
        if "two-person" not in made.plan.demands:
            return made
        try:
            who = approved(self._doing.cloud.site, made.plan.hash, self._clock(), not_by=self._doing.principal)
        except BadConfiguration as error:
            return replace(made, no_approval=str(error))
        return replace(made, approved_by=tuple(each.who for each in who), file=self._written(made.plan))

    def _written(self, plan: Plan) -> str:
        """The plan as a file for `nephoscope approve`; no secret is in it. Raises `BadConfiguration`."""
        path = self._folder / f"{plan.hash[:12]}.json"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(encoded(plan), indent=1))
        except OSError as error:
            raise BadConfiguration(
                str(path), f"the plan cannot be written: {error.strerror}", "free the disk"
            ) from error
        return str(path)

    # -- runs -----------------------------------------------------------------------------------------------------

    def begin(self, made: Planned, names: Sequence[str], reason: str) -> RunSeen:
        """Begin it in the background. Raises `NotBegun` when the window is closed."""
        if refusal := self.refusal(made.plan):
            raise NotBegun(refusal)
        doing, plan = self._doing.beside(), made.plan
        why = reason or self.reason

        def work(told: Told, started: Started) -> Outcome:
            return doing.perform(plan, made.operation, names, why, told, started, made.undoes)

        seen = RunSeen(
            title=plan.title, cloud=plan.cloud, region=plan.region, who=who_words(doing.who()), reason=why, plan=plan,
            undoes=made.undoes,
        )  # fmt: skip
        return self.runs.begin(seen, work)

    def resume(self, run: RunSeen) -> RunSeen:
        """Go on with a run that was interrupted or cancelled. Raises `NotBegun`, `UsageError`."""
        if refusal := self.refusal(run.plan):
            raise NotBegun(refusal)
        doing = self._doing.beside()

        def work(told: Told, started: Started) -> Outcome:
            return doing.resume(doing.stopped(run.run), told, started)

        steps = {key: step for key, step in run.steps.items() if step.state == "done"}
        return self.runs.begin(replace(run, steps=steps, cancelled=False), work)

    def cancel(self, number: int) -> None:
        """Begin no further step of a run."""
        self.runs.cancel(number)

    def going(self) -> Sequence[RunSeen]:
        """The runs of this console that go on."""
        return self.runs.going()

    def look(self, number: int) -> RunSeen:
        """A run of this console as it is now."""
        return self.runs.look(number)

    # -- the journal ----------------------------------------------------------------------------------------------

    def journal(self) -> Sequence[RunSeen]:
        """The newest runs on this cloud, the newest first. Raises `SourceError`."""
        mine = {seen.run: seen for seen in self.runs.all() if seen.run}
        here = (self._doing.cloud.site.cloud, self._doing.cloud.region)
        found: list[RunSeen] = []
        pasts = [p for p in self._doing.past().values() if (p.cloud, p.region) == here and p.operation]
        for past in pasts[-NEWEST:]:
            seen = mine.get(past.run)
            if seen is not None and seen.live:
                found.append(seen)
            else:
                found.append(of_past(past, live=seen is None and alive(past)))
        return found[::-1]

    def interrupted(self) -> Sequence[RunSeen]:
        """The runs that never ended and that nobody works on. Raises `SourceError`."""
        mine = {seen.run for seen in self.going()}
        return [of_past(past, live=False) for past in self._doing.interrupted() if past.run not in mine]

    def look_up(self, run: str) -> Sequence[Flight]:
        """What was in flight, looked up and, unless locked, kept. Raises `SourceError`, `UsageError`."""
        doing = self._doing.beside()
        past = doing.interrupted_run(run)
        try:
            return flights(past, doing.cloud) if self.locked else looked_up(past, doing.cloud, doing.journal)
        except ValueError as error:
            raise UsageError(f"the journal's plan of {run} cannot be understood: {error}") from error

    def settle(self, run: str, words: str) -> None:
        """It is over. Raises `SourceError`, `UsageError`."""
        if self.locked:
            raise UsageError(f"nothing may be changed here: {self.locked}")
        doing = self._doing.beside()
        try:
            leave(doing.interrupted_run(run), doing.journal, words)
        except ValueError as error:
            raise UsageError(f"the journal's plan of {run} cannot be understood: {error}") from error

    def interrupt(self, words: str) -> None:
        """Whoever sits here is taken away, `words` say by what: no further step begins, and somebody else may go on."""
        for seen in self.going():
            self.runs.interrupt(seen.number, words)

    def keep_left(self, words: str) -> None:
        """Nobody waits for what is in flight: recorded for each run. Raises what the journal raises."""
        for seen in self.going():
            if seen.run:
                self._doing.journal.append("left", seen.run, {"words": words})
