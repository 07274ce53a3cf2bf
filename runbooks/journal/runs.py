"""Runs: the records of the journal put together by what was done, with how each step and the whole ended.

Pure, and forgiving: a journal that begins in the middle, or a record whose data is odd, gives a run with less in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from runbooks.journal.record import OddLine, Record


class Step(msgspec.Struct, frozen=True):
    """One call: what it was about to do, and what became of it."""

    target: str
    """Id of the target; `name` is what people call it."""
    step: str
    """Its number in the plan of the target, `2.1`."""
    text: str
    at: float
    """When it was begun, seconds since the epoch."""
    name: str = ""
    command: str = ""
    """The equivalent command line."""
    call: Any = None
    """The call itself, as the plan holds it."""
    outcome: str = ""
    """done, refused, failed, lost, looked-up, not-needed (never begun), cancelled, or again (nothing was told of it,
    and it was begun once more); empty while nothing was told of it."""
    ended: float | None = None
    status: int = 0
    request_id: str = ""
    took: float | None = None
    """Seconds."""
    words: str = ""

    @property
    def in_flight(self) -> bool:
        """It was begun, and nobody knows what became of it."""
        return not self.outcome


class Proof(msgspec.Struct, frozen=True):
    """What was read again afterwards."""

    target: str
    at: float
    ok: bool | None
    words: str
    name: str = ""


class Run(msgspec.Struct, frozen=True):
    """One operation on its targets, from the confirmed plan to its end."""

    id: str
    at: float
    """When it began; of one without a beginning, its first record."""
    records: tuple[Record, ...]
    operation: str = ""
    cloud: str = ""
    region: str = ""
    plan: Mapping[str, Any] = {}
    plan_hash: str = ""
    who: Mapping[str, Any] = {}
    """user, host, from, cloud_user, project, roles."""
    reason: str = ""
    guards: tuple[Mapping[str, Any], ...] = ()
    approved_by: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    """Names of the targets, as in the plan."""
    names: Mapping[str, str] = {}
    """Id of a target → its name."""
    steps: tuple[Step, ...] = ()
    proofs: tuple[Proof, ...] = ()
    ended: float | None = None
    outcome: str = ""
    """done, not-verified, failed, cancelled, refused or interrupted; what was settled later counts."""
    words: str = ""
    inverse: tuple[Mapping[str, Any], ...] = ()
    """How it is taken back: operation, targets, parameters, until, words."""
    settled: bool = False
    """It was found in flight after a crash, and `outcome` was told later."""

    @property
    def hanging(self) -> tuple[Step, ...]:
        """Steps that were begun and of which nothing was told."""
        return tuple(step for step in self.steps if step.in_flight)

    @property
    def in_flight(self) -> bool:
        """It did not come to its end, and nobody has settled it: it still runs, or what ran it is gone."""
        return not self.settled and (self.ended is None or bool(self.hanging))

    @property
    def state(self) -> str:
        """`in flight`, `left` (between two steps, by a signal), or the outcome."""
        if self.in_flight:
            return "left" if self.records[-1].event == "left" else "in flight"
        return self.outcome or "ended"

    @property
    def last(self) -> float:
        """When its last record was written."""
        return self.records[-1].at


def holds(ok: object) -> str:
    """What a proof says, in words."""
    return "holds" if ok is True else "does not hold" if ok is False else "not known"


def runs(records: Iterable[Record | OddLine]) -> list[Run]:
    """The runs in the order in which they began; odd lines and records of no run are passed over."""
    found: dict[str, list[Record]] = {}
    for record in records:
        if isinstance(record, Record) and record.run:
            found.setdefault(record.run, []).append(record)
    return [_run(name, own) for name, own in found.items()]


def _run(name: str, records: Sequence[Record]) -> Run:
    began = next((r for r in records if r.event == "began"), None)
    ended = next((r for r in reversed(records) if r.event == "ended"), None)
    settled = next((r for r in reversed(records) if r.event == "settled"), None)
    told = began.data if began is not None else {}
    last = settled or ended
    plan = _mapping(told.get("plan"))
    names = {_text(part, "target"): _text(part, "name") for part in _mappings(plan.get("parts"))}
    steps = _steps(records, names)
    return Run(
        id=name,
        at=(began or records[0]).at,
        records=tuple(records),
        operation=_text(told, "operation"),
        cloud=_text(told, "cloud"),
        region=_text(told, "region"),
        plan=plan,
        plan_hash=_text(told, "plan_hash"),
        who=_mapping(told.get("who")),
        reason=_text(told, "reason"),
        guards=_mappings(told.get("guards")),
        approved_by=tuple(str(who) for who in _list(told.get("approved_by"))),
        targets=_names(plan.get("targets")) or tuple(dict.fromkeys(s.name for s in steps)),
        names=names,
        steps=steps,
        proofs=tuple(_proof(r, names) for r in records if r.event == "verified"),
        ended=last.at if last is not None else None,
        outcome=_text(last.data, "outcome") if last is not None else "",
        words=_text(last.data, "words") if last is not None else "",
        inverse=_mappings(last.data.get("inverse")) if last is not None else (),
        settled=settled is not None,
    )


def _steps(records: Sequence[Record], names: Mapping[str, str]) -> tuple[Step, ...]:
    """Each `about` with the `did` that follows it; one that was begun again stands twice."""
    found: list[Step] = []
    open_ones: dict[tuple[str, str], int] = {}
    for record in records:
        data = record.data
        key = (_text(data, "target"), _text(data, "step"))
        name = names.get(key[0]) or key[0]
        if record.event == "about":
            if (before := open_ones.get(key)) is not None:
                found[before] = msgspec.structs.replace(found[before], outcome="again")
            open_ones[key] = len(found)
            text, command = _text(data, "text"), _text(data, "command")
            found.append(Step(*key, text=text, at=record.at, name=name, command=command, call=data.get("call")))
        elif record.event == "did":
            at = open_ones.pop(key, None)
            if at is None:
                at = len(found)
                found.append(Step(*key, text=_text(data, "text"), at=record.at, name=name))
            found[at] = msgspec.structs.replace(
                found[at],
                outcome=_text(data, "outcome") or "done",
                ended=record.at,
                status=int(_number(data.get("status")) or 0),
                request_id=_text(data, "request_id"),
                took=_number(data.get("took")),
                words=_text(data, "words"),
            )
    return tuple(found)


def _proof(record: Record, names: Mapping[str, str]) -> Proof:
    ok, target = record.data.get("ok"), _text(record.data, "target")
    told = ok if isinstance(ok, bool) else None
    return Proof(target, record.at, told, _text(record.data, "words"), names.get(target) or target)


def _text(data: Mapping[str, Any], key: str) -> str:
    found = data.get(key)
    return "" if found is None else found if isinstance(found, str) else str(found)


def _number(found: Any) -> float | None:
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _list(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list | tuple) else []


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _mappings(found: Any) -> tuple[Mapping[str, Any], ...]:
    """One mapping or several."""
    return tuple(one for one in ([found] if isinstance(found, dict) else _list(found)) if isinstance(one, dict))


def _names(found: Any) -> tuple[str, ...]:
    return tuple(str(one.get("name") or one.get("id") or "?") if isinstance(one, dict) else str(one)
                 for one in _list(found))  # fmt: skip
