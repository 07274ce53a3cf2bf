"""From a row to what belongs to it: which links can be followed, and the place each one leads to. Pure.

The value of a row may be anything that a tenant typed, so it is written into the filter in a way that the filter's own
language cannot mistake.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors import registry
from collectors.errors import UsageError
from collectors.kind import Link
from collectors.query import parse
from collectors.snapshot import OddRow
from collectors.sources.base import Where
from collectors.table import Table, finish, text_of
from views.place import Place

_SPECIAL = str.maketrans({"*": "[*]", "?": "[?]", "[": "[[]", '"': "?"})


def equals(column: str, value: str) -> str:
    """The filter term that holds for exactly this value: `host=cmp17`, `name="two words"`."""
    safe = "".join(c.translate(_SPECIAL) if c.isprintable() else "?" for c in value)
    return f'{column}="{safe}"' if not safe or any(c.isspace() for c in safe) else f"{column}={safe}"


def value_of(table: Table, index: int, field: str) -> str:
    """The text of a row's field, empty where it has none (also of a field that is no column)."""
    row = table.snapshot.rows[index]
    if isinstance(row, OddRow):
        return row.id if field in ("id", table.kind.key) else ""
    return text_of(getattr(row, field, None), table.kind.column(field))


def usable(table: Table, index: int) -> list[Link]:
    """The links of a row that lead somewhere: their condition holds, the field has a value, the kind is known."""
    found: list[Link] = []
    for link in table.kind.links:
        if not value_of(table, index, link.field) or not _known(link.kind):
            continue
        if link.when and not _holds(table, index, link.when):
            continue
        found.append(link)
    return found


def _known(kind_name: str) -> bool:
    try:
        registry.kind(kind_name)
    except UsageError:
        return False
    return True


def _holds(table: Table, index: int, condition: str) -> bool:
    column, _, wanted = condition.partition("=")
    return value_of(table, index, column.strip()) == wanted.strip()


def destination(table: Table, index: int, link: Link, whole_is_known: bool) -> Place:
    """The place a link leads to.

    Rows below a parent are read for that parent. Of a list that is not in the store only what the API can filter by
    itself is read; one that is there is filtered here, at once.
    """
    target = registry.kind(link.kind)
    value = value_of(table, index, link.field)
    if target.scope.per == "parent" and link.column == target.scope.parameter:
        return Place(target.name, Where(parent=value), origin=name_of(table, index))
    where = Where()
    if not whole_is_known and link.column in target.server_filters:
        where = Where(query=((target.server_filters[link.column], value),))
    return Place(target.name, where, name_of(table, index), filter_text=equals(link.column, value))


def name_of(table: Table, index: int) -> str:
    """What people call the row; its id when it has no name."""
    row = table.snapshot.rows[index]
    name = row.name if isinstance(row, OddRow) else str(table.kind.name_of(row) or "")
    return name or table.snapshot.id_at(index)


def linked(there: Table, link: Link, value: str) -> Iterator[int]:
    """Numbers of the rows of `there` (of the link's kind) that the link leads to."""
    snapshot = there.snapshot
    if link.column == "id" and value in snapshot.keys:
        yield snapshot.keys[value]
        return
    query = parse(snapshot.kind, equals(link.column, value))
    yield from finish(there.select(query, snapshot.at))
