"""The overview in words: one line per system, a second one only where something must not be mistaken.

Shared by the first screen and `nephoscope health`, so that both say the same; no widget and no terminal code in it.
"""

from __future__ import annotations

import msgspec

from collectors.health import LEVELS, Level
from collectors.overview import Overview, SystemHealth
from collectors.untrusted import neutral
from views.glyphs import UNICODE, Glyphs
from views.text.width import cells, fitted


class HealthLine(msgspec.Struct, frozen=True):
    """One line; put together it reads `✖ galera        2 of 3 members; …`."""

    system: str
    level: Level
    name: str
    """Sign and system, padded; only blanks on a second line."""
    text: str
    second: bool = False
    """It adds to the line above."""

    def __str__(self) -> str:
        return f"{self.name}{self.text}".rstrip()


def _room(overview: Overview) -> int:
    return max((len(s.system) for s in overview.systems), default=0) + 1


def _folded(text: str, width: int, most: int) -> list[str]:
    """`text` broken at blanks into at most `most` lines of `width` cells; what does not fit in the last one is cut."""
    lines: list[str] = []
    line, words = "", text.split(" ")
    for at, word in enumerate(words):
        longer = f"{line} {word}" if line else word
        if cells(longer) > width and line and len(lines) < most - 1:
            lines.append(line)
            longer = word
        elif cells(longer) > width:
            rest = " ".join([line, *words[at:]] if line else words[at:])
            return [*lines, fitted(rest, width).rstrip()]
        line = longer
    return [*lines, line]


def system_lines(found: SystemHealth, room: int, width: int, fold: int, glyphs: Glyphs) -> list[HealthLine]:
    """The lines of one system: `fold` lines at most for the sentence of one that is not ok, then its second line."""
    level = found.health.level
    sign = glyphs.known if level == "ok" and found.acknowledged else glyphs.level(level)
    lead = f"{sign} {found.system:<{room}}"
    space = max(width - len(lead), 8) if width else 0
    text = neutral(found.text)
    sentence = _folded(text, space, fold if level != "ok" else 1) if width else [text]
    lines = [HealthLine(found.system, level, lead, sentence[0])]
    blank = " " * len(lead)
    lines += [HealthLine(found.system, level, blank, more) for more in sentence[1:]]
    if found.second_line:
        note = neutral(found.second_line)
        lines.append(HealthLine(found.system, level, blank, _folded(note, space, 1)[0] if width else note, second=True))
    return lines


def health_lines(
    overview: Overview, *, width: int = 0, fold: int = 1, glyphs: Glyphs = UNICODE, second: bool = True
) -> list[HealthLine]:
    """Every line of the overview in at most `width` characters (0: as long as they are)."""
    room = _room(overview)
    lines = [line for s in overview.systems for line in system_lines(s, room, width, fold, glyphs)]
    shown = [line for line in lines if second or not line.second]
    return [HealthLine(x.system, x.level, x.name, glyphs.text(x.text), x.second) for x in shown]


def summary(overview: Overview) -> str:
    """`2 critical  3 warning  1 unknown  12 ok`; a level that nothing has is left out."""
    counts = ((overview.count(level), level) for level in LEVELS)
    return "  ".join(f"{count} {level}" for count, level in counts if count) or "nothing is watched"


def headline(overview: Overview) -> str:
    """The worst thing and its reason without the sign: `rabbitmq: 2 of 3 nodes up; ctl03: …`."""
    worst = overview.worst
    if worst is None:
        return "nothing is watched"
    if worst.health.level == "ok":
        known = sum(s.acknowledged for s in overview.systems)
        count = len(overview.systems)
        return ("1 system ok" if count == 1 else f"all {count} systems ok") + (f", {known} known" if known else "")
    return f"{worst.system}: {neutral(worst.text)}"
