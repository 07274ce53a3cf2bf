"""Carrying out a plan that was confirmed: journal, call, look, prove. Nothing else in the project changes anything.

Each step is recorded before and after. A call is sent once: when its answer is lost, the cloud is looked at until what
the call leads to is there (it was carried out) or its time is over (nobody knows, and it is said so). A failure stops
the target it is about, and the others too unless they were told to carry on; what was done stays, and is told.

Longer than other files, so that the order of record, call, look and record can be read in one place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

import msgspec

from collectors.call import Answer
from collectors.errors import SourceError
from collectors.write import may_have_happened
from runbooks.cloud import Cloud
from runbooks.expect import Expect, Look, looked
from runbooks.operation import Stage, Step
from runbooks.outcome import Before, Outcome, PartOutcome, Progress, Recorder, Result, inverses, listed, since, together
from runbooks.plan import Part, Plan

FIRST_LOOK: Final = 0.3
"""Seconds from a call to the first look at what it led to; each further look waits longer, up to `LAST_LOOK`."""
LAST_LOOK: Final = 4.0


class _Stop(Exception):  # noqa: N818 - the way out of a part, not an error of ours
    """A part ends here."""

    def __init__(self, result: Result, words: str, error: SourceError | None = None) -> None:
        super().__init__(words)
        self.result: Result = result
        self.words = words
        self.error = error


class Performance:
    """One run of one plan. `told` hears of progress on any thread; `pause(seconds)` waits, or returns at once."""

    def __init__(
        self,
        plan: Plan,
        run: str,
        cloud: Cloud,
        journal: Recorder,
        told: Callable[[Progress], None] = lambda progress: None,
        pause: Callable[[float], None] | None = None,
        before: Before | None = None,
        keep: Callable[[], None] = lambda: None,
    ) -> None:
        self.plan = plan
        self.run = run
        self._cloud = cloud
        self._journal = journal
        self._told = told
        self._cancelled = threading.Event()
        self._interrupted = ""
        """What took us away, in words, if somebody else may go on with it."""
        self._pause = pause or self._wait
        self._before = before or Before()
        """Of a run that is gone on with."""
        self._keep = keep
        """Renews the locks; raises `Locked` when one was lost."""
        self._broken: Exception | None = None
        """The journal could not be written: nothing more is begun."""
        self._began: set[str] = {*self._before.done, *self._before.failed}
        self._started = cloud.clock() if self._before.at is None else self._before.at
        self._shown: dict[str, list[str]] = {}

    def cancel(self) -> None:
        """Begin no further step; what was begun is waited for."""
        self._cancelled.set()

    def interrupt(self, words: str) -> None:
        """The same, but whoever comes next may go on: the journal says that it was left, not that it ended."""
        self._interrupted = words
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """True once it was cancelled."""
        return self._cancelled.is_set()

    def _wait(self, seconds: float) -> None:
        threading.Event().wait(seconds)

    # -- the whole ------------------------------------------------------------------------------------------------

    def perform(self) -> Outcome:
        """Carry it out. The caller holds the locks and has recorded that it began.

        Raises what the journal raised when it could not be written; what was done until then is in it.
        """
        parts = self._parts()
        if self._broken is not None:
            raise self._broken
        result, words = together(parts)
        if any(part.result == "interrupted" for part in parts):
            self._journal.append("left", self.run, {"words": self._interrupted, "parts": listed(parts)})
            return Outcome(self.run, "interrupted", words, tuple(parts))
        inverse = tuple(inverses(self.plan, parts, self._started, self._cloud.clock()))
        self._journal.append(
            "ended", self.run, {"outcome": result, "words": words, "inverse": list(inverse), "parts": listed(parts)}
        )
        return Outcome(self.run, result, words, tuple(parts), inverse)

    def _parts(self) -> list[PartOutcome]:
        failed = threading.Event()

        def one(part: Part) -> PartOutcome:
            began = part.target in self._began
            if part.target in self._before.failed:
                failed.set()
                return PartOutcome(part.target, part.name, "failed", self._before.failed[part.target], began=began)
            if self._broken is not None or self._cancelled.is_set() or (failed.is_set() and not self.plan.carry_on):
                ended = self._stopped()
                taken, other = ("went on", "not gone on with") if began else ("began", "not begun")
                stopped = self._cancelled.is_set()
                why = f"{ended} before it {taken}" if stopped else f"{other}: another target failed"
                return PartOutcome(part.target, part.name, ended, why, began=began)
            found = self._part(part)
            if found.result != "done":
                failed.set()
            return found

        at_once = max(min(self.plan.at_once, len(self.plan.parts)), 1)
        if at_once == 1:
            return [one(part) for part in self.plan.parts]
        with ThreadPoolExecutor(at_once, "operation") as pool:
            return list(pool.map(one, self.plan.parts))

    def _stopped(self) -> Result:
        """What becomes of what was not begun."""
        return "interrupted" if self._interrupted else "cancelled"

    def _part(self, part: Part) -> PartOutcome:
        try:
            numbers = iter(part.steps())
            for stage in part.stages:
                self._stage(part, stage, [next(numbers)[0] for _ in stage.steps])
            found = self._proved(part)
        except _Stop as stop:
            result: Result = stop.result
            return PartOutcome(
                part.target, part.name, result, stop.words, error=stop.error, began=part.target in self._began
            )
        shown = "\n".join((*part.answer, *self._shown.get(part.target, ())))
        return PartOutcome(part.target, part.name, "done", found.words, found.identity, began=True, shown=shown)

    def _stage(self, part: Part, stage: Stage, numbers: Sequence[str]) -> None:
        """All steps of a stage, at most so many at once; the first failure begins no further ones. Raises `_Stop`."""
        before = self._before.done.get(part.target, frozenset())
        waiting = [(number, step) for number, step in zip(numbers, stage.steps, strict=True) if number not in before]
        at_once = max(min(stage.at_once, len(waiting)), 1)
        failed = threading.Event()
        problems: list[_Stop] = []

        def one(numbered: tuple[str, Step]) -> None:
            number, step = numbered
            if failed.is_set():
                return
            try:
                self._step(part, number, step)
            except _Stop as stop:
                if not step.tolerant:
                    failed.set()
                    problems.append(stop)

        if at_once == 1:
            for each in waiting:
                one(each)
        else:
            with ThreadPoolExecutor(at_once, "operation-step") as pool:
                list(pool.map(one, waiting))
        if problems:
            raise problems[0]

    # -- one step -------------------------------------------------------------------------------------------------

    def _step(self, part: Part, number: str, step: Step) -> None:
        """About to, call, look, done. Raises `_Stop`."""
        if self._cancelled.is_set():
            self._told(Progress(part.target, number, "cancelled"))
            ended = self._stopped()
            raise _Stop(ended, f"{ended} before: {step.text}")
        try:
            self._keep()
        except SourceError as error:
            raise _Stop("failed", f"not begun: {step.text}: {error}", error) from error
        if step.unless is not None and self._is_so(part, number, step, step.unless):
            return
        about = {"target": part.target, "step": number, "text": step.text, "command": step.command}
        if step.call is not None:
            about |= {"call": msgspec.to_builtins(step.call)}
        self._record("about", about)
        self._told(Progress(part.target, number, "running", step.text))
        began = self._cloud.clock()
        answer, lost = Answer(), None
        if step.call is not None:
            self._began.add(part.target)
            try:
                answer = self._cloud.write(step.call, min(step.call_seconds, step.seconds))
                if answer.shown:
                    self._shown.setdefault(part.target, []).append(answer.shown)
            except SourceError as error:
                if not may_have_happened(error):
                    self._failed(part, number, began, "refused", error)
                lost = error
        look = self._led_to(step, began, answer)
        if lost is not None and look.state != "reached":
            self._failed(part, number, began, "lost", lost, f"; looked up: {look.words or 'nothing shows it'}")
        if look.state in ("failed", "pending", "unknown"):
            self._failed(part, number, began, "failed", None, look.words)
        self._did(part, number, began, "looked-up" if lost is not None else "done", answer, look.words)
        self._told(Progress(part.target, number, "done", look.words))

    def _is_so(self, part: Part, number: str, step: Step, expect: Expect) -> bool:
        """Whether it is there already, without us; kept and told as done then."""
        began, look = self._cloud.clock(), looked(expect, self._cloud)
        if look.state != "reached":
            return False
        self._did(part, number, began, "not-needed", Answer(), expect.words, step.text)
        self._told(Progress(part.target, number, "done", f"not needed: {expect.words}"))
        return True

    def _led_to(self, step: Step, began: float, answer: Answer) -> Look:
        """Look until what the step expects is there, can never be, or its time is over."""
        if step.expect is None:
            return Look("reached" if step.call is not None else "unknown", answer.words)
        return self._reached(since(step.expect, began), began + step.seconds)

    def _reached(self, expect: Expect, until: float) -> Look:
        wait = FIRST_LOOK
        while True:
            look = looked(expect, self._cloud)
            left = until - self._cloud.clock()
            if look.state in ("reached", "failed") or left <= 0:
                return look
            self._pause(min(wait, max(left, 0.01)))
            with suppress(SourceError):  # told when the next step would begin
                self._keep()
            wait = min(wait * 1.5, LAST_LOOK)

    def _failed(
        self, part: Part, number: str, began: float, outcome: str, error: SourceError | None, more: str = ""
    ) -> None:
        """Record it and end the part. Raises `_Stop`."""
        said = f"{error}{more}" if error is not None else more
        words = {
            "refused": f"not done: {said}",
            "lost": f"whether it was done is not known: {said}",
            "failed": f"done, but it did not lead to what it should: {said}",
        }[outcome]
        status = error.status if error is not None else 0
        request_id = error.request_id if error is not None else ""
        self._did(part, number, began, outcome, Answer(status, request_id), words)
        self._told(Progress(part.target, number, "unknown" if outcome == "lost" else "failed", words))
        step = next(step for known, step in part.steps() if known == number)
        raise _Stop("failed", f"{step.text}: {words}", error)

    def _proved(self, part: Part) -> Look:
        """Everything that must be true is true, read again from the cloud. Raises `_Stop`."""
        first = Look("reached", "")
        for at, told in enumerate(part.verify):
            expect = since(told, self._started)
            look = self._reached(expect, self._cloud.clock() + 30.0)
            ok = {"reached": True, "failed": False, "pending": False, "unknown": None}[look.state]
            self._record("verified", {"target": part.target, "ok": ok, "words": f"{expect.words}: {look.words}"})
            if look.state != "reached":
                self._told(Progress(part.target, "", "failed", look.words))
                raise _Stop("not-verified", f"{expect.words}: {look.words}")
            first = look if at == 0 else first
        self._told(Progress(part.target, "", "done", first.words))
        return first

    # -- records --------------------------------------------------------------------------------------------------

    def _did(
        self, part: Part, number: str, began: float, outcome: str, answer: Answer, words: str, text: str = ""
    ) -> None:
        """`text`: what it was to do, of a step that was never begun; else that was recorded when it was."""
        self._record(
            "did",
            ({"text": text} if text else {})
            | {
                "target": part.target,
                "step": number,
                "outcome": outcome,
                "status": answer.status,
                "request_id": answer.request_id,
                "took": round(self._cloud.clock() - began, 3),
                "words": words,
            },
        )

    def _record(self, event: str, data: Mapping[str, object]) -> None:
        """Keep it, or begin nothing more: what is not recorded did not happen. Raises `_Stop`."""
        try:
            self._journal.append(event, self.run, data)
        except Exception as error:
            self._broken = error
            self._cancelled.set()
            raise _Stop("failed", f"the journal cannot be written: {error}") from error
