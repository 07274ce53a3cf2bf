"""A plan in words, as the plan screen and `nephoscope do --plan` show it; and as Markdown, for a ticket.

What it will do, what stops, what gets scarcer, why it is allowed, how it is taken back. Many targets with the same
steps are told once; closed guards come last, where the eye ends, and say what would open them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, Literal, TypeAlias

import msgspec

from collectors.untrusted import neutral
from collectors.values import age, iso
from runbooks.command_words import equivalent, exact
from runbooks.expect import Expect
from runbooks.operation import RISKS, Stage
from runbooks.plan import GuardSeen, Part, Plan
from views.glyphs import ASCII, UNICODE, Glyphs

Style: TypeAlias = Literal["strong", "plain", "dim", "open", "closed", "unknown", "command"]

LABEL: Final = 11
"""Cells before what a line is about."""
MOST: Final = 12
"""Targets or steps that are told one by one."""

_LEVEL: Final = {"open": "ok", "closed": "critical", "unknown": "unknown"}


class Line(msgspec.Struct, frozen=True):
    """One line: what it is about, and its text; `style` says how it looks on a screen."""

    label: str
    text: str
    style: Style = "plain"
    right: str = ""
    """The equivalent command, where there is room for it."""
    indent: bool = True
    """It stands where others have their label."""
    hang: int = 0
    """Cells that its further lines are moved in, where it does not fit into one."""


def head(plan: Plan) -> tuple[str, str]:
    """(what it does, its risk): the first line."""
    if plan.only_reads:
        return neutral(plan.title), f"risk {plan.risk}, only reads"
    how = "irreversible" if plan.irreversible else "reversible" if plan.reversible else "not taken back by an operation"
    return neutral(plan.title), f"risk {plan.risk}, {how}"


def lines(plan: Plan, glyphs: Glyphs = UNICODE) -> Iterator[Line]:
    """The plan without its first line."""
    yield from answers(plan)
    yield Line("risk", f"{plan.risk}: {RISKS[plan.risk]}", "dim")
    yield from _will(plan)
    for label, texts in (
        ("stops", [part.stops for part in plan.parts]),
        ("less", [part.less for part in plan.parts]),
        ("note", [note for part in plan.parts for note in part.notes]),
    ):
        for place, text in enumerate(dict.fromkeys(neutral(text) for text in texts if text)):
            yield Line(label if not place else "", text)
    yield from _guards(plan, glyphs)
    yield Line("undo", _undo(plan))
    yield Line("who", f"{_who(plan)}; locks: {plan.locks}", "dim")
    if plan.demands:
        yield Line("confirm", "; ".join(DEMANDS[demand] for demand in plan.demands))
    if plan.closed:
        count = len(plan.closed)
        told = "One guard is closed" if count == 1 else f"{count} guards are closed"
        yield Line("", f"{told}. Nothing will start.", "closed")


DEMANDS: Final = {
    "named": "the name must be typed",
    "reason": "a reason must be given",
    "two-person": "a second person must approve it (nephoscope approve)",
}
"""What confirming may take, in words."""


def answers(plan: Plan) -> Iterator[Line]:
    """What was found out; a text that goes on in further lines stands below its beginning, right of its figure."""
    for part in plan.parts:
        for place, text in enumerate(part.answer):
            plain = neutral(text)
            style: Style = "plain" if text.startswith(" ") else "strong"
            yield Line("found" if not place else "", plain, style, hang=plain.rfind("  ") + 2 if "  " in plain else 0)


def _will(plan: Plan) -> Iterator[Line]:
    number = 0
    for part in plan.parts[:MOST]:
        for stage in part.stages:
            number += 1
            yield from _stage(plan, part, stage, number, "will" if number == 1 else "")
    if len(plan.parts) > MOST:
        yield Line("", f"and the same for {len(plan.parts) - MOST} more of the {plan.kind}", "dim")
    proofs = list(dict.fromkeys(_proof(part, expect) for part in plan.parts for expect in part.verify))
    for place, proof in enumerate(proofs[:MOST]):
        yield Line("proof" if not place else "", neutral(proof))
    if plan.at_once > 1 and len(plan.parts) > 1:
        stop = "carry on when one fails" if plan.carry_on else "stop at the first failure"
        yield Line("", f"{plan.at_once} at a time; {stop}", "dim")


def _proof(part: Part, expect: Expect) -> str:
    """What must be true, with the target's name where its id would stand."""
    return (
        expect.words.replace(f"{expect.kind} {part.target}", part.name) if expect.row == part.target else expect.words
    )


def _stage(plan: Plan, part: Part, stage: Stage, number: int, label: str) -> Iterator[Line]:
    if len(stage.steps) == 1 or len(stage.steps) <= 3:
        for step in stage.steps:
            yield Line(label, f"{number}  {neutral(step.text)}", right=neutral(equivalent(step)), hang=3)
            label = ""
        return
    at_once = f", {stage.at_once} at a time" if stage.at_once > 1 else ""
    text = stage.text or f"{stage.steps[0].text} and {len(stage.steps) - 1} more"
    yield Line(label, f"{number}  {neutral(text)}{at_once}", right=neutral(equivalent(stage.steps[0])))


