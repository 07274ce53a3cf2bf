"""What a list says about itself in words: how much is shown, in which order, how old it is, why it is empty. Pure.

Short sentences of fact. Numbers change only when what they count changes, ages move in steps: an idle screen is still.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from collectors.kind import AnyKind
from collectors.query import Fuzzy, Query
from collectors.schedule import BACKGROUND
from collectors.snapshot import Snapshot
from collectors.table import FUZZY_HITS, Order
from collectors.values import count
from views.cells import cut, readable
from views.glyphs import Glyphs
from views.lines import Text
from views.paint import Run
from views.place import Place
from views.text.width import cells
from views.when import ago, hour

_WAYS = {
    "time": ("oldest first", "newest first"),
    "bytes": ("smallest first", "largest first"),
    "number": ("smallest first", "largest first"),
    "percent": ("smallest first", "largest first"),
    "duration": ("shortest first", "longest first"),
}


def default_order(kind: AnyKind) -> Order:
    """Worst first, then the kind's own columns."""
    return Order(("health", *kind.sort))


def order_by(kind: AnyKind, name: str, descending: bool | None = None) -> Order:
    """By one column, then the kind's own; numbers and times begin with the largest unless said otherwise."""
    if name == "health":
        return Order(("health", *kind.sort), bool(descending))
    column = kind.column(name)
    if descending is None:
        descending = column is not None and column.numeric
    return Order((name, *(other for other in kind.sort if other.removeprefix("-") != name)), descending)


def _titles(kind: AnyKind, names: Sequence[str]) -> str:
    names = [name.removeprefix("-") for name in names]
    columns = [kind.column(name) for name in names]
    return ", ".join((c.title.lower() if c else n) for n, c in zip(names, columns, strict=True))


def order_words(kind: AnyKind, order: Order) -> str:
    """`worst first, then by host`; `by size, largest first`; `by name, reversed`."""
    first, rest = order.columns[0], order.columns[1:]
    if first == "health":
        words = "best first" if order.descending else "worst first"
        return f"{words}, then by {_titles(kind, rest)}" if rest else words
    column = kind.column(first)
    ways = _WAYS.get(column.role if column is not None else "")
    if ways is not None:
        return f"by {_titles(kind, [first])}, {ways[order.descending]}"
    return f"by {_titles(kind, [first])}{', reversed' if order.descending else ''}"


def amount(snapshot: Snapshot | None, shown: int, query: Query, problems: bool, odd: int = 0) -> str:
    """`52`; `4 of 52`; `1,500 so far`."""
    if snapshot is None or not (snapshot.at or snapshot.rows):
        return ""
    total = len(snapshot.rows)
    words = f"{count(shown)} of {count(total)}" if query.terms or problems else count(total)
    if any(isinstance(t, Fuzzy) and not t.negate for t in query.terms) and shown >= FUZZY_HITS:
        words += f", stopped at {FUZZY_HITS} hits"
    if odd:
        words += f", {count(odd)} odd"
    if not snapshot.complete and not snapshot.errors:
        words += " so far"
    return words


def is_late(snapshot: Snapshot, now: float) -> bool:
    """True when what we show is older than a well-behaved refresh makes it."""
    period = snapshot.kind.period * BACKGROUND
    return bool(snapshot.at) and (bool(snapshot.errors) or now - snapshot.at > period + snapshot.kind.deadline)


def reading_words(snapshot: Snapshot | None, now: float) -> str:
    """`read 20:58:12 (5 min ago)`, but only when it is late; nothing while it is fresh."""
    if snapshot is None or not snapshot.at or not is_late(snapshot, now):
        return ""
    return f"read {hour(snapshot.at)} ({ago(snapshot.at, now)})"


class Crumb(msgspec.Struct, frozen=True):
    """What line 2 is made of; what is empty is left out."""

    kind: AnyKind
    place: Place
    amount: str = ""
    reading: str = ""
    order: str = ""
    extras: Sequence[str] = msgspec.field(default_factory=tuple)
    """`problems only`, `all columns`, `frozen`: how the list is looked at."""


def crumb_text(crumb: Crumb, width: int, glyphs: Glyphs) -> Text:
    """Line 2: where, how many, how old, through which filter; at the right in which order, while there is room."""
    place = crumb.place
    left: list[Run] = [(crumb.kind.name, "strong")]
    if place.origin and place.origin not in place.filter_text:
        left = [(cut(readable(place.origin), 24, "middle"), "crumb"), (f" {glyphs.crumb} ", "crumb"), *left]
    for words in (crumb.amount, crumb.reading):
        if words:
            left.append((f"  {words}", "stale" if words == crumb.reading else "crumb"))
    for words in crumb.extras:
        left.append((f"  {words}", "accent"))
    if place.filter_text:
        left += [("  / ", "prompt"), (place.filter_text, "crumb")]
    room = width - sum(cells(text) for text, _ in left) - 3
    order = crumb.order
    if cells(order) > room:
        order = order.split(", then", 1)[0]
    return Text(tuple(left), ((order, "crumb"),) if order and cells(order) <= room else ())


def position(top: int, end: int, count_of_rows: int) -> str:
    """`1-19 of 52`; nothing for an empty list."""
    return f"{count(top + 1)}-{count(end)} of {count(count_of_rows)}" if count_of_rows else ""


def why_empty(
    kind: AnyKind, place: Place, snapshot: Snapshot | None, query: Query, since: float, asked: str
) -> list[str]:
    """Why no row is shown, and what would show some. `since`: when we began to wait; `asked`: who has to answer."""
    if kind.scope.per == "parent" and not place.where.parent:
        return [
            f"{kind.name} belong to one of the {kind.scope.parent}.",
            f"Open one from :{kind.scope.parent} with enter, or say which: :{kind.name} {kind.scope.parameter}=NAME",
        ]
    if snapshot is None:
        return [f"Reading {kind.name} from {asked} since {hour(since)}."]
    if snapshot.errors and not snapshot.rows:
        return ["Nothing is known from before."]
    if snapshot.rows:
        total = len(snapshot.rows)
        what = "One row is" if total == 1 else f"{count(total)} rows are"
        if query.terms and place.problems:
            return [f"No problem matches the filter. {what} there; esc clears the filter, z shows all."]
        if query.terms:
            return [f"No row matches the filter. {what} there; esc clears it."]
        if place.problems:
            return [f"No problems: {count(total)} of {count(total)} ok. z shows all."]
    if not snapshot.complete:
        return [f"Reading {kind.name} from {asked} since {hour(since)}. No rows so far."]
    lines = [f"No {kind.title.lower()}. {asked[:1].upper()}{asked[1:]} answered at {hour(snapshot.at)}: an empty list."]
    if place.where.query:
        lines.append("Only what matches the filter was asked for; esc clears it and reads the whole list.")
    return [*lines, f"Here would be {kind.about}."]
