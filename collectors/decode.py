"""Pages to rows: a page is decoded at once; a page that is refused is decoded row by row.

msgspec checks the types while it parses. If one row of a page has a null, missing or wrong-typed field, that page is
split into raw rows, and only the row that still fails becomes an `OddRow`: shown, counted, `unknown`, with its reason.
The pure `row` function of a kind is held to the same rule, so that no surprise in the data empties a list.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from collectors.errors import NotUnderstood
from collectors.kind import AnyKind, Reading
from collectors.shapes import converted, decoded, decoder
from collectors.snapshot import AnyRow, OddRow
from collectors.sources.base import Page

_RAW_SHOWN = 2000

# What a pure function over one row may raise on odd values; anything else is our bug and must not be hidden.
_ODD = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, msgspec.ValidationError)


# What decoding a page may raise: it is no JSON, or nested so deeply that only an attack would be.
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _named(found: object, *names: str) -> str:
    if isinstance(found, dict):
        for name in names:
            value = found.get(name)
            if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                return str(value)[:200]
    return ""


def odd_row(found: object, reason: str, target: str, number: int) -> OddRow:
    """An odd row for `found` (any JSON value): its id and name if it has them, else its place in the list."""
    raw = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, default=repr)
    identity = _named(found, "id", "uuid", "name", "Host")
    name = _named(found, "name", "hypervisor_hostname", "host", "Host")
    return OddRow(identity or f"odd-{number}", name or identity, reason, target, raw[:_RAW_SHOWN])


def _reason(error: Exception) -> str:
    text = str(error) if isinstance(error, msgspec.MsgspecError) else f"{type(error).__name__}: {error}"
    return text.replace(" - at `$.", " at `").replace(" - at `$`", "")


def _one_by_one(
    found: Iterable[Any], decode: Callable[[Any], Any], plain: Callable[[Any], object], kind: AnyKind, reading: Reading
) -> list[AnyRow]:
    rows: list[AnyRow] = []
    key_of = kind.key_of
    for number, item in enumerate(found, 1):
        try:
            row = kind.row(decode(item), reading)
            if not key_of(row):
                raise ValueError(f"no {kind.key}")
            rows.append(row)
        except _ODD as error:
            rows.append(odd_row(plain(item), _reason(error), reading.target, number))
    return rows


def _plain(raw: msgspec.Raw) -> object:
    """What arrived, for showing it: parsed by the laxer parser, as the row may be odd in any way; text at the worst."""
    text = bytes(raw).decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def rows_of(page: Page, kind: AnyKind, reading: Reading) -> list[AnyRow]:
    """The rows of one page. Raises `NotUnderstood` when the page is no list at all."""
    make, key_of = kind.row, kind.key_of
    wire: Any = kind.wire
    if page.raw is None:

        def convert(item: Any) -> Any:
            return converted(item, kind.wire, strict=False)

        return _one_by_one(page.items, convert, lambda item: item, kind, reading)
    try:
        rows = [make(item, reading) for item in decoded(page.raw, list[wire])]
        if all(map(key_of, rows)):
            return rows
    except _ODD:
        pass
    try:
        found = decoded(page.raw, list[msgspec.Raw])
        return _one_by_one(found, decoder(wire).decode, _plain, kind, reading)
    except _BROKEN as error:
        raise NotUnderstood(kind.name, f"the answer is not a list of JSON objects ({error})") from error
