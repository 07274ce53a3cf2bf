"""`nephoscope events [FILTER…]`: what the services notify of, for some seconds or until it is interrupted.

Only where the site says `notifications = true`, since hearing them declares a queue of our own at the broker (it goes
with us). `--follow` prints each event as it comes; with `-o json` one object a line, which `jq` reads as it is.
"""

from __future__ import annotations

import argparse
import queue
import shutil
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from collectors import registry
from collectors.decode import rows_of
from collectors.errors import UsageError
from collectors.kind import AnyKind, Reading
from collectors.query import parse_arguments
from collectors.read import read
from collectors.request import Notifications
from collectors.snapshot import OddRow, Snapshot
from collectors.sources.base import Page
from collectors.table import Order, Table, finish
from console.cli.exits import Exit
from console.cli.get import FORMATS, complain, show

if TYPE_CHECKING:
    from collectors.connections import Connections
    from collectors.notifications import Event
    from collectors.query import Query
    from collectors.sources.amqp_ears import Ears

SECONDS = 10.0
LOGIN = 20.0
"""Seconds until we must be listening."""
LOOK = 1.0
"""Seconds between looks at whether we still listen."""


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `events`."""
    parser.add_argument("filters", metavar="FILTER", nargs="*", help="as with `get`: text, col=glob, service=nova, …")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until interrupted; print each as it comes")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, metavar="N", help=f"without --follow: how long ({SECONDS:g})"
    )
    parser.add_argument("-o", "--output", choices=FORMATS, default="table", help="format (default: table)")


def run(options: Any) -> Exit:
    """Listen."""
    from collectors.sources.amqp import AmqpSource
    from console.wiring import CLOCK, connect

    if options.follow and options.output not in ("table", "json"):
        raise UsageError(f"--follow prints no {options.output}", "use -o json, one object a line, or leave -o out")
    kind = registry.kind("events")
    connections = connect(options)
    try:
        query = parse_arguments(kind, options.filters)
        source = connections.source(Notifications())
        assert isinstance(source, AmqpSource)
        ears = source.listen()
        ears.wait(connections.deadline(options.timeout or LOGIN))
        print(f"nephoscope: listening to {', '.join(ears.exchanges)}", file=sys.stderr)
        if options.follow:
            return _follow(ears, kind, query, connections, options, CLOCK)
        time.sleep(max(options.seconds, 0.0))
        snapshot = read(kind, connections, clock=CLOCK, deadline=LOGIN)
    finally:
        connections.close()
    code = complain(snapshot, options.timeout)
    table = Table(snapshot)
    indexes = finish(table.ordered(finish(table.select(query, CLOCK())), Order(("at",))))
    options.wide, options.no_headers = False, False
    show(table, indexes, [], options, CLOCK())
    return code


def _follow(ears: Ears, kind: AnyKind, query: Query, connections: Connections, options: Any, clock: Any) -> Exit:
    """Each event as it comes, until somebody interrupts; a connection that breaks is told, and made again."""
    came: queue.SimpleQueue[Event] = queue.SimpleQueue()
    ears.feed.listen(came.put)
    for event in ears.feed.events():
        came.put(event)
    listening = True
    while True:
        try:
            event = came.get(timeout=LOOK)
        except queue.Empty:
            if listening is not bool(ears.exchanges):
                listening = not listening
                words = "listening again" if listening else f"not listening: {ears.trouble or 'the connection broke'}"
                print(f"nephoscope: {words}", file=sys.stderr)
            continue
        for line in _lines(event, kind, query, connections, options, clock()):
            sys.stdout.write(line)
        sys.stdout.flush()


def _lines(
    event: Event, kind: AnyKind, query: Query, connections: Connections, options: Any, now: float
) -> Iterator[str]:
    """The event in the format asked for, if it passes the filter."""
    import msgspec

    from views.glyphs import ASCII, UNICODE
    from views.text import formats, records
    from views.text.events import event_line

    (row,) = rows_of(Page(items=[msgspec.to_builtins(event)]), kind, Reading("amqp", now))
    assert not isinstance(row, OddRow)
    snapshot = Snapshot(
        kind=kind,
        rows=[row],
        healths=[kind.health(row, now)],
        targets=(),
        at=now,
        cloud=connections.site.cloud,
        region=connections.region,
    )
    table = Table(snapshot)
    if not finish(table.select(query, now)):
        return
    if options.output == "json":
        for record in records.records(table, [0], records.column_names(kind)):
            yield formats.json_line(record)
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    yield event_line(event, snapshot.healths[0], ASCII if options.ascii else UNICODE, width) + "\n"
