"""`nephoscope get KIND [FILTER…]`: list rows with their health.

Reads one kind once, filters and sorts it as the screen would, and prints a table or data. The server filters where its
API can. Exit codes: 0 complete, 75 rows but something is missing, else what went wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from collectors import registry
from collectors.errors import TooLate, UsageError
from collectors.find import scoped
from collectors.kind import AnyKind
from collectors.query import META, parse_arguments
from collectors.read import read
from collectors.snapshot import Snapshot
from collectors.table import Order, Table, finish
from collectors.untrusted import neutral
from console.cli.exits import Exit, exit_of

FORMATS = ("table", "json", "yaml", "csv")

_FEW = 5


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of `get`."""
    parser.add_argument("kind", metavar="KIND", help="a kind or alias; `nephoscope kinds` lists them")
    parser.add_argument("filters", metavar="FILTER", nargs="*", help="text, col=glob, col!=glob, col~regex, col>10, …")
    parser.add_argument("-o", "--output", choices=FORMATS, default="table", help="format (default: table)")
    parser.add_argument("--columns", metavar="a,b", default="", help="only these columns, in this order")
    parser.add_argument("--sort", metavar="[-]COLUMN", default="", help="sort by a column; - turns it round")
    parser.add_argument("--wide", action="store_true", help="all columns, whatever the width")
    parser.add_argument("--no-headers", action="store_true", help="no header line (table)")


def _columns(kind: AnyKind, text: str) -> list[str]:
    known = [*META, *(c.name for c in kind.columns)]
    names = [word.strip().replace("-", "_") for word in text.split(",") if word.strip()]
    for name in names:
        if name not in known:
            raise UsageError(f"{kind.name} has no column “{name[:60]}”", f"Columns: {', '.join(dict.fromkeys(known))}")
    return names


def _order(kind: AnyKind, text: str) -> Order:
    if not text:
        return Order(("health", *kind.sort))
    name = _columns(kind, text.removeprefix("-"))[0]
    return Order((name, *kind.sort), text.startswith("-"))


def _complaints(snapshot: Snapshot) -> Iterator[str]:
    """Each failure in full while they are few; beyond that, one line for all targets that say the same."""
    failed = [(t.target, t.error) for t in snapshot.targets if t.error is not None]
    if len(failed) <= _FEW:
        yield from (str(error) for _, error in failed)
        return
    same: dict[tuple[str, str], list[str]] = {}
    for target, error in failed:
        same.setdefault((error.why, error.hint if target not in error.hint else ""), []).append(target)
    for (why, hint), targets in same.items():
        shown = ", ".join(targets[:_FEW]) + (f" and {len(targets) - _FEW:,} more" if len(targets) > _FEW else "")
        yield f"{shown}: {why}" + (f". Try: {hint}" if hint else "")


def complain(snapshot: Snapshot, timeout: float | None) -> Exit:
    """Name on stderr what could not be read; the exit code that it means."""
    errors = snapshot.errors
    for line in _complaints(snapshot):
        print(f"nephoscope: {neutral(line)}", file=sys.stderr)
    if not errors:
        return Exit.DONE
    if snapshot.rows or len(errors) < len(snapshot.targets):
        return Exit.PARTIAL
    if timeout is not None and isinstance(errors[0], TooLate):
        return Exit.TIME_LIMIT
    return exit_of(errors[0])


def run(options: Any) -> Exit:
    """List rows."""
    from console.wiring import CLOCK, connect

    kind = registry.kind(options.kind)
    query = parse_arguments(kind, options.filters)
    names = _columns(kind, options.columns)
    order = _order(kind, options.sort)
    connections = connect(options)
    try:
        deadline = options.timeout or kind.deadline
        where, query = scoped(kind, query, connections, CLOCK, deadline)
        joined = {
            name: read(other, connections, clock=CLOCK, deadline=deadline)
            for name in kind.joins
            if not names or _needs_join(kind, names)
            for other in [registry.kind(name)]
        }
        snapshot = read(kind, connections, where, clock=CLOCK, deadline=deadline, joined=joined)
    finally:
        connections.close()
    table = Table(snapshot)
    now = CLOCK()
    indexes = finish(table.ordered(finish(table.select(query, now)), order))
    code = complain(snapshot, options.timeout)
    if snapshot.rows or code in (Exit.DONE, Exit.PARTIAL):
        show(table, indexes, names, options, now)
    return code


def _needs_join(kind: AnyKind, names: list[str]) -> bool:
    """Whether one of the columns asked for is filled from another kind."""
    return any((c := kind.column(name)) is not None and c.joined for name in names)


def show(table: Table, indexes: list[int], names: list[str], options: Any, now: float) -> None:
    """Print `indexes` of `table` in the format asked for; an empty table says so on stderr."""
    if options.output == "table":
        if not indexes:
            print(f"none of {len(table)} match" if len(table) else f"no {table.kind.name}", file=sys.stderr)
            return
        from views.text.listing import lines

        out = lines(
            table, indexes, names, now, wide=options.wide, ascii_only=options.ascii, headers=not options.no_headers
        )
    else:
        from views.text import formats, records

        chosen = names or records.column_names(table.kind)
        rows = records.records(table, indexes, chosen)
        if options.output == "json":
            out = formats.json_lines(rows)
        elif options.output == "csv":
            out = formats.csv_lines(chosen, rows)
        else:
            out = iter([formats.yaml_text(list(rows))])
    for line in out:
        sys.stdout.write(line)
