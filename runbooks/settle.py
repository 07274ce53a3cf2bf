"""Settling a run that was interrupted: find out what was carried out, and leave it at that (or go on, `resuming`).

The step in flight is looked up by what it should have led to. When the cloud shows it, it was carried out. When it does
not show it within the step's own time, it was not, and may be begun again; nothing is ever begun again unseen.
"""

from __future__ import annotations

import msgspec

from runbooks.cloud import Cloud
from runbooks.expect import Look, looked
from runbooks.outcome import Recorder, since
from runbooks.past import PastRun


class Flight(msgspec.Struct, frozen=True):
    """A step that was in flight, and what a look at the cloud says of it."""

    target: str
    name: str
    step: str
    text: str
    look: Look


def flights(run: PastRun, cloud: Cloud) -> list[Flight]:
    """What was in flight, looked up now. Raises `ValueError` when the journal's plan cannot be understood."""
    found = []
    for key in run.in_flight:
        part, step = run.step(key)
        if step.expect is None:
            look = Look("unknown", "nothing in the cloud shows whether it was done")
        else:
            look = looked(since(step.expect, run.at), cloud)
            left = run.about_at.get(key, 0.0) + step.seconds - cloud.clock()
            if look.state == "pending" and left > 0:
                # What was sent before the crash may still be on its way: beginning it again now could do it twice.
                look = Look("unknown", f"not there yet, but it may still happen for {left:.0f} s: {look.words}")
        found.append(Flight(part.target, part.name, key[1], step.text, look))
    return found


def looked_up(run: PastRun, cloud: Cloud, journal: Recorder) -> list[Flight]:
    """The same, recorded: what was found out is known from now on."""
    found = flights(run, cloud)
    for flight in found:
        if flight.look.state == "reached":
            journal.append(
                "did",
                run.run,
                {"target": flight.target, "step": flight.step, "outcome": "looked-up", "words": flight.look.words},
            )
            run.did[flight.target, flight.step] = {"outcome": "looked-up"}
    return found


def leave(run: PastRun, journal: Recorder, words: str) -> None:
    """It is over: what was done stays, and nothing more is done."""
    journal.append("settled", run.run, {"outcome": "interrupted", "words": words, "inverse": _inverses(run)})


def _inverses(run: PastRun) -> list[dict[str, object]]:
    """How the targets are taken back of which something was done."""
    touched = {target for target, _ in run.did} | {target for target, _ in run.about}
    return [
        {
            "operation": part.inverse.operation,
            "targets": [part.inverse.target],
            "parameters": dict(part.inverse.values),
            "until": run.at + part.inverse.seconds,
            "words": part.inverse.words,
            "while": [],
        }
        for part in run.planned().parts
        if part.inverse is not None and part.inverse.target and part.target in touched
    ]
