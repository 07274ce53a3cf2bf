"""One list and how it is looked at, without any widget: place, rows, filter, order, and the words about it.

The rows on the screen are always those of the last filter that could be understood, applied to the last snapshot that
was arranged; a newer snapshot or filter replaces them when its arranging is done, which takes slices of work for long
lists (`work`) so that nobody waits for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from collectors.kind import AnyKind
from collectors.query import EVERYTHING, Matches, Query, Term, parse
from collectors.snapshot import Snapshot
from collectors.staleness import healths
from collectors.table import SLICE, Order, Slices, Table
from views.place import Place
from views.sentences import default_order
from views.when import service_now

PROBLEMS: Final = Matches("health", re.compile("ok"), negate=True, literal="ok", value="ok")
"""`health!=ok`: the term of “problems only”."""


class Lens(msgspec.Struct, frozen=True):
    """Which rows, in which order."""

    query: Query
    problems: bool
    order: Order

    def terms(self) -> tuple[Term, ...]:
        """Every term that must hold."""
        return (*self.query.terms, PROBLEMS) if self.problems else self.query.terms


class Arranged(msgspec.Struct, frozen=True):
    """A table through a lens: what a grid shows."""

    table: Table
    indexes: Sequence[int]
    lens: Lens


class Listing:
    """The list on the screen. Raises `UsageError` for a filter that cannot be understood."""

    def __init__(self, kind: AnyKind, place: Place, now: float) -> None:
        self.kind = kind
        self.place = place
        self.since = now
        """When we began to wait for its first snapshot."""
        self.read: Snapshot | None = None
        """The last snapshot as it was read."""
        self.snapshot: Snapshot | None = None
        """The same, with rows that were not read for too long as unknown."""
        self.odd = 0
        """Rows that could not be understood."""
        self.shown: Arranged | None = None
        self._ordered: tuple[Table, Order, list[int]] | None = None
        """All rows of a table in an order: filtering then needs no sorting."""
        self.query = parse(kind, place.filter_text) if place.filter_text else EVERYTHING

    # -- how it is looked at --------------------------------------------------------------------------------------

    @property
    def order(self) -> Order:
        """The order asked for, or the kind's own."""
        return self.place.order or default_order(self.kind)

    @property
    def lens(self) -> Lens:
        """Filter and order as they are wanted now."""
        return Lens(self.query, self.place.problems, self.order)

    def set_filter(self, text: str) -> None:
        """Another filter. Raises `UsageError` when it cannot be understood; the old one then stays."""
        self.query = parse(self.kind, text) if text.strip() else EVERYTHING
        text = text.strip()
        origin = self.place.origin if text == self.place.filter_text or self.place.where.parent else ""
        self.place = replace(self.place, filter_text=text, origin=origin)

    @property
    def narrowed_too_far(self) -> bool:
        """True when the API was asked for fewer rows than the filter wants."""
        exact = {
            (self.kind.server_filters[t.column], t.value.casefold())
            for t in self.query.terms
            if isinstance(t, Matches) and not t.negate and t.column in self.kind.server_filters
        }
        plain = {(name, _unescaped(value)) for name, value in exact}
        return any((name, value.casefold()) not in plain for name, value in self.place.where.query)

    # -- what is shown --------------------------------------------------------------------------------------------

    def take(self, snapshot: Snapshot, now: float) -> bool:
        """A newer snapshot, or the same one later; True when its rows have to be arranged again."""
        if snapshot is not self.read:
            self.odd = snapshot.odd
        judged = healths(snapshot, now)
        if snapshot is self.read and self.snapshot is not None:
            before = self.snapshot.healths
            if judged is before or list(judged) == list(before):
                return False
        self.read = snapshot
        self.snapshot = snapshot if judged is snapshot.healths else replace(snapshot, healths=judged)
        return True

    @property
    def is_long(self) -> bool:
        """True when arranging takes so long that it is done in slices."""
        return self.snapshot is not None and len(self.snapshot.rows) > SLICE

    def table(self) -> Table:
        """The snapshot as a table; what was derived from the rows before is taken over."""
        assert self.snapshot is not None
        if self.shown is not None and self.shown.table.snapshot is self.snapshot:
            return self.shown.table
        return Table(self.snapshot, self.shown.table if self.shown is not None else None)

    def work(self, table: Table) -> Slices:
        """Arrange `table` as it is wanted now; yields every few thousand rows."""
        query, order, now = Query(self.lens.terms()), self.order, service_now(table.snapshot)
        if self._ordered is not None and self._ordered[0] is table and self._ordered[1] == order:
            return (yield from table.select(query, now, self._ordered[2]))  # a part of what is in order is in order
        found = yield from table.select(query, now)
        found = yield from table.ordered(found, order)
        if not query.terms:
            self._ordered = (table, order, found)
        return found


def _unescaped(value: str) -> str:
    """A glob that stands for exactly one text, as that text."""
    return re.sub(r"\[([*?\[])\]", r"\1", value)
