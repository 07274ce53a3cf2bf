"""How rows make the health of their system: declared per kind, computed by pure functions.

`Worst` (endpoints), `Quorum` (Galera, RabbitMQ: majority lost is critical, redundancy lost is a warning), `Share`
(agents, computes: by the share that is down), `Complaints` (rows that are only there when something is wrong) and
`Count` (tenants' rows: counted, never colour the system). No data is unknown, never ok. A known problem (acknowledged)
counts in the sentence but not in the level, until something else fails beside it: then the level is what it really is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

import msgspec

from collectors.health import RANK, Health, Level, ok, unknown

SENTENCE: Final = 120
"""Characters of a reason that are worth repeating in a summary."""


class Member(msgspec.Struct, frozen=True):
    """One row, reduced to what a roll-up looks at."""

    name: str
    health: Health
    group: str = ""
    well: bool | None = None
    """False: it does not count as good in the sentence, although its health is ok or warning."""
    felt: bool = False
    """It is still there, whatever it suffers from (an alarm, flow control, being full)."""
    known: bool = False
    """Its problem is acknowledged."""
    id: str = ""
    """The row's id; `@NAME` for a member or host that did not answer."""

    @property
    def good(self) -> bool:
        """Counted as good in `46 of 48 … up`."""
        return self.health.level in ("ok", "warning") and self.well is not False


class Worst(msgspec.Struct, frozen=True):
    """As bad as its worst row. `noun` is plural (`endpoints`), `good` the word for a well one (`answer`)."""

    noun: str
    good: str = "ok"
    well: str = ""
    """`column=value` that a good row has; without it a row is good when its health is ok or warning."""
    silent: Level = "unknown"
    """What a member or host that does not answer counts as, while others do."""
    none: Level = "unknown"
    """What it means that a complete read found no rows: an idle broker rightly has no queues."""
    witnesses: bool = False
    """Several hosts tell of the same things: in the sentence, whose word it is does not tell them apart."""
    brief: bool = False
    """The sentence names the worst and leaves their reasons out: other systems say the same, at greater length."""


class Quorum(msgspec.Struct, frozen=True):
    """Members of a cluster: a majority must be well. One that refuses connections while others answer is lost.

    `felt` (`column=value`) tells a member that is still in the cluster and whose trouble is everybody's: it is no loss
    of redundancy, and as bad as it says.
    """

    noun: str
    good: str = "up"
    well: str = ""
    felt: str = ""
    silent: Level = "critical"


class Share(msgspec.Struct, frozen=True):
    """Warning when more than `warning` of the rows are critical, critical from `critical` on, or when a whole group is.

    `by` names the row field that groups (a binary, an agent type); each group is judged by itself, so that one of two
    L3 agents is not lost among fifty others.
    """

    noun: str
    good: str = "up"
    warning: float = 0.0
    critical: float = 0.5
    by: str = ""
    well: str = ""
    felt: str = ""
    """`column=value` of a row that is there whatever it suffers from: it is as bad as it says, and not down."""
    silent: Level = "unknown"
    bad: str = "down"
    none: Level = "unknown"
    """What it means that a complete read found no rows."""


class Count(msgspec.Struct, frozen=True):
    """Tenants' rows: how many, and how many are in error; never colours the system."""

    noun: str


class Complaints(msgspec.Struct, frozen=True):
    """Rows that are only there where something is to be said (health checks, flags, crashes): as bad as the worst.

    `nothing` is what it says when there is nothing to complain of (`HEALTH_OK`). `told`: it speaks for its system; one
    that does not is heard only when no other kind of the system says something as bad or worse.
    """

    noun: str
    nothing: str
    told: bool = False


Rollup: TypeAlias = Worst | Quorum | Share | Count | Complaints


def names(members: Iterable[Member], limit: int = 3) -> str:
    """`cmp17, cmp31` or `cmp01, cmp02, cmp03 and 9 more`, each name once."""
    found = list(dict.fromkeys(m.name for m in members))
    shown = ", ".join(found[:limit])
    return shown if len(found) <= limit else f"{shown} and {len(found) - limit} more"


