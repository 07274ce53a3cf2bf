"""What the overview says, as lines of words with roles: systems, one system in detail, what changed, the budget. Pure.

Widgets only place these lines. What is well is quiet: colour and weight are for what somebody must look at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from collectors.board import Board
from collectors.kind_health import KindHealth, bad_rows
from collectors.overview import Overview, SystemHealth
from collectors.recent import Recent
from collectors.rollup import Member
from collectors.schedule import Spent
from collectors.transitions import Transition
from collectors.values import age
from themes.roles import Role
from views.glyphs import Glyphs
from views.lines import Text
from views.paint import Run, wrapped
from views.sparks import system_spark
from views.text.health import HealthLine, health_lines
from views.text.width import cells, fitted

Clock = Callable[[float], str]
"""A moment (seconds since the epoch) as this terminal's clock says it: `21:03`."""


class SystemLine(msgspec.Struct, frozen=True):
    """One line of the list, and the system it belongs to."""

    system: str
    text: Text


def _line(line: HealthLine) -> Text:
    level = line.level
    if not line.name.strip():
        return Text(((line.name, "text"), (line.text, "dim" if line.second else "text")))
    sentence: Role = "dim" if level == "ok" else "text"
    sign, name = line.name[:2], line.name[2:]
    return Text(
        ((sign, level), (name, "strong" if level in ("critical", "warning") else "text"), (line.text, sentence))
    )


def system_texts(
    overview: Overview, width: int, height: int, glyphs: Glyphs, recent: Recent | None = None
) -> list[SystemLine]:
    """The systems, worst first. Long sentences of what is not ok are folded as far as the height allows it.

    Where a line leaves room, the sparkline of a system whose problems changed stands behind it.
    """
    lines: list[HealthLine] = []
    for fold in (3, 2, 1):
        lines = health_lines(overview, width=width, fold=fold, glyphs=glyphs)
        if len(lines) <= height:
            break
    found = [SystemLine(line.system, _line(line)) for line in lines]
    if recent is None:
        return found
    sparks = {system.system: system_spark(recent, system.system, glyphs) for system in overview.systems}
    for place, line in enumerate(found):
        spark, taken = sparks[line.system], sum(cells(text) for text, _ in line.text.left)
        if spark and taken + 2 + len(spark) <= width:
            found[place] = SystemLine(line.system, Text(line.text.left, ((spark, "dim"),)))
            sparks[line.system] = ""
    return found


def transition_text(found: Transition, clock: Clock) -> str:
    """`20:58 compute-services cmp17, cmp31 critical`."""
    return f"{clock(found.at)} {found.kind} {found.text}"


def event_texts(found: Sequence[Transition], since: float, clock: Clock, width: int, height: int) -> list[Text]:
    """What changed since we look, newest first, in at most `height` lines; several short ones share a line."""
    lead = f"since {clock(since)}  "
    if not found:
        return [Text(((lead, "dim"), ("nothing changed", "dim")))]
    lines: list[str] = []
    room, line = width - len(lead), ""
    for transition in reversed(found):
        text = transition_text(transition, clock)
        text = fitted(text, min(cells(text), room))
        if line and cells(line) + 3 + cells(text) > room:
            lines.append(line)
            line = text
            if len(lines) == height:
                break
        else:
            line = f"{line}   {text}" if line else text
    lines = [*lines, line][:height]
    return [Text(((lead if not i else " " * len(lead), "dim"), (line, "text"))) for i, line in enumerate(lines)]


def _kind_lines(found: KindHealth, now: float, width: int, glyphs: Glyphs) -> list[Text]:
    level = found.health.level
    age_text = f"{age(now - found.at)} ago" if found.at and now - found.at >= 60 else ""
    right = "  ".join(part for part in (f"{found.rows:,} rows" if found.rows else "", age_text) if part)
    head = Text(
        ((f"{glyphs.level(level)} ", level), (found.kind.name, "strong" if level != "ok" else "text")),
        ((right, "dim"),) if right else (),
    )
    role: Role = "dim" if level == "ok" else "text"
    words = [word for word in (found.health.reason, *found.notes) if word]
    return [head, *(Text(((f"  {line}", role),)) for word in words for line in wrapped(word, max(width - 2, 8), 3))]


def _row_lines(member: Member, width: int, glyphs: Glyphs) -> list[Text]:
    """A row that is not well: sign and name, and its reason beside them, or below when that is too long."""
    level = member.health.level
    group = f"  {member.group}" if member.group and member.group not in member.name else ""
    lead = f"  {glyphs.level(level)} {member.name}{group}"
    sign: Run = (lead[:3], level)
    name: Run = (lead[3:], "name")
    if cells(lead) + 2 + cells(member.health.reason) <= width:
        return [Text((sign, name, (f"  {member.health.reason}", "text")))]
    reason = wrapped(member.health.reason, max(width - 4, 8), 2)
    return [Text((sign, name)), *(Text(((f"    {line}", "dim"),)) for line in reason)]


def detail_texts(system: SystemHealth, board: Board, now: float, width: int, height: int, glyphs: Glyphs) -> list[Text]:
    """One system beside the list: what each of its kinds says, and the rows that are not well."""
    lines: list[Text] = [
        Text(((system.system, "accent"),), ((glyphs.severity(system.health.level), system.health.level),))
    ]
    for kind in system.kinds:
        lines += _kind_lines(kind, now, width, glyphs)
    bad = [
        member
        for kind in system.kinds
        if kind.problems and (snapshot := board.snapshot(kind.kind.name)) is not None
        for member in sorted(bad_rows(snapshot, now, board.known), key=lambda m: m.health.rank)
    ]
    room = height - len(lines) - 1
    if not bad or room < 1:
        return lines[:height]
    rows: list[Text] = []
    for place, member in enumerate(bad):
        more = _row_lines(member, width, glyphs)
        left = len(bad) - place
        if len(rows) + len(more) > room - (left > 1):
            rows.append(Text(((f"  and {left:,} more", "dim"),)))
            break
        rows += more
    return [*lines, Text(), *rows][:height]


def budget_texts(spent: Sequence[Spent]) -> list[Text]:
    """Requests of the last minute by service, and how many each may get."""
    if not spent:
        return [Text((("no requests yet", "dim"),))]
    room = max(len(s.service) for s in spent) + 2
    return [
        Text(
            (
                (f"{s.service:<{room}}", "text"),
                (f"{s.calls:>5,} of {s.limit:,} a minute", "warning" if s.calls >= s.limit else "dim"),
            )
        )
        for s in spent
    ]
