"""The terminal that goes away: told also where SIGHUP is ignored (`nohup`, a shell that traps it) or went to others.

Without this a console whose SSH session was lost would go on reading from a terminal that answers "end" at once, for
ever. poll(2) tells a hang-up without being asked to look for anything, so waiting for it costs nothing.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress


class TerminalWatch:
    """Calls `gone`, on a thread of its own, once nobody is at the other end of this descriptor any more."""

    def __init__(self, descriptor: int, gone: Callable[[], object]) -> None:
        self._descriptor, self._gone = descriptor, gone
        self._waker: int | None = None

    def start(self) -> None:
        """Begin to wait, where it is a terminal at all."""
        if not os.isatty(self._descriptor):
            return
        ended, self._waker = os.pipe()
        threading.Thread(target=self._wait, args=(ended,), name="terminal", daemon=True).start()

    def close(self) -> None:
        """Wait no more."""
        waker, self._waker = self._waker, None
        if waker is not None:
            with suppress(OSError):
                os.close(waker)

    def _wait(self, ended: int) -> None:
        waiting = select.poll()
        waiting.register(self._descriptor, 0)
        waiting.register(ended, 0)  # its other end is closed: a hang-up, too
        try:
            found = dict(waiting.poll())
        finally:
            os.close(ended)
        if self._descriptor in found:
            with suppress(RuntimeError):  # the screen's loop has ended meanwhile
                self._gone()
