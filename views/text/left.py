"""What is said of a run that stopped in the middle: what was done, what was not, and the commands that go on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from runbooks.plan import Plan
from runbooks.seen import RunSeen

MOST: Final = 6
"""Steps that are named."""


def left_lines(seen: RunSeen) -> Iterator[str]:
    """The lines for stderr, the commands last."""
    what = "cancelled" if seen.result == "cancelled" else "left in the middle"
    yield f"run {seen.run}: {what}: {seen.title}"
    if seen.plan is None:
        return
    done, flying, failed, waiting = _sorted(seen, seen.plan)
    yield f"  done: {_some(done)}"
    if flying:
        yield f"  in flight, and not known: {_some(flying)}"
    if failed:
        yield f"  failed, or not known: {_some(failed)}"
    yield f"  not begun: {_some(waiting)}"
    if waiting or flying:
        yield f"  `nephoscope undo --resume {seen.run}` looks again, and goes on if the guards are open"
    if seen.result == "cancelled":
        if seen.back:
            yield f"  `nephoscope undo {seen.run}` takes back what was done"
        return
    then = f"; then `nephoscope undo {seen.run}` takes back what was done" if seen.plan.reversible else ""
    yield f"  `nephoscope undo --settle {seen.run}` leaves it at that{then}"


def _sorted(seen: RunSeen, plan: Plan) -> tuple[list[str], list[str], list[str], list[str]]:
    """(done, in flight, failed, not begun) steps of the plan."""
    found: dict[str, list[str]] = {"done": [], "running": [], "failed": [], "": []}
    for part in plan.parts:
        about = f"{part.name} " if len(plan.parts) > 1 else ""
        for number, step in part.steps():
            known = seen.steps.get((part.target, number))
            state = "" if known is None or known.state in ("cancelled", "waiting") else known.state
            state = {"unknown": "failed", "in-flight": "running"}.get(state, state)
            found[state].append(f"{about}{number} {step.text}")
    return found["done"], found["running"], found["failed"], found[""]


def _some(texts: Sequence[str]) -> str:
    return "; ".join(texts[:MOST]) + (f" and {len(texts) - MOST} more" if len(texts) > MOST else "") or "nothing"
