"""Runs of the journal as a shell script of the equivalent commands, in their order.

Only what was done is a command; what failed, or of which nobody knows, is a comment that says so. Every word is quoted
again: what a shell would have to expand or run (`$(…)`, `|`, `;`) is a comment, never something that acts.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from collectors.untrusted import neutral
from runbooks.journal import Run, Step
from views.text.journal import OUTCOMES, inverses, seconds, who

DONE = ("done", "looked-up")

_QUIET = re.compile(r"""'[^']*'|\\.|"(?:[^"\\$`]|\\[^$`\n])*"|[^'"\\;|&<>()$`\n*?\[\]{}~#!]""", re.DOTALL)
"""A piece of a simple command that a shell takes as it stands."""


def quoted(command: str) -> str | None:
    """The same simple command with every word quoted; None when it is more than one, or not to be printed."""
    if not command.isprintable() or _QUIET.sub("", command):
        return None
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    return shlex.join(words) if words else None


def lines(runs: Sequence[Run]) -> Iterator[str]:
    """The script."""
    yield "#!/bin/sh\n# The equivalent commands of what was done, from the journal. Read them before you run them:\n"
    yield "# the cloud is not what it was.\nset -eu\n"
    for run in runs:
        yield f"\n# {_comment(f'{seconds(run.at)} UTC  {run.operation}  ' + ', '.join(run.targets))}\n"
        yield f"# run {_comment(run.id)}, by {_comment(who(run))}\n"
        if run.reason:
            yield f"# reason: {_comment(run.reason)}\n"
        state = OUTCOMES.get(run.state, run.state)
        yield f"# {_comment(state + (': ' + run.words if run.words else ''))}\n"
        for step in run.steps:
            yield from _step(step)
        for line in inverses(run):
            yield f"# to take it back: {_comment(line)}\n"


def _step(step: Step) -> Iterator[str]:
    yield f"# {_comment(f'{step.name}  {step.step}  {step.text}')}\n"
    command = quoted(step.command) if step.command else None
    if step.outcome not in DONE:
        outcome = OUTCOMES.get(step.outcome, step.outcome)
        blind = "" if step.outcome == "not-needed" else "not to be repeated blind: "
        yield f"# {_comment(blind + outcome + (': ' + step.words if step.words else ''))}\n"
    elif command is not None:
        yield f"{command}\n"
        return
    elif step.command:
        yield "# by hand, since a shell would do more with it than run it:\n"
    if step.command:
        yield f"#   {_comment(step.command)}\n"


def _comment(text: str) -> str:
    """One line, whatever is in it."""
    return neutral(text)
