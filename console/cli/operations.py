"""`nephoscope operations`: what can be done, by the kind that it is done to; from the generated index."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from collectors.errors import UsageError
from console.cli.exits import Exit
from runbooks.registry import Entry, entries, entries_of, operation


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `operations`."""
    parser.add_argument("name", metavar="KIND|OPERATION", nargs="?", default="", help="only of this kind, or this one")
    parser.add_argument("-o", "--output", choices=("table", "json", "yaml"), default="table")


def run(options: Any) -> Exit:
    """List them, or tell everything about one."""
    from views.text import formats

    if options.name in entries():
        return _one(options)
    found = _of(options.name)
    if options.output != "table":
        data = [{"name": e.name, "kind": e.kind, "about": e.about, "risk": e.risk} for e in found]
        sys.stdout.write(formats.json_text(data) if options.output == "json" else formats.yaml_text(data))
        return Exit.DONE
    width = max((len(entry.name) for entry in found), default=0)
    kind = ""
    for entry in found:
        if entry.kind != kind:
            kind = entry.kind
            print(f"{'' if entry is found[0] else chr(10)}{kind}")
        print(f"  {entry.name:<{width}}  {entry.risk}  {entry.about}")
    return Exit.DONE


def _of(word: str) -> list[Entry]:
    if not word:
        return list(entries().values())
    from collectors.registry import kind

    name = kind(word).name
    found = entries_of(name)
    if not found:
        raise UsageError(f"nothing can be done to {name} here", "`nephoscope operations` lists what can be done")
    return found


def _one(options: Any) -> Exit:
    """Everything about one operation."""
    from views.text import formats
    from views.text.operation import lines, record

    found = operation(options.name)
    if options.output == "table":
        sys.stdout.writelines(lines(found))
    else:
        data = record(found)
        sys.stdout.write(formats.json_text(data) if options.output == "json" else formats.yaml_text(data))
    return Exit.DONE
