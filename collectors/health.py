"""Health of a row: a level and always a reason in words.

The order is critical, warning, unknown, ok. Unknown is never ok: what we could not read is not known to be well.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

Level: TypeAlias = Literal["critical", "warning", "unknown", "ok"]

LEVELS: Final[tuple[Level, ...]] = ("critical", "warning", "unknown", "ok")
"""Worst first."""

RANK: Final[dict[str, int]] = {level: rank for rank, level in enumerate(LEVELS)}


class Health(msgspec.Struct, frozen=True):
    """How something is, and why. `reason` is empty only for a plain ok."""

    level: Level
    reason: str = ""

    @property
    def rank(self) -> int:
        """0 is worst."""
        return RANK[self.level]


OK: Final = Health("ok")


def critical(reason: str) -> Health:
    """It does not do its work."""
    return Health("critical", reason)


def warning(reason: str) -> Health:
    """It works, but somebody should look."""
    return Health("warning", reason)


def unknown(reason: str) -> Health:
    """We cannot tell."""
    return Health("unknown", reason)


def ok(reason: str) -> Health:
    """It is well; the reason says what might be mistaken (disabled on purpose)."""
    return Health("ok", reason)


def worst(*healths: Health) -> Health:
    """The worst of them; the first one among equals; ok when there are none."""
    return min(healths, key=lambda health: health.rank, default=OK)
