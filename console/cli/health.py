"""`nephoscope health`: each system's health, worst first, in words; the lines of the overview.

Exit code: 0 all ok, 1 the worst is a warning, 2 critical, 3 something could not be read and nothing is worse.
`--watch` prints again whenever a line changed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from typing import Any

from collectors import registry
from collectors.connections import Connections
from collectors.health import Level
from collectors.kind import AnyKind
from collectors.overview import Overview, overview, watched
from collectors.survey import survey
from console.cli.exits import Exit

CODES: dict[Level, Exit] = {
    "ok": Exit.DONE,
    "warning": Exit.WARNING,
    "critical": Exit.CRITICAL,
    "unknown": Exit.UNKNOWN,
}


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `health`."""
    parser.add_argument("-o", "--output", choices=("text", "json", "yaml"), default="text")
    parser.add_argument("--watch", action="store_true", help="go on; print again when a line changed")
    parser.add_argument("--every", type=float, default=10.0, metavar="SECONDS", help="with --watch (default 10)")


def run(options: Any) -> Exit:
    """Survey the cloud once, or again and again."""
    from console.wiring import CLOCK, connect, known_problems

    connections = connect(options)
    try:
        kinds = watched(registry.kinds(), connections.can_ask)
        shown = ""
        while True:
            found = _looked(kinds, connections, CLOCK, options, known_problems)
            text = _text(found, options, CLOCK())
            if text != shown:
                sys.stdout.write(text)
                sys.stdout.flush()
                shown = text
            if not options.watch:
                return CODES[found.level]
            time.sleep(max(options.every, 1.0))
    finally:
        connections.close()


def _looked(kinds: list[AnyKind], connections: Connections, clock: Any, options: Any, known: Any) -> Overview:
    snapshots = survey(kinds, connections, clock, options.timeout)
    now = clock()
    return overview(kinds, snapshots, now, known(connections.site, options.environ, now))


def _text(found: Overview, options: Any, now: float) -> str:
    if options.output == "text":
        from views.glyphs import ASCII, UNICODE
        from views.text.health import health_lines

        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        lines = health_lines(found, width=width, fold=3, glyphs=ASCII if options.ascii else UNICODE)
        text = "".join(f"{line}\n" for line in lines)
        if options.watch:
            text = time.strftime("%H:%M:%S\n", time.localtime(now)) + text
        return text
    from views.text import formats

    data = [
        {
            "system": system.system,
            "health": system.health.level,
            "reason": system.health.reason,
            "note": system.second_line or None,
            "kinds": [
                {
                    "kind": kind.kind.name,
                    "health": kind.health.level,
                    "reason": kind.health.reason,
                    "rows": kind.rows,
                    "problems": kind.problems,
                    "acknowledged": kind.acknowledged,
                }
                for kind in system.kinds
            ],
        }
        for system in found.systems
    ]
    return formats.json_text(data) if options.output == "json" else formats.yaml_text(data)
