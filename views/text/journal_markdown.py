"""Runs of the journal as a timeline in Markdown, for a ticket or a review. Times are UTC.

What came from outside can neither start markup nor leave its place: text is escaped, commands stand in code spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from collectors.untrusted import neutral
from runbooks.journal import Run, Step
from runbooks.journal.runs import holds
from views.text.journal import OUTCOMES, inverses, seconds, took, who

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")


def told(text: str) -> str:
    """`text` as Markdown that shows exactly it."""
    return _MARKUP.sub(r"\\\1", neutral(text))


def code(text: str) -> str:
    """`text` as a code span, whatever backticks are in it; bars too, for tables."""
    plain = neutral(text)
    most = max((len(run) for run in re.findall(r"`+", plain)), default=0)
    ticks = "`" * (most + 1)
    space = " " if most or plain != plain.strip() else ""
    return f"{ticks}{space}{plain}{space}{ticks}".replace("|", "\\|")


def lines(runs: Sequence[Run]) -> Iterator[str]:
    """The document."""
    yield "# What was done\n"
    if not runs:
        yield "\nNothing.\n"
    for run in runs:
        yield from _run(run)


def _run(run: Run) -> Iterator[str]:
    yield f"\n## {seconds(run.at)} UTC: {told(run.operation or 'run')} on {told(', '.join(run.targets) or '?')}\n\n"
    outcome = told(OUTCOMES.get(run.state, run.state)) + (f": {told(run.words)}" if run.words else "")
    facts = [
        ("Outcome", outcome + (" (settled later)" if run.settled else "")),
        ("Who", told(who(run))),
        ("Reason", told(run.reason)),
        ("Approved by", told(", ".join(run.approved_by))),
        ("Cloud", told("/".join(part for part in (run.cloud, run.region) if part))),
        ("Ended", f"{seconds(run.ended)} UTC" if run.ended is not None else ""),
        ("Run", code(run.id)),
        ("Plan", code(run.plan_hash) if run.plan_hash else ""),
        *(("Take back", told(line)) for line in inverses(run)),
    ]
    yield from (f"- {label}: {text}\n" for label, text in facts if text)
    if run.guards:
        yield "\n| guard | state | seen |\n|---|---|---|\n"
        for guard in run.guards:
            yield f"| {' | '.join(told(str(guard.get(key) or '')) for key in ('name', 'state', 'words'))} |\n"
    if run.steps:
        yield "\n| time (UTC) | target | step | call | status | took | request | outcome |\n"
        yield "|---|---|---|---|---|---|---|---|\n"
        yield from map(_step, run.steps)
    if run.proofs:
        yield "\n"
    for proof in run.proofs:
        yield f"- {seconds(proof.at)} UTC, read again: {told(proof.name)}: {holds(proof.ok)}: {told(proof.words)}\n"


def _step(step: Step) -> str:
    call = told(step.text) + (f" {code(step.command)}" if step.command else "")
    outcome = told(OUTCOMES.get(step.outcome, step.outcome)) + (f": {told(step.words)}" if step.words else "")
    status = str(step.status) if step.status else ""
    request = code(step.request_id) if step.request_id else ""
    parts = [seconds(step.at), told(step.name), told(step.step), call, status, took(step), request, outcome]
    return f"| {' | '.join(parts)} |\n"
