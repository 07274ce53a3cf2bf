"""A program on a pseudo-terminal: keys in, bytes out, counted and timed; the screen as a person would see it.

The console's own process runs on it, so what is measured is what a terminal at the other end of SSH would get.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyte

ROOT = Path(__file__).resolve().parent.parent
QUIET = 0.25
"""Seconds of silence after which an answer is over."""


@dataclass(frozen=True)
class Answer:
    """What came back: bytes, and seconds until the first and the last of them."""

    size: int
    first: float
    last: float


class Terminal:
    """One program on a terminal of its own."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], columns: int = 80, lines: int = 24) -> None:
        self.columns, self.lines = columns, lines
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._gone = False
        self.latest = b""
        """The last 4 KiB that were written."""
        self.began = time.monotonic()
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:  # the child
            os.chdir(ROOT)
            os.execvpe(command[0], list(command), {"TERM": "xterm-256color", **environ})
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, size)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def text(self) -> list[str]:
        """The screen, line by line, without trailing blanks."""
        return [line.rstrip() for line in self._screen.display]

    def shows(self, words: str) -> bool:
        """True when some line holds `words`."""
        return any(words in line for line in self.text)

    def _read(self, seconds: float) -> bytes:
        if not select.select([self._descriptor], [], [], max(seconds, 0))[0]:
            return b""
        try:
            data = os.read(self._descriptor, 1 << 16)
        except OSError:
            return b""
        self.latest = (self.latest + data)[-4096:]
        return data

    def listen(self, quiet: float = QUIET, most: float = 10.0) -> Answer:
        """Everything until `quiet` seconds of silence (at most `most` seconds)."""
        began, first, last, size = time.monotonic(), 0.0, 0.0, 0
        while (now := time.monotonic()) - began < most:
            data = self._read(min(quiet, most - (now - began)))
            if not data:
                break
            last = time.monotonic() - began
            first = first or last
            size += len(data)
            self._stream.feed(data)
        return Answer(size, first, last)

    def press(self, keys: str, quiet: float = QUIET) -> Answer:
        """Send keys and take the answer."""
        self.listen(0.01, 0.5)
        os.write(self._descriptor, keys.encode())
        return self.listen(quiet)

    def insist(self, keys: str, holds: Callable[[], bool], seconds: float) -> None:
        """Press `keys` until `holds()`, as a person does where the list was not there yet; AssertionError after all."""
        for _ in range(4):
            self.press(keys, 0.05)
            with suppress(AssertionError):
                self.until(holds, seconds / 4)
                return
        raise AssertionError(f"{keys!r} did nothing; the screen shows:\n" + "\n".join(self.text))

    def until(self, holds: Callable[[], bool], seconds: float) -> float:
        """Seconds (since now) until `holds()`; AssertionError with the screen when it never does."""
        began = time.monotonic()
        while not holds():
            if time.monotonic() - began > seconds:
                raise AssertionError("never came; the screen shows:\n" + "\n".join(self.text))
            data = self._read(0.02)
            if data:
                self._stream.feed(data)
        return time.monotonic() - began

    def ended(self, seconds: float) -> int:
        """The program's exit code, once it ended by itself; AssertionError when it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            data = self._read(0.05)
            if data:
                self._stream.feed(data)
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self._gone = True
                return os.waitstatus_to_exitcode(status)
        raise AssertionError("did not end; the screen shows:\n" + "\n".join(self.text))

    def close(self) -> None:
        """End the program, politely first."""
        if self._gone:
            os.close(self._descriptor)
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                break
            end = time.monotonic() + 3
            while time.monotonic() < end:
                done, _ = os.waitpid(self.pid, os.WNOHANG)
                if done:
                    os.close(self._descriptor)
                    return
                self._read(0.05)
