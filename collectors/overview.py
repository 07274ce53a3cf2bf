"""The health of every system from the snapshots of its kinds, worst first: the first screen and `nephoscope health`.

Pure. A system is as bad as its worst kind (`collectors/kind_health.py`), and its sentence is theirs. One that was never
read is unknown, never ok. A second line is only for what must not be mistaken: things switched off on purpose, known
problems, what was known before a system stopped to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from collectors.acknowledge import NOTHING, Known
from collectors.errors import BadConfiguration, NotOffered
from collectors.health import Health, Level, unknown
from collectors.kind import AnyKind
from collectors.kind_health import KindHealth, kind_health
from collectors.request import Rest
from collectors.rollup import Complaints, Count, Quorum, Rollup, Share, Worst
from collectors.snapshot import Snapshot


class SystemHealth(msgspec.Struct, frozen=True):
    """One line of the overview."""

    system: str
    health: Health
    """The level, and the sentence of fact as its reason."""
    second_line: str = ""
    kinds: tuple[KindHealth, ...] = ()
    """Worst first."""

    @property
    def text(self) -> str:
        """The sentence."""
        return self.health.reason

    @property
    def acknowledged(self) -> int:
        """Known problems among its rows."""
        return sum(kind.acknowledged for kind in self.kinds)


class Overview(msgspec.Struct, frozen=True):
    """All systems, worst first."""

    systems: tuple[SystemHealth, ...]

    def count(self, level: Level) -> int:
        """How many systems are at `level`."""
        return sum(1 for s in self.systems if s.health.level == level)

    @property
    def worst(self) -> SystemHealth | None:
        """What comes first; None when nothing is watched."""
        return self.systems[0] if self.systems else None

    @property
    def level(self) -> Level:
        """The level of the worst system; unknown when nothing is watched."""
        return self.systems[0].health.level if self.systems else "unknown"


def watched(kinds: Iterable[AnyKind], reachable: Callable[[AnyKind], bool]) -> list[AnyKind]:
    """The kinds that the overview reads: whole lists that say something about their system, where it can be asked.

    Lists of tenants' things are only counted, which is not worth reading 260,000 of them; they join in when somebody
    looks at them. A system of which there is nothing else (images) is judged by whether its list can be read at all.
    """
    asked = [k for k in kinds if k.scope.per != "parent" and reachable(k)]
    telling = {k.system for k in asked if not isinstance(k.rollup, Count)}
    lonely: dict[str, AnyKind] = {}
    for kind in asked:
        if kind.system not in telling and not kind.detail:
            lonely.setdefault(kind.system, kind)
    return [k for k in asked if not isinstance(k.rollup, Count) or lonely.get(k.system) is k]


_TELLING: Final[dict[type, int]] = {Quorum: 1, Share: 2, Worst: 3, Count: 4}


def _telling(rule: Rollup) -> int:
    """Among kinds that are equally well: what a system says of itself, the cluster, its parts, what is in them."""
    return (0 if rule.told else 5) if isinstance(rule, Complaints) else _TELLING.get(type(rule), 0)


def _combined(system: str, kinds: Sequence[KindHealth]) -> SystemHealth:
    """One line of what `kinds` say. A detail is told when nothing else is as bad; beside others, only its name is."""
    ordered = sorted(kinds, key=lambda k: (k.health.rank, k.kind.detail, _telling(k.kind.rollup)))
    level = ordered[0].health.level
    told: dict[str, str] = {}
    named: set[str] = set()
    also: list[str] = []
    for kind in ordered:
        # A host that is gone is missed by several kinds: one of them is enough.
        if level != "ok" and (kind.health.level == "ok" or (kind.bad and kind.bad <= named)):
            continue
        if told and isinstance(kind.kind.rollup, Complaints) and not kind.kind.rollup.told:
            continue
        if told and kind.kind.detail:
            if level != "ok" and (kind.error or kind.health.reason) not in told:
                also.append(kind.kind.name)
            continue
        named |= kind.bad
        told.setdefault(kind.error or kind.health.reason, kind.health.reason)
    notes = [note for k in ordered for note in k.notes]
    text = "; ".join(dict.fromkeys(sentence for sentence in told.values() if sentence))
    text += f"; also {', '.join(also)}" if also else ""
    return SystemHealth(system, Health(level, text), "; ".join(dict.fromkeys(notes)), tuple(ordered))


def _there(snapshot: Snapshot) -> bool:
    """Whether the cloud is known to have the service: it answered, or the address failed that the catalogue tells.

    What is no service of the catalogue (OVN) is read only where the site names it: there it is.
    """
    if snapshot.at or any(target.error is None for target in snapshot.targets):
        return True
    if not isinstance(snapshot.kind.read, Rest):
        return any(not isinstance(target.error, BadConfiguration) for target in snapshot.targets)
    service = snapshot.kind.read.service
    return any(
        not isinstance(target.error, NotOffered) and target.error.what.startswith(f"{service} at ")
        for target in snapshot.targets
        if target.error is not None
    )


def overview(
    kinds: Sequence[AnyKind],
    snapshots: Mapping[str, Snapshot],
    now: float,
    known: Known = NOTHING,
    judge: Callable[[Snapshot, float, Known], KindHealth] = kind_health,
) -> Overview:
    """The health of the systems of `kinds` (in their order among equals); `snapshots` by kind name, as far as read.

    A service that many clouds lack is passed over in silence until it is known that this cloud has it.
    """
    systems: dict[str, list[KindHealth]] = {}
    for kind in kinds:
        snapshot = snapshots.get(kind.name)
        if kind.optional and (snapshot is None or not _there(snapshot)):
            continue
        if snapshot is None:
            judged = KindHealth(kind, unknown(f"{kind.name} not read yet"))
        else:
            judged = judge(snapshot, now, known)
        systems.setdefault(kind.system, []).append(judged)
    combined = [_combined(system, found) for system, found in systems.items()]
    return Overview(tuple(sorted(combined, key=lambda s: s.health.rank)))
