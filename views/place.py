"""Where somebody is, as a value: which list, how it is filtered and sorted, which row. And the way there.

Going somewhere adds a place, back and forward move between them, and coming back finds the list as it was left. The
overview is a place like any other: the one without a kind.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import replace

from collectors.sources.base import Where
from collectors.store import Subject
from collectors.table import Order


class Place(msgspec.Struct, frozen=True):
    """A list and how it is looked at."""

    kind_name: str = ""
    """Empty: the overview."""
    where: Where = msgspec.field(default_factory=Where)
    """Which part of the kind is read: below a parent row, or what the API filters by itself."""
    origin: str = ""
    """The row that a link was followed from, as people call it."""
    filter_text: str = ""
    order: Order | None = None
    """None: the kind's own order."""
    problems: bool = False
    wide: bool = False
    row: str = ""
    """Id of the row under the cursor."""
    top: int = 0
    """Position of the first line on the screen."""

    @property
    def subject(self) -> Subject:
        """What is read for it."""
        return Subject(self.kind_name, self.where)

    @property
    def is_overview(self) -> bool:
        """True for the place without a kind."""
        return not self.kind_name


OVERVIEW: Final = Place()

MOST: Final = 100
"""Places that are remembered."""


class Journey(msgspec.Struct):
    """The places in the order they were visited, and which of them is here."""

    places: list[Place] = msgspec.field(default_factory=lambda: [OVERVIEW])
    at: int = 0
    _last: Place | None = None

    @property
    def here(self) -> Place:
        """Where we are."""
        return self.places[self.at]

    def leave(self, as_left: Place) -> None:
        """Remember how the present place looked when it was left."""
        self.places[self.at] = as_left

    def go(self, place: Place) -> Place:
        """Somewhere new: what was ahead is forgotten."""
        self._last = self.here
        self.places = [*self.places[: self.at + 1], place][-MOST:]
        self.at = len(self.places) - 1
        return place

    def step(self, by: int) -> Place | None:
        """Back (-1) or forward (+1); None where the way ends."""
        if not 0 <= self.at + by < len(self.places):
            return None
        self._last = self.here
        self.at += by
        return self.here

    def last(self) -> Place | None:
        """The place before this one, and back again when asked again; None when there was none."""
        return None if self._last is None else self.go(self._last)


def without_narrowing(place: Place) -> Place:
    """The same list read whole, below the same parent."""
    return replace(place, where=Where(parent=place.where.parent))
