"""`nephoscope logs UNIT… [FILTER…]`: the logs of services on all hosts that have them, merged by time.

A unit is a systemd service, a container, a binary of an agent, or a glob of such names; without any, the whole journal
of the hosts is read. stderr says where the lines were read, and which host could not be.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Final

from collectors.connections import Connections
from collectors.errors import UsageError
from collectors.logs.line import LEVELS, LINES, LogLine
from collectors.logs.opening import log_reading
from collectors.logs.reading import LogReading, Wanted
from collectors.logs.sieve import Sieve, Test, hosts_of, level, words_apart
from collectors.query import parse_arguments
from collectors.untrusted import neutral
from console.cli.exits import Exit, exit_of

READ_SECONDS: Final = 60.0
"""Within which what is not followed has to be read."""
SHOWN: Final = 8
"""Hosts that are named; of more, the number."""
HOLD: Final = 1.0
"""Seconds that a followed line waits for older ones of other hosts."""


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `logs`."""
    parser.add_argument("words", metavar="UNIT | FILTER", nargs="*", help="services or globs, and filters: host=ctl0*")
    span(parser, "10m")
    parser.add_argument("-f", "--follow", action="store_true", help="go on with what is logged from now on")
    parser.add_argument("--level", default="", help=f"this and worse: {', '.join(LEVELS)}")
    parser.add_argument("--grep", metavar="REGEX", default="", help="only lines in which this is found")
    parser.add_argument("--lines", type=int, default=20_000, metavar="N", help="at most the latest N of each log")


def span(parser: argparse.ArgumentParser, default: str) -> None:
    """Arguments that `logs` and `search` share."""
    parser.add_argument(
        "--since", default=default, metavar="AGE", help=f"how far back: 30s, 2h, 1d (default: {default})"
    )
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table", help="format (default: table)")


def begin(text: str, now: float) -> float:
    """The moment that `--since` means. Raises `UsageError`."""
    from collectors.values import epoch, quantity

    back = quantity(text)
    if back is not None and back > 0:
        return now - back
    try:
        found = epoch(text)
    except ValueError:
        found = None
    if found is None:
        raise UsageError(f"“{text[:40]}” is neither an age nor a time", "examples: 10m, 2h, 2026-11-27T20:00Z")
    return found


def run(options: Any) -> Exit:
    """Print the lines."""
    from console.wiring import CLOCK, connect

    units, filters = words_apart(options.words)
    query = parse_arguments(LINES, [*filters, *([f"re:{options.grep}"] if options.grep else [])])
    sieve = Sieve(level(options.level) if options.level else "", query)
    if options.lines < 1:
        raise UsageError("--lines wants a number above 0")
    connections = connect(options)
    try:
        wanted = Wanted(
            units=units,
            hosts=hosts_of(query, tuple(connections.site.hosts)),
            since=begin(options.since, CLOCK()),
            lines=options.lines,
            follow=options.follow,
        )
        if options.follow:
            return _follow(connections, wanted, sieve.test(CLOCK()), options)
        return all_of(connections, wanted, sieve.test(CLOCK()), options)
    finally:
        connections.close()


def all_of(connections: Connections, wanted: Wanted, test: Test, options: Any) -> Exit:
    """Read to the end, print in order of time."""
    found: list[LogLine] = []
    reading = log_reading(connections, wanted, found.extend)
    reading.start()
    if not reading.wait(options.timeout or READ_SECONDS):
        for host in reading.heard.waiting:
            print(f"nephoscope: {host}: did not answer in time", file=sys.stderr)
    late = not reading.heard.done
    reading.stop()
    lines = sorted((line for line in list(found) if test(line)), key=lambda line: line.time or 0.0)
    if options.output == "json":
        from views.text.formats import json_lines
        from views.text.log_lines import record

        site = connections.site
        out = json_lines(record(line, n, site.cloud, connections.region) for n, line in enumerate(lines))
    else:
        from views.text.log_lines import table

        out = table(lines) if lines else iter(())
    for text in out:
        sys.stdout.write(text)
    if not lines and options.output == "table" and found:
        print(f"none of {len(found):,} lines match", file=sys.stderr)
    return _told(reading, len(found), late)


def _told(reading: LogReading, count: int, late: bool) -> Exit:
    """Say on stderr where lines came from and what could not be read; the exit code."""
    heard = reading.heard
    if heard.sources and not reading.wanted.request:
        print(f"{count:,} lines from {_sources(heard.sources)}", file=sys.stderr)
    elif heard.sources:
        central = [text for text in heard.sources if text.partition(": ")[2].startswith("loki")]
        also = f", {_sources(central)}" if central else ""
        print(f"{count:,} lines in {len(heard.sources)} logs{also}", file=sys.stderr)
    for _, error in heard.troubles:
        print(f"nephoscope: {neutral(str(error))}", file=sys.stderr)
    if not heard.troubles and not late:
        return Exit.DONE
    if heard.sources and (count or len(heard.troubles) < len(heard.sources)):
        return Exit.PARTIAL
    return exit_of(heard.troubles[0][1]) if heard.troubles else Exit.UNREACHABLE


def _sources(sources: Sequence[str]) -> str:
    """`journald (ctl01, ctl02), /var/log/kolla/nova (cmp01)`."""
    by_source: dict[str, list[str]] = {}
    for text in sources:
        host, _, source = text.partition(": ")
        by_source.setdefault(source, []).append(host)

    def named(hosts: Sequence[str]) -> str:
        return ", ".join(sorted(hosts)) if len(hosts) <= SHOWN else f"{len(hosts)} hosts"

    return ", ".join(f"{source} ({named(hosts)})" for source, hosts in sorted(by_source.items()))


def _follow(connections: Connections, wanted: Wanted, test: Test, options: Any) -> Exit:
    """Print as it comes, each line held for a moment so that hosts do not overtake each other."""
    held: list[tuple[float, LogLine]] = []
    lock = threading.Lock()

    def told(lines: Sequence[LogLine]) -> None:
        now = monotonic()
        with lock:
            held.extend((now, line) for line in lines if test(line))

    reading = log_reading(connections, wanted, told)
    reading.start()
    printing = _printer(connections, options)
    began, shown = monotonic(), 0
    over = False
    while not over and (options.timeout is None or monotonic() - began < options.timeout):
        over = reading.wait(HOLD / 4)
        with lock:
            until = monotonic() - (0.0 if over else HOLD)
            ready = [line for at, line in held if at <= until]
            held[:] = [(at, line) for at, line in held if at > until]
        ready.sort(key=lambda line: line.time or 0.0)
        for line in ready:
            sys.stdout.write(printing(line))
        sys.stdout.flush()
        shown += len(ready)
    reading.stop()
    return _told(reading, shown, late=False)


def _printer(connections: Connections, options: Any) -> Callable[[LogLine], str]:
    """Line → what is printed: text, or one JSON object a line (an array would never end)."""
    if options.output == "table":
        from views.text.log_lines import printed

        widths = [0, 0]

        def as_text(line: LogLine) -> str:
            widths[:] = [max(widths[0], len(line.host)), max(widths[1], len(line.service))]
            return printed(line, *widths)

        return as_text
    from itertools import count

    from views.text.formats import json_line
    from views.text.log_lines import record

    numbers = count()
    return lambda line: json_line(record(line, next(numbers), connections.site.cloud, connections.region))
