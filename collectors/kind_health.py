"""What the rows of one kind say about their system, as a level and a sentence; and what of it can be acknowledged.

Pure. A kind that did not answer is unknown with who, why and since when, also while its last rows are young: a refused
connection is news. What is well on purpose and what is known is told in notes, so that it is not mistaken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from collectors.acknowledge import NOTHING, Acknowledgement, Known, is_known
from collectors.errors import NotOffered, SourceError
from collectors.health import Health, ok, unknown
from collectors.kind import AnyKind
from collectors.members import members
from collectors.rollup import Count, Member, counted, names, roll_up
from collectors.snapshot import OddRow, Snapshot
from collectors.staleness import healths, is_stale
from collectors.values import age

_URL = re.compile(r"https?://([^/]+).*")


class KindHealth(msgspec.Struct, frozen=True):
    """What one kind says about its system."""

    kind: AnyKind
    health: Health
    """The level for the headline and the sentence."""
    notes: tuple[str, ...] = ()
    """What must not be mistaken: deliberate states, known problems, a failed read while the old one still counts."""
    rows: int = 0
    problems: int = 0
    """Rows that are not ok and not acknowledged."""
    acknowledged: int = 0
    at: float = 0.0
    """When the oldest part that counts was read; 0: never."""
    error: str = ""
    """Who did not answer and why, when that is all there is to say: told once for all kinds of a system."""
    bad: frozenset[str] = frozenset()
    """Names of the rows behind the problems: another kind that only names the same ones has nothing to add."""


def _deliberate(found: Sequence[Member]) -> str:
    """`1 disabled on purpose: cmp09, “RAM swap”`: of rows that are ok with a reason like `disabled: RAM swap`."""
    states: dict[str, dict[str, list[Member]]] = {}
    for member in found:
        state, colon, why = member.health.reason.partition(": ")
        if member.health.level == "ok" and colon and state.isalpha():
            states.setdefault(state, {}).setdefault(why, []).append(member)
    parts = []
    for state, whys in states.items():
        total = sum(len(same) for same in whys.values())
        each = "; ".join(f"{names(same)}, “{why}”" for why, same in whys.items())
        parts.append(f"{total} {state} on purpose: {each}")
    return "; ".join(parts)


def _acknowledged(kind: AnyKind, found: Sequence[Member], known: Known, now: float) -> str:
    bad = [m for m in found if m.known]
    if not bad:
        return ""
    reasons: dict[str, list[Member]] = {}
    for member in bad:
        told = known.get((kind.name, member.id))
        reasons.setdefault(told.words(now) if told else "", []).append(member)
    each = "; ".join(f"{names(same)} {words}".rstrip() for words, same in reasons.items())
    return f"{len(bad)} known: {each}"


def _who(system: str, error: SourceError) -> str:
    """Who failed, as short as it can be told beside the system's name: `10.0.0.10:8774`."""
    return _URL.sub(r"\1", error.what.removeprefix(f"{system} at "))


def _unread(system: str, error: SourceError, at: float, now: float) -> str:
    """`10.0.0.10:8774: connection refused; last read 5 min ago`, `… answers 500; never read: Internal error`."""
    seen = f"last read {age(now - at)} ago" if at else "never read"
    if not error.status:
        return f"{_who(system, error)}: {error.why}; {seen}"
    words = error.why.removeprefix(str(error.status)).strip()
    return f"{_who(system, error)} answers {error.status}; {seen}" + (f": {words}" if words else "")


def _counted(rule: Count, snapshot: Snapshot, now: float) -> KindHealth:
    """A list of tenants' things: only whether it can be read, and how many there are."""
    if all(t.error is not None for t in snapshot.targets):
        return _silent(snapshot, now, NOTHING)
    in_error = sum(1 for health in snapshot.healths if health.level == "critical")
    rows = len(snapshot.rows)
    return KindHealth(snapshot.kind, counted(rule, rows, in_error), rows=rows, at=snapshot.at)


def _target_id(snapshot: Snapshot, target: str) -> str:
    """The row id under which the silence of a target is acknowledged."""
    return f"@{target if len(snapshot.targets) > 1 else snapshot.kind.system}"


