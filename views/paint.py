"""From words with roles to strips of exactly one width, and what has changed between two of them.

Everything a line shows goes through here: text is neutralised, wide characters are measured, neighbours of one style
become one run (every run costs about forty bytes on the wire), and only the changed part of a line is painted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from themes.roles import Role
from views.cells import cut, readable
from views.look import Look

Run: TypeAlias = tuple[str, Role]
"""Text and what it means."""
Runs: TypeAlias = Sequence[Run]

EMPTY: Final = Strip([])


def strip_of(runs: Runs, width: int, look: Look, *, right: Runs = (), over: Style | None = None) -> Strip:
    """`runs` in exactly `width` cells, `right` at the right end; the left part gives way when both do not fit.

    `over` is laid over the whole line (the cursor). Text is neutralised here, so callers may pass what tenants wrote.
    """
    styles, sign = look.styles, look.glyphs.text
    tail = [(sign(readable(text)), role) for text, role in right]
    taken = sum(cell_len(text) for text, _ in tail)
    room = max(width - taken - (2 if tail else 0), 0)
    parts: list[tuple[str, Style]] = []
    base = styles["text"]

    def add(text: str, role: Role) -> None:
        style = base + styles[role]
        if over is not None:
            style += over
        if parts and parts[-1][1] == style:
            parts[-1] = (parts[-1][0] + sign(text), style)
        elif text:
            parts.append((sign(text), style))

    left = room
    for text, role in runs:
        shown = sign(readable(text))
        size = cell_len(shown)
        if size > left:
            add(cut(shown, left), role)
            left -= cell_len(cut(shown, left))
            break
        add(shown, role)
        left -= size
    if tail and width >= taken:
        add(" " * (width - taken - (room - left)), "text")
        for text, role in tail:
            add(text, role)
    else:
        add(" " * (width - (room - left)), "text")
    return Strip([Segment(text, style) for text, style in parts], width)


def _cells(strip: Strip) -> list[tuple[str, Style | None]]:
    """One entry per cell; the second half of a wide character is an empty text, so that it is never split."""
    found: list[tuple[str, Style | None]] = []
    for text, style, _ in strip:
        if text.isascii():
            found.extend((character, style) for character in text)
            continue
        for character in text:
            size = cell_len(character)
            if size == 0 and found:
                found[-1] = (found[-1][0] + character, style)
            elif size:
                found.append((character, style))
                found.extend([("", style)] * (size - 1))
    return found


def changed_span(old: Strip, new: Strip) -> tuple[int, int] | None:
    """First and behind-last cell in which two strips of one width differ; None when they are the same."""
    if old is new or old == new:
        return None
    before, after = _cells(old), _cells(new)
    if len(before) != len(after):
        return 0, max(len(before), len(after))
    differing = [x for x, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    if not differing:
        return None
    first, last = differing[0], differing[-1] + 1
    while first > 0 and (before[first][0] == "" or after[first][0] == ""):
        first -= 1
    while last < len(after) and (before[last][0] == "" or after[last][0] == ""):
        last += 1
    return first, last


def wrapped(text: str, width: int, most: int = 0) -> list[str]:
    """`text` (made readable) in lines of at most `width` cells, broken at spaces; at most `most` lines when given."""
    lines: list[str] = []
    line = ""
    for word in readable(text).split(" "):
        for part in _pieces(word, width):
            if line and cell_len(line) + 1 + cell_len(part) <= width:
                line += " " + part
            else:
                if line:
                    lines.append(line)
                line = part
    lines.append(line)
    if most and len(lines) > most:
        kept = lines[: most - 1]
        return [*kept, cut(" ".join(lines[most - 1 :]), width)]
    return lines


def _pieces(word: str, width: int) -> Iterable[str]:
    """A word in parts that fit into a line."""
    if cell_len(word) <= width or width <= 0:
        yield word
        return
    part, size = "", 0
    for character in word:
        step = cell_len(character)
        if size + step > width:
            yield part
            part, size = "", 0
        part += character
        size += step
    yield part
