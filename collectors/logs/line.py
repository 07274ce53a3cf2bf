"""One line of a log, wherever it was read, and what a log's levels are. Values only.

`LINES` is a kind that no source reads: it gives log lines the same filters, columns and data formats as any row.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, warning
from collectors.kind import AnyKind, Column, MadeHere, Row
from collectors.rollup import Count

LEVELS: Final = ("critical", "error", "warning", "info", "debug")
"""Worst first."""

_RANKS: Final = {level: rank for rank, level in enumerate(LEVELS)}


def rank(level: str) -> int:
    """0 is the worst; a line without a level counts as information."""
    return _RANKS.get(level, _RANKS["info"])


class LogLine(Row, frozen=True):
    """One line, parsed as far as it could be; `message` alone when it is odd."""

    time: float | None
    """Seconds since the epoch; None where neither the line nor the journal has one."""
    level: str
    """One of `LEVELS`, or empty."""
    host: str
    service: str
    request_id: str | None
    logger: str | None
    """The part of the program that wrote it: `nova.compute.manager`."""
    message: str
    source: str
    """Where it was read: `journald`, `docker`, or the file's path."""
    id: str = ""
    """Unique among the lines of one answer."""


def health(line: LogLine, now: float) -> Health:
    """As bad as the service itself said."""
    if line.level in ("critical", "error"):
        return critical(f"{line.service} logged {line.level}")
    return warning(f"{line.service} logged a warning") if line.level == "warning" else OK


LINES: Final[AnyKind] = MadeHere(
    name="log-lines",
    title="Log lines",
    about="one line of a log",
    system="hosts",
    fields=LogLine,
    name_field="service",
    columns=(
        Column("time", "TIME", "time", 1),
        Column("host", "HOST", "ref", 1),
        Column("service", "SERVICE", "ref", 1),
        Column("level", "LEVEL", "status", 1),
        Column("message", "MESSAGE", "text", 1),
        Column("logger", "LOGGER", "text", 5, wide=True),
        Column("request_id", "REQUEST", "id", 5, wide=True),
        Column("source", "READ FROM", "text", 6, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("time",),
    health=health,
    rollup=Count("lines"),
)
"""What a filter may name."""
