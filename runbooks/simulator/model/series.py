"""The ids of a numbered series in ascending order: how a service that lists by id walks through computed objects.

The ids of `ids.Numbered` look arbitrary; the order of their numbers by id is worked out once, when somebody first
lists them (4 bytes each).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator

from runbooks.simulator.ids import Numbered

_NO_HASH = bytes(12)
"""Stands for the hash when only an id's first 32 bits, which no two numbers share, are wanted."""


class Series:
    """The numbers of `numbers`, by the ids that `numbered` gives them."""

    def __init__(self, numbered: Numbered, numbers: range) -> None:
        self._numbered = numbered
        self._numbers = numbers
        self._order: array[int] | None = None

    def __len__(self) -> int:
        return len(self._numbers)

    def id(self, number: int) -> str:
        """The id of this number."""
        return self._numbered.uuid(number)

    def number(self, identity: str) -> int | None:
        """The number that has this id, None when none has."""
        found = self._numbered.index(identity)
        return found if found is not None and found in self._numbers else None

    def ascending(self, after: str = "") -> Iterator[int]:
        """The numbers whose ids are greater than `after`, by id."""
        order = self._sorted()
        return (order[place] for place in range(self._place(after) if after else 0, len(order)))

    def descending(self, before: str = "") -> Iterator[int]:
        """The numbers whose ids are less than `before` (all, when that is empty), greatest first."""
        order = self._sorted()
        last = self._place(before) if before else len(order)
        if before and last and self.id(order[last - 1]) == before:
            last -= 1
        return (order[place] for place in range(last - 1, -1, -1))

    def _place(self, identity: str) -> int:
        """How many ids are less than or equal to `identity`."""
        order = self._sorted()
        try:
            first = int(identity[:8], 16)
        except ValueError:
            return 0
        place = bisect_left(order, first, key=self._first)
        return place + 1 if place < len(order) and self.id(order[place]) <= identity else place

    def _first(self, number: int) -> int:
        return int(self._numbered.uuid(number, _NO_HASH)[:8], 16)

    def _sorted(self) -> array[int]:
        if self._order is None:
            self._order = array("I", sorted(self._numbers, key=self._first))
        return self._order
