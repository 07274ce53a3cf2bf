"""`nephoscope simulator up|down|status|fault|clock`: a simulated cloud that every client can talk to.

`up` returns when it answers and prints the exports that clients need: `eval "$(nephoscope simulator up)"`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from collectors.errors import UsageError
from collectors.values import quantity
from console.cli import faults, grounds
from console.cli.exits import Exit

MODULE = "runbooks.simulator"
CLOUD = "simulator"
FAULT_SECONDS = 10.0


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `simulator`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    up = actions.add_parser("up", help="start it; prints the exports for clients")
    add_shape(up)
    actions.add_parser("down", help="stop it")
    actions.add_parser("status", help="is it running, which faults are active")
    faults.add(actions)
    clock = actions.add_parser("clock", help="let time pass in the cloud")
    clock.add_argument("advance", help="how much, like 90s or 5m")
    for sub in (up, *(actions.choices[n] for n in ("down", "status", "fault", "clock"))):
        sub.add_argument("--state", type=Path, default=None, help="its folder (default: in your state folder)")


def add_shape(parser: argparse.ArgumentParser) -> None:
    """What a simulated cloud is like: also of `demo`."""
    parser.add_argument("--computes", type=int, default=4, help="hypervisors (default 4, up to 10,000)")
    parser.add_argument("--servers", type=int, default=40, help="servers (default 40, up to 260,000)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same cloud")
    parser.add_argument("--network", choices=("ovs", "ovn"), default="ovs", help="what Neutron uses (default ovs)")
    parser.add_argument("--further", action="store_true", help="with Octavia, Designate, Manila and Barbican, too")
    parser.add_argument("--hyperconverged", action="store_true", help="Ceph on the first three hypervisors")
    parser.add_argument(
        "--kept", action="store_true", help="systemd keeps the containers, as Kolla has it since 2023.1"
    )


def run(options: Any) -> Exit:
    """Do the action."""
    state: Path = options.state or grounds.default_state(options.environ, "simulator")
    match options.action:
        case "up":
            return _up(state, options)
        case "down":
            grounds.stop(state)
            print("stopped", file=sys.stderr)
        case "status":
            return faults.active(state, CLOUD)
        case "fault":
            return faults.run(state, options, CLOUD, FAULT_SECONDS)
        case "clock":
            seconds = quantity(options.advance)
            if seconds is None:
                raise UsageError(f"“{options.advance[:40]}” is no duration", "examples: 90s, 5m")
            grounds.ask(state, {"command": "clock", "advance": seconds})
            print(f"the cloud's clock moved on by {seconds:g} s", file=sys.stderr)
    return Exit.DONE


def sizes(options: Any) -> list[str]:
    """The arguments of shape for the ground's own process."""
    if not 0 <= options.computes <= 10_000 or not 0 <= options.servers <= 260_000:
        raise UsageError("the simulator has 0 to 10,000 computes and 0 to 260,000 servers")
    if options.hyperconverged and options.computes < 3:
        raise UsageError("--hyperconverged needs 3 computes", "one for each monitor of Ceph")
    flags = [f"--{name}" for name in ("further", "hyperconverged", "kept") if getattr(options, name)]
    shape = {name: str(getattr(options, name)) for name in ("computes", "servers", "seed", "network")}
    return [*flags, *(word for name, value in shape.items() for word in (f"--{name}", value))]


def _up(state: Path, options: Any) -> Exit:
    if grounds.running(state):
        print(f"already running at {state}", file=sys.stderr)
    else:
        grounds.start(MODULE, state, sizes(options))
        print(f"simulated cloud is up; its folder is {state}", file=sys.stderr)
    return faults.export(state, CLOUD)
