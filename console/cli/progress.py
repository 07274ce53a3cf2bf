"""A run of a command: a line on stderr for each step, what a signal does to it, and how it ended.

Ctrl-c cancels it between two steps; SIGTERM and a lost terminal leave it there for whoever goes on. Either way stderr
says what was done, what was not, and the commands that go on or take back.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

from collectors.errors import Refused
from collectors.untrusted import neutral
from console.cli.exits import Exit, exit_of
from console.runs import Runs, Work
from console.signals import Signals, leave, say
from runbooks.outcome import Outcome, Progress, Recorder
from runbooks.seen import RunSeen
from views.text import formats
from views.text.left import left_lines

WAITS: Final = "no further step begins; the one that was begun is waited for, the next signal leaves at once"


def carried_out(seen: RunSeen, work: Work, journal: Recorder, clock: Callable[[], float], options: Any) -> Exit:
    """Carry it out and say how it ended. Raises what ended it before anything was begun."""
    with Signals() as signals:

        def heard(now: RunSeen, progress: Progress | None) -> None:
            if progress is None:
                signals.wake()
            elif options.output != "json":
                say(_line(now, progress))

        runs = Runs(clock, heard)
        number = runs.begin(seen, work).number
        for count, name in enumerate(signals.names(runs.going), 1):
            if runs.abandon(number):
                say("nephoscope: nothing was begun")
                leave()
            if count > 1:
                left_behind(runs.look(number), name, journal)
                leave()
            if name == "SIGINT":
                runs.cancel(number)
            else:
                runs.interrupt(number, f"{name} came")
            say(f"nephoscope: {name}: {WAITS}")
        runs.wait()
    return report(runs.outcome(number), runs.look(number), options)


def left_behind(seen: RunSeen, name: str, journal: Recorder) -> None:
    """Somebody does not wait for the step in flight: recorded, and told."""
    try:
        journal.append("left", seen.run, {"words": f"a second signal ({name}) came while a step was in flight"})
    except Exception as error:  # noqa: BLE001 - whatever it is; the journal has what was begun all the same
        say(f"nephoscope: that it is left cannot be recorded: {error}")
    for line in left_lines(seen):
        say(line)


def _line(seen: RunSeen, progress: Progress) -> str:
    assert seen.plan is not None
    part = seen.plan.part(progress.target)
    about = f"{part.name} " if len(seen.plan.parts) > 1 else ""
    return f"{about}{progress.step or 'proof'} {progress.state}: {progress.words}".rstrip(": ")


def report(outcome: Outcome, seen: RunSeen, options: Any) -> Exit:
    """Say how it ended."""
    if options.output == "json":
        found = [
            {"run": outcome.run, "id": part.target, "name": part.name, "outcome": part.result, "words": part.words}
            | {"shown": part.shown}
            for part in outcome.parts
        ]
        sys.stdout.write(formats.json_text(found))
    else:
        for part in outcome.parts:
            print(f"{part.result:<13} {neutral(part.name)}: {neutral(part.words)}")
            for line in part.shown.splitlines():
                print(neutral(line))
    if outcome.result in ("cancelled", "interrupted"):
        for line in left_lines(seen):
            say(line)
        return Exit.INTERRUPTED
    if options.output != "json":
        undo = f"; `nephoscope undo {outcome.run}` takes it back" if outcome.inverse else ""
        say(f"run {outcome.run}: {outcome.result}{undo}")
    if outcome.result == "done":
        return Exit.DONE
    errors = [part.error for part in outcome.parts if part.error is not None]
    if errors and not any(part.result == "done" for part in outcome.parts) and isinstance(errors[0], Refused):
        return exit_of(errors[0])
    return Exit.NOT_VERIFIED
