"""`nephoscope describe KIND NAME`: everything about one object, by id or unique name."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from collectors import registry
from collectors.connections import Connections
from collectors.errors import SourceError
from collectors.find import index_of, scoped
from collectors.kind import AnyKind
from collectors.query import EVERYTHING, parse_arguments
from collectors.raw import detail
from collectors.read import read
from collectors.table import Table
from console.cli.exits import Exit


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `describe`."""
    parser.add_argument("kind", metavar="KIND", help="a kind or alias")
    parser.add_argument("name", metavar="NAME", help="an id or a unique name")
    parser.add_argument("scope", metavar="SCOPE", nargs="*", help="where it is, like host=ctl01 or server=NAME")
    parser.add_argument("-o", "--output", choices=("text", "json", "yaml"), default="text")


def run(options: Any) -> Exit:
    """Describe one object."""
    from console.wiring import CLOCK, connect

    kind = registry.kind(options.kind)
    connections = connect(options)
    try:
        deadline = options.timeout or kind.deadline
        where, _ = scoped(
            kind, parse_arguments(kind, options.scope) if options.scope else EVERYTHING, connections, CLOCK
        )
        joined = {n: read(registry.kind(n), connections, clock=CLOCK, deadline=deadline) for n in kind.joins}
        snapshot = read(kind, connections, where, clock=CLOCK, deadline=deadline, joined=joined)
        index = index_of(snapshot, options.name)
        more, trouble = _detail(kind, connections, snapshot.id_at(index), deadline)
    finally:
        connections.close()
    table, now = Table(snapshot), CLOCK()
    if options.output == "text":
        from views.text import description

        for line in description.lines(table, index, now, ascii_only=options.ascii):
            sys.stdout.write(line)
        for found in more:
            from views.text.formats import yaml_text

            sys.stdout.write("\n" + yaml_text(found))
    else:
        from views.text import formats, records

        record: dict[str, Any] = dict(next(records.records(table, [index], records.column_names(kind))))
        if more:
            record["detail"] = more
        sys.stdout.write(formats.json_text(record) if options.output == "json" else formats.yaml_text(record))
    if trouble:
        print(f"nephoscope: {trouble}", file=sys.stderr)
        return Exit.PARTIAL
    return Exit.DONE


def _detail(kind: AnyKind, connections: Connections, identity: str, deadline: float) -> tuple[list[Any], str]:
    """The second, more expensive read that some kinds declare for one row; its failure leaves the row described."""
    try:
        return detail(kind, connections, identity, deadline), ""
    except SourceError as error:
        return [], str(error)
