"""Which lines of a log are wanted: a level and worse, and the same filter words as for any list. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Final

import msgspec

from collectors.errors import UsageError
from collectors.kind import AnyKind
from collectors.logs.line import LEVELS, LINES, LogLine, rank
from collectors.query import EVERYTHING, Anywhere, Compares, Fuzzy, Matches, Query, Term
from collectors.table import text_of

_IS_FILTER: Final = re.compile(r"(?:not:)?(?:re:|fz:|[A-Za-z][A-Za-z0-9_-]*(?:!=|>=|<=|=|~|>|<))")

Test = Callable[[LogLine], bool]


class Sieve(msgspec.Struct, frozen=True):
    """Lines that are at least as bad as `level` (empty: all), and for which every term of `query` holds."""

    level: str = ""
    query: Query = EVERYTHING

    @property
    def open(self) -> bool:
        """True when every line passes."""
        return not self.level and not self.query.terms

    def test(self, now: float) -> Test:
        """A function that tells whether a line passes."""
        worst = rank(self.level) if self.level else len(LEVELS)
        tests = [_test(term, now) for term in self.query.terms]
        return lambda line: rank(line.level) <= worst and all(test(line) for test in tests)


def level(word: str) -> str:
    """The level that `word` means. Raises `UsageError`."""
    found = [name for name in LEVELS if word and name.startswith(word.lower())]
    if not found:
        raise UsageError(f"“{word[:40]}” is no level", f"Levels: {', '.join(LEVELS)}")
    return found[0]


def words_apart(words: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(names of services, filters) of the words on a command line."""
    given = list(words)
    filters = tuple(word for word in given if _IS_FILTER.match(word))
    return tuple(word for word in given if word not in filters), filters


def hosts_of(query: Query, names: Sequence[str]) -> tuple[str, ...]:
    """The hosts that the query leaves: only those have to be asked."""
    terms = [t for t in query.terms if isinstance(t, Matches) and t.column == "host"]
    return tuple(n for n in names if all((t.pattern.search(n) is not None) != t.negate for t in terms))


def text(line: LogLine) -> str:
    """Everything of a line that a word may be found in."""
    parts = (line.host, line.service, line.level, line.logger or "", line.request_id or "", line.message)
    return "\x1f".join(parts)


def _test(term: Term, now: float) -> Test:
    found = _plain(term, now)
    return (lambda line: not found(line)) if term.negate else found


def _plain(term: Term, now: float) -> Test:
    kind: AnyKind = LINES
    match term:
        case Anywhere(needle, exact):
            return lambda line: needle in (text(line) if exact else text(line).lower())
        case Matches(column, pattern) if column in line_fields():
            declared = kind.column(column)
            return lambda line: pattern.search(text_of(getattr(line, column), declared)) is not None
        case Matches(column, pattern):
            return lambda line: pattern.search(text(line)) is not None if not column else False
        case Compares(column, operator, number, absolute):

            def compares(line: LogLine) -> bool:
                value = getattr(line, column, None)
                if not isinstance(value, int | float):
                    return False
                shown = value if absolute else now - value
                less, equal = shown < number, shown == number
                return {"<": less, ">": not less and not equal, "<=": less or equal, ">=": not less}[operator]

            return compares
        case Fuzzy(letters):
            pattern_text = f"*{'*'.join(letters)}*"
            return lambda line: fnmatchcase(line.service.lower(), pattern_text)


def line_fields() -> tuple[str, ...]:
    """The fields of a line."""
    return LogLine.__struct_fields__
