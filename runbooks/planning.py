"""Making a plan: from the words of an operator to targets and values, to what would be done, and what guards it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from collectors import registry
from collectors.errors import NoSuchObject, SourceError, UsageError
from collectors.find import index_of
from collectors.query import parse_arguments
from collectors.snapshot import OddRow, Snapshot
from collectors.table import Table, finish
from runbooks.cloud import Cloud
from runbooks.expect import Expect
from runbooks.locks import held, shared
from runbooks.operation import Asked, Guard, Operation, Values, Verdict, Work
from runbooks.permission import permitted
from runbooks.plan import GuardSeen, Part, Plan

_FILTER = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(!=|>=|<=|=|~|>|<).*", re.S)


def values_of(operation: Operation, given: Mapping[str, str], cloud: Cloud) -> Values:
    """A value for each parameter. Raises `UsageError` for unknown, missing and unfit ones, `SourceError`."""
    known = {parameter.name: parameter for parameter in operation.parameters}
    for name in given:
        if name not in known:
            told = ", ".join(known) or "none"
            raise UsageError(f"{operation.name} has no parameter “{name[:40]}”", f"Parameters: {told}")
    found: dict[str, str] = {}
    for parameter in operation.parameters:
        value = given.get(parameter.name, parameter.default)
        if value is None or (value == "" and parameter.default is None):
            raise UsageError(f"{operation.name} wants {parameter.name}", f"{parameter.name}=… : {parameter.about}")
        if parameter.choices and value not in parameter.choices:
            raise UsageError(f"{parameter.name}={value[:40]} is not possible", f"One of {', '.join(parameter.choices)}")
        if value and parameter.pattern and not re.fullmatch(parameter.pattern, value):
            raise UsageError(f"{parameter.name}={value[:40]} is not possible", parameter.about)
        if value and parameter.of:
            snapshot = cloud.snapshot(parameter.of)
            value = snapshot.id_at(index_of(snapshot, value))
        found[parameter.name] = value
    return found


def suited(operation: Operation, snapshot: Snapshot) -> list[int]:
    """The rows that can be targets at all."""
    table = Table(snapshot)
    query = parse_arguments(snapshot.kind, operation.rows.split())
    return [at for at in finish(table.select(query, snapshot.at)) if not isinstance(snapshot.rows[at], OddRow)]


def targets_of(operation: Operation, words: Sequence[str], cloud: Cloud) -> list[str]:
    """The ids that `words` mean: ids, unique names, or filters (`host=cmp1*`), which narrow what is meant.

    Raises `UsageError` for none and for ambiguous ones, `NoSuchObject`, `SourceError`.
    """
    filters = [word for word in words if _FILTER.fullmatch(word)]
    snapshot = cloud.snapshot(operation.kind) if filters or not words else cloud.called(operation.kind, words)
    filters = [word for word in filters if word not in snapshot.keys]
    at_all = suited(operation, snapshot)
    if filters:
        query = parse_arguments(snapshot.kind, filters)
        at_all = finish(Table(snapshot).select(query, snapshot.at, at_all))
        if not at_all:
            raise NoSuchObject(operation.kind, f"none fits {' '.join(filters)}", f"`nephoscope get {operation.kind}`")
    names = [word for word in words if word not in filters]
    found = [_named(operation, snapshot, at_all, word) for word in names] if names else at_all if filters else []
    if not found:
        raise UsageError(f"{operation.name} wants a target", f"one of the {operation.kind}: an id, a name or a filter")
    return [snapshot.id_at(at) for at in dict.fromkeys(found)]


def _named(operation: Operation, snapshot: Snapshot, at_all: Sequence[int], word: str) -> int:
    kind = snapshot.kind
    at = snapshot.keys.get(word)
    if at is not None:
        if at not in at_all:
            raise UsageError(f"{operation.name} is not for {word}", f"it is for {operation.kind} {operation.rows}")
        return at
    named = [at for at in at_all if str(kind.name_of(snapshot.rows[at]) or "") == word]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(snapshot.id_at(at) for at in named[:5])
        raise UsageError(f"{len(named)} {kind.name} are called “{word[:60]}”", f"Say which id: {ids}")
    if snapshot.errors:
        raise snapshot.errors[0]
    raise NoSuchObject(
        kind.name,
        f"none that {operation.name} is for has the id or name “{word[:60]}”",
        f"`nephoscope get {kind.name}`",
    )


def planned(
    operation: Operation,
    targets: Sequence[str],
    values: Values,
    cloud: Cloud,
    *,
    read_only: str = "",
    at_once: int = 0,
    carry_on: bool = False,
    run: str = "",
) -> Plan:
    """The plan for the rows with these ids, from what the cloud says now. Changes nothing.

    `read_only` says why nothing may be changed here at all, if so; `run` is the run whose own locks do not count.
    Raises `NoSuchObject`, `UsageError`, and `SourceError` when the rows themselves cannot be read.
    """
    cloud.forget()
    cloud.prefetch(operation.reads)
    snapshot = cloud.of(operation.kind, targets)
    parts: list[Part] = []
    guards: list[GuardSeen] = list(permitted(operation, cloud, read_only))
    for identity in targets:
        at = snapshot.keys.get(identity)
        if at is None or isinstance(snapshot.rows[at], OddRow):
            raise NoSuchObject(operation.kind, f"{identity} is not there", f"`nephoscope get {operation.kind}`")
        part, seen = _part(operation, snapshot, at, values, cloud, tuple(targets))
        parts.append(part)
        guards += seen
    if not operation.only_reads:
        guards += _locked(parts, cloud, run)
    site = cloud.site
    return Plan(
        operation=operation.name,
        kind=operation.kind,
        cloud=site.cloud,
        region=cloud.region,
        risk=operation.risk,
        account=operation.account,
        who_may=operation.roles,
        values=dict(values),
        parts=tuple(parts),
        guards=tuple(guards),
        demands=demands(operation, site.protection),
        irreversible=operation.irreversible,
        at_once=at_once or operation.at_once,
        carry_on=carry_on,
        locks="none, it only reads" if operation.only_reads else shared(site.lock_dir),
        at=cloud.clock(),
    )


def demands(operation: Operation, protection: str) -> tuple[str, ...]:
    """What confirming takes; nothing for what only reads."""
    found: list[str] = []
    if operation.only_reads:
        return ()
    if operation.irreversible or operation.risk == "R4":
        found.append("named")
    if protection == "production" or any(guard.name == "window" for guard in operation.guards):
        found.append("reason")
    if operation.risk == "R4":
        found.append("two-person")
    return tuple(found)


def _part(
    operation: Operation, snapshot: Snapshot, at: int, values: Values, cloud: Cloud, also: tuple[str, ...]
) -> tuple[Part, list[GuardSeen]]:
    row, identity, now = snapshot.rows[at], snapshot.id_at(at), cloud.clock()
    name = str(snapshot.kind.name_of(row) or identity)
    asked = Asked(row, identity, name, values, cloud, now, also)
    seen = [GuardSeen("evidence-fresh", "open", f"read {max(now - snapshot.at, 0):.0f} s ago", name, snapshot.at)]
    if at not in suited(operation, snapshot):
        seen.append(GuardSeen("sense", "closed", f"it is for {operation.kind} with {operation.rows}", name, now))
    elif reason := operation.closed(row):
        seen.append(GuardSeen("sense", "closed", reason, name, now))
    for guard in operation.guards:
        verdict = checked(guard, asked)
        seen.append(GuardSeen(guard.name, verdict.state, verdict.words, name, cloud.clock()))
    told = _fields(row) | dict(values)
    part = Part(identity, name, operation.title.format_map(told), _scope(operation, identity, told))
    try:
        work = operation.work(asked)
    except UsageError as error:
        seen.append(GuardSeen("sense", "closed", str(error), name, now))
        return part, seen
    except SourceError as error:
        seen.append(GuardSeen("evidence-fresh", "unknown", str(error), name, now))
        return part, seen
    work = _spoken(work, identity, cloud)
    part = Part(
        part.target, part.name, part.title, part.scope,
        work.stages, work.verify, work.inverse, work.stops, work.less, work.notes, work.answer,
    )  # fmt: skip
    return part, seen


def _spoken(work: Work, identity: str, cloud: Cloud) -> Work:
    """With the names of rows other than the target, where what was read for the plan has them: ids say nothing."""

    def spoken(expect: Expect | None) -> Expect | None:
        if expect is None or not expect.row or expect.name or expect.row == identity:
            return expect
        return replace(expect, name=cloud.known_as(expect.kind, expect.row))

    stages = tuple(
        replace(
            stage,
            steps=tuple(replace(s, expect=spoken(s.expect), unless=spoken(s.unless)) for s in stage.steps),
        )
        for stage in work.stages
    )
    return replace(work, stages=stages, verify=tuple(expect for each in work.verify if (expect := spoken(each))))


def checked(guard: Guard, asked: Asked) -> Verdict:
    """What a guard says; what it cannot read is unknown."""
    try:
        return guard.check(asked)
    except SourceError as error:
        return Verdict("unknown", str(error))


def _fields(row: Any) -> dict[str, str]:
    """The row's fields as a title may name them."""
    return {name: "" if (value := getattr(row, name)) is None else str(value) for name in row.__struct_fields__}


def _scope(operation: Operation, identity: str, told: Mapping[str, str]) -> str:
    return operation.scope.format_map(told) if operation.scope else f"{operation.kind}:{identity}"


def _locked(parts: Sequence[Part], cloud: Cloud, run: str) -> list[GuardSeen]:
    """Whether somebody else works on one of them."""
    now, site = cloud.clock(), cloud.site
    scopes = {part.scope: part.name for part in parts}
    taken = [
        lock
        for lock in held(site.lock_dir, site.cloud, cloud.region, now)
        if lock.scope in scopes and (not run or lock.run != run)
    ]
    if not taken:
        return [GuardSeen("locked", "open", f"nobody else works on {_some([part.name for part in parts])}", at=now)]
    return [GuardSeen("locked", "closed", lock.words(now), scopes[lock.scope], now) for lock in taken]


def _some(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"any of these {len(names)}"


def known(kind_name: str) -> bool:
    """True when there is such a kind."""
    return kind_name in registry.entries()
