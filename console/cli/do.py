"""`nephoscope do OPERATION TARGET…`: what the console does with `a`, for scripts: plan, guards, consent, calls, proof.

Without a terminal and without `--yes` nothing is changed (64). `--yes NAME` once per target, or `--yes COUNT` for what
can be taken back; what only reads (R0) wants none. Exit codes: 0 done and proved, 5 not proved or failed half-way, 6 a
guard is closed, 130 a signal ended it between two steps.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from collectors.errors import UsageError
from collectors.untrusted import neutral
from console.cli.exits import Exit

FORMATS = ("text", "json", "markdown")


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `do`."""
    parser.add_argument("operation", metavar="OPERATION", help="`nephoscope operations` lists them")
    parser.add_argument(
        "words", metavar="TARGET", nargs="+", help="id, unique name or filter; NAME=VALUE sets a parameter"
    )
    parser.add_argument("--plan", action="store_true", help="show what would be done, and do nothing")
    parser.add_argument(
        "--yes", metavar="NAME", action="append", default=[], help="confirm a target; or how many, when reversible"
    )
    parser.add_argument("--reason", metavar="WHY", default="", help="kept in the journal; production wants one")
    parser.add_argument("--at-once", type=int, default=0, metavar="N", help="targets at the same time")
    parser.add_argument("--carry-on", action="store_true", help="go on with the others when one fails")
    parser.add_argument("-o", "--output", choices=FORMATS, default="text")


def run(options: Any) -> Exit:
    """Plan, and unless that was all, confirm and carry out."""
    from console.doing import Doing

    doing = Doing(options)
    try:
        return _done(doing, options)
    finally:
        doing.close()


def _done(doing: Any, options: Any) -> Exit:
    from runbooks.registry import operation

    wanted = operation(options.operation)
    parameters = [parameter.name for parameter in wanted.parameters]
    words, given = split(options.words, parameters)
    if "reason" in parameters:  # the cloud keeps one, and so does the journal: nobody says it twice
        options.reason = options.reason or given.get("reason", "")
        given = {"reason": options.reason} | given if options.reason else given
    plan = doing.plan(wanted, words, given, at_once=options.at_once, carry_on=options.carry_on)
    if options.plan:
        show(plan, options)
        return Exit.GUARD if plan.closed else Exit.DONE
    if plan.closed:
        if options.output == "text":
            show(plan, options, sys.stderr)
        for guard in plan.closed:
            print(f"nephoscope: {neutral(guard.told)}", file=sys.stderr)
        print("nephoscope: nothing was done", file=sys.stderr)
        return Exit.GUARD
    names = consent(plan, options)
    code: Exit = doing.carry_out(plan, wanted, names, options)
    return code


def split(words: Sequence[str], parameters: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """(targets, parameters): `NAME=VALUE` is a parameter where the operation has one of that name, else a filter."""
    given: dict[str, str] = {}
    targets = []
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name.replace("-", "_") in parameters:
            given[name.replace("-", "_")] = value
        else:
            targets.append(word)
    return targets, given


def show(plan: Any, options: Any, out: Any = None) -> None:
    """Print the plan in the format asked for."""
    import shutil

    from runbooks.plan import encoded
    from views.text import formats
    from views.text.plan import markdown, text

    stream = out or sys.stdout
    if options.output == "json":
        stream.write(formats.json_text(encoded(plan)))
    elif options.output == "markdown":
        stream.write("".join(markdown(plan)))
    else:
        width = min(shutil.get_terminal_size((100, 24)).columns, 120)
        stream.write("".join(text(plan, width=width, ascii_only=options.ascii)))


def consent(plan: Any, options: Any) -> tuple[str, ...]:
    """The names that were confirmed: by `--yes`, else asked at the terminal; what only reads asks nobody.

    Raises `UsageError` when they are not.
    """
    names = [part.name for part in plan.parts]
    if "reason" in plan.demands and not options.reason.strip():
        raise UsageError("a reason must be given, and nothing was done", "--reason WHY; it is kept in the journal")
    if options.yes:
        if len(options.yes) == 1 and options.yes[0].isdigit() and options.yes[0] not in names:
            if plan.irreversible or "named" in plan.demands:
                raise UsageError("this cannot be taken back: --yes wants each name", f"--yes {names[0]}")
            if int(options.yes[0]) != len(names):
                raise UsageError(f"--yes {options.yes[0]}, but the plan has {len(names)} targets", "look with --plan")
            return tuple(names)
        known = {part.target: part.name for part in plan.parts} | {name: name for name in names}
        for word in options.yes:
            if word not in known:
                raise UsageError(f"--yes {word[:60]} names no target of the plan", f"Targets: {', '.join(names[:5])}")
        confirmed = [known[word] for word in options.yes]
        if missing := [name for name in names if name not in confirmed]:
            raise UsageError(
                f"not confirmed: {', '.join(missing[:5])}", "--yes NAME once for each, or look with --plan"
            )
        return tuple(confirmed)
    if plan.only_reads:
        return tuple(names)
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        raise UsageError("nobody is there to confirm it", "--yes NAME for each target, or --plan to look only")
    show(plan, options, sys.stderr)
    return _asked(plan, names)


def _asked(plan: Any, names: Sequence[str]) -> tuple[str, ...]:
    """Ask at the terminal; anything but the right word cancels."""
    if "named" in plan.demands or len(names) == 1:
        wanted = names[0] if len(names) == 1 else str(len(names))
        told = f"Type {neutral(wanted)} to go on, anything else to cancel: "
    else:
        wanted = str(len(names))
        told = f"Type {wanted} to go on with all {wanted}, anything else to cancel: "
    sys.stderr.write(told)
    sys.stderr.flush()
    if sys.stdin.readline().strip() != wanted:
        raise UsageError("cancelled: nothing was done")
    return tuple(names)
