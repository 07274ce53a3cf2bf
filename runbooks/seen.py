"""What a run looks like, while it goes on or as the journal tells it: one value for screens, told from either side.

Pure. Who looks at a run must not have to know whether this console carries it out, another one did, or it was
interrupted; and the line that tells how far it is must be the same words everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from runbooks.past import PastRun, TakingBack
from runbooks.plan import Part, Plan

Key = tuple[str, str]
"""(target's id, number of the step); the number is empty for the proof."""


class StepSeen(msgspec.Struct, frozen=True):
    """How far one step is."""

    state: str
    """`running`, `done`, `failed`, `unknown` (its answer was lost), `cancelled`, `in-flight` (nobody knows)."""
    words: str = ""
    at: float = 0.0
    """When it began, seconds since the epoch."""
    took: float = 0.0
    request_id: str = ""


class PartSeen(msgspec.Struct, frozen=True):
    """How one target ended."""

    name: str
    result: str
    words: str
    shown: str = ""
    """What it was made for, if it was to be shown (a console's log); the journal does not have it."""


class RunSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    run: str = ""
    """Its id; empty until it was recorded."""
    number: int = 0
    """Of one that this console carries out; 0 for others."""
    title: str = ""
    cloud: str = ""
    region: str = ""
    at: float = 0.0
    who: str = ""
    reason: str = ""
    plan: Plan | None = None
    steps: Mapping[Key, StepSeen] = {}
    parts: Sequence[PartSeen] = ()
    result: str = ""
    """Empty while it goes on, or when it was interrupted."""
    words: str = ""
    live: bool = False
    """Somebody works on it: this console, or another process of this machine."""
    cancelled: bool = False
    back: Sequence[TakingBack] = ()
    undone_by: str = ""
    touched: bool = False
    """Some of it was taken back."""
    undoes: str = ""
    problem: str = ""
    """Why its plan cannot be understood."""

    @property
    def state(self) -> str:
        """One word: `running`, `interrupted`, `settled` (it was, and somebody looked), `undone`, or how it ended."""
        if self.result:
            return "undone" if self.undone_by else "settled" if self.result == "interrupted" else self.result
        return "running" if self.live else "interrupted"

    @property
    def goes_on(self) -> bool:
        """True when it stopped in the middle and may be gone on with."""
        stopped = self.state in ("cancelled", "refused")  # refused: going on was, since a guard was closed
        return self.state == "interrupted" or (stopped and bool(self.run) and not self.touched)

    def undoable(self, now: float) -> bool:
        """True when it can be taken back."""
        return bool(self.back) and not self.undone_by and any(each.until >= now for each in self.back)


def of_past(run: PastRun, *, live: bool) -> RunSeen:
    """A run as the journal tells it."""
    plan, problem = None, ""
    try:
        plan = run.planned() if run.plan else None
    except ValueError as error:
        problem = str(error)
    return RunSeen(
        run=run.run,
        title=plan.title if plan is not None else run.title,
        cloud=run.cloud,
        region=run.region,
        at=run.at,
        who=who_words(run.who),
        reason=run.reason,
        plan=plan,
        steps={key: _step(run, key, live=live) for key in (run.about | run.did)},
        parts=[_part(each) for each in run.parts],
        result=run.outcome,
        words=run.words,
        live=live and not run.outcome,
        back=run.inverse,
        undone_by=run.undone_by,
        touched=run.touched,
        undoes=run.undoes,
        problem=problem,
    )


def _step(run: PastRun, key: Key, *, live: bool) -> StepSeen:
    at, told = run.about_at.get(key, 0.0), run.did.get(key)
    if told is None:
        return StepSeen("running" if live else "in-flight", at=at)
    state = {"done": "done", "looked-up": "done", "not-needed": "done", "lost": "unknown"}.get(
        str(told.get("outcome")), "failed"
    )
    took = told.get("took")
    words = str(told.get("words") or "")
    return StepSeen(
        state,
        f"not needed: {words}" if told.get("outcome") == "not-needed" else words,
        at,
        float(took) if isinstance(took, int | float) else 0.0,
        str(told.get("request_id") or ""),
    )


def _part(told: Mapping[str, Any]) -> PartSeen:
    return PartSeen(str(told.get("name", "")), str(told.get("outcome", "")), str(told.get("words", "")))


def who_words(who: Mapping[str, Any]) -> str:
    """`ana@bastion from 10.0.0.5`."""
    user = str(who.get("sudo_user") or who.get("user") or "")
    at = f"@{who['host']}" if who.get("host") else ""
    return f"{user}{at}" + (f" from {who['from']}" if who.get("from") else "")


def progress_words(seen: RunSeen) -> str:
    """How far it is: `2.3 live-migrate web-3: 7 of 23 done`."""
    plan = seen.plan
    if plan is None or not seen.steps:
        return f"{seen.title}: looks at the cloud once more before it begins" if seen.live else "not begun"
    here = [key for key, step in seen.steps.items() if step.state == "running"]
    if not here:
        return f"{seen.title}: {_counted(seen, plan)}" if seen.live else _counted(seen, plan)
    target, number = here[-1]
    part = plan.part(target)
    if not number:
        return f"proves that it worked: {part.name}"
    text = next((step.text for known, step in part.steps() if known == number), "")
    about = f"{part.name} " if len(plan.parts) > 1 and part.name not in text else ""
    done, total = _beside(seen, plan, part, number)
    return f"{about}{number} {text}" + (f": {done} of {total} done" if total > 1 else "")


def _beside(seen: RunSeen, plan: Plan, part: Part, number: str) -> tuple[int, int]:
    """(done, all): of the steps of its stage where there are several, else of the whole plan."""
    stage = number.partition(".")[0]
    keys = [(part.target, known) for known, _ in part.steps() if known.partition(".")[0] == stage]
    if len(keys) == 1:
        keys = [(each.target, known) for each in plan.parts for known, _ in each.steps()]
    return sum(1 for key in keys if key in seen.steps and seen.steps[key].state == "done"), len(keys)


def _counted(seen: RunSeen, plan: Plan) -> str:
    done = sum(1 for (_, number), step in seen.steps.items() if number and step.state == "done")
    return f"{done} of {plan.count} steps done"
