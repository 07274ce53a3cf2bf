"""A snapshot as something to look at: columns of values, filtered and sorted into an index list.

Rows are never copied: filtering and sorting make lists of row numbers. Work that grows with the number of rows is
written as generators that yield every few thousand rows, so that a screen can run it in slices and a command to the
end (`finish`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, TypeAlias

from collectors.kind import Value
from collectors.query import Anywhere, Compares, Fuzzy, Matches, Query, Term
from collectors.snapshot import OddRow, Snapshot
from collectors.values import iso

SLICE: Final = 8192
"""Rows between two yields."""

FUZZY_HITS: Final = 200
"""A fuzzy search stops here and says so."""

Slices: TypeAlias = Generator[None, None, list[int]]

_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def finish(work: Slices) -> list[int]:
    """Run sliced work to its end."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            found: list[int] = stop.value
            return found


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by `columns` in turn; `health` sorts worst first. `descending` turns the first column round."""

    columns: tuple[str, ...] = ("health",)
    descending: bool = False


class Table:
    """Columns of one snapshot, built when first needed."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.kind = snapshot.kind
        self._columns: dict[str, list[Value]] = {}
        self._haystacks: dict[bool, list[str]] = {}

    def __len__(self) -> int:
        return len(self.snapshot.rows)

    def value(self, index: int, column: str) -> Value:
        """One value; None where an odd row has none."""
        snapshot = self.snapshot
        row = snapshot.rows[index]
        match column:
            case "health":
                return snapshot.healths[index].level
            case "reason":
                return snapshot.healths[index].reason
            case "cloud":
                return snapshot.cloud
            case "region":
                return snapshot.region
        if isinstance(row, OddRow):
            if column in ("id", self.kind.key):
                return row.id
            return row.name if column == self.kind.name_field else None
        if column == "id" and not hasattr(row, "id"):
            return self.kind.key_of(row)
        found: Value = getattr(row, column)
        return found

    def column(self, name: str) -> list[Value]:
        """All values of a column, cached."""
        if name not in self._columns:
            snapshot = self.snapshot
            if name in ("health", "reason", "cloud", "region"):
                self._columns[name] = [self.value(i, name) for i in range(len(snapshot.rows))]
            else:
                try:
                    self._columns[name] = list(map(attrgetter(name), snapshot.rows))
                except AttributeError:
                    self._columns[name] = [self.value(i, name) for i in range(len(snapshot.rows))]
        return self._columns[name]

    def cell_text(self, index: int, column: str) -> str:
        """The value as filters see it: plain text, times in ISO 8601."""
        value = self.value(index, column)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        declared = self.kind.column(column)
        if declared is not None and declared.role == "time" and isinstance(value, int | float):
            return iso(value)
        return str(value)

    def haystack(self, index: int, exact: bool) -> str:
        """Everything searchable of a row as one string."""
        parts = [self.cell_text(index, c.name) for c in self.kind.columns if c.role != "time"]
        health = self.snapshot.healths[index]
        text = "\x1f".join([*parts, health.level, health.reason])
        return text if exact else text.lower()

    # -- filtering ------------------------------------------------------------------------------------------------

    def select(self, query: Query, now: float) -> Slices:
        """Numbers of the rows for which every term holds, in snapshot order."""
        found: list[int] = list(range(len(self)))
        for term in sorted(query.terms, key=_cost):
            found = yield from self._holding(term, found, now)
        return found

    def _holding(self, term: Term, among: Sequence[int], now: float) -> Slices:
        holds = self._test(term, now)
        kept: list[int] = []
        limit = FUZZY_HITS if isinstance(term, Fuzzy) and not term.negate else len(among)
        for start in range(0, len(among), SLICE):
            kept.extend(i for i in among[start : start + SLICE] if holds(i) != term.negate)
            yield
            if len(kept) >= limit:
                return kept[:limit]
        return kept

    def _test(self, term: Term, now: float) -> Callable[[int], bool]:
        if isinstance(term, Anywhere):
            stack, needle = self.haystacks(term.exact), term.needle
            return lambda i: needle in stack[i]
        if isinstance(term, Fuzzy):
            name, letters = self.kind.name_field, term.letters
            return lambda i: _in_order(letters, str(self.value(i, name) or "").lower())
        if isinstance(term, Compares):
            values, compare, number = self.column(term.column), _COMPARE[term.operator], term.number
            declared = self.kind.column(term.column)
            if declared is not None and declared.role == "time" and not term.absolute:
                return lambda i: (v := values[i]) is not None and _is_number(v) and compare(now - float(v), number)
            return lambda i: _is_number(v := values[i]) and compare(float(v or 0), number)
        pattern, column = term.pattern, term.column
        if not column:
            stack = self.haystacks(True)
            return lambda i: pattern.search(stack[i]) is not None
        if term.literal is not None:
            literal = term.literal
            return lambda i: self.cell_text(i, column).lower() == literal
        return lambda i: pattern.search(self.cell_text(i, column)) is not None

    def haystacks(self, exact: bool) -> list[str]:
        """The searchable text of every row, built once."""
        if exact not in self._haystacks:
            self._haystacks[exact] = [self.haystack(i, exact) for i in range(len(self))]
        return self._haystacks[exact]

    # -- sorting --------------------------------------------------------------------------------------------------

    def ordered(self, among: Sequence[int], order: Order) -> Slices:
        """`among` sorted; rows without a value come last either way."""
        found = list(among)
        for position, name in reversed(list(enumerate(order.columns))):
            key = self._sort_key(name)
            found.sort(key=key, reverse=order.descending and position == 0)
            missing = [i for i in found if self.value(i, name) is None] if position == 0 else []
            if missing:
                gone = set(missing)
                found = [i for i in found if i not in gone] + missing
            yield
        return found

    def _sort_key(self, name: str) -> Callable[[int], Any]:
        if name == "health":
            healths = self.snapshot.healths
            return lambda i: healths[i].rank
        values = self.column(name)
        declared = self.kind.column(name)
        if declared is not None and declared.numeric:
            return lambda i: float(v) if _is_number(v := values[i]) and v is not None else float("inf")
        return lambda i: "" if values[i] is None else str(values[i]).lower()


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


def _cost(term: Term) -> int:
    """Cheap terms first, so that the dear ones look at fewer rows."""
    match term:
        case Matches(literal=str()) | Compares():
            return 0
        case Matches(column=str(column)) if column:
            return 1
        case Anywhere():
            return 2
        case _:
            return 3
