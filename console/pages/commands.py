"""docs/commands.md: every command with its arguments, the filters and the exit codes, from their declarations."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import collectors.query
from console.cli.exits import MEANING
from console.cli.frame import COMMANDS, global_options, parser


def _usage(of: argparse.ArgumentParser) -> str:
    positionals = [a for a in of._actions if not a.option_strings]
    words = [of.prog]
    for action in positionals:
        name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        choices = "|".join(map(str, action.choices)) if action.choices and not action.metavar else name
        words.append(f"[{choices} …]" if action.nargs == "*" else f"[{choices}]" if action.nargs == "?" else choices)
    return " ".join(words)


def _options(of: argparse.ArgumentParser, leave_out: set[str]) -> Iterator[str]:
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction) or action.dest in leave_out:
            continue
        name = ", ".join(f"`{o}`" for o in action.option_strings) or f"`{action.metavar or action.dest}`"
        choices = f" ({', '.join(map(str, action.choices))})" if action.choices else ""
        yield f"| {name} | {action.help or ''}{choices} |\n"


def _section(of: argparse.ArgumentParser, title: str, about: str, leave_out: set[str]) -> Iterator[str]:
    yield f"\n## {title}\n\n{about[:1].upper()}{about[1:]}.\n\n```\n{_usage(of)}\n```\n"
    rows = list(_options(of, leave_out))
    if rows:
        yield "\n| argument | meaning |\n|---|---|\n"
        yield from rows
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, sub in action.choices.items():
                yield f"\n### {title} {name}\n\n{helps.get(name, '')}\n\n```\n{_usage(sub)}\n```\n"
                rows = list(_options(sub, leave_out))
                if rows:
                    yield "\n| argument | meaning |\n|---|---|\n"
                    yield from rows


def text() -> str:
    """The page."""
    top = parser()
    commands = next(a for a in top._actions if isinstance(a, argparse._SubParsersAction))
    shared = {action.dest for action in global_options()._actions} | {"help"}
    parts = [
        "# Commands\n\nGenerated from the declarations. stdout is data, stderr is talk. ",
        "`nephoscope` without a command opens the console.\n",
        "\n## Options of every command\n\n| option | meaning |\n|---|---|\n",
        *_options(global_options(), set()),
    ]
    for name, about in COMMANDS.items():
        parts += _section(commands.choices[name], name, about, shared)
    grammar = (collectors.query.__doc__ or "").split("\n\n")
    block = next(p for p in grammar if p.startswith("    "))
    parts.append("\n## Filters\n\nThe same on screen (`/`) and as arguments; all must hold.\n\n```\n")
    parts.append("\n".join(line[4:] for line in block.splitlines()) + "\n```\n")
    parts.append("\n## Exit codes\n\n| code | meaning |\n|---|---|\n")
    parts += [f"| {int(code)} | {meaning} |\n" for code, meaning in MEANING.items()]
    return "".join(parts)
