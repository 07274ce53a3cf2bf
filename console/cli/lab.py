"""`nephoscope lab up|down|destroy|status|fault|env`: a real OpenStack cloud on this machine, in network namespaces.

The work is done by a program of its own, `python -m runbooks.lab`, whose words about its progress go to stderr. `up`
prints the exports that clients need when everything answers: `eval "$(sudo nephoscope lab up)"`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from collectors.errors import BadConfiguration, Refused
from console.cli import faults
from console.cli.exits import Exit

MODULE = "runbooks.lab"
CLOUD = "lab"
STATE = Path("/var/lib/nephoscope-lab")
PROFILES = ("core", "network", "storage", "full")
FAULT_SECONDS = 600.0
"""A real cloud takes its time to break and to heal."""


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `lab`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    up = actions.add_parser("up", help="bring it up, or mend what is not up; prints the exports for clients")
    up.add_argument(
        "--profile",
        choices=PROFILES,
        default=None,
        help="what it has: core is control and compute, network adds Neutron and Open vSwitch, storage adds Ceph "
        "(default: what it was made with, else core)",
    )
    actions.add_parser("down", help="switch its hosts off; their disks stay")
    actions.add_parser("destroy", help="remove all that it made")
    actions.add_parser("status", help="its hosts, what does not run, which faults are active")
    faults.add(actions)
    actions.add_parser("env", help="print the exports for clients")
    for sub in actions.choices.values():
        sub.add_argument("--state", type=Path, default=STATE, help=f"its folder (default: {STATE})")


def run(options: Any) -> Exit:
    """Do the action."""
    state: Path = options.state.absolute()
    match options.action:
        case "up":
            done = _do("up", state, ["--profile", options.profile] if options.profile else [])
            return faults.export(state, CLOUD) if done is Exit.DONE else done
        case "status":
            done = _do("status", state)
            return faults.active(state, CLOUD) if done is Exit.DONE else done
        case "fault":
            _look(state)
            return faults.run(state, options, CLOUD, FAULT_SECONDS)
        case "env":
            _look(state)
            return faults.export(state, CLOUD)
    return _do(options.action, state)


def _look(state: Path) -> None:
    """Raises when there is no lab that we may use."""
    try:
        found = (state / "clouds.yaml").is_file()
    except PermissionError as error:
        raise Refused(f"lab at {state}", "only root may use it", "sudo") from error
    if not found:
        raise BadConfiguration(f"lab at {state}", "there is none", "nephoscope lab up")


def _do(action: str, state: Path, more: Sequence[str] = ()) -> Exit:
    """Let the lab's own program do it; its exit codes are ours. An interruption is passed on and waited for."""
    words = [sys.executable, "-m", MODULE, action, "--state", str(state), *more]
    sys.stdout.flush()
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL)
    try:
        code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    return Exit(code) if code in set(Exit) else Exit.BUG
