"""How rows make the health of their system: declared per kind, computed by pure functions.

`Worst` (endpoints), `Quorum` (Galera, RabbitMQ: majority lost is critical, redundancy lost is a warning), `Share`
(agents, computes: by the share that is down) and `Count` (tenants' rows: counted, never colour the system). No data is
unknown, never ok.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from collectors.health import Health, Level, ok, unknown


@dataclass(frozen=True, slots=True)
class Member:
    """One row, reduced to what a roll-up looks at."""

    name: str
    health: Health
    group: str = ""


@dataclass(frozen=True, slots=True)
class Worst:
    """As bad as its worst row. `noun` is plural (`endpoints`), `good` the word for a well one (`answer`)."""

    noun: str
    good: str = "ok"


@dataclass(frozen=True, slots=True)
class Quorum:
    """Members of a cluster: a majority must be well."""

    noun: str
    good: str = "up"


@dataclass(frozen=True, slots=True)
class Share:
    """Warning when more than `warning` of the rows are critical, critical from `critical` on, or when a whole group is.

    `by` names the row field that groups (a binary, an agent type); losing every one of a group is critical.
    """

    noun: str
    good: str = "up"
    warning: float = 0.0
    critical: float = 0.5
    by: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """Tenants' rows: how many, and how many are in error; never colours the system."""

    noun: str


Rollup: TypeAlias = Worst | Quorum | Share | Count


def names(members: Sequence[Member], limit: int = 3) -> str:
    """`cmp17, cmp31` or `cmp01, cmp02, cmp03 and 9 more`."""
    shown = ", ".join(m.name for m in members[:limit])
    return shown if len(members) <= limit else f"{shown} and {len(members) - limit} more"


def _worst(rule: Worst, members: Sequence[Member]) -> Health:
    bad = sorted((m for m in members if m.health.level != "ok"), key=lambda m: m.health.rank)
    if not bad:
        return ok(f"{len(members)} of {len(members)} {rule.noun} {rule.good}")
    first = bad[0]
    more = f"; {len(bad) - 1} more of {len(members)} {rule.noun}" if len(bad) > 1 else f" (1 of {len(members)})"
    return Health(first.health.level, f"{first.name}: {first.health.reason}{more}")


def _quorum(rule: Quorum, members: Sequence[Member]) -> Health:
    well = [m for m in members if m.health.level in ("ok", "warning")]
    lost = [m for m in members if m.health.level in ("critical", "unknown")]
    warned = [m for m in members if m.health.level == "warning"]
    text = f"{len(well)} of {len(members)} {rule.noun} {rule.good}"
    if lost:
        text += f"; {lost[0].name}: {lost[0].health.reason}"
        if len(lost) > 1:
            text += f"; also {names(lost[1:])}"
    if len(well) * 2 <= len(members):
        known_bad = any(m.health.level == "critical" for m in lost)
        return Health("critical" if known_bad else "unknown", f"{text}; majority lost" if known_bad else text)
    if lost:
        level: Level = "warning" if any(m.health.level == "critical" for m in lost) else "unknown"
        return Health(level, f"{text}; redundancy lost")
    if warned:
        return Health("warning", f"{text}; {warned[0].name}: {warned[0].health.reason}")
    return ok(text)


def _share(rule: Share, members: Sequence[Member]) -> Health:
    down = [m for m in members if m.health.level == "critical"]
    warned = [m for m in members if m.health.level == "warning"]
    dark = [m for m in members if m.health.level == "unknown"]
    text = f"{len(members) - len(down) - len(dark)} of {len(members)} {rule.noun} {rule.good}"
    groups: dict[str, list[Member]] = {}
    for member in members:
        groups.setdefault(member.group, []).append(member)
    for group, part in groups.items():
        if group and all(m.health.level == "critical" for m in part):
            return Health("critical", f"no {group} {rule.good} ({names(part)}); {text}")
    share = len(down) / len(members)
    if down and share >= rule.critical:
        return Health("critical", f"{text}; {names(down)}: {down[0].health.reason}")
    if share > rule.warning:
        return Health("warning", f"{text}; {names(down)}: {down[0].health.reason}")
    if warned:
        return Health("warning", f"{text}; {names(warned)}: {warned[0].health.reason}")
    if dark:
        return unknown(f"{text}; {names(dark)}: {dark[0].health.reason}")
    return ok(text)


def _count(rule: Count, members: Sequence[Member]) -> Health:
    bad = sum(1 for m in members if m.health.level == "critical")
    return ok(f"{len(members):,} {rule.noun}" + (f", {bad:,} in error" if bad else ""))


def roll_up(rule: Rollup, members: Sequence[Member]) -> Health:
    """The health of all `members` together, with a sentence of fact."""
    if isinstance(rule, Count):
        return _count(rule, members)
    if not members:
        return unknown(f"no {rule.noun} seen")
    rules: dict[type, Callable[..., Health]] = {Worst: _worst, Quorum: _quorum, Share: _share}
    return rules[type(rule)](rule, members)
