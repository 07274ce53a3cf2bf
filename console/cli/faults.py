"""What commands of grounds have in common: the exports for clients, which faults there are and which are active.

`nephoscope simulator` and `nephoscope lab` differ in how their cloud starts; once it answers, they are asked the same.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any

from collectors.errors import UsageError
from collectors.untrusted import neutral
from console.cli import grounds
from console.cli.exits import Exit


def add(actions: argparse._SubParsersAction[Any]) -> None:
    """The action `fault` and its arguments."""
    fault = actions.add_parser("fault", help="break something, or undo it")
    fault.add_argument("what", choices=("list", "inject", "undo"), help="list what there is, inject or undo one")
    fault.add_argument("name", nargs="?", help="the fault (undo: its id; without one, all of them)")
    fault.add_argument("parameters", nargs="*", metavar="NAME=VALUE", help="its parameters, like host=cmp01")


def export(state: Path, ground: str) -> Exit:
    """Print what clients export."""
    for name, value in grounds.exports(state, ground).items():
        print(f"export {name}={shlex.quote(value)}")
    return Exit.DONE


def active(state: Path, ground: str) -> Exit:
    """Print which faults are active."""
    found = grounds.ask(state, {"command": "active"}, ground=ground)
    print(f"running at {state}; {len(found)} fault{'' if len(found) == 1 else 's'} active")
    for fault in found:
        print("  " + neutral(_words(fault)))
    return Exit.DONE


def run(state: Path, options: Any, ground: str, seconds: float) -> Exit:
    """List, inject or undo; the ground has `seconds` to show what was asked for."""
    if options.what == "list":
        for name, fault in grounds.ask(state, {"command": "faults"}, ground=ground).items():
            wanted = " ".join(f"{key}={_allowed(of)}" for key, of in (fault.get("parameters") or {}).items())
            print(f"{name} {wanted}".rstrip())
            print(f"    {fault.get('title', '')}")
        return Exit.DONE
    if options.what == "undo":
        for fault in grounds.ask(state, {"command": "undo", "id": options.name or ""}, seconds, ground):
            print(f"undone: {_words(fault)}", file=sys.stderr)
        return Exit.DONE
    if not options.name:
        raise UsageError("which fault to inject?", f"`nephoscope {ground} fault list` names them")
    parameters: dict[str, str] = {}
    for word in options.parameters:
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"“{word[:60]}” is not NAME=VALUE")
        parameters[name] = value
    request = {"command": "inject", "fault": options.name, "parameters": parameters}
    print(_words(grounds.ask(state, request, seconds, ground)))
    return Exit.DONE


def _words(fault: dict[str, Any]) -> str:
    """`ID  host-down host=cmp01  since …`: what `active` and `inject` answer."""
    given = " ".join(f"{name}={value}" for name, value in (fault.get("parameters") or {}).items())
    since = f"  since {fault['since']}" if fault.get("since") else ""
    return f"{fault.get('id', '')}  {fault.get('fault', '')} {given}".rstrip() + since


def _allowed(parameter: dict[str, Any]) -> str:
    """`nova-api|nova-compute` for a choice, `<host>` for the rest."""
    choices = parameter.get("choices") or ()
    return "|".join(map(str, choices)) or f"<{parameter.get('type', 'value')}>"
