"""What changed while we looked: rows that failed or recovered, systems that fell silent or answered again.

Pure: two snapshots of one kind in, sentences out. Only what the console saw itself is told; what happened before it
started, it does not know. Tenants' lists are not compared: they change all the time and belong to somebody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from collectors.health import RANK, Level
from collectors.rollup import Count, Member, names
from collectors.snapshot import OddRow, Snapshot

MOST: Final = 200
"""Transitions that are kept."""


class Transition(msgspec.Struct, frozen=True):
    """Rows of one kind that went to `level` at the same read. `at`: when we saw it (our clock)."""

    at: float
    system: str
    kind: str
    level: Level
    text: str
    """`cmp17, cmp31 critical`."""
    silence: bool = False
    """It is about somebody who stopped or began to answer."""


def _levels(snapshot: Snapshot) -> dict[str, tuple[str, Level]]:
    """Row id → (name, level) of the rows that are not ok."""
    kind = snapshot.kind
    found: dict[str, tuple[str, Level]] = {}
    for index, health in enumerate(snapshot.healths):
        if health.level != "ok":
            row = snapshot.rows[index]
            name = row.name if isinstance(row, OddRow) else str(kind.name_of(row) or "")
            found[snapshot.id_at(index)] = (name or snapshot.id_at(index), health.level)
    return found


def _recovered(
    before: Mapping[str, tuple[str, Level]], after: Mapping[str, tuple[str, Level]], new: Snapshot
) -> Iterator[tuple[str, Level]]:
    for row_id, (name, _) in before.items():
        if row_id not in after and row_id in new.keys:
            yield name, "ok"


def transitions(old: Snapshot, new: Snapshot, now: float) -> list[Transition]:
    """What is different in `new`, worst first."""
    kind = new.kind
    found: list[Transition] = []
    errors_before = {t.target for t in old.targets if t.error is not None}
    errors_after = {t.target: t.error for t in new.targets if t.error is not None}
    several = len(new.targets) > 1
    asked_before = {t.target for t in old.targets}
    for target, error in errors_after.items():
        if target in asked_before - errors_before and error is not None:
            text = f"{target}: {error.why}" if several else f"not read: {error.why}"
            found.append(Transition(now, kind.system, kind.name, "unknown", text, silence=True))
    for target in sorted(errors_before - errors_after.keys()):
        if any(t.target == target for t in new.targets):
            text = f"{target} answers again" if several else "read again"
            found.append(Transition(now, kind.system, kind.name, "ok", text, silence=True))
    if isinstance(kind.rollup, Count) or not (old.complete or errors_before):
        return found
    before, after = _levels(old), _levels(new)
    changed = [
        (name, level)
        for row_id, (name, level) in after.items()
        if row_id in old.keys and before.get(row_id, ("", "ok"))[1] != level
    ]
    grouped: dict[Level, list[str]] = {}
    for name, level in [*changed, *_recovered(before, after, new)]:
        if name not in errors_before ^ errors_after.keys():  # told already, by its silence
            grouped.setdefault(level, []).append(name)
    for level, who in sorted(grouped.items(), key=lambda item: RANK[item[0]]):
        shown = names([Member(name, new.healths[0]) for name in who])
        found.append(Transition(now, kind.system, kind.name, level, f"{shown} {level}"))
    return sorted(found, key=lambda t: RANK[t.level])
