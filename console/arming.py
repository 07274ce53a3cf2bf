"""The window in which something may be begun: closed until somebody opens it, for minutes, and says why.

Read-only is the normal state of a console on a running cloud. The window closes by itself; what was begun in it goes
on. What was locked from outside (`--read-only`, settings, the site's protection) opens for nobody inside.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final

from collectors.errors import UsageError
from collectors.untrusted import clipped, neutral
from collectors.values import quantity

LONGEST: Final = 3600.0
"""Seconds that a window may be open."""
EXAMPLE: Final = "arm 10m INC-4711"
_WORDS: Final = 24
"""Letters of the reason that line 1 shows."""


class Arming:
    """One console's window. Only the event loop changes it."""

    def __init__(self, clock: Callable[[], float], locked: str = "") -> None:
        self._clock = clock
        self.locked = locked
        """Why it never opens; empty when it may."""
        self.why = ""
        self._until = 0.0

    @property
    def is_open(self) -> bool:
        """True while something may be begun."""
        return not self.locked and bool(self.why) and self._clock() < self._until

    @property
    def has_expired(self) -> bool:
        """True once its time is over, until somebody closes it."""
        return bool(self.why) and not self.is_open

    def open(self, seconds: float, why: str) -> float:
        """Open it, or open it for another time; when it closes. Raises `UsageError` where it is locked."""
        if self.locked:
            raise UsageError(f"nothing may be changed here: {self.locked}", "it cannot be lifted from inside")
        self.why, self._until = why, self._clock() + seconds
        return self._until

    def close(self) -> None:
        """Close it."""
        self.why, self._until = "", 0.0

    def refusal(self) -> str:
        """Why nothing may be begun, and what opens it; empty while it is open."""
        if self.locked:
            return f"nothing may be changed here: {self.locked}"
        return "" if self.is_open else f"READ-ONLY: nothing starts until the window is open, :{EXAMPLE}"

    @property
    def words(self) -> str:
        """For line 1, in whole minutes so that it seldom changes: `ARMED 9 min: INC-4711`, `READ-ONLY`."""
        if not self.is_open:
            return "READ-ONLY"
        minutes = max(math.ceil((self._until - self._clock()) / 60), 1)
        return f"ARMED {minutes} min: {clipped(neutral(self.why), _WORDS)}"


def asked(words: str) -> tuple[float, str]:
    """(seconds, why) of `10m INC-4711`. Raises `UsageError`."""
    duration, _, why = words.strip().partition(" ")
    why = why.strip()
    # A bare number would be seconds to some and minutes to others.
    seconds = quantity(duration) if re.fullmatch(r"\d+(\.\d+)?(s|m|min|h)", duration) else None
    if seconds is None or seconds <= 0:
        raise UsageError("arm wants for how long, and why", EXAMPLE)
    if seconds > LONGEST:
        raise UsageError(f"arm: at most {LONGEST / 60:.0f} minutes, not {duration[:20]}", EXAMPLE)
    if not why:
        raise UsageError("arm wants to know why", EXAMPLE)
    return seconds, why[:200]
