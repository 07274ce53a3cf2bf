"""`python -m runbooks.lab up|down|destroy --state DIR`: a real cloud on this machine.

Words about the progress go to stderr.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import NoReturn

from runbooks.lab import up as life
from runbooks.lab.lab import DEFAULT_STATE
from runbooks.lab.layout import PROFILES
from runbooks.lab.shell import Interrupted, LabError, interrupt


class _Parser(argparse.ArgumentParser):
    """Exits 64 for wrong usage, as all of our commands do."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: error: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m runbooks.lab", description="A real OpenStack cloud on one machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="bring it up")
    up.add_argument("--profile", choices=PROFILES, default="core")
    down = commands.add_parser("down", help="switch it off")
    destroy = commands.add_parser("destroy", help="remove it")
    for each in (up, down, destroy):
        each.add_argument("--state", type=Path, default=DEFAULT_STATE, metavar="DIR")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Exit status: 0 done, 64 usage, 69 does not work, 77 not root, 130 interrupted."""
    given = _parser().parse_args(argv)
    if os.geteuid() != 0:
        print("lab: needs root: run it with sudo", file=sys.stderr)
        return 77
    os.umask(0o022)
    result: list[int] = []
    worker = threading.Thread(target=lambda: result.append(_do(given)))

    def stop(number: int, frame: FrameType | None) -> None:
        interrupt()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    worker.start()
    while worker.is_alive():
        worker.join(0.5)
    return result[0] if result else 70


def _do(given: argparse.Namespace) -> int:
    state = given.state.absolute()
    try:
        if given.command == "up":
            life.up(state, given.profile)
        elif given.command == "down":
            life.down(state)
        else:
            life.destroy(state)
    except Interrupted:
        print("lab: interrupted; `up` goes on from here, `destroy` removes it", file=sys.stderr)
        return 130
    except LabError as error:
        print(f"lab: {error}" + (f"; {error.hint}" if error.hint else ""), file=sys.stderr)
        return 69
    return 0


if __name__ == "__main__":
    sys.exit(main())
