"""The lab's command line: up, down, destroy, status, serve. Words about the progress go to stderr.

SIGINT, SIGTERM and SIGHUP interrupt at any point; every command can be repeated.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

from runbooks.lab import serve, status
from runbooks.lab import up as life
from runbooks.lab.lab import DEFAULT_STATE, Lab, open_lab
from runbooks.lab.layout import PROFILES
from runbooks.lab.preflight import NotRootError, root
from runbooks.lab.shell import Interrupted, LabError, interrupt


class _Parser(argparse.ArgumentParser):
    """Exits 64 for wrong usage, as all of our commands do."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: error: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m runbooks.lab", description="A real OpenStack cloud on one machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="bring it up; what is up already is looked at and mended")
    up.add_argument("--profile", choices=PROFILES, default=None, help="default: what it was made with, else core")
    up.add_argument("--until", default="", metavar="STEP", help="only the steps up to this one (for developers)")
    commands.add_parser("down", help="switch its hosts off; their disks stay")
    commands.add_parser("destroy", help="remove all that it made")
    commands.add_parser("status", help="its hosts and what does not run")
    commands.add_parser("serve", help="answer at its control socket (started by `up`)")
    for each in commands.choices.values():
        each.add_argument("--state", type=Path, default=DEFAULT_STATE, metavar="DIR", help=f"default {DEFAULT_STATE}")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Exit status: 0 done, 64 usage, 69 does not work, 70 our bug, 77 not root, 130 interrupted."""
    given = _parser().parse_args(argv)
    os.umask(0o022)
    state: Path = given.state.absolute()
    if given.command == "serve":
        return _serve(state)
    # The work is done in a thread of its own: an interruption then comes between two programs, or ends the one that
    # runs, and never between two lines of ours.
    result: list[int] = []
    worker = threading.Thread(target=lambda: result.append(_told(given, state)))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: interrupt())
    worker.start()
    while worker.is_alive():
        worker.join(0.2)
    return result[0] if result else 70


def _told(given: argparse.Namespace, state: Path) -> int:
    """Do it; what goes wrong is told in words."""
    try:
        _do(given, state)
    except Interrupted:
        print("lab: interrupted; `up` goes on from here, `destroy` removes it", file=sys.stderr)
        return 130
    except LabError as error:
        print(f"lab: {error}" + (f". Try: {error.hint}" if error.hint else ""), file=sys.stderr)
        return 77 if isinstance(error, NotRootError) else 69
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"lab: {error.filename or 'the machine'}: {error.strerror or error}", file=sys.stderr)
        return 69
    return 0


def _do(given: argparse.Namespace, state: Path) -> None:
    match given.command:
        case "up":
            life.up(state, given.profile, given.until)
        case "down":
            print("the lab is off" if life.down(state) else f"there is no lab in {state}", file=sys.stderr)
        case "destroy":
            done = life.destroy(state)
            print(
                f"{state} is gone, and all that belonged to it" if done else f"there is no lab in {state}",
                file=sys.stderr,
            )
        case "status":
            for line in status.lines(_there(state)):
                print(line, flush=True)


def _there(state: Path) -> Lab:
    root()
    lab = open_lab(state)
    if lab is None:
        raise LabError(f"there is no lab in {state}", "", "nephoscope lab up")
    return lab


def _serve(state: Path) -> int:
    """Until SIGTERM, or until a client says `stop`: then the lab is switched off."""
    try:
        if serve.serve(_there(state)):
            life.down(state)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 69
    return 0
