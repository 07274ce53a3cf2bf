"""The plan screen: asks for what the operation wants to know, makes the plan, shows it, and takes the confirmation.

One screen from the choice to the beginning, so that `esc` means the same all the way: nothing was done. The plan is
made on a thread, because it reads the cloud; what comes too late for anybody is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from msgspec.structs import replace
from textual.binding import BindingType
from textual.message import Message

from collectors.errors import SourceError, UsageError
from collectors.overview import Overview
from collectors.snapshot import Snapshot
from runbooks.operation import Operation
from views import consent
from views.asking import about_parameter
from views.asking_sheet import AskingSheet
from views.clipboard import fits
from views.desk import Desk, Planned, Wanted, show_run, want
from views.header import Identity
from views.keys import Context, Keys, bindings
from views.lines import Text
from views.look import look_of
from views.paint import Run
from views.plan_texts import plan_texts
from views.sheet import laid_out
from views.text.plan import Line, head, script

PATIENCE: Final = 30.0
"""Seconds that somebody waits for a plan; each system that it reads has its own, shorter ones."""


class PlanMade(Message):
    """A plan was made, or could not be."""

    def __init__(self, turn: int, made: Planned | None, error: UsageError | SourceError | None = None) -> None:
        self.turn, self.made, self.error = turn, made, error
        super().__init__()


class PlanScreen(AskingSheet):
    """From the choice of an operation to its beginning."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("plan")
    context: ClassVar[Context] = "plan"

    def __init__(
        self,
        wanted: Wanted,
        operation: Operation | None,
        desk: Desk,
        known: Callable[[str], Snapshot | None],
        identity: Identity,
        overview: Overview | None,
        keys: Keys,
    ) -> None:
        super().__init__(identity, overview, keys)
        self.wanted = wanted
        self.operation = operation
        """None: a run is taken back, and which operation does it is known with the plan."""
        self.desk = desk
        self.known = known
        self.planned: Planned | None = None
        self.error: UsageError | SourceError | None = None
        self._turn = 0
        """Which plan is waited for; answers of earlier ones are dropped."""
        self._late = False
        self._evidence = False

    def on_mount(self) -> None:
        """Ask for what is not known yet, then plan."""
        super().on_mount()
        operation = self.operation
        missing = [p for p in operation.parameters if p.name not in self.wanted.given] if operation is not None else []

        def known(answers: Sequence[str]) -> None:
            told = dict(zip((p.name for p in missing), answers, strict=True))
            self.wanted = replace(self.wanted, given={**self.wanted.given, **told})
            self.plan()

        self.ask([about_parameter(p, self.known, self._purpose()) for p in missing], known)

    def _purpose(self) -> str:
        """What the questions are for."""
        if self.operation is None:
            return ""
        names = self.wanted.names or self.wanted.words
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return f"{self.operation.name} {', '.join(names[:3])}{more}: {self.operation.about}"

    def left(self) -> None:
        """Not answered: without a plan that is the end, with one it stays as it is."""
        if self.planned is None:
            self.dismiss(None)
        else:
            self.say("not confirmed: nothing was done")

    # -- the plan -------------------------------------------------------------------------------------------------

    def plan(self) -> None:
        """Make it, on a thread."""
        self._turn += 1
        turn, wanted = self._turn, self.wanted
        self.planned, self.error, self._late = None, None, False

        def make() -> None:
            made, error = None, None
            try:
                made = self.desk.plan(wanted)
            except (UsageError, SourceError) as caught:
                error = caught
            self.post_message(PlanMade(turn, made, error))

        def late() -> None:
            if turn == self._turn and self.planned is None and self.error is None:
                self._late = True
                self._turn += 1
                self.reread()

        self.app.run_worker(make, thread=True, group="plan", exit_on_error=False)
        self.set_timer(PATIENCE, late)
        self.reread()

    def on_plan_made(self, event: PlanMade) -> None:
        """Show it; one that nobody waits for any more is dropped."""
        event.stop()
        if event.turn != self._turn:
            return
        self.planned, self.error, self._evidence, self.top = event.made, event.error, False, 0
        self._said = ("", "message")
        self.reread()

    def read_again(self) -> None:
        """Plan again: what the cloud says now, and whether a second person has approved."""
        if not self.bar.is_open:
            self.plan()

    # -- what is shown --------------------------------------------------------------------------------------------

    def crumb(self) -> tuple[str, str]:
        """What it does, and its risk."""
        if self.planned is not None:
            what, risk = head(self.planned.plan)
            return f"{'evidence' if self._evidence else 'plan'}   {what}", risk
        return f"plan   {self._title()}", f"risk {self.operation.risk}" if self.operation is not None else ""

    def _title(self) -> str:
        if self.operation is None:
            return f"take back {self.wanted.undoes or 'what was done last'}"
        names = self.wanted.names or self.wanted.words
        told = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        return f"{self.operation.name} {told}"

    def texts(self, width: int) -> Sequence[Text]:
        """A question, the plan, or why there is none."""
        if self.waiting:
            texts = self.question_texts(width)
            if self.planned is not None:
                texts += plan_texts(self.planned, self.identity, self.keys, width, look_of(self).glyphs)
            return texts
        if self.planned is not None:
            return plan_texts(self.planned, self.identity, self.keys, width, look_of(self).glyphs, self._evidence)
        if self.error is not None:
            told = [Line("", str(self.error), "closed", indent=False)]
            if hint := getattr(self.error, "hint", ""):
                told.append(Line("", f"Try: {hint}", indent=False))
            return [Text(), *laid_out([*told, Line("", "Nothing was done.", indent=False)], width)]
        if self._late:
            words = f"No plan within {PATIENCE:.0f} s: some system that it must read does not answer. Nothing was done."
            return [Text(), *laid_out([Line("", words, "unknown", indent=False)], width)]
        return [Text(), Text(((" planning …  reads the cloud; nothing is changed", "message"),))]

    def foot(self) -> Run:
        """Whether it can begin, and if not, why."""
        if self.planned is None or self.waiting:
            return "", "message"
        if closed := self.planned.plan.closed:
            first = closed[0]
            more = f" (and {len(closed) - 1} more)" if len(closed) > 1 else ""
            return f"Nothing starts: {first.name} is {first.state}{more}: {first.words}", "error"
        if refusal := self._refusal():
            return refusal, "message"
        if self.planned.plan.only_reads:
            return f"{self.keys.shown('plan.begin')} begins it: it only reads", "message"
        follows = f"; {self.planned.more} more plan follows" if self.planned.more else ""
        return f"{self.keys.shown('plan.begin')} confirms, by typing what it is about{follows}", "message"

    def _refusal(self) -> str:
        """Why it cannot be begun although its guards are open."""
        if self.planned is None:
            return ""
        if refusal := self.desk.refusal(self.planned.plan):
            return refusal
        if "two-person" in self.planned.plan.demands and not self.planned.approved_by:
            return "Nothing starts: a second person must approve it"
        return ""

    def labels(self) -> dict[str, str]:
        """The keys that do something now."""
        ready = self.planned is not None and not self.waiting
        plan = self.planned.plan if self.planned is not None and ready else None
        may = plan is not None and not plan.closed and not self._refusal()
        out = self._left_out() if plan is not None else []
        kept = plan is not None and len(out) < len(plan.parts)
        return {
            "nav.back": "cancel",
            "plan.begin": ("begin" if plan.only_reads else "confirm") if plan is not None and may else "",
            "plan.leave_out": f"leave out {self._some(out)}" if out and kept else "",
            "plan.evidence": ("plan" if self._evidence else "evidence") if ready else "",
            "row.copy": "copy as commands" if ready else "",
            "row.copy_command": "",
            "app.refresh": "plan again",
        }

    # -- keys -----------------------------------------------------------------------------------------------------

    def _left_out(self) -> list[str]:
        """Ids of the targets that have a closed guard."""
        assert self.planned is not None
        names = {guard.target for guard in self.planned.plan.closed if guard.target}
        return [part.target for part in self.planned.plan.parts if part.name in names]

    def _some(self, targets: Sequence[str]) -> str:
        assert self.planned is not None
        return self.planned.plan.part(targets[0]).name[:20] if len(targets) == 1 else str(len(targets))

    def action_plan_leave_out(self) -> None:
        """Plan again without the targets that keep it from beginning."""
        if self.planned is None or self.waiting:
            return
        out = self._left_out()
        kept = [part for part in self.planned.plan.parts if part.target not in out]
        if not out:
            self.say("no closed guard is about a single target")
        elif not kept:
            self.say("nothing would be left: every target has a closed guard", error=True)
        else:
            self.wanted = replace(
                self.wanted, words=(), targets=tuple(p.target for p in kept), names=tuple(p.name for p in kept)
            )
            self.plan()

    def action_plan_evidence(self) -> None:
        """Every guard with its target and time; again: the plan."""
        if self.planned is not None and not self.waiting:
            self._evidence, self.top = not self._evidence, 0
            self.reread()

    def action_row_copy(self) -> None:
        """The equivalent commands, as a script."""
        if self.planned is None:
            return
        text = script(self.planned.plan)
        if not fits(text):
            self.say("too much for a terminal's clipboard; nephoscope do … --plan -o markdown > FILE", error=True)
            return
        self.app.copy_to_clipboard(text)
        self.say(f"copied {self.planned.plan.count} steps as a script")

    def action_row_copy_command(self) -> None:
        """The same."""
        self.action_row_copy()

    def action_plan_begin(self) -> None:
        """Ask for what confirming takes; then it begins."""
        if self.planned is None or self.waiting:
            return
        plan = self.planned.plan
        if plan.closed or self._refusal():
            self.say(*self.foot()[:1], error=True)
            return
        production = "PRODUCTION" if self.identity.protection == "production" else ""
        asked = consent.questions(plan, reason=self.desk.reason, production=production)

        def confirmed(answers: Sequence[str]) -> None:
            self._begin(answers[0] if "reason" in plan.demands else "")

        self.ask(asked, confirmed)

    def _begin(self, reason: str) -> None:
        """It begins; this screen gives way to the run's."""
        made = self.planned
        assert made is not None
        try:
            seen = self.desk.begin(made, consent.names(made.plan), reason)
        except UsageError as error:
            self.say(str(error), error=True)
            return
        show_run(self, seen)
        if made.more:
            want(self, Wanted(undoes=made.undoes, part=made.wanted.part + 1))