def _silent(snapshot: Snapshot, now: float, known: Known) -> KindHealth:
    """Nobody answered the latest read."""
    kind, targets = snapshot.kind, snapshot.targets
    error = next(t.error for t in targets if t.error is not None)
    at = max(t.at for t in targets)
    text = _unread(kind.system, error, at, now)
    if len(targets) > 1:
        text = f"none of {len(targets)} answers; {text}"
    asked = replace(snapshot, targets=tuple(replace(t, error=None) for t in targets))
    before = roll_up(kind.rollup, members(asked, snapshot.at, known)) if at else unknown("")
    said = KindHealth(kind, unknown(text), rows=len(snapshot.rows), at=at, error=f"{error.what}: {error.why}")
    if all(is_known(known, kind.name, _target_id(snapshot, t.target), unknown(""), now) for t in targets):
        told = known[kind.name, _target_id(snapshot, targets[0].target)]
        note = f"known: does not answer, {told.words(now)}"
        return replace(said, health=ok(text), notes=(note,), acknowledged=len(targets))
    if not at:
        return replace(said, problems=len(targets))
    if before.level == "ok":
        return replace(said, notes=(f"before: {before.reason}",))
    if all(is_stale(snapshot, t, now) for t in targets):
        return replace(said, notes=(f"was {before.level}: {before.reason}",))
    return replace(said, health=before, notes=(text,), error="")


def kind_health(snapshot: Snapshot, now: float, known: Known = NOTHING) -> KindHealth:
    """What the rows of `snapshot` say about their system at `now`."""
    kind, targets = snapshot.kind, snapshot.targets
    if not targets:
        return KindHealth(kind, unknown(f"{kind.name}: nobody to ask"))
    if all(isinstance(t.error, NotOffered) for t in targets):
        return KindHealth(kind, ok(str(targets[0].error.why if targets[0].error else "")))
    if isinstance(kind.rollup, Count):
        return _counted(kind.rollup, snapshot, now)
    failed = [t for t in targets if t.error is not None]
    if len(failed) == len(targets):
        return _silent(snapshot, now, known)
    found = members(snapshot, now, known)
    health = roll_up(kind.rollup, found)
    if not snapshot.complete and not failed and health.level == "ok":
        health = unknown(f"{kind.name}: reading, {len(snapshot.rows):,} so far")
    notes = [_acknowledged(kind, found, known, now), _deliberate(found)]
    return KindHealth(
        kind,
        health,
        tuple(note for note in notes if note),
        len(snapshot.rows),
        sum(1 for m in found if m.health.level != "ok" and not m.known),
        sum(1 for m in found if m.known),
        snapshot.at,
        bad=frozenset(m.name for m in found if m.health.level != "ok" and not m.known),
    )


def bad_rows(snapshot: Snapshot, now: float, known: Known = NOTHING) -> list[Member]:
    """Every problem that is not acknowledged, the silence of the system itself included: what `A` acknowledges."""
    kind, targets = snapshot.kind, snapshot.targets
    found: list[Member] = []
    if targets and all(t.error is not None for t in targets):
        for target in targets:
            assert target.error is not None
            found.append(Member(kind.system, unknown(target.error.why), id=_target_id(snapshot, target.target)))
    elif not isinstance(kind.rollup, Count):
        found = [m for m in members(snapshot, now, known) if m.health.level != "ok"]
    return [m for m in found if not is_known(known, kind.name, m.id, m.health, now)]


def problems_among(snapshot: Snapshot, indexes: Sequence[int], now: float) -> list[Member]:
    """The problems of these rows, acknowledged or not: what `A` in a list is about."""
    kind, judged = snapshot.kind, healths(snapshot, now)
    found: list[Member] = []
    for index in indexes:
        if judged[index].level != "ok":
            row = snapshot.rows[index]
            name = row.name if isinstance(row, OddRow) else str(kind.name_of(row) or "")
            row_id = snapshot.id_at(index)
            found.append(Member(name or row_id, judged[index], id=row_id))
    return found


def acknowledge(
    snapshot: Snapshot, seconds: float, reason: str, by: str, now: float, known: Known = NOTHING
) -> list[Acknowledgement]:
    """One acknowledgement for each problem of `snapshot` that has none."""
    where, until = (snapshot.cloud, snapshot.region, snapshot.kind.name), now + seconds
    return [
        Acknowledgement(*where, m.id, m.name, m.health.level, reason, by, now, until)
        for m in bad_rows(snapshot, now, known)
    ]


class Judge:
    """Remembers what a snapshot said, so that a swap of one kind does not judge all the others again."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[Snapshot, Known, KindHealth]] = {}

    def kind(self, snapshot: Snapshot, now: float, known: Known) -> KindHealth:
        """`kind_health`, from memory while neither the snapshot nor the passing of time can have changed it."""
        name = snapshot.kind.name
        steady = not any(t.error is not None or is_stale(snapshot, t, now) for t in snapshot.targets)
        said = self._said.get(name)
        if steady and said is not None and said[0] is snapshot and said[1] == known and not said[2].acknowledged:
            return said[2]
        found = kind_health(snapshot, now, known)
        if steady:
            self._said[name] = (snapshot, known, found)
        else:
            self._said.pop(name, None)
        return found
