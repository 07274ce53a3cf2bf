"""SIGINT, SIGTERM and SIGHUP while something runs: ctrl-c, `kill` and the lost SSH session end it between two steps.

The first signal begins no further step and waits for the one that was begun. The second does not wait: that we leave is
recorded, and the step stays in flight, which the next start looks up. A third one finds no handler of ours any more.
What was ignored when we began (`nohup`, a shell's `&`) stays ignored.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import FrameType, TracebackType
from typing import Any, Final, NoReturn

from collectors.untrusted import neutral
from console.cli.exits import Exit

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def say(words: str) -> None:
    """A line on stderr, if anybody is there: what runs does not end because nobody reads."""
    with suppress(OSError, ValueError):
        print(neutral(words), file=sys.stderr, flush=True)


def part_from_terminal() -> None:
    """After a hang-up: what is written to a terminal that is gone goes nowhere, instead of failing."""
    for descriptor in (0, 1, 2):
        try:
            termios.tcgetattr(descriptor)
        except termios.error as error:
            if error.args[0] == 5:  # EIO: it was one
                with suppress(OSError):
                    os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
        except OSError:
            pass


def leave() -> NoReturn:
    """End this process now, whatever its threads wait for; what was printed is written."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(Exit.INTERRUPTED)


class Signals:
    """While the block runs, signals wait here for whoever asks for them; the second one restores what signals do.

    A handler interrupts anything, also what holds a lock, so ours only notes the name.
    """

    def __init__(self) -> None:
        self._names: SimpleQueue[str] = SimpleQueue()
        self._before: dict[signal.Signals, Any] = {}
        self._count = 0

    def __enter__(self) -> Signals:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, place: TracebackType | None
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def wake(self) -> None:
        """Something ended: whoever waits looks whether to go on waiting."""
        self._names.put("")

    def names(self, going: Callable[[], object]) -> Iterator[str]:
        """The name of each signal as it comes (`SIGTERM`), for as long as `going()` says so."""
        while going():
            with suppress(Empty):
                if name := self._names.get(timeout=1.0):
                    yield name

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._count += 1
        if self._count > 1:
            for each in self._before:
                signal.signal(each, signal.SIG_DFL)
        if number == signal.SIGHUP:
            part_from_terminal()
        self._names.put(signal.Signals(number).name)
