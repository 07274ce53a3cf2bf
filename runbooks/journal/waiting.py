"""The lock of the journal's file: waited for a while, never for ever."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import Final

from runbooks.journal.record import JournalError, reason

PATIENCE: Final = 5.0
"""Seconds that we wait for another console's append, which takes milliseconds."""


def wait_for(descriptor: int, how: int, path: Path) -> None:
    """Lock within `PATIENCE`. Raises `JournalError`."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                why = f"another process has held it for more than {PATIENCE:g} s"
                raise JournalError(str(path), why, f"fuser {path} shows which; it may be stopped") from None
        except OSError as error:
            raise JournalError(str(path), f"cannot be locked: {reason(error)}", "keep it on a local disk") from error
        time.sleep(0.002)
