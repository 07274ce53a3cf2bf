"""A run in words: who, why, every step with its time and request id, the proof, the guards, the way back. Pure.

The same lines while it goes on, when it has ended, and for one of last week out of the journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from collectors.untrusted import neutral
from collectors.values import age
from runbooks.plan import Part
from runbooks.seen import RunSeen, StepSeen, progress_words
from runbooks.settle import Flight
from views.glyphs import UNICODE, Glyphs
from views.text.plan import Line, Style, answers, evidence, moment

_SIGNS: Final[dict[str, tuple[Literal["ok", "critical", "unknown", ""], Style]]] = {
    "done": ("ok", "open"), "failed": ("critical", "closed"), "unknown": ("unknown", "unknown"),
    "in-flight": ("unknown", "unknown"), "running": ("", "strong"), "cancelled": ("", "dim"), "waiting": ("", "dim"),
}  # fmt: skip
MOST: Final = 400
"""Steps that are told one by one."""


def result_style(state: str) -> Style:
    """How a run's state looks."""
    return {"done": "open", "failed": "closed", "not-verified": "closed", "refused": "closed"}.get(state, "strong")  # type: ignore[return-value]


def outcome_words(seen: RunSeen) -> str:
    """How it stands or ended, in a sentence."""
    if seen.state == "running":
        words = progress_words(seen)
        return f"cancelled; the step that was begun is waited for: {words}" if seen.cancelled else words
    if seen.state == "interrupted":
        return f"interrupted: it never ended, and nobody works on it; {progress_words(seen)}"
    undone = f"; taken back by {seen.undone_by}" if seen.undone_by else ""
    result = "settled" if seen.result == "interrupted" else seen.result
    return f"{result}: {neutral(seen.words)}{undone}" if seen.words else f"{result}{undone}"


def lines(seen: RunSeen, glyphs: Glyphs = UNICODE, flights: list[Flight] | None = None) -> Iterator[Line]:
    """Everything about it; `flights` is what was in flight, looked up."""
    yield Line("state", outcome_words(seen), result_style(seen.state))
    yield Line("began", f"{moment(seen.at)} by {neutral(seen.who) or 'nobody known'}")
    yield Line("run", f"{seen.run or 'not recorded yet'}{f'; takes back {seen.undoes}' if seen.undoes else ''}", "dim")
    if seen.reason:
        yield Line("why", neutral(seen.reason))
    if seen.problem:
        yield Line("plan", neutral(seen.problem), "closed")
    if flights is not None:
        yield from _flights(flights, glyphs)
    if seen.plan is not None:
        yield from answers(seen.plan)
        label = "steps"
        for part in seen.plan.parts:
            for line in _part(seen, part, glyphs, several=len(seen.plan.parts) > 1):
                yield Line(label, line.text, line.style, hang=line.hang)
                label = ""
    yield from _shown(seen)
    yield from _ended(seen, glyphs)
    yield from _back(seen)
    if seen.plan is not None and seen.plan.guards:
        yield Line("", "")
        yield Line("", "what the guards saw before it began", "strong", indent=False)
        yield from evidence(seen.plan, glyphs)


def _flights(flights: list[Flight], glyphs: Glyphs) -> Iterator[Line]:
    if not flights:
        yield Line("in flight", "nothing: every step that was begun is recorded", "open")
    for place, flight in enumerate(flights):
        told = {"reached": "was carried out", "pending": "was not carried out"}.get(flight.look.state, "is not known")
        text = neutral(f"{flight.name} {flight.step} {flight.text}: {told} ({flight.look.words})")
        yield Line("in flight" if not place else "", text, "strong")


def _part(seen: RunSeen, part: Part, glyphs: Glyphs, *, several: bool) -> Iterator[Line]:
    if several:
        yield Line("", neutral(part.title), "strong")
    for number, step in part.steps():
        found = seen.steps.get((part.target, number))
        yield _step(f"{number} {neutral(step.text)}", found, glyphs)
        if found is not None and (told := _told(found)):
            yield Line("", f"    {told}", "dim", hang=4)
    proof = seen.steps.get((part.target, ""))
    if proof is not None:
        yield _step(f"proof {neutral(part.name)}", proof, glyphs)
        if told := _told(proof):
            yield Line("", f"    {told}", "dim", hang=4)


def _step(text: str, found: StepSeen | None, glyphs: Glyphs) -> Line:
    state = found.state if found is not None else "waiting"
    level, style = _SIGNS.get(state, ("", "plain"))
    sign = glyphs.level(level) if level else glyphs.text("›") if state == "running" else " "
    word = {"in-flight": "in flight when it stopped", "unknown": "not known whether it was done"}.get(state, state)
    took = f" in {found.took:.1f} s" if found is not None and found.took else ""
    return Line("", f"{sign} {text}: {word}{took}", style, hang=2)


def _told(found: StepSeen) -> str:
    """When, request id, what was seen; of one that runs nothing yet."""
    if found.state == "running":
        return ""
    when = moment(found.at).partition(" ")[2] if found.at else ""
    return "  ".join(neutral(part) for part in (when, found.request_id, found.words) if part)


def _shown(seen: RunSeen) -> Iterator[Line]:
    """What it was made for: the console's log, an address; this once."""
    for part in seen.parts:
        for place, text in enumerate(part.shown.splitlines()):
            about = f"of {part.name}: " if len(seen.parts) > 1 and not place else ""
            yield Line("shows" if not place else "", neutral(f"{about}{text}"))


def _ended(seen: RunSeen, glyphs: Glyphs) -> Iterator[Line]:
    bad = [part for part in seen.parts if part.result != "done"]
    for place, part in enumerate(bad[:MOST]):
        yield Line("not done" if not place else "", neutral(f"{part.name}: {part.result}: {part.words}"), "closed")


def _back(seen: RunSeen) -> Iterator[Line]:
    if seen.undone_by or seen.state == "running" or (seen.plan is not None and seen.plan.only_reads):
        return
    if not seen.back:
        if seen.result == "done":
            yield Line("undo", "no operation takes it back")
        return
    first = seen.back[0]
    yield Line("undo", f"u: {first.operation}{f' ({first.words})' if first.words else ''}, until {moment(first.until)}")


def row(seen: RunSeen, now: float, width: int) -> tuple[str, str]:
    """(when, who, what; how it stands), of which the first gives way: for the list of runs."""
    when = "now" if seen.state == "running" else age(now - seen.at)
    who = (seen.who.partition("@")[0] or "?")[:10]
    back = "undoable" if seen.undoable(now) else ""
    right = f"{seen.state:<12} {back:<8}"
    return f"{when:>7}  {neutral(who):<10} {neutral(seen.title)}", right
