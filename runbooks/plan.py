"""A plan: exactly what an operation would do to these targets, what guards it, how it is taken back. Changes nothing.

A plan is a value that holds every call and every expectation, so that what was confirmed is what runs, what the journal
keeps can be resumed after a crash, and a second person can sign it: its hash is over all that it would do, and not over
when it was made or what the guards saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

import msgspec

from collectors.shapes import converted
from runbooks.expect import Expect
from runbooks.operation import READS, GuardState, Inverse, Risk, Stage, Step


class GuardSeen(msgspec.Struct, frozen=True, omit_defaults=True):
    """One guard and what it saw."""

    name: str
    state: GuardState
    words: str
    target: str = ""
    """Name of the target that it is about; empty: the whole plan."""
    at: float = 0.0
    """When it looked, seconds since the epoch."""

    @property
    def told(self) -> str:
        """`no-task is closed (web-3): …`."""
        return f"{self.name} is {self.state}{f' ({self.target})' if self.target else ''}: {self.words}"


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """What would be done to one target."""

    target: str
    """The row's id."""
    name: str
    title: str
    scope: str
    """What it locks."""
    stages: tuple[Stage, ...] = ()
    verify: tuple[Expect, ...] = ()
    inverse: Inverse | None = None
    stops: str = ""
    less: str = ""
    notes: tuple[str, ...] = ()
    answer: tuple[str, ...] = ()

    def steps(self) -> Iterator[tuple[str, Step]]:
        """Each step with its number, `STAGE.STEP` from 1."""
        for stage_number, stage in enumerate(self.stages, 1):
            for number, step in enumerate(stage.steps, 1):
                yield f"{stage_number}.{number}", step


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """The whole of it."""

    operation: str
    kind: str
    cloud: str
    region: str
    risk: Risk
    account: str
    """As whom it writes."""
    who_may: tuple[str, ...]
    values: Mapping[str, str]
    parts: tuple[Part, ...]
    guards: tuple[GuardSeen, ...] = ()
    demands: tuple[str, ...] = ()
    """What confirming it takes: `named`, `reason`, `two-person`."""
    irreversible: bool = False
    at_once: int = 1
    carry_on: bool = False
    """Go on with the other targets when one fails."""
    locks: str = ""
    """Whether the folder of locks is shared, in words."""
    at: float = 0.0
    """When it was made, seconds since the epoch."""

    @property
    def hash(self) -> str:
        """Of all that it would do; not of what that means just now (how many clients, how much is left), which changes
        with every second on a cloud in use. But what a second person signs holds that too: nobody may tell him less.
        """
        parts = self.parts
        if "two-person" not in self.demands:
            parts = tuple(msgspec.structs.replace(part, stops="", less="", notes=(), answer=()) for part in parts)
        told = msgspec.structs.replace(self, parts=parts, guards=(), locks="", at=0.0)
        return sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()

    @property
    def closed(self) -> list[GuardSeen]:
        """The guards that do not let it start."""
        return [guard for guard in self.guards if guard.state != "open"]

    @property
    def title(self) -> str:
        """What it does, in one line."""
        if len(self.parts) == 1:
            return self.parts[0].title
        return f"{self.operation} on {len(self.parts)} {self.kind}"

    @property
    def only_reads(self) -> bool:
        """It changes nothing: it wants no window, confirmation or lock, and goes on where all is read-only."""
        return self.risk == READS

    @property
    def reversible(self) -> bool:
        """True when it can be taken back."""
        return not self.irreversible and any(part.inverse is not None for part in self.parts)

    @property
    def scopes(self) -> list[str]:
        """What it locks; nothing where it only reads."""
        return [] if self.only_reads else sorted({part.scope for part in self.parts})

    @property
    def count(self) -> int:
        """How many steps it has."""
        return sum(1 for part in self.parts for _ in part.steps())

    def part(self, target: str) -> Part:
        """The part of the target with that id."""
        return next(part for part in self.parts if part.target == target)


def encoded(plan: Plan) -> dict[str, object]:
    """The plan as JSON values, with its hash: what the journal keeps, `-o json` prints and a second person signs."""
    found: dict[str, object] = msgspec.to_builtins(plan)
    return found | {"hash": plan.hash, "targets": [part.name for part in plan.parts]}


def decoded(values: Mapping[str, object]) -> Plan:
    """A plan that was encoded. Raises `ValueError` when it is none, or was changed since."""
    try:
        plan: Plan = converted(dict(values), Plan)
    except msgspec.ValidationError as error:
        raise ValueError(f"this is no plan: {error}") from error
    if (told := values.get("hash")) is not None and told != plan.hash:
        raise ValueError("the plan does not match its hash: it was changed after it was made")
    return plan


def without(plan: Plan, targets: Sequence[str]) -> Plan:
    """The plan without some targets (ids)."""
    left_out = {part.name for part in plan.parts if part.target in targets}
    return msgspec.structs.replace(
        plan,
        parts=tuple(part for part in plan.parts if part.target not in targets),
        guards=tuple(guard for guard in plan.guards if not guard.target or guard.target not in left_out),
    )
