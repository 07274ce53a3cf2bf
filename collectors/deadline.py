"""A deadline for a whole read, kept by closing the socket.

A socket timeout alone is beaten by a server that drips one byte a second. So each read carries a `Deadline`; whoever
opens or reuses a connection on its behalf registers it, and one watchdog thread shuts those connections down at the
moment the deadline passes, whatever the reader is blocked in. Retries and re-authentication count against it.
"""

from __future__ import annotations

import heapq
import itertools
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Action = Callable[[], object]


class Deadline:
    """The moment by which a read must be over, `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.at = time.monotonic() + seconds
        self._guarded: dict[int, tuple[Action, Action]] = {}
        self._keys = itertools.count()
        self._lock = threading.Lock()
        self._ended = False

    def remaining(self) -> float:
        """Seconds left; never below a millisecond, so that it can serve as a socket timeout."""
        return max(self.at - time.monotonic(), 0.001)

    @property
    def expired(self) -> bool:
        """True once the time is over, or once the read was cancelled."""
        return self._ended or time.monotonic() >= self.at

    def guard(self, end: Action, release: Action = lambda: None) -> int:
        """Call `end` if the deadline passes; else `release` when the read is over. Returns a handle for `release`."""
        with self._lock:
            if not self._ended:
                if not self._guarded:
                    _watchdog.watch(self)
                key = next(self._keys)
                self._guarded[key] = (end, release)
                return key
        end()
        return -1

    def guard_socket(self, sock: socket.socket) -> int:
        """Shut `sock` down at the deadline: a blocked read then returns at once.

        A duplicate of the descriptor is kept, because TLS detaches the plain socket object from it (and a TLS socket
        refuses to be duplicated itself).
        """
        twin = socket.socket(fileno=os.dup(sock.fileno()))

        def shut() -> None:
            with suppress(OSError):
                twin.shutdown(socket.SHUT_RDWR)
            twin.close()

        return self.guard(shut, twin.close)

    def release(self, key: int) -> None:
        """What `key` stands for is no longer at risk."""
        with self._lock:
            _, release = self._guarded.pop(key, (None, None))
        if release is not None:
            release()

    def guards(self, key: int) -> bool:
        """Is what `key` stands for still watched?"""
        with self._lock:
            return key in self._guarded

    def finish(self) -> None:
        """The read is over: release everything."""
        for _, release in self._take():
            release()

    def end(self) -> None:
        """End everything now: the watchdog calls this at the deadline, a cancel earlier."""
        with self._lock:
            self._ended = True
        for end, _ in self._take():
            end()

    def _take(self) -> list[tuple[Action, Action]]:
        with self._lock:
            guarded = list(self._guarded.values())
            self._guarded.clear()
        return guarded


class _Watchdog:
    """One daemon thread that ends deadlines in order; it goes away when nothing was watched for a second."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Deadline]] = []
        self._count = itertools.count()
        self._wake = threading.Condition()
        self._running = False

    def watch(self, deadline: Deadline) -> None:
        with self._wake:
            heapq.heappush(self._heap, (deadline.at, next(self._count), deadline))
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="deadlines", daemon=True).start()
            self._wake.notify()

    def _next(self) -> Deadline | None:
        with self._wake:
            while True:
                now = time.monotonic()
                if self._heap and self._heap[0][0] <= now:
                    return heapq.heappop(self._heap)[2]
                if not self._wake.wait(self._heap[0][0] - now if self._heap else 1.0) and not self._heap:
                    self._running = False
                    return None

    def _run(self) -> None:
        while (deadline := self._next()) is not None:
            deadline.end()


_watchdog = _Watchdog()
_current = threading.local()


@contextmanager
def working(deadline: Deadline) -> Iterator[Deadline]:
    """Make `deadline` the one that this thread's connections report to; release them all afterwards."""
    before = getattr(_current, "deadline", None)
    _current.deadline = deadline
    try:
        yield deadline
    finally:
        _current.deadline = before
        deadline.finish()


def current() -> Deadline | None:
    """The deadline that this thread works under, if any."""
    found: Deadline | None = getattr(_current, "deadline", None)
    return found
