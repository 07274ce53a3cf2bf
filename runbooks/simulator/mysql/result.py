"""What a statement gives back: a result set with typed columns, or a plain OK; and both as packets."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

TEXT, BLOB, LONGTEXT, CHAR = 253, 252, 251, 254
TINY, LONG, DOUBLE, LONGLONG, DATETIME, DECIMAL = 1, 3, 5, 8, 12, 246
_BINARY, _UTF8MB4 = 63, 45
_WIDTH = {TINY: 4, LONG: 11, LONGLONG: 21, DOUBLE: 22, DATETIME: 19, DECIMAL: 30, BLOB: 786420}

Value = str | int | float | Decimal | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column's header and MySQL's type code."""

    name: str
    kind: int = TEXT


@dataclass(frozen=True, slots=True)
class ResultSet:
    """Columns and rows."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]

    def only(self, keep: Sequence[int]) -> ResultSet:
        """The rows at these places."""
        return ResultSet(self.columns, [self.rows[place] for place in keep])


@dataclass(frozen=True, slots=True)
class Done:
    """An OK packet."""

    rows: int = 0
    warnings: int = 0


Result = ResultSet | Done


def table(names: Sequence[str | tuple[str, int]], rows: Sequence[Sequence[Value]] = ()) -> ResultSet:
    """A result set whose columns are text unless given as (name, type)."""
    return ResultSet([Column(name) if isinstance(name, str) else Column(*name) for name in names], rows)


def lenenc(number: int) -> bytes:
    """A length-encoded integer."""
    if number < 251:
        return bytes([number])
    if number < 1 << 16:
        return b"\xfc" + struct.pack("<H", number)
    if number < 1 << 24:
        return b"\xfd" + struct.pack("<I", number)[:3]
    return b"\xfe" + struct.pack("<Q", number)


def _string(raw: bytes) -> bytes:
    return lenenc(len(raw)) + raw


def definition(column: Column) -> bytes:
    """A column definition packet."""
    textual = column.kind in (TEXT, BLOB, LONGTEXT, CHAR)
    name = _string(column.name.encode())
    fixed = struct.pack(
        "<BHIBHB2x",
        0x0C,
        _UTF8MB4 if textual else _BINARY,
        _WIDTH.get(column.kind, 1024),
        column.kind,
        0 if textual else 128,
        4 if column.kind == DECIMAL else 31 if column.kind == DOUBLE else 39 if textual else 0,
    )
    return b"\x03def" + b"\x00\x00\x00" + name + b"\x00" + fixed


def text_row(row: Sequence[Value]) -> bytes:
    """A row of the text protocol."""
    return b"".join(b"\xfb" if value is None else _string(str(value).encode()) for value in row)


def packets(found: ResultSet, end_of_columns: bytes | None, end_of_rows: bytes) -> Iterator[bytes]:
    """A whole text result set. `end_of_columns` is None for clients that no longer expect one."""
    yield lenenc(len(found.columns))
    for column in found.columns:
        yield definition(column)
    if end_of_columns is not None:
        yield end_of_columns
    for row in found.rows:
        yield text_row(row)
    yield end_of_rows
