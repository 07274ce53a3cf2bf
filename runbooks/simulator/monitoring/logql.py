"""The part of LogQL that the simulated Loki knows: a selector of streams, and filters of lines behind it.

What it does not know it refuses in Loki's words: metrics, parsers and formats are not to be had here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_MATCHER = re.compile(r'\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|`[^`]*`)\s*', re.ASCII)
_FILTER = re.compile(r'\s*(\|=|!=|\|~|!~)\s*("(?:[^"\\]|\\.)*"|`[^`]*`)\s*')
_LONG = re.compile(r"\\U([0-9a-fA-F]{8})")


class ParseError(Exception):
    """The query is none; the message is Loki's."""


@dataclass(frozen=True, slots=True)
class Query:
    """Tests of a stream's labels, and of a line."""

    matchers: tuple[tuple[str, Callable[[str], bool]], ...]
    filters: tuple[Callable[[str], bool], ...]

    def stream(self, labels: Mapping[str, str]) -> bool:
        """A label that a stream does not have is empty."""
        return all(test(labels.get(name, "")) for name, test in self.matchers)

    def line(self, text: str) -> bool:
        return all(test(text) for test in self.filters)


def parse(text: str) -> Query:
    """Raises ParseError."""
    at = text.find("{")
    if text[:at].strip() or at < 0:
        raise ParseError(_syntax(1, text.split("{")[0].split(" ")[0] or "$end"))
    at, matchers, empty = at + 1, [], True
    while (found := _MATCHER.match(text, at)) is not None:
        name, operator, word = found.groups()
        test = _test(operator, _unquoted(word))
        empty = empty and test("")
        matchers.append((name, test))
        at = found.end()
        if text[at : at + 1] != ",":
            break
        at += 1
    if text[at : at + 1] != "}":
        raise ParseError(_syntax(at + 1, text[at : at + 1] or "$end"))
    if empty:
        raise ParseError(
            "parse error : queries require at least one regexp or equality matcher that does not have an "
            'empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will'
        )
    at, filters = at + 1, []
    while (found := _FILTER.match(text, at)) is not None:
        filters.append(_line_test(found[1], _unquoted(found[2])))
        at = found.end()
    if text[at:].strip():
        raise ParseError(_syntax(at + 1, text[at:].split()[0]))
    return Query(tuple(matchers), tuple(filters))


def _syntax(column: int, word: str) -> str:
    return f"parse error at line 1, col {column}: syntax error: unexpected {word}"


def _unquoted(word: str) -> str:
    """Go's strings: those in back quotes as they are."""
    if word[0] == "`":
        return word[1:-1]
    try:
        found: str = json.loads(_LONG.sub(lambda code: json.dumps(chr(int(code[1], 16)))[1:-1], word))
    except (ValueError, OverflowError) as error:
        raise ParseError("parse error at line 1, col 1: invalid char escape") from error
    return found


def _test(operator: str, value: str) -> Callable[[str], bool]:
    """Matchers of labels are anchored."""
    if operator in ("=", "!="):
        return lambda text: (text == value) == (operator == "=")
    pattern = _compiled(value)
    return lambda text: (pattern.fullmatch(text) is not None) == (operator == "=~")


def _line_test(operator: str, value: str) -> Callable[[str], bool]:
    if operator in ("|=", "!="):
        return lambda text: (value in text) == (operator == "|=")
    pattern = _compiled(value)
    return lambda text: (pattern.search(text) is not None) == (operator == "|~")


def _compiled(value: str) -> re.Pattern[str]:
    try:
        return re.compile(value)
    except re.error as error:
        raise ParseError(f"error parsing regexp: {error}") from error
