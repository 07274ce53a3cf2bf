"""The journal as text: a line per run or record, everything about one run, what `verify` found. Times are UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from collectors.health import Health
from collectors.kind import Column
from collectors.table import Table
from collectors.untrusted import neutral
from collectors.values import age, iso
from runbooks.journal import Record, Run, Step, Verdict
from runbooks.journal.rows import run_row
from runbooks.journal.runs import holds
from views.glyphs import ASCII, UNICODE
from views.text.formats import json_text
from views.text.log_lines import moment
from views.text.plain import plain
from views.text.width import cells, fitted

OUTCOMES: Mapping[str, str] = {
    "": "in flight: it was begun, what became of it is not known",
    "done": "done",
    "refused": "refused: nothing was changed",
    "failed": "failed",
    "lost": "its answer was lost; whether it was done is not known",
    "looked-up": "done: its answer was lost, it was found done",
    "not-needed": "not needed: it was so already, and nothing was sent",
    "cancelled": "cancelled: not begun",
    "again": "what became of it is not known; it was begun again",
    "not-verified": "done, but not verified",
    "interrupted": "interrupted",
    "left": "left in the middle: `nephoscope undo` goes on with it (--resume) or settles it (--settle)",
    "in flight": "in flight: it still runs, or what ran it is gone",
}
"""A word of the journal → what it means."""

_DURATION = Column("took", "TOOK", "duration")


def seconds(at: float) -> str:
    """`2026-11-27 21:40:07`, in UTC; nobody wants to guess the day in a journal."""
    return moment(at, day=True)[:19]


def took(step: Step) -> str:
    """How long a call took, in words; empty when nobody measured."""
    return plain(step.took, _DURATION, 0.0) if step.took is not None else ""


def listing(table: Table, rows: Sequence[int], *, wide: bool, ascii_only: bool) -> Iterator[str]:
    """The table with exact times, in its own order: newest last."""
    from views.text.listing import terminal_width

    glyphs = ASCII if ascii_only else UNICODE
    columns = [c for c in table.kind.columns if wide or not c.wide]
    found = [
        [
            seconds(float(value or 0))
            if column.role == "time" and not isinstance(value, str)
            else glyphs.text(neutral(str(value)) if column.role == "number" else plain(value, column, 0.0))
            for column in columns
            for value in [table.value(at, column.name)]
        ]
        for at in rows
    ]
    sizes = [max([cells(c.title), *(cells(row[n]) for row in found)]) for n, c in enumerate(columns)]
    keep = [n for n, c in enumerate(columns) if wide or any(row[n] for row in found)]
    room = terminal_width()
    while room is not None and not wide and sum(sizes[n] + 2 for n in keep) - 2 > room:
        narrow = [n for n in keep if columns[n].priority > 1]
        if not narrow:
            break
        keep.remove(max(narrow, key=lambda n: (columns[n].priority, n)))
    for row in [[c.title for c in columns], *found]:
        text = "  ".join(fitted(row[n], sizes[n]) for n in keep[:-1] if n != keep[-1])
        text = f"{text}  {row[keep[-1]]}".rstrip() if text else row[keep[-1]]
        yield (fitted(text, room).rstrip() if room is not None else text) + "\n"


def run_line(run: Run, health: Health) -> dict[str, Any]:
    """One run as one flat object of data formats."""
    row = run_row(run)
    return {
        "id": run.id,
        "health": health.level,
        "reason": health.reason,
        "cloud": run.cloud,
        "region": run.region,
        "at": iso(run.at),
        "operation": run.operation,
        "targets": list(run.targets),
        "outcome": run.state,
        "words": run.words,
        "who": row.who,
        "from": row.host,
        "why": run.reason,
        "steps": len(run.steps),
        "ended": iso(run.ended) if run.ended is not None else None,
        "plan_hash": run.plan_hash,
    }


def record(found: Record) -> dict[str, Any]:
    """One record as it stands in the file."""
    return msgspec.to_builtins(found) | {"at": iso(found.at)}  # type: ignore[no-any-return]


def run_record(run: Run) -> dict[str, Any]:
    """Everything about one run."""
    steps = [
        msgspec.to_builtins(step) | {"at": iso(step.at), "ended": iso(step.ended) if step.ended is not None else None}
        for step in run.steps
    ]
    return {
        "id": run.id,
        "outcome": run.state,
        "words": run.words,
        "settled": run.settled,
        "at": iso(run.at),
        "ended": iso(run.ended) if run.ended is not None else None,
        "operation": run.operation,
        "cloud": run.cloud,
        "region": run.region,
        "targets": list(run.targets),
        "who": dict(run.who),
        "reason": run.reason,
        "approved_by": list(run.approved_by),
        "plan_hash": run.plan_hash,
        "guards": [dict(guard) for guard in run.guards],
        "steps": steps,
        "verified": [msgspec.to_builtins(proof) | {"at": iso(proof.at)} for proof in run.proofs],
        "inverse": [_until(inverse) for inverse in run.inverse],
        "plan": dict(run.plan),
        "records": [found.seq for found in run.records],
    }


def who(run: Run) -> str:
    """Who did it, from where, and as whom."""
    told = {key: str(run.who.get(key) or "") for key in ("user", "host", "from", "cloud_user", "project")}
    roles = run.who.get("roles")
    words = told["user"] or "somebody"
    sudo = str(run.who.get("sudo_user") or "")
    words = f"{sudo} as {words}" if sudo else words
    words += f" on {told['host']}" if told["host"] else ""
    words += f", from {told['from']}" if told["from"] else ""
    if told["cloud_user"]:
        words += f"; as {told['cloud_user']}" + (f" in {told['project']}" if told["project"] else "")
        words += f" ({', '.join(map(str, roles))})" if isinstance(roles, list) and roles else ""
    return words


def inverses(run: Run, now: float | None = None) -> Iterator[str]:
    """How it is taken back, a line each."""
    for inverse in run.inverse:
        targets = inverse.get("targets")
        names = " ".join(run.names.get(str(t)) or str(t) for t in targets) if isinstance(targets, list) else ""
        until = inverse.get("until")
        line = f"{inverse.get('operation', '')} {names}".strip()
        if isinstance(until, int | float):
            gone = now is not None and until <= now
            line += f", valid until {seconds(until)} UTC" + (" (over)" if gone else "")
        yield line + (f": {inverse['words']}" if inverse.get("words") else "")


def one_run(run: Run, now: float) -> Iterator[str]:
    """Everything about one run, for people."""
    yield f"{neutral(run.operation or 'run')}: {neutral(', '.join(run.targets))}\n"
    state = OUTCOMES.get(run.state, run.state)
    yield f"{neutral(state)}{': ' + neutral(run.words) if run.words else ''}\n\n"
    facts = [
        ("run", run.id),
        ("cloud", "/".join(part for part in (run.cloud, run.region) if part)),
        ("who", who(run)),
        ("reason", run.reason),
        ("approved by", ", ".join(run.approved_by)),
        ("began", f"{seconds(run.at)} UTC" + (f" ({age(now - run.at)} ago)" if now - run.at >= 10 else "")),
        ("settled" if run.settled else "ended", f"{seconds(run.ended)} UTC" if run.ended is not None else ""),
        ("plan", run.plan_hash),
        *(("take back", line) for line in inverses(run, now)),
    ]
    for label, text in facts:
        if text:
            yield f"  {label:<11}  {neutral(text)}\n"
    if run.guards:
        yield "\nguards\n"
        for guard in run.guards:
            name, state = str(guard.get("name", "")), str(guard.get("state", ""))
            yield f"  {neutral(name):<16} {neutral(state):<8} {neutral(str(guard.get('words', '')))}\n"
    if run.steps:
        yield "\nsteps\n"
    for step in run.steps:
        yield from _step(step)
    if run.proofs:
        yield "\nread again\n"
        for proof in run.proofs:
            yield f"  {moment(proof.at)[:8]}  {neutral(proof.name)}: {holds(proof.ok)}: {neutral(proof.words)}\n"


def _step(step: Step) -> Iterator[str]:
    yield f"  {moment(step.at)[:8]}  {neutral(step.name)}  {neutral(step.step)}  {neutral(step.text)}\n"
    facts = [took(step), f"status {step.status}" if step.status else "", step.request_id, step.words]
    outcome = OUTCOMES.get(step.outcome, step.outcome)
    yield f"            {neutral(', '.join(part for part in (outcome, *facts) if part))}\n"
    if step.command:
        yield f"            $ {neutral(step.command)}\n"


def verdict_line(found: Verdict, path: Path) -> str:
    """What `verify` found, in words."""
    words = "ok" if found.ok else found.state
    where = f" (line {found.line})" if found.line else ""
    head = f"  head  {found.head}\n" if found.head else ""
    return f"{words}: {neutral(found.words)}{where}\n  file  {neutral(str(path))}\n{head}"


def verdict_record(found: Verdict, path: Path) -> str:
    """The same as data."""
    return json_text({"file": str(path), "ok": found.ok} | msgspec.to_builtins(found))


def _until(inverse: Mapping[str, Any]) -> dict[str, Any]:
    until = inverse.get("until")
    return dict(inverse) | ({"until": iso(until)} if isinstance(until, int | float) else {})
