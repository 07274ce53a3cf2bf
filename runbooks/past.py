"""What the journal says of earlier runs: what can be taken back, and what was interrupted and how it can be settled.

Pure: records go in, values come out. A run that was interrupted (crash, lost terminal) has a step `about` which nothing
follows; whether it was carried out is looked up in the cloud, never guessed, and never simply done again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

import msgspec

from collectors.shapes import converted
from runbooks.expect import Expect
from runbooks.operation import Step
from runbooks.plan import Part, Plan, decoded


class Kept(Protocol):
    """A record of the journal."""

    @property
    def event(self) -> str:
        """`began`, `about`, `did`, …"""

    @property
    def run(self) -> str:
        """Of which run."""

    @property
    def data(self) -> Mapping[str, Any]:
        """What it says."""

    @property
    def at(self) -> float:
        """When, seconds since the epoch."""


DONE: Final = ("done", "looked-up", "not-needed")
"""Outcomes of a step that is over and well; of the last, what it was to do was there already."""


class TakingBack(msgspec.Struct, frozen=True):
    """One operation that takes back a part of a run."""

    operation: str
    targets: tuple[str, ...]
    """Ids."""
    parameters: Mapping[str, str]
    until: float
    words: str
    stands: tuple[Expect, ...]
    """What must still be as we left it."""


class PastRun(msgspec.Struct, kw_only=True):
    """A run as the journal tells it."""

    run: str
    operation: str = ""
    cloud: str = ""
    region: str = ""
    at: float = 0.0
    reason: str = ""
    pid: int = 0
    host: str = ""
    who: Mapping[str, Any] = {}
    """Who did it: user, host, from where, as whom in the cloud."""
    plan: Mapping[str, Any] = {}
    about: dict[tuple[str, str], Mapping[str, Any]] = {}
    """(target, step) → what was about to be done."""
    about_at: dict[tuple[str, str], float] = {}
    """(target, step) → when."""
    did: dict[tuple[str, str], Mapping[str, Any]] = {}
    parts: tuple[Mapping[str, Any], ...] = ()
    """How each target ended."""
    outcome: str = ""
    """Empty: it never ended."""
    words: str = ""
    left: str = ""
    """What took away whoever carried it out, between two steps; empty: it crashed, or goes on."""
    inverse: tuple[TakingBack, ...] = ()
    undone_by: str = ""
    """The run that took it back."""
    touched: bool = False
    """Another run has taken back some of it, or tried to."""
    undoes: str = ""

    @property
    def interrupted(self) -> bool:
        """It began and never ended."""
        return bool(self.operation) and not self.outcome

    @property
    def in_flight(self) -> list[tuple[str, str]]:
        """(target, step) of what was begun and of which nobody knows how it ended."""
        return [key for key in self.about if key not in self.did]

    @property
    def title(self) -> str:
        """What it is about: `compute-service.disable cmp01`."""
        parts = self.plan.get("parts") or []
        names = [str(part.get("name", "")) for part in parts if isinstance(part, dict)]
        return (
            f"{self.operation} {', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}".strip()
        )

    def planned(self) -> Plan:
        """Its plan. Raises `ValueError` when the journal holds none that can be understood."""
        return decoded(self.plan)

    def done(self) -> dict[str, frozenset[str]]:
        """Target → numbers of the steps that were carried out."""
        found: dict[str, set[str]] = {}
        for (target, step), told in self.did.items():
            if told.get("outcome") in DONE:
                found.setdefault(target, set()).add(step)
        return {target: frozenset(steps) for target, steps in found.items()}

    def over(self, plan: Plan) -> dict[str, frozenset[str]]:
        """Target → numbers of the steps that are not begun again: also those whose failure was tolerated."""
        found = {target: set(steps) for target, steps in self.done().items()}
        for part in plan.parts:
            tolerant = {number for number, step in part.steps() if step.tolerant and (part.target, number) in self.did}
            if tolerant:
                found.setdefault(part.target, set()).update(tolerant)
        return {target: frozenset(steps) for target, steps in found.items()}

    def failed(self, plan: Plan) -> dict[str, str]:
        """Target → how it failed, of those that did: they are over, and going on does not try them again."""
        found: dict[str, str] = {}
        for part in plan.parts:
            for number, step in part.steps():
                told = self.did.get((part.target, number))
                if told is not None and not step.tolerant and told.get("outcome") not in DONE:
                    found[part.target] = f"{step.text}: {told.get('words') or told.get('outcome')}"
        return found

    def step(self, key: tuple[str, str]) -> tuple[Part, Step]:
        """The part and the step that (target, number) means. Raises `ValueError`."""
        part = next((each for each in self.planned().parts if each.target == key[0]), None)
        step = next((each for number, each in part.steps() if number == key[1]), None) if part is not None else None
        if part is None or step is None:
            raise ValueError(f"the plan of {self.run} has no step {key[1]} of {key[0]}")
        return part, step


def past_runs(records: Iterable[Kept]) -> dict[str, PastRun]:
    """Run → what became of it, in the order in which they began."""
    found: dict[str, PastRun] = {}
    for record in records:
        if not record.run:
            continue
        run = found.setdefault(record.run, PastRun(run=record.run, at=record.at))
        _take(run, record)
        if record.event == "began" and run.undoes in found:
            found[run.undoes].touched = True
        if record.event == "ended" and run.undoes in found and run.outcome == "done":
            _undone(found[run.undoes], run)
    return found


def _undone(of: PastRun, by: PastRun) -> None:
    """`by` took back some of what `of` did; once nothing is left, it is undone."""
    parts = by.plan.get("parts") or []
    targets = {str(part.get("target")) for part in parts if isinstance(part, Mapping)}
    left = []
    for back in of.inverse:
        kept = tuple(target for target in back.targets if back.operation != by.operation or target not in targets)
        if kept:
            left.append(msgspec.structs.replace(back, targets=kept))
    of.inverse = tuple(left)
    if not left:
        of.undone_by = by.run


def _take(run: PastRun, record: Kept) -> None:
    data = record.data
    match record.event:
        case "began":
            run.operation, run.at = str(data.get("operation", "")), record.at
            run.cloud, run.region = str(data.get("cloud", "")), str(data.get("region", ""))
            run.reason, run.plan = str(data.get("reason", "")), data.get("plan") or {}
            who = data.get("who") or {}
            run.who = dict(who)
            run.pid, run.host = int(who.get("pid") or 0), str(who.get("host", ""))
            run.undoes = str(data.get("undoes", ""))
        case "about":
            key = str(data.get("target")), str(data.get("step"))
            run.about[key], run.about_at[key], run.left = data, record.at, ""
        case "did":
            run.did[str(data.get("target")), str(data.get("step"))] = data
        case "left":
            run.left = str(data.get("words", ""))
        case "resumed":
            who = data.get("who") or {}
            run.pid, run.host = int(who.get("pid") or 0), str(who.get("host", ""))
            run.left = run.outcome = ""
        case "ended" | "settled":
            run.outcome, run.words = str(data.get("outcome", "")), str(data.get("words", ""))
            run.parts = tuple(each for each in data.get("parts") or () if isinstance(each, Mapping))
            run.inverse = tuple(taking_back(each) for each in data.get("inverse") or () if isinstance(each, Mapping))


def taking_back(data: Mapping[str, Any]) -> TakingBack:
    """One entry of an outcome's `inverse`."""
    return TakingBack(
        str(data.get("operation", "")),
        tuple(str(target) for target in data.get("targets") or ()),
        {str(name): str(value) for name, value in (data.get("parameters") or {}).items()},
        float(data.get("until") or 0.0),
        str(data.get("words", "")),
        tuple(converted(each, Expect) for each in data.get("while") or ()),
    )


def reversible(runs: Mapping[str, PastRun], cloud: str, region: str, now: float) -> list[PastRun]:
    """The runs here that can still be taken back, the latest first."""
    return [
        run
        for run in reversed(list(runs.values()))
        if run.inverse
        and not run.undone_by
        and (run.cloud, run.region) == (cloud, region)
        and any(each.until >= now for each in run.inverse)
    ]


def resumable(run: PastRun) -> bool:
    """It may be gone on with: it was interrupted, or cancelled and nothing of it was taken back."""
    return run.interrupted or (run.outcome == "cancelled" and not run.undone_by and not run.touched)


def interrupted(runs: Mapping[str, PastRun], cloud: str, region: str) -> list[PastRun]:
    """The runs here that never ended."""
    return [run for run in runs.values() if run.interrupted and (run.cloud, run.region) == (cloud, region)]
