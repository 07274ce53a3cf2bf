"""A snapshot as something to look at: columns of values, filtered and sorted into an index list.

Rows are never copied: filtering and sorting make lists of row numbers. Work that grows with the number of rows is
written as generators that yield every few thousand rows, so that a screen can run it in slices and a command to the
end (`finish`). What is derived from rows (searchable text) is taken over from the table before for rows that are the
very same objects, so that a refresh by changes costs only its changes.

One file although it is long: columns, filters and order share the caches of one snapshot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from operator import attrgetter, ge, gt, is_not, le, lt
from typing import Any, Final, TypeAlias

import msgspec

from collectors.health import RANK
from collectors.kind import Column, Value
from collectors.query import Anywhere, Compares, Fuzzy, Matches, Query, Term
from collectors.snapshot import OddRow, Snapshot
from collectors.sorting import merged
from collectors.values import iso

SLICE: Final = 8192
"""Rows between two yields."""

FUZZY_HITS: Final = 200
"""A fuzzy search stops here and says so."""

Slices: TypeAlias = Generator[None, None, list[int]]

_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {"<": lt, ">": gt, "<=": le, ">=": ge}
_OF_SNAPSHOT: Final = ("health", "reason", "cloud", "region")


def finish(work: Slices) -> list[int]:
    """Run sliced work to its end."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            found: list[int] = stop.value
            return found


class Order(msgspec.Struct, frozen=True):
    """Sort by `columns` in turn; `health` sorts worst first, `-at` from the highest down.

    `descending` turns the first column round.
    """

    columns: tuple[str, ...] = ("health",)
    descending: bool = False


