"""`nephoscope search REQUEST-ID`: every line of every log, on all hosts, that names the request, merged by time."""

from __future__ import annotations

import argparse
import re
from typing import Any

from collectors.errors import UsageError
from collectors.logs.line import LINES
from collectors.logs.reading import Wanted
from collectors.logs.sieve import Sieve, hosts_of
from collectors.query import parse_arguments
from console.cli.exits import Exit
from console.cli.logs import READ_SECONDS, all_of, begin, span

_TEXT = re.compile(r"[A-Za-z0-9_][\w.-]{7,199}", re.ASCII)


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `search`."""
    parser.add_argument("request", metavar="REQUEST-ID", help="req-…, or the id of any object that services log")
    parser.add_argument("filters", metavar="FILTER", nargs="*", help="host=ctl0*, level=error, …")
    span(parser, "1h")
    parser.add_argument("--lines", type=int, default=5_000, metavar="N", help="at most N lines of each log")


def run(options: Any) -> Exit:
    """Search and print."""
    from console.wiring import CLOCK, connect

    if not _TEXT.fullmatch(options.request):
        raise UsageError(f"“{options.request[:60]}” is no id", "at least 8 letters, digits, - and _: req-0f6a…")
    query = parse_arguments(LINES, options.filters)
    connections = connect(options)
    try:
        wanted = Wanted(
            hosts=hosts_of(query, tuple(connections.site.hosts)),
            since=begin(options.since, CLOCK()),
            lines=options.lines,
            request=options.request,
            seconds=options.timeout or READ_SECONDS,
        )
        return all_of(connections, wanted, Sieve(query=query).test(CLOCK()), options)
    finally:
        connections.close()
