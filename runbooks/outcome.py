"""What a performance tells while it goes on and when it has ended, as values; and how many endings make one.

Screens, commands and the journal speak of runs in these words only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

import msgspec

from collectors.errors import SourceError
from collectors.values import iso
from runbooks.expect import Expect
from runbooks.plan import Plan

StepState: TypeAlias = Literal["waiting", "running", "done", "failed", "unknown", "cancelled"]
Result: TypeAlias = Literal["done", "not-verified", "failed", "cancelled", "refused", "interrupted"]


class Recorder(Protocol):
    """The journal, as it is written here."""

    def append(self, event: str, run: str, data: Mapping[str, object]) -> object:
        """Keep one record for good. Raises when it cannot be kept."""


class Progress(msgspec.Struct, frozen=True):
    """Something happened to one step."""

    target: str
    """Id of the part."""
    step: str
    """Its number, `2.1`; empty: the part's proof."""
    state: StepState
    words: str = ""


class PartOutcome(msgspec.Struct, frozen=True):
    """How one target ended."""

    target: str
    name: str
    result: Result
    words: str
    found: str = ""
    """Id of the row that its first proof found."""
    error: SourceError | None = None
    """What ended it, if a system did."""
    began: bool = False
    """Some call was made, or may have been."""
    shown: str = ""
    """What it was made for, if it was to be shown (a console's log)."""


class Before(msgspec.Struct, frozen=True):
    """What was there before, of a run that is gone on with."""

    done: Mapping[str, frozenset[str]] = {}
    """Target → the numbers of the steps that are not begun again."""
    failed: Mapping[str, str] = {}
    """Target → how it failed."""
    at: float | None = None
    """When the run began."""


class Outcome(msgspec.Struct, frozen=True):
    """How the whole ended; `interrupted`: it was left, and may be gone on with."""

    run: str
    result: Result
    words: str
    parts: tuple[PartOutcome, ...]
    inverse: tuple[dict[str, object], ...] = ()
    """One per target that can be taken back: operation, targets, parameters, until, words."""


def since(expect: Expect, began: float) -> Expect:
    """The expectation with `{began}` filled in: the moment of the call, less two seconds for clocks that differ."""
    at = iso(began - 2.0)
    return msgspec.structs.replace(
        expect,
        where=expect.where.replace("{began}", at),
        fails=expect.fails.replace("{began}", at),
        never=None if expect.never is None else since(expect.never, began),
    )


def together(parts: Sequence[PartOutcome]) -> tuple[Result, str]:
    """The worst of them, in words."""
    order: tuple[Result, ...] = ("failed", "not-verified", "interrupted", "cancelled", "done")
    results: list[Result] = [part.result for part in parts]
    worst: Result = min(results, key=order.index, default="done")
    done = sum(1 for part in parts if part.result == "done")
    if len(parts) == 1:
        return worst, parts[0].words
    bad = [f"{part.name}: {part.words}" for part in parts if part.result != "done"]
    return worst, f"{done} of {len(parts)} done" + (f"; {'; '.join(bad[:3])}" if bad else "")


def listed(parts: Sequence[PartOutcome]) -> list[dict[str, str]]:
    """How each ended, for the journal."""
    return [{"target": p.target, "name": p.name, "outcome": p.result, "words": p.words} for p in parts]


def inverses(plan: Plan, outcomes: Sequence[PartOutcome], began: float, now: float) -> Iterator[dict[str, object]]:
    """How each target is taken back of which anything was done, for as long as that makes sense."""
    for outcome in outcomes:
        part = plan.part(outcome.target)
        target = part.inverse.target or outcome.found if part.inverse is not None else ""
        if part.inverse is None or not outcome.began or not target:
            continue
        yield {
            "operation": part.inverse.operation,
            "targets": [target],
            "parameters": dict(part.inverse.values),
            "until": now + part.inverse.seconds,
            "words": part.inverse.words,
            "while": msgspec.to_builtins([since(expect, began) for expect in part.verify]),
        }
