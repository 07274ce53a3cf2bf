"""`nephoscope simulator up|down|status|fault|clock`: a simulated cloud that every client can talk to.

`up` returns when it answers and prints the exports that clients need: `eval "$(nephoscope simulator up)"`.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any

from collectors.errors import UsageError
from collectors.untrusted import neutral
from collectors.values import quantity
from console.cli import grounds
from console.cli.exits import Exit

MODULE = "runbooks.simulator"
CLOUD = "simulator"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `simulator`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    up = actions.add_parser("up", help="start it; prints the exports for clients")
    up.add_argument("--computes", type=int, default=4, help="hypervisors (default 4, up to 10,000)")
    up.add_argument("--servers", type=int, default=40, help="servers (default 40, up to 260,000)")
    up.add_argument("--seed", type=int, default=0, help="the same seed gives the same cloud")
    actions.add_parser("down", help="stop it")
    actions.add_parser("status", help="is it running, which faults are active")
    fault = actions.add_parser("fault", help="break something, or undo it")
    fault.add_argument("what", choices=("list", "inject", "undo"), help="list what there is, inject or undo one")
    fault.add_argument("name", nargs="?", help="the fault (undo: its id; without one, all of them)")
    fault.add_argument("parameters", nargs="*", metavar="NAME=VALUE", help="its parameters, like host=cmp01")
    clock = actions.add_parser("clock", help="let time pass in the cloud")
    clock.add_argument("advance", help="how much, like 90s or 5m")
    for sub in (up, *(actions.choices[n] for n in ("down", "status", "fault", "clock"))):
        sub.add_argument("--state", type=Path, default=None, help="its folder (default: in your state folder)")


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
            return _status(state)
        case "fault":
            return _fault(state, options)
        case "clock":
            seconds = quantity(options.advance)
            if seconds is None:
                raise UsageError(f"“{options.advance[:40]}” is no duration", "examples: 90s, 5m")
            grounds.ask(state, {"command": "clock", "advance": seconds})
            print(f"the cloud's clock moved on by {seconds:g} s", file=sys.stderr)
    return Exit.DONE


def sizes(options: Any) -> list[str]:
    """The size arguments for the ground's own process."""
    if not 0 <= options.computes <= 10_000 or not 0 <= options.servers <= 260_000:
        raise UsageError("the simulator has 0 to 10,000 computes and 0 to 260,000 servers")
    return ["--computes", str(options.computes), "--servers", str(options.servers), "--seed", str(options.seed)]


def _up(state: Path, options: Any) -> Exit:
    if grounds.running(state):
        print(f"already running at {state}", file=sys.stderr)
    else:
        grounds.start(MODULE, state, sizes(options))
        print(f"simulated cloud is up; its folder is {state}", file=sys.stderr)
    for name, value in grounds.exports(state, CLOUD).items():
        print(f"export {name}={shlex.quote(value)}")
    return Exit.DONE


def _status(state: Path) -> Exit:
    active = grounds.ask(state, {"command": "active"})
    print(f"running at {state}; {len(active)} fault{'' if len(active) == 1 else 's'} active")
    for fault in active:
        print("  " + neutral(_words(fault)))
    return Exit.DONE


def _words(fault: dict[str, Any]) -> str:
    """`ID  host-down host=cmp01  since …`: what `active` and `inject` answer."""
    given = " ".join(f"{name}={value}" for name, value in (fault.get("parameters") or {}).items())
    since = f"  since {fault['since']}" if fault.get("since") else ""
    return f"{fault.get('id', '')}  {fault.get('fault', '')} {given}".rstrip() + since


def _fault(state: Path, options: Any) -> Exit:
    if options.what == "list":
        for name, fault in grounds.ask(state, {"command": "faults"}).items():
            wanted = " ".join(
                f"{parameter}={_allowed(of)}" for parameter, of in (fault.get("parameters") or {}).items()
            )
            print(f"{name} {wanted}".rstrip())
            print(f"    {fault.get('title', '')}")
        return Exit.DONE
    if options.what == "undo":
        for fault in grounds.ask(state, {"command": "undo", "id": options.name or ""}):
            print(f"undone: {_words(fault)}", file=sys.stderr)
        return Exit.DONE
    if not options.name:
        raise UsageError("which fault to inject?", "`nephoscope simulator fault list` names them")
    parameters: dict[str, str] = {}
    for word in options.parameters:
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"“{word[:60]}” is not NAME=VALUE")
        parameters[name] = value
    active = grounds.ask(state, {"command": "inject", "fault": options.name, "parameters": parameters})
    print(_words(active))
    return Exit.DONE


def _allowed(parameter: dict[str, Any]) -> str:
    """`nova-api|nova-compute` for a choice, `<host>` for the rest."""
    choices = parameter.get("choices") or ()
    return "|".join(map(str, choices)) or f"<{parameter.get('type', 'value')}>"
