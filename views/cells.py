"""One value as the text of a grid cell: readable, measured in terminal cells, cut so that what differs stays.

Names are chosen by tenants: control and bidirectional characters become visible escapes, piles of combining marks are
cut down, variation selectors (whose width terminals disagree about) are dropped. Whatever comes out has exactly the
width that the line was planned with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal, TypeAlias
from unicodedata import combining

from rich.cells import cell_len

from collectors.kind import Column, Role, Value
from collectors.untrusted import neutral
from views.text.plain import plain

Cut: TypeAlias = Literal["end", "middle", "start"]
"""Where a text that is too long loses its letters."""

ELLIPSIS: Final = "…"
MOST_MARKS: Final = 2
"""Combining marks on one letter that are shown; more of them draw over the lines above and below."""
GOOD_ENOUGH: Final = 0.9
"""Share of the texts told apart by the best cut that is enough for the usual one."""
LONGEST: Final = 1000
"""Letters that are looked at: nothing on a screen is wider."""


def readable(text: str) -> str:
    """`text` with nothing in it that could act on a terminal or has no sure width."""
    if text.isascii() and text.isprintable():
        return text
    text = neutral(text[:LONGEST])
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        if "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
            continue
        marks = marks + 1 if combining(character) or cell_len(character) == 0 else 0
        if marks <= MOST_MARKS and (marks == 0 or kept):
            kept.append(character)
    return "".join(kept)


def cell(value: Value, column: Column | None, now: float) -> str:
    """`value` of `column` in words for one line, readable; nothing for None. `now` is the service's clock."""
    if isinstance(value, str) and len(value) > LONGEST:
        value = value[:LONGEST]
    return readable(plain(value, column, now))


def _head(text: str, width: int) -> str:
    if text.isascii():
        return text[:width]
    used, end = 0, 0
    for end, character in enumerate(text):
        used += cell_len(character)
        if used > width:
            return text[:end]
    return text


def _tail(text: str, width: int) -> str:
    if text.isascii():
        return text[len(text) - width :] if width else ""
    used, start = 0, len(text)
    for character in reversed(text):
        used += cell_len(character)
        if used > width:
            break
        start -= 1
    while start < len(text) and cell_len(text[start]) == 0:
        start += 1  # a mark without its letter
    return text[start:]


def cut(text: str, width: int, where: Cut = "end") -> str:
    """`text` (readable) in at most `width` cells, the cut shown by an ellipsis."""
    if cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    match where:
        case "end":
            return _head(text, width - 1) + ELLIPSIS
        case "start":
            return ELLIPSIS + _tail(text, width - 1)
        case _:
            tail = (width - 1) // 2
            return _head(text, width - 1 - tail) + ELLIPSIS + _tail(text, tail)


def fitted(text: str, width: int, where: Cut = "end", *, right: bool = False) -> str:
    """`text` (readable) in exactly `width` cells."""
    shown = cut(text, width, where)
    missing = width - cell_len(shown)
    return " " * missing + shown if right else shown + " " * missing


def usual_cut(role: Role) -> Cut:
    """Where texts of a role may lose letters: sentences at the end, names and ids in the middle."""
    return "middle" if role in ("name", "ref", "id", "url") else "end"


def telling_cut(texts: Iterable[str], width: int, preferred: Cut) -> Cut:
    """The cut that keeps most of `texts` apart at `width`; the preferred one unless another is better.

    A column of addresses `2001:db8:0:1::17` differs at the end, one of host names `cmp17.region.example.org` at the
    start; a cut that makes several of them look the same hides what the operator looks for.
    """
    long = [text for text in texts if cell_len(text) > width]
    if len(long) < 2:
        return preferred
    ways: Sequence[Cut] = (preferred, *(w for w in ("middle", "end", "start") if w != preferred))
    apart = {way: len({cut(text, width, way) for text in long}) for way in ways}
    best = max(ways, key=lambda way: apart[way])
    return preferred if apart[preferred] >= GOOD_ENOUGH * apart[best] else best