def text_of(value: Value, column: Column | None) -> str:
    """A value as filters see it: plain text, times in ISO 8601, nothing for None."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if column is not None and column.role == "time":
        return iso(value)
    return str(value)


class Table:
    """Columns of one snapshot, built when first needed."""

    def __init__(self, snapshot: Snapshot, before: Table | None = None) -> None:
        self.snapshot = snapshot
        self.kind = snapshot.kind
        self._columns: dict[str, list[Value]] = {}
        self._sort_keys: dict[str, list[Any]] = {}
        self._stack: list[str] | None = None
        self._before = before if before is not None and before.kind is self.kind else None
        if self._before is not None:
            self._before._before = None

    def __len__(self) -> int:
        return len(self.snapshot.rows)

    # -- values ---------------------------------------------------------------------------------------------------

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
            try:
                if name in _OF_SNAPSHOT:
                    raise AttributeError
                self._columns[name] = list(map(attrgetter(name), self.snapshot.rows))
            except AttributeError:
                self._columns[name] = [self.value(i, name) for i in range(len(self))]
        return self._columns[name]

    def cell_text(self, index: int, column: str) -> str:
        """The value as filters see it."""
        return text_of(self.value(index, column), self.kind.column(column))

    def haystack(self, index: int) -> str:
        """Everything searchable of one row, in its own case."""
        parts = [self.cell_text(index, c.name) for c in self.kind.columns if c.role != "time"]
        health = self.snapshot.healths[index]
        return "\x1f".join([*parts, health.level, health.reason])

    # -- filtering ------------------------------------------------------------------------------------------------

    def select(self, query: Query, now: float, among: Sequence[int] | None = None) -> Slices:
        """Numbers of the rows (of `among`, in its order) for which every term holds; without it in snapshot order."""
        found: list[int] = list(range(len(self)) if among is None else among)
        for term in sorted(query.terms, key=_cost):
            found = yield from self._holding(term, found, now)
        return found

    def _holding(self, term: Term, among: Sequence[int], now: float) -> Slices:
        if isinstance(term, Anywhere):
            return (yield from self._containing(term, among))
        if isinstance(term, Matches):
            holds = yield from self._matching(term)
        else:
            holds = self._test(term, now)
        kept: list[int] = []
        limit = FUZZY_HITS if isinstance(term, Fuzzy) and not term.negate else len(among)
        for start in range(0, len(among), SLICE):
            part = among[start : start + SLICE]
            kept += [i for i in part if not holds(i)] if term.negate else [i for i in part if holds(i)]
            yield
            if len(kept) >= limit:
                return kept[:limit]
        return kept

    def _containing(self, term: Anywhere, among: Sequence[int]) -> Slices:
        """Rows that hold the needle in any case; where capitals matter, each hit is looked at again."""
        stack = yield from self.stack()
        needle = term.needle.lower()
        kept: list[int] = []
        for start in range(0, len(among), SLICE):
            part = among[start : start + SLICE]
            hits = [i for i in part if needle in stack[i]]
            if term.exact:
                hits = [i for i in hits if term.needle in self.haystack(i)]
            if term.negate:
                found = set(hits)
                hits = [i for i in part if i not in found]
            kept += hits
            yield
        return kept

    def _test(self, term: Compares | Fuzzy, now: float) -> Callable[[int], bool]:
        if isinstance(term, Fuzzy):
            names, letters = self.column(self.kind.name_field), term.letters
            return lambda i: _in_order(letters, str(names[i] or "").lower())
        values, compare, number = self.column(term.column), _COMPARE[term.operator], term.number
        declared = self.kind.column(term.column)
        if declared is not None and declared.role == "time" and not term.absolute:
            return lambda i: _is_number(v := values[i]) and compare(now - float(v or 0), number)
        return lambda i: _is_number(v := values[i]) and compare(float(v or 0), number)

    def _matching(self, term: Matches) -> Generator[None, None, Callable[[int], bool]]:
        """A test for a pattern. Many rows share few values (hosts, states), so each distinct value is tested once."""
        pattern, name, literal = term.pattern, term.column, term.literal
        if not name and pattern.flags & re.IGNORECASE:
            stack = yield from self.stack()
            return lambda i: pattern.search(stack[i]) is not None
        if not name:
            text = self._searchable()
            return lambda i: pattern.search(text(i)) is not None
        values, declared = self.column(name), self.kind.column(name)
        yield
        seen: set[Value] = set()
        good: set[Value] = set()
        for start in range(0, len(values), SLICE):
            part = set(values[start : start + SLICE]) - seen
            seen |= part
            if literal is not None:
                good.update(v for v in part if text_of(v, declared).lower() == literal)
            else:
                good.update(v for v in part if pattern.search(text_of(v, declared)) is not None)
            yield
        return lambda i: values[i] in good

    def _searchable(self) -> Callable[[int], str]:
        """Row number → its haystack, quickly for many rows; no column is kept for it."""
        columns = [c for c in self.kind.columns if c.role != "time"]
        values_of = attrgetter(*(c.name for c in columns)) if len(columns) > 1 else None
        rows, healths = self.snapshot.rows, self.snapshot.healths

        def text(i: int) -> str:
            row = rows[i]
            if values_of is None or isinstance(row, OddRow):
                return self.haystack(i)
            found = zip(values_of(row), columns, strict=True)
            texts = [v if type(v) is str else text_of(v, c) for v, c in found]
            health = healths[i]
            return "\x1f".join([*texts, health.level, health.reason])

        return text

    def stack(self) -> Generator[None, None, list[str]]:
        """The searchable text of every row in lower case, built once, in slices."""
        if self._stack is None:
            before, size = self._before, len(self)
            stack = list(before._stack[:size]) if before is not None and before._stack is not None else []
            changed: list[int] = []
            if before is not None:
                old, new = before.snapshot, self.snapshot
                for start in range(0, len(stack), SLICE):
                    end = min(start + SLICE, len(stack))
                    moved = map(is_not, old.rows[start:end], new.rows[start:end])
                    judged = map(is_not, old.healths[start:end], new.healths[start:end])
                    changed += [start + i for i, (m, j) in enumerate(zip(moved, judged, strict=True)) if m or j]
                    yield
            changed += range(len(stack), size)
            stack += [""] * (size - len(stack))
            text = self._searchable()
            yield
            for start in range(0, len(changed), SLICE // 2):
                for i in changed[start : start + SLICE // 2]:
                    stack[i] = text(i).lower()
                yield
            self._stack, self._before = stack, None
        return self._stack

    # -- sorting --------------------------------------------------------------------------------------------------

    def ordered(self, among: Sequence[int], order: Order) -> Slices:
        """`among` sorted; rows without a value come last either way."""
        found = list(among)
        for position, name in reversed(list(enumerate(order.columns))):
            turned = order.descending and position == 0
            found = yield from self._by_column(found, name.removeprefix("-"), name.startswith("-") != turned)
        return found

    def _by_column(self, among: list[int], name: str, descending: bool) -> Slices:
        if name == "health":
            healths = self.snapshot.healths
            buckets: list[list[int]] = [[], [], [], []]
            for start in range(0, len(among), SLICE):
                for i in among[start : start + SLICE]:
                    buckets[RANK[healths[i].level]].append(i)
                yield
            found = []
            for bucket in reversed(buckets) if descending else buckets:
                found += bucket
            return found
        keys = yield from self._keys(name)
        values = self.column(name)
        present: list[int] = []
        missing: list[int] = []
        for start in range(0, len(among), SLICE):
            part = among[start : start + SLICE]
            there = [i for i in part if values[i] is not None]
            if len(there) < len(part):
                missing += [i for i in part if values[i] is None]
            present += there
            yield
        return (yield from merged(present, keys.__getitem__, descending)) + missing

    def _keys(self, name: str) -> Generator[None, None, list[Any]]:
        """What a column sorts by, cached: numbers as they are, text without case and with numbers by value."""
        if name not in self._sort_keys:
            values = self.column(name)
            yield
            declared = self.kind.column(name)
            keys: list[Any] = []
            numeric = declared is not None and declared.numeric
            for start in range(0, len(values), SLICE):
                part = values[start : start + SLICE]
                if numeric:
                    keys += [float(v) if _is_number(v) and v is not None else float("-inf") for v in part]
                else:
                    # Most names are in lower case already: then the key is the name itself and costs no memory.
                    keys += ["" if v is None else t if (t := str(v)) == (low := t.lower()) else low for v in part]
                yield
            self._sort_keys[name] = keys
        return self._sort_keys[name]


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
