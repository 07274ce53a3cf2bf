"""Threads that never hold up the end of the process.

The standard thread pool is joined when the interpreter ends, so one reader that is stuck where no deadline reaches (a
connection attempt, a resolver) would keep a console that was left on the terminal for seconds. These threads are
daemons and are left behind.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Pool:
    """At most `workers` threads, made as they are needed; what is submitted runs in its order."""

    def __init__(self, workers: int, name: str) -> None:
        self._workers = workers
        self._name = name
        self._waiting: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._unfinished = 0
        self._closed = False

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `work(*args, **kwargs)` on a thread; after `close` its future is cancelled at once."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                future.cancel()
                return future
            self._waiting.put((future, lambda: work(*args, **kwargs)))
            self._unfinished += 1
            if self._threads < min(self._unfinished, self._workers):
                self._threads += 1
                name = f"{self._name}_{self._threads}"
                threading.Thread(target=self._run, name=name, daemon=True).start()
        return future

    def close(self) -> None:
        """Cancel what waits and let the threads go when they are done; waits for nobody."""
        with self._lock:
            self._closed = True
            while True:
                try:
                    item = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if item is not None:
                    item[0].cancel()
            for _ in range(self._threads):
                self._waiting.put(None)

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            _carry_out(*item)
            with self._lock:
                self._unfinished -= 1


def _carry_out(future: Future[Any], work: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001  handed to whoever waits for the future
        future.set_exception(error)
