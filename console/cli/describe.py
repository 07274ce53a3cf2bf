"""`nephoscope describe KIND NAME`: everything about one object, by id or unique name."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from collectors import registry
from collectors.errors import SourceError
from collectors.find import index_of, scoped
from collectors.kind import Scope
from collectors.query import EVERYTHING, parse_arguments
from collectors.read import read
from collectors.sources.base import Where
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
        detail: list[Any] = []
        trouble: SourceError | None = None
        if kind.describe is not None:
            detail, trouble = _detail(kind.describe, connections, snapshot.id_at(index), deadline)
    finally:
        connections.close()
    table, now = Table(snapshot), CLOCK()
    if options.output == "text":
        from views.text import description

        for line in description.lines(table, index, now, ascii_only=options.ascii):
            sys.stdout.write(line)
        for found in detail:
            from views.text.formats import yaml_text

            sys.stdout.write("\n" + yaml_text(found))
    else:
        from views.text import formats, records

        record: dict[str, Any] = dict(next(records.records(table, [index], records.column_names(kind))))
        if detail:
            record["detail"] = detail
        sys.stdout.write(formats.json_text(record) if options.output == "json" else formats.yaml_text(record))
    if trouble is not None:
        print(f"nephoscope: {trouble}", file=sys.stderr)
        return Exit.PARTIAL
    return Exit.DONE


def _detail(request: Any, connections: Any, identity: str, deadline: float) -> tuple[list[Any], SourceError | None]:
    """The second, more expensive read that some kinds declare for one row; its failure leaves the row described."""
    import msgspec

    from collectors.deadline import working

    source = connections.source(request)
    found: list[Any] = []
    try:
        with working(connections.deadline(deadline)) as held:
            for page in source.read(request, source.targets(Scope(), Where())[0], held, Where(parent=identity)):
                found.extend(msgspec.json.decode(page.raw) if page.raw is not None else page.items)
    except SourceError as error:
        return found, error
    return found, None
