"""From a snapshot to what a roll-up looks at: rows as they are known now, and members or hosts that do not answer.

A cluster member or host that gives one row (or none) and did not answer counts by its roll-up's `silent` level at once:
a refused connection is news, not old data. One that gives many rows keeps them until they are stale.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from collectors.acknowledge import Known, is_known
from collectors.errors import SourceError, TooLate, Unreachable
from collectors.health import Health, Level, unknown
from collectors.kind import AnyKind
from collectors.rollup import Complaints, Count, Member, Quorum, Share, Worst
from collectors.snapshot import AnyRow, OddRow, Snapshot, TargetRead
from collectors.staleness import healths, parts
from collectors.values import age


def _well(kind: AnyKind, row: AnyRow, health: Health) -> bool | None:
    """Whether the row is good by the roll-up's own word (`state=up`); None where it has no word or we cannot tell."""
    rule = kind.rollup
    if isinstance(rule, Count | Complaints) or not rule.well:
        return None
    return health.level != "unknown" and _says(row, rule.well)


def _felt(kind: AnyKind, row: AnyRow) -> bool:
    """Whether a member is still in its cluster, and what it suffers from is everybody's."""
    return isinstance(kind.rollup, Quorum | Share) and bool(kind.rollup.felt) and _says(row, kind.rollup.felt)


def _says(row: AnyRow, condition: str) -> bool:
    """`column=value` is true of the row; of an odd one nothing is."""
    column, _, value = condition.partition("=")
    return not isinstance(row, OddRow) and str(getattr(row, column)).lower() == value.lower()


def _group(rule: Any, row: AnyRow) -> str:
    return "" if not isinstance(rule, Share) or not rule.by or isinstance(row, OddRow) else str(getattr(row, rule.by))


def _name(kind: AnyKind, row: AnyRow, where: str) -> str:
    """What people call the row; with the host or member when there are many of that name (`mariadb on ctl03`)."""
    name = row.name or row.id if isinstance(row, OddRow) else str(kind.name_of(row) or kind.key_of(row))
    return f"{name} on {where}" if where and where not in name else name


def silence(error: SourceError) -> str:
    """Why something did not answer, without the address that the reader knows from the name before it."""
    return error.why or "no answer"


def _silent(snapshot: Snapshot, target: TargetRead, error: SourceError, now: float) -> Member:
    """A target that did not answer, as one member."""
    rule = snapshot.kind.rollup
    level: Level = "unknown"
    # Only a refused or broken connection says that the other side is gone; a slow or unwilling one may be well.
    if isinstance(rule, Worst | Quorum | Share) and isinstance(error, Unreachable) and not isinstance(error, TooLate):
        level = rule.silent
    seen = f", last read {age(now - target.at)} ago" if target.at and now - target.at >= 60 else ""
    return Member(target.target, Health(level, f"{silence(error)}{seen}"), well=False, id=f"@{target.target}")


def members(snapshot: Snapshot, now: float, known: Known) -> list[Member]:
    """Every row of a snapshot that was read at least in part, as a member of its kind's roll-up."""
    kind = snapshot.kind
    judged = healths(snapshot, now)
    several = len(snapshot.targets) > 1
    witnesses = isinstance(kind.rollup, Worst) and kind.rollup.witnesses
    anybody = any(t.error is None for t in snapshot.targets)
    found: list[Member] = []
    for target, rows in parts(snapshot):
        if several and target.error is not None and len(rows) <= 1:
            member = _silent(snapshot, target, target.error, now)
            if not anybody:
                # Nobody answers: that may as well be our own way to them.
                member = replace(member, health=unknown(member.health.reason))
            found.append(replace(member, known=is_known(known, kind.name, member.id, member.health, now)))
            continue
        for index in rows:
            row, health = snapshot.rows[index], judged[index]
            name = _name(kind, row, target.target if several and not witnesses else "")
            row_id = row.id if isinstance(row, OddRow) else kind.key_of(row)
            acknowledged = bool(known) and is_known(known, kind.name, row_id, health, now)
            group, well, felt = _group(kind.rollup, row), _well(kind, row, health), _felt(kind, row)
            found.append(Member(name, health, group, well, felt, acknowledged, row_id))
    if isinstance(kind.rollup, Quorum):
        # `2 of 2` while the third is still being waited for would be a cluster that does not exist.
        found += [Member(name, unknown("no answer yet"), well=False, id=f"@{name}") for name in snapshot.waiting]
    return found
