"""Values of a row that are followed over time, declared by kinds: where they are read, and how Prometheus has them.

A trend is followed in the console's own memory (`collectors/recent.py`) by its row field, and over hours by a PromQL
query. In a query, `$field` stands for a value of the row and `@field` for every name and address under which the host
that the field names may be scraped; both are put in as quoted strings, whatever they hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collectors.kind import AnyKind, Role

_PLACE: Final = re.compile(r"([$@])([a-z_0-9]+)")

RATE_WINDOW: Final = "[5m]"
"""Of `rate()`: at least four scrapes of the slowest usual interval, a minute."""


class Trend(msgspec.Struct, frozen=True):
    """One value that changes: `title` says what it is, for a heading (`load of the last minute`)."""

    title: str
    field: str = ""
    """The row field (and column) that holds it; empty: only Prometheus knows it."""
    counter: bool = False
    """The field only grows: what is followed is its growth per second."""
    ceiling: float = 0.0
    """The scale of a sparkline goes at least this far, so that small values do not look like mountains."""
    role: Role | None = None
    """What kind of number it is; None: as the column says, and a plain number of a counter."""
    query: str = ""
    """PromQL that gives one series."""
    queries: tuple[tuple[str, str], ...] = ()
    """Instead of one, where rows differ: (`column=value` that must hold for the row, PromQL)."""

    def role_in(self, kind: AnyKind) -> Role:
        """What kind of number it is."""
        column = kind.column(self.field)
        return self.role or ("number" if self.counter or column is None else column.role)

    def query_for(self, row: Any) -> str:
        """The query that fits the row, unbound; empty when none does."""
        for when, query in self.queries:
            name, _, value = when.partition("=")
            if str(getattr(row, name, None)) == value:
                return query
        return self.query


def quoted(text: str) -> str:
    """`text` as a string of PromQL, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=True)


def scraped_as(names: Mapping[str, str], host: str) -> str:
    """A regular expression for the `instance` of everything scraped on `host`; `names` are addresses by host name."""
    known = [rf"{re.escape(host)}(?:[.][^:]*)?"] + [re.escape(found) for found in (names.get(host),) if found]
    return f"(?:{'|'.join(known)})(?::[0-9]+)?"


def bound(query: str, row: Any, instance: Callable[[str], str]) -> str | None:
    """`query` about this row; `instance` gives the expression for a host. None when the row lacks a value it needs."""
    missing = False

    def put(found: re.Match[str]) -> str:
        nonlocal missing
        value = getattr(row, found[2], None)
        missing = missing or value is None or value == ""
        return quoted(str(value) if found[1] == "$" else instance(str(value)))

    text = _PLACE.sub(put, query)
    return None if missing else text


def fields_of(query: str) -> set[str]:
    """The row fields that a query is bound to."""
    return {field for _, field in _PLACE.findall(query)}