def clause(member: Member) -> str:
    """`ctl03: left 4 min ago`; a reason that names the member already is left as it is."""
    reason = member.health.reason
    if len(reason) > SENTENCE:
        reason = reason[: SENTENCE - 1] + "…"
    if not reason:
        return f"{member.name} {member.health.level}"
    return reason if reason.startswith(member.name) else f"{member.name}: {reason}"


def _clauses(members: Sequence[Member]) -> str:
    """The first in full, the others by name: `ctl03: no route; also ctl02`."""
    rest = [m for m in members[1:] if m.name != members[0].name]
    return clause(members[0]) + (f"; also {names(rest)}" if rest else "")


def _some(noun: str, number: int) -> str:
    """A plural noun as it stands behind `number`."""
    if number != 1:
        return noun
    return noun[:-3] + "y" if noun.endswith("ies") else noun.removesuffix("s")


def _named(bad: Sequence[Member]) -> str:
    """`GaleraMemberGone critical, HostDown warning`: each name once, with its level, worst first."""
    levels: dict[str, str] = {}
    for member in bad:
        levels.setdefault(member.name, member.health.level)
    shown = [f"{name} {level}" for name, level in list(levels.items())[:3]]
    return ", ".join(shown) + (f" and {len(levels) - 3} more" if len(levels) > 3 else "")


def _worst_first(members: Iterable[Member]) -> list[Member]:
    return sorted((m for m in members if m.health.level != "ok"), key=lambda m: (m.known, m.health.rank))


def _count_up(members: Sequence[Member], noun: str, good: str) -> str:
    """As `_count_of`, with those that are there however bad they are (an OSD that is full is up)."""
    return f"{sum(1 for m in members if m.good or m.felt):,} of {len(members):,} {noun} {good}".rstrip()


def _count_of(members: Sequence[Member], noun: str, good: str) -> str:
    return f"{sum(1 for m in members if m.good):,} of {len(members):,} {noun} {good}".rstrip()


def _worst(rule: Worst, members: Sequence[Member]) -> Health:
    bad = _worst_first(members)
    text = _count_of(members, rule.noun, rule.good)
    if bad and rule.brief:
        return Health(bad[0].health.level, f"{_named(bad)} ({len(bad):,} {_some(rule.noun, len(bad))})")
    return Health(bad[0].health.level, f"{text}; {_clauses(bad)}") if bad else ok(text)


def _complaints(rule: Complaints, members: Sequence[Member]) -> Health:
    bad = _worst_first(members)
    return Health(bad[0].health.level, _clauses(bad)) if bad else ok(rule.nothing)


def _quorum(rule: Quorum, members: Sequence[Member]) -> Health:
    bad = [m for m in _worst_first(members) if m.health.level in ("critical", "unknown")]
    warned = [m for m in _worst_first(members) if m.health.level == "warning"]
    lost = [m for m in bad if not m.felt]
    text = _count_of(members, rule.noun, rule.good)
    known_lost = any(m.health.level == "critical" for m in lost)
    if bad:
        text += f"; {_clauses(bad)}"
    if (len(members) - len(lost)) * 2 <= len(members):
        return Health("critical" if known_lost else "unknown", f"{text}; majority lost" if known_lost else text)
    if known_lost:
        text += "; redundancy lost"
    if any(m.felt and m.health.level == "critical" for m in bad):
        return Health("critical", text)
    if known_lost:
        return Health("warning", text)
    if bad and warned:
        # One is silent, and the others say that something is missing: together that is known.
        return Health("warning", f"{text}; {_clauses(warned)}")
    if bad:
        return unknown(text)
    if warned:
        return Health("warning", f"{text}; {_clauses(warned)}")
    return ok(text)


def _groups(members: Sequence[Member]) -> dict[str, list[Member]]:
    groups: dict[str, list[Member]] = {}
    for member in members:
        groups.setdefault(member.group, []).append(member)
    return groups


