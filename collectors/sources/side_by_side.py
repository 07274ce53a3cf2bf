"""Several questions at the same time, none of which can hold up the others or the end of the process.

The threads are daemons and are never joined: one that is stuck where no deadline reaches is left behind.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Question = TypeVar("Question")
Result = TypeVar("Result")


def side_by_side(
    questions: Sequence[Question], ask: Callable[[Question], Result], *, seconds: float, threads: int
) -> Iterator[tuple[Question, Result | None]]:
    """(question, what `ask` returned) as they finish; None for those that did not within `seconds`.

    What `ask` raises is raised here.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]] = queue.SimpleQueue()
    for place in range(len(questions)):
        waiting.put(place)

    def work() -> None:
        while True:
            try:
                place = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((place, ask(questions[place]), None))
            except BaseException as error:  # noqa: BLE001  handed to whoever asked
                done.put((place, None, error))

    for number in range(min(threads, len(questions))):
        threading.Thread(target=work, name=f"side by side {number}", daemon=True).start()
    last = time.monotonic() + seconds
    left = set(range(len(questions)))
    while left:
        try:
            place, result, error = done.get(timeout=max(last - time.monotonic(), 0.001))
        except queue.Empty:
            yield from ((questions[place], None) for place in sorted(left))
            return
        if error is not None:
            raise error
        left.discard(place)
        yield questions[place], result
