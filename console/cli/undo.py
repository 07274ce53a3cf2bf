"""`nephoscope undo [RUN]`: take back what a run did, if it still stands; unnamed, the last one that can be.

`--resume RUN` goes on with a run that stopped in the middle, if its guards are open now; `--settle RUN` looks up what
was in flight and ends it there.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any, TextIO

from collectors.errors import UsageError
from collectors.untrusted import neutral
from console.cli.exits import Exit


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `undo`."""
    parser.add_argument("run", metavar="RUN", nargs="?", default="", help="`nephoscope journal show` lists them")
    parser.add_argument("--resume", action="store_true", help="go on with a run that was interrupted or cancelled")
    parser.add_argument("--settle", action="store_true", help="find out what an interrupted run did, and end it")
    parser.add_argument("--plan", action="store_true", help="show what would be done, and do nothing")
    parser.add_argument("--yes", metavar="NAME", action="append", default=[], help="confirm a target; or how many")
    parser.add_argument("--reason", metavar="WHY", default="", help="kept in the journal; production wants one")
    parser.add_argument("-o", "--output", choices=("text", "json", "markdown"), default="text")


def run(options: Any) -> Exit:
    """Take back, resume or settle."""
    from console.doing import Doing

    if options.resume and options.settle:
        raise UsageError("--resume or --settle, not both")
    doing = Doing(options)
    try:
        if options.resume or options.settle:
            return _interrupted(doing, options)
        return _undone(doing, options)
    finally:
        doing.close()


def _undone(doing: Any, options: Any) -> Exit:
    from console.cli.do import consent, show

    past, found = doing.undo_plans(options.run)
    print(f"takes back {past.run}: {neutral(past.title)}", file=sys.stderr)
    worst = Exit.DONE
    for operation, plan in found:
        if options.plan or plan.closed:
            show(plan, options, sys.stdout if options.plan else sys.stderr)
            worst = Exit.GUARD if plan.closed else worst
            continue
        names = consent(plan, options)
        code: Exit = doing.carry_out(plan, operation, names, options, undoes=past.run)
        worst = code if code else worst
    return worst


def _interrupted(doing: Any, options: Any) -> Exit:
    """A run that stopped in the middle: look, then settle it or go on."""
    from runbooks.settle import flights, leave, looked_up

    past = doing.stopped(options.run)
    if options.settle and not past.interrupted:
        raise UsageError(f"{past.run} was cancelled: there is nothing to settle", f"nephoscope undo {past.run}")
    read_only = doing.read_only and not past.planned().only_reads
    looking = options.plan or read_only
    out = sys.stderr if options.output == "json" else sys.stdout
    for flight in flights(past, doing.cloud) if looking else looked_up(past, doing.cloud, doing.journal):
        state = {"reached": "was carried out", "pending": "was not carried out"}.get(flight.look.state, "is not known")
        print(neutral(f"{flight.name} {flight.step} {flight.text}: {state} ({flight.look.words})"), file=out)
    if options.plan:
        return _looked_ahead(doing, past, options, out) if options.resume else Exit.DONE
    if read_only:
        raise UsageError(f"nothing may be changed here: {doing.read_only}")
    if options.settle:
        leave(past, doing.journal, "settled after an interruption")
        return Exit.DONE
    return _resumed(doing, past, options)


def _looked_ahead(doing: Any, past: Any, options: Any, out: TextIO) -> Exit:
    """What is left to be done, and whether the guards would let it; in JSON its plan, for whoever approves it again."""
    from console.cli.do import show
    from runbooks.resuming import guards_now, unfinished

    plan = past.planned()
    if options.output == "json":
        show(plan, options)
    over = past.over(plan)
    for part in unfinished(past, plan):
        for number, step in part.steps():
            if number not in over.get(part.target, ()):
                print(neutral(f"{part.name} {number} {step.text}: would be done"), file=out)
    guards = guards_now(past, plan, doing.cloud, read_only=doing.read_only)
    closed = [guard for guard in guards if guard.state != "open"]
    for guard in closed:
        print(neutral(guard.told), file=out)
    return Exit.GUARD if closed else Exit.DONE


def _resumed(doing: Any, past: Any, options: Any) -> Exit:
    from console.cli.progress import carried_out
    from runbooks.seen import of_past

    seen = of_past(past, live=False)
    code: Exit = carried_out(
        seen,
        lambda told, started: doing.resume(past, told, started),
        doing.journal,
        doing.cloud.clock,
        options,
    )
    return code
