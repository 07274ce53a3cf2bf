"""`nephoscope kinds`: what can be listed, from the generated index; no kind is imported."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from collectors.registry import entries
from console.cli.exits import Exit


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `kinds`."""
    parser.add_argument("-o", "--output", choices=("table", "json", "yaml"), default="table")


def run(options: Any) -> Exit:
    """List the kinds by system."""
    found = list(entries().values())
    if options.output == "table":
        width = max(len(e.name) for e in found)
        system = ""
        for entry in found:
            if entry.system != system:
                system = entry.system
                print(f"{'' if entry is found[0] else chr(10)}{system}")
            aliases = f"  ({', '.join(entry.aliases)})" if entry.aliases else ""
            print(f"  {entry.name:<{width}}  {entry.about}{aliases}")
        return Exit.DONE
    from views.text import formats

    data = [
        {
            "name": e.name,
            "title": e.title,
            "aliases": list(e.aliases),
            "system": e.system,
            "scope": e.scope,
            "about": e.about,
        }
        for e in found
    ]
    sys.stdout.write(formats.json_text(data) if options.output == "json" else formats.yaml_text(data))
    return Exit.DONE
