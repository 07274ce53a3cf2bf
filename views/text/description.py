"""Everything about one row in words: the reason first, then every field, then the command that shows the same.

Shared by `nephoscope describe` and the describe pane, so that both say the same.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from string import Formatter

from collectors.kind import AnyKind
from collectors.snapshot import OddRow
from collectors.table import Table
from collectors.untrusted import neutral
from views.glyphs import ASCII, UNICODE
from views.text.plain import plain


def command_for(kind: AnyKind, table: Table, index: int) -> str:
    """The equivalent command line for one row, every value quoted for a shell; empty when there is none."""
    if not kind.show_command or isinstance(table.snapshot.rows[index], OddRow):
        return ""
    fields = [name for _, name, _, _ in Formatter().parse(kind.show_command) if name]
    values = {name: table.value(index, name) for name in fields}
    if any(value is None or value == "" for value in values.values()):
        return ""
    return kind.show_command.format(**{name: shlex.quote(str(value)) for name, value in values.items()})


def fields(table: Table, index: int, now: float) -> Iterator[tuple[str, str]]:
    """(column name, its value in full) for every column that has a value."""
    row = table.snapshot.rows[index]
    if isinstance(row, OddRow):
        yield "id", neutral(row.id)
        yield "odd", neutral(row.reason)
        yield "raw", neutral(row.raw)
        return
    for column in table.kind.columns:
        text = plain(table.value(index, column.name), column, now, full=True)
        if text:
            yield column.name, text


def lines(table: Table, index: int, now: float, *, ascii_only: bool = False) -> Iterator[str]:
    """The description, line by line."""
    glyphs = ASCII if ascii_only else UNICODE
    kind, health = table.kind, table.snapshot.healths[index]
    name = neutral(str(table.value(index, kind.name_field) or table.snapshot.id_at(index)))
    reason = f": {neutral(health.reason)}" if health.reason else ""
    yield f"{kind.title}: {name}\n"
    yield f"{glyphs.severity(health.level)}{glyphs.text(reason)}\n\n"
    found = list(fields(table, index, now))
    width = max((len(label) for label, _ in found), default=0)
    for label, text in found:
        yield f"  {label:<{width}}  {glyphs.text(text)}\n"
    command = command_for(kind, table, index)
    if command:
        yield f"\ncommand  {neutral(command)}\n"
