"""Rows as records: what data formats print, with the keys of the command line contract.

Always `id, health, reason, cloud, region`, then the kind's columns in their order; values are typed (numbers for bytes
and seconds, ISO 8601 for times, null for absent).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collectors.kind import AnyKind, Value
from collectors.query import META
from collectors.table import Table
from collectors.values import iso


def column_names(kind: AnyKind) -> list[str]:
    """Every key of a record of `kind`, in order."""
    return list(dict.fromkeys([*META, *(c.name for c in kind.columns)]))


def records(table: Table, indexes: Sequence[int], names: Sequence[str]) -> Iterator[dict[str, Value]]:
    """One mapping per row."""
    times = {c.name for c in table.kind.columns if c.role == "time"}
    for index in indexes:
        record: dict[str, Value] = {}
        for name in names:
            value = table.value(index, name)
            if name in times and isinstance(value, int | float):
                value = iso(value)
            record[name] = value
        yield record
