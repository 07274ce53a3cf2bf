"""The frame of every command: global options, the table of commands, their dispatch.

A command module has `add(parser)` for its arguments and `run(options) -> Exit`. Global options are taken before or
behind the command's name.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Any, Final, NoReturn

from collectors.errors import UsageError
from console.cli.exits import Exit

COMMANDS: Final[dict[str, str]] = {
    "get": "list a kind: rows with their health, filtered, in any format",
    "describe": "everything about one object",
    "events": "what the services notify of: listen a while, or go on",
    "health": "each system's health, worst first, with its reason",
    "logs": "the logs of services on all hosts, merged by time",
    "search": "a request id in the logs of all services",
    "shell": "a shell on a host, or inside one of its namespaces",
    "approve": "the second person's signature over a plan of somebody else",
    "journal": "what was done, by whom, and how it went",
    "do": "carry out an operation on rows of a kind: plan, guards, consent, proof",
    "undo": "take back what a run did; go on with one that was interrupted",
    "operations": "what can be done, and to what",
    "doctor": "who we are to each system, what we may not do, and the next step",
    "kinds": "what can be listed",
    "demo": "a simulated cloud, and the console on it",
    "simulator": "start, stop and break a simulated cloud",
    "lab": "a real cloud on this machine: bring it up, break it, remove it",
    "completion": "completion for bash, zsh or fish",
}
"""Command → what it does; the console itself is the command without a name."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are `UsageError`s (exit 64, not argparse's 2)."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found wrong."""
        raise UsageError(message, f"see `{self.prog} --help`")


def global_options() -> Parser:
    """Options that stand before or behind any command."""
    shared = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--cloud", metavar="NAME", help="the cloud of clouds.yaml (default: OS_CLOUD)")
    shared.add_argument("--region", metavar="NAME", help="the region (default: the cloud's)")
    shared.add_argument("--read-only", action="store_true", help="change nothing; cannot be lifted from inside")
    shared.add_argument("--ascii", action="store_true", help="ASCII glyphs only")
    shared.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="time limit of the whole command")
    return shared


def _seconds(text: str) -> float:
    from collectors.values import quantity

    found = quantity(text)
    if found is None or found <= 0:
        raise argparse.ArgumentTypeError(f"“{text[:40]}” is no duration; examples: 5, 30s, 2m")
    return found


def parser(*names: str) -> argparse.ArgumentParser:
    """The parser with the arguments of the commands `names`; without any name, of all of them."""
    from console.version import VERSION

    shared = global_options()
    top = Parser(
        prog="nephoscope",
        description="An operator's console for running OpenStack clouds. Without a command it opens the console.",
        parents=[shared],
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"nephoscope {VERSION}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name, about in COMMANDS.items():
        sub = commands.add_parser(name, help=about, description=about, parents=[shared], allow_abbrev=False)
        if not names or name in names:
            import_module(f"console.cli.{name}").add(sub)
    return top


def command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of one command alone, the same as below `parser(name)`; the others are not even named to argparse."""
    found = Parser(
        prog=f"nephoscope {name}", description=COMMANDS[name], parents=[global_options()], allow_abbrev=False
    )
    import_module(f"console.cli.{name}").add(found)
    return found


def _place(of: argparse.ArgumentParser, commands: Collection[str], arguments: Sequence[str]) -> int:
    """Where the command's name stands: the first word that is one and no option's value; the end if there is none."""
    at = 0
    while at < len(arguments) and arguments[at] not in commands:
        option = of._option_string_actions.get(arguments[at])
        at += 2 if option is not None and option.nargs is None else 1
    return min(at, len(arguments))


def parsed(of: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """Parse with options anywhere: `get cs -o json host=cmp01` is how people type. Raises `UsageError`.

    argparse can take options between positional arguments only where there are no sub-commands, so the words are cut
    at each sub-command first.
    """
    commands = next((a for a in of._actions if isinstance(a, argparse._SubParsersAction)), None)
    if commands is None:
        return of.parse_intermixed_args(arguments)
    at = _place(of, commands.choices, arguments)
    if at == len(arguments):
        return of.parse_args(arguments)
    commands.required = False  # it is there; only what stands before it is parsed here
    found = of.parse_args(arguments[:at])
    setattr(found, commands.dest, arguments[at])
    for name, value in vars(parsed(commands.choices[arguments[at]], arguments[at + 1 :])).items():
        setattr(found, name, value)
    return found


def run(arguments: Sequence[str]) -> Exit:
    """Parse and run. Raises `UsageError`, `SourceError`."""
    options: Any
    if arguments and arguments[0] in COMMANDS:
        options = parsed(command_parser(arguments[0]), arguments[1:])
        options.command = arguments[0]
    else:
        at = _place(global_options(), COMMANDS, arguments)
        # Only the one command's module is imported; a word that is no command gets the whole list in its complaint.
        options = parsed(parser(arguments[at] if at < len(arguments) else "console"), arguments)
    for name, default in (("cloud", None), ("region", None), ("read_only", False), ("ascii", False), ("timeout", None)):
        if not hasattr(options, name):
            setattr(options, name, default)
    options.environ = dict(os.environ)
    module = import_module("console.cli.console" if options.command is None else f"console.cli.{options.command}")
    code: Exit = module.run(options)
    return code