def _of_group(rule: Share, group: str) -> str:
    """`L3 agents`, `compute hosts`, `nova-compute`: a group as a plural; names of programs have none."""
    if " " not in rule.noun and not group.endswith(rule.noun.removesuffix("s")):
        return f"{group} {rule.noun}"
    return f"{group}s" if " " in group and not group.endswith("s") else group


def _share_level(rule: Share, members: Sequence[Member]) -> Level:
    down = sum(1 for m in members if m.health.level == "critical")
    share = down / len(members)
    if down and share >= rule.critical:
        return "critical"
    if share > rule.warning or any(m.health.level == "warning" for m in members):
        return "warning"
    return "unknown" if any(m.health.level == "unknown" for m in members) else "ok"


def _share(rule: Share, members: Sequence[Member]) -> Health:
    groups = _groups(members)
    levels = {group: _share_level(rule, part) for group, part in groups.items()}
    level = min(levels.values(), key=RANK.__getitem__)
    if level == "ok":
        return ok(_count_up(members, rule.noun, rule.good))
    for group, part in groups.items():
        if group and all(m.health.level == "critical" for m in part):
            whole = _count_up(members, rule.noun, rule.good)
            if len(part) == 1 and part[0].name.startswith(group):
                return Health("critical", f"{clause(part[0])}; {whole}")  # its name says already what is missing
            each = clause(part[0]) if len(part) == 1 else f"{names(part)} {rule.bad}"
            return Health("critical", f"no {_of_group(rule, group)} {rule.good} ({each}); {whole}")
    touched = [group for group, part in groups.items() if _worst_first(part)]
    only = touched[0] if len(touched) == 1 else ""
    text = (
        _count_up(groups[only], _of_group(rule, only), rule.good) if only else _count_up(members, rule.noun, rule.good)
    )
    bad = _worst_first(members)
    worst = [m for m in bad if m.health.level == bad[0].health.level]
    same = len({m.health.reason for m in worst}) == 1
    if len({m.name for m in worst}) == 1:
        return Health(level, f"{text}; {clause(worst[0])}")
    gone = [m for m in worst if not m.felt]
    if worst[0].health.level == "critical" and gone:
        return Health(level, f"{text}; {names(gone)} {rule.bad}")
    return Health(level, f"{text}; {names(worst)}: {worst[0].health.reason}" if same else f"{text}; {_clauses(worst)}")


def _count(rule: Count, members: Sequence[Member]) -> Health:
    return counted(rule, len(members), sum(1 for m in members if m.health.level == "critical"))


def counted(rule: Count, rows: int, in_error: int) -> Health:
    """The sentence of a `Count` from the numbers alone: lists of tenants' rows are long."""
    return ok(f"{rows:,} {_some(rule.noun, rows)}" + (f", {in_error:,} in error" if in_error else ""))


def _without_known(true: Health, rule: Rollup, members: Sequence[Member]) -> Level:
    """The level for the headline: ok when every problem is known, the true one as soon as another member is lost."""
    fresh = [m.health.level for m in members if not m.known and m.health.level != "ok"]
    if not fresh:
        return "ok"
    worst = min(fresh, key=RANK.__getitem__)
    lost = {Quorum: ("critical", "unknown"), Share: ("critical",)}.get(type(rule), ())
    return true.level if worst in lost else max(worst, true.level, key=RANK.__getitem__)


def roll_up(rule: Rollup, members: Sequence[Member]) -> Health:
    """The health of all `members` together, with a sentence of fact."""
    if isinstance(rule, Count):
        return _count(rule, members)
    if isinstance(rule, Complaints) and not members:
        return ok(rule.nothing)
    if not members:
        none = rule.none if isinstance(rule, Worst | Share) else "unknown"
        return Health(none, f"no {rule.noun}" + (" seen" if none == "unknown" else ""))
    rules: dict[type, Callable[..., Health]] = {
        Worst: _worst,
        Quorum: _quorum,
        Share: _share,
        Complaints: _complaints,
    }
    true: Health = rules[type(rule)](rule, members)
    if any(m.known for m in members) and true.level != "ok":
        return Health(_without_known(true, rule, members), true.reason)
    return true