def _guards(plan: Plan, glyphs: Glyphs) -> Iterator[Line]:
    """Guards of the same name and words once; those that are open first."""
    order = {"open": 0, "unknown": 1, "closed": 2}
    label = "guards"
    for (name, state), group in groupby(
        sorted(plan.guards, key=lambda g: (order[g.state], g.name)), key=lambda g: (g.name, g.state)
    ):
        for text in _told(list(group), several=len(plan.parts) > 1):
            yield Line(label, f"{glyphs.severity(_LEVEL[state]).split()[0]} {name + ' ':<15}{text}", state, hang=17)  # type: ignore[arg-type]
            label = ""


def _told(seen: Sequence[GuardSeen], *, several: bool) -> Iterator[str]:
    words = list(dict.fromkeys(guard.words for guard in seen))
    if len(words) == 1:
        yield neutral(words[0]) + (f" ({len(seen)} targets)" if several and len(seen) > 1 else "")
        return
    for guard in seen[:MOST]:
        yield neutral(f"{guard.target}: {guard.words}" if several and guard.target else guard.words)
    if len(seen) > MOST:
        yield f"and {len(seen) - MOST} more"


def _undo(plan: Plan) -> str:
    if plan.only_reads:
        return "nothing is changed"
    told = [part.inverse for part in plan.parts if part.inverse is not None]
    if plan.irreversible or not told:
        return "cannot be taken back" if plan.irreversible else "no operation takes it back"
    first = told[0]
    return f"{first.operation}{f': {first.words}' if first.words else ''}; valid for {age(first.seconds)}"


def moment(at: float) -> str:
    """`2026-11-27 21:03:10Z`."""
    return iso(int(at)).replace("T", " ")


def _who(plan: Plan) -> str:
    return f"role {' or '.join(plan.who_may)}" if plan.account == "openstack" else f"account of {plan.account}"


def text(plan: Plan, *, width: int = 100, ascii_only: bool = False) -> Iterator[str]:
    """The plan for a terminal or a pipe."""
    from views.text.width import cells

    glyphs = ASCII if ascii_only else UNICODE
    what, risk = head(plan)
    yield f"plan   {what}{risk.rjust(max(width - 7 - cells(what), len(risk) + 2))}\n"
    for line in lines(plan, glyphs):
        words = f" {line.label:<{LABEL - 1}}{glyphs.text(line.text)}"
        if line.right and cells(words) + len(line.right) + 3 <= width:
            words += line.right.rjust(width - cells(words))
            yield f"{words}\n"
        elif line.right:
            yield f"{words}\n {'':<{LABEL - 1}}   $ {line.right}\n"
        else:
            yield f"{words}\n"


def markdown(plan: Plan) -> Iterator[str]:
    """The plan for a ticket: every call and its equivalent command."""
    what, risk = head(plan)
    yield f"# Plan: {_cell(what)}\n\n"
    yield f"- cloud: {_cell(plan.cloud)}/{_cell(plan.region)}\n- {risk}: {RISKS[plan.risk]}\n- plan: `{plan.hash}`\n"
    for line in lines(plan):
        if line.label in ("stops", "less", "note", "undo", "who", "confirm"):
            yield f"- {line.label}: {_cell(line.text)}\n"
    yield "\n## Steps\n\n"
    for part in plan.parts:
        yield f"### {_cell(part.title)}\n\n"
        for number, step in part.steps():
            yield f"{number}. {_cell(step.text)}\n"
            if step.call is not None:
                yield f"   - call: `{_code(exact(step.call))}`\n"
                yield f"   - command: `{_code(equivalent(step))}`\n"
            if step.expect is not None:
                yield f"   - until: {_cell(step.expect.words)} (at most {step.seconds:g} s)\n"
        yield "".join(f"\nProof: {_cell(expect.words)}\n" for expect in part.verify)
    yield "\n## Guards\n\n| guard | state | about | saw |\n|---|---|---|---|\n"
    for guard in plan.guards:
        yield f"| {guard.name} | {guard.state} | {_cell(guard.target or 'all')} | {_cell(guard.words)} |\n"


def evidence(plan: Plan, glyphs: Glyphs = UNICODE) -> Iterator[Line]:
    """Every guard by itself: of which target, what it saw, and when; those that are not open first."""
    order = {"closed": 0, "unknown": 1, "open": 2}
    for guard in sorted(plan.guards, key=lambda g: order[g.state]):
        sign = glyphs.severity(_LEVEL[guard.state]).split()[0]  # type: ignore[arg-type]
        about = f"{neutral(guard.target)}: " if guard.target else ""
        when = f" ({moment(guard.at)})" if guard.at else ""
        yield Line(
            "",
            f"{sign} {guard.name + ' ':<15}{guard.state}; {about}{neutral(guard.words)}{when}",
            guard.state,
            indent=False,
            hang=17,
        )


def script(plan: Plan) -> str:
    """The equivalent commands as a script: what somebody would run by hand, in the order of the plan."""
    found = [
        "#!/bin/sh -e",
        f"# {neutral(plan.title)} on {neutral(plan.cloud)}/{neutral(plan.region)}",
        f"# plan {plan.hash}; the guards are not in here",
    ]
    for part in plan.parts:
        for number, step in part.steps():
            command = equivalent(step)
            found.append(f"# {neutral(part.name)} {number}: {neutral(step.text)}")
            found.append(command or f"# (wait until {neutral(step.expect.words) if step.expect else 'it is done'})")
    return "\n".join(found) + "\n"


def _cell(text: str) -> str:
    """Text that Markdown shows as it is."""
    plain = neutral(text)
    for character in "\\`*_{}[]<>|#":
        plain = plain.replace(character, "\\" + character)
    return plain


def _code(text: str) -> str:
    return neutral(text).replace("`", "'")
