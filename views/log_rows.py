"""One log line as words on one line of the screen, and all of it in many. Pure.

What is the same for every line on the screen (one host, one service) is not repeated on each.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from collectors.health import Level
from collectors.logs.line import LogLine
from collectors.untrusted import neutral
from collectors.values import iso
from themes.roles import Role
from views.cells import cut, readable
from views.describe import raw_texts
from views.glyphs import Glyphs
from views.lines import Text
from views.paint import Run, wrapped
from views.text.log_lines import moment
from views.text.width import cells

_HOST: Final = 12
_SERVICE: Final = 18
_LEVEL: Final = 10
"""Cells of `✖ critical`."""
_ROLES: Final[dict[str, Level]] = {"critical": "critical", "error": "critical", "warning": "warning"}


class Widths(msgspec.Struct, frozen=True):
    """Cells of the columns; 0 leaves one out."""

    host: int = 0
    service: int = 0


def widths(lines: Iterable[LogLine], before: Widths, *, hosts: bool, services: bool) -> Widths:
    """Wide enough for `lines`, and never less than before, so that nothing jumps while one scrolls."""
    host, service = before.host, before.service
    for line in lines:
        host = max(host, min(cells(readable(line.host)), _HOST)) if hosts else 0
        service = max(service, min(cells(readable(line.service)), _SERVICE)) if services else 0
    return Widths(host, service)


def level_words(level: str, glyphs: Glyphs) -> str:
    """`✖ error`, `▲ warning`; plain words for what needs no look."""
    if level in _ROLES:
        return f"{glyphs.level(_ROLES[level])} {level}"
    return f"  {level}" if level else ""


def runs(line: LogLine, sizes: Widths, glyphs: Glyphs, *, cursor: bool) -> list[Run]:
    """The line: time, level, host, service, message."""
    role: Role = _ROLES.get(line.level, "dim")
    mark = glyphs.cursor if cursor else " "
    time = moment(line.time)
    made: list[Run] = [(f"{mark}{time[:8]:<8} ", "dim"), (f"{level_words(line.level, glyphs):<{_LEVEL}} ", role)]
    for text, size in ((line.host, sizes.host), (line.service, sizes.service)):
        if size:
            shown = cut(readable(text), size, "middle")
            made.append((shown + " " * (size - cells(shown) + 1), "ref"))
    words = line.message if not line.logger else f"{line.logger.rpartition('.')[2]}: {line.message}"
    made.append((words, role if role in ("critical", "warning") else "text"))
    return made


def details(line: LogLine, width: int, glyphs: Glyphs) -> list[Text]:
    """Everything about one line, folded."""
    texts = raw_texts(neutral(line.message), width)  # whole, however long it is
    texts.append(Text())
    when = "not said" if line.time is None else iso(line.time)
    rows = (
        ("time", when), ("level", level_words(line.level, glyphs).strip()), ("host", line.host),
        ("service", line.service), ("logger", line.logger or ""), ("request", line.request_id or ""),
        ("read from", line.source),
    )  # fmt: skip
    for label, value in rows:
        for number, part in enumerate(wrapped(value, max(width - 12, 10)) if value else ()):
            texts.append(Text([(f"  {label if number == 0 else '':<10}", "dim"), (part, "text")]))
    return texts
