"""`nephoscope doctor`: who we are to each system, what we may not do, how fast it answers, and what to do next.

All systems are asked at the same time, and each is printed as soon as it is done. The configuration and the terminal
are looked at as well. Exit code: 0 all ok, 1 the worst is a warning, 2 critical, 3 something could not be told.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any, Final

from collectors.connections import SYSTEMS, Connections
from collectors.errors import BadConfiguration, UsageError
from collectors.health import Health, worst
from collectors.sources.base import Fact
from console.cli.exits import Exit

SECONDS: Final = 20.0
"""For everything, unless --timeout says otherwise."""

PARTS: Final = ("configuration", "terminal", *SYSTEMS)


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `doctor`."""
    parser.add_argument("parts", metavar="PART", nargs="*", help=f"only these of: {', '.join(PARTS)}")
    parser.add_argument("-o", "--output", choices=("text", "json", "yaml"), default="text")


def run(options: Any) -> Exit:
    """Look at everything once."""
    from views.glyphs import ASCII, UNICODE
    from views.text import doctor, formats

    parts = _parts(options.parts)
    found: list[Fact] = []
    records = []
    connections, trouble = _connections(options)
    try:
        for title, facts in _blocks(options, connections, trouble, parts):
            if options.output == "text" and facts:
                glyphs = ASCII if options.ascii else UNICODE
                lines = doctor.block(title, facts, glyphs)
                sys.stdout.write(("\n" if found else "") + "".join(f"{line}\n" for line in lines))
                sys.stdout.flush()
            found += facts
            site = connections.site
            records += [doctor.record(title, fact, site.cloud, connections.region) for fact in facts]
    finally:
        connections.close()
    if options.output == "json":
        sys.stdout.writelines(formats.json_lines(records))
    elif options.output == "yaml":
        sys.stdout.write(formats.yaml_text(records))
    from console.cli.health import CODES

    return CODES[worst(*(Health(fact.level) for fact in found)).level]


def _parts(told: list[str]) -> list[str]:
    for word in told:
        if word not in PARTS:
            raise UsageError(f"doctor does not look at “{word[:40]}”", f"It looks at: {', '.join(PARTS)}")
    return told or list(PARTS)


def _connections(options: Any) -> tuple[Connections, BadConfiguration | None]:
    """Connections to the site; without a cloud, to what else is known of it, and why there is no cloud."""
    from console.config import load_site
    from console.wiring import connect

    # A configuration that cannot be read at all is told as everywhere else, by exit code 78.
    site = load_site(options.cloud or "", options.region or "", options.environ)
    try:
        return connect(options), None
    except BadConfiguration as error:
        return Connections(site), error


def _blocks(
    options: Any, connections: Connections, trouble: BadConfiguration | None, parts: list[str]
) -> Iterator[tuple[str, list[Fact]]]:
    from console.checkup import configuration, systems, terminal
    from console.config import load

    site = connections.site
    if "configuration" in parts:
        yield (
            "configuration",
            list(configuration.facts(load(site.cloud, site.region, options.environ), options.environ)),
        )
    if "terminal" in parts:
        size = terminal.size_of(sys.stdout.fileno(), sys.stderr.fileno()) if sys.stdout.isatty() else None
        yield "terminal", list(terminal.facts(options.environ, size))
    asked = [system for system in SYSTEMS if system in parts]
    if trouble is not None and "openstack" in asked:
        asked.remove("openstack")
        yield "openstack", [systems.from_error("openstack", trouble)]
    yield from systems.ask(connections, asked, options.timeout or SECONDS)
