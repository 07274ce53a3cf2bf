"""Filters: the same words on screen (`/`) and as arguments of `get`; all terms must hold.

    web            any column holds it (smart case: capitals make it exact)
    "two words"    one term with a space
    col=cmp1*      col!=off     glob, ignoring case; without wildcards the whole value
    col~^web-\\d+   regular expression, found anywhere
    col>10  <=5m  >=2GiB        numbers, durations, sizes; an age column compares its age
    health=critical             health and reason are columns like any other
    re:REGEX  not:TERM  fz:LETTERS         on screen also !TERM and ~LETTERS

`parse` turns text into a frozen `Query` and knows nothing of rows; `collectors/table.py` applies it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from fnmatch import translate
from typing import Final, Literal, TypeAlias

import msgspec

from collectors.errors import UsageError
from collectors.kind import AnyKind
from collectors.values import epoch, quantity

META: Final = ("id", "health", "reason", "cloud", "region")
"""Columns that every kind has besides its own."""

_TERM = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(!=|>=|<=|=|~|>|<)(.*)", re.S)


class Anywhere(msgspec.Struct, frozen=True):
    """Some column holds `needle`; `exact` keeps case."""

    needle: str
    exact: bool
    negate: bool = False


class Matches(msgspec.Struct, frozen=True):
    """`column` (empty: any) matches `pattern`."""

    column: str
    pattern: re.Pattern[str]
    negate: bool = False
    literal: str | None = None
    """The lower-case value, when the pattern has no wildcard: equality is much faster."""
    value: str = ""
    """The value as it was typed."""


class Compares(msgspec.Struct, frozen=True):
    """`column` compared with a number; `absolute` times are seconds since the epoch, others are ages."""

    column: str
    operator: Literal["<", ">", "<=", ">="]
    number: float
    absolute: bool = False
    negate: bool = False


class Fuzzy(msgspec.Struct, frozen=True):
    """The letters occur in the name in this order."""

    letters: str
    negate: bool = False


Term: TypeAlias = Anywhere | Matches | Compares | Fuzzy


class Query(msgspec.Struct, frozen=True):
    """Terms that must all hold; an empty query holds for every row."""

    terms: tuple[Term, ...] = ()
    text: str = ""

    def exact(self) -> dict[str, str]:
        """Column → value of the plain `column=value` terms: what an API may filter by itself."""
        return {
            t.column: t.literal for t in self.terms if isinstance(t, Matches) and t.literal is not None and not t.negate
        }


EVERYTHING: Final = Query()


def _regex(text: str) -> re.Pattern[str]:
    try:
        flags = 0 if any(c.isupper() for c in text) else re.IGNORECASE
        return re.compile(text, flags)
    except re.error as error:
        raise UsageError(f"“{text[:60]}” is not a regular expression: {error}", "see `?` for filters") from error


def _column(kind: AnyKind, name: str) -> str:
    plain = name.lower().replace("-", "_")
    known = [*(c.name for c in kind.columns), *META]
    if kind.scope.per == "parent" and plain == kind.scope.parameter:
        return plain  # names the parent row; `collectors.find.scoped` takes it out of the query
    if plain in known:
        return plain
    by_title = {c.title.lower().replace(" ", "_"): c.name for c in kind.columns}
    if plain in by_title:
        return by_title[plain]
    from difflib import get_close_matches

    near = get_close_matches(plain, known, 2, 0.6)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UsageError(f"{kind.name} has no column “{name[:60]}”", f"{hint}Columns: {', '.join(dict.fromkeys(known))}")


def _compares(kind: AnyKind, column: str, operator: str, value: str, negate: bool) -> Compares:
    declared = kind.column(column)
    number = quantity(value)
    absolute = False
    if number is None and declared is not None and declared.role == "time":
        try:
            number, absolute = epoch(value), True
        except ValueError:
            number = None
    if number is None:
        raise UsageError(f"“{value[:60]}” in {column}{operator}{value[:60]} is no number", "examples: 10, 5m, 2GiB")
    assert operator in ("<", ">", "<=", ">=")
    return Compares(column, operator, number, absolute, negate)  # type: ignore[arg-type]


def _glob(column: str, value: str, negate: bool) -> Matches:
    literal = None if any(c in value for c in "*?[") else value.lower()
    return Matches(column, re.compile(rf"\A{translate(value)}", re.IGNORECASE), negate, literal, value)


def _term(kind: AnyKind, word: str, quoted: bool, screen: bool) -> Term:
    negate = False
    while not quoted:
        if word.startswith("not:"):
            word, negate = word[4:], not negate
        elif screen and word.startswith("!") and len(word) > 1:
            word, negate = word[1:], not negate
        else:
            break
    if not word:
        raise UsageError("an empty filter term", "not: wants a term behind it")
    if not quoted:
        if word.startswith("re:"):
            return Matches("", _regex(word[3:]), negate)
        if word.startswith("fz:"):
            return Fuzzy(word[3:].lower(), negate)
        if screen and word.startswith("~") and len(word) > 1:
            return Fuzzy(word[1:].lower(), negate)
        found = _TERM.fullmatch(word)
        if found is not None:
            column, operator, value = _column(kind, found[1]), found[2], found[3]
            if operator in ("=", "!="):
                return _glob(column, value, negate != (operator == "!="))
            if operator == "~":
                return Matches(column, _regex(value), negate)
            return _compares(kind, column, operator, value, negate)
    exact = any(c.isupper() for c in word)
    return Anywhere(word if exact else word.lower(), exact, negate)


def _words(text: str) -> Iterable[tuple[str, bool]]:
    """Words of `text` with whether they were wholly quoted; an open quote runs to the end (people are still typing)."""
    for found in re.finditer(r'"([^"]*)"?|(\S+?"[^"]*"?\S*|\S+)', text):
        if found[1] is not None:
            yield found[1], True
        else:
            yield found[2].replace('"', ""), False


def parse(kind: AnyKind, text: str, *, screen: bool = True) -> Query:
    """The query that `text` means for `kind`. Raises `UsageError` for unknown columns, bad numbers and patterns."""
    return Query(tuple(_term(kind, w, quoted, screen) for w, quoted in _words(text) if w), text)


def parse_arguments(kind: AnyKind, arguments: Sequence[str]) -> Query:
    """The query of command line arguments: the shell has split and unquoted them already, so each is one term."""
    terms = []
    for argument in arguments:
        if len(argument) > 1 and argument[0] == argument[-1] == '"':
            terms.append(_term(kind, argument[1:-1], True, False))
        elif argument:
            terms.append(_term(kind, argument, False, False))
    return Query(tuple(terms), shlex.join(arguments))
