"""What keys and polls write to the terminal, counted at a real pseudo-terminal: operators sit behind slow links."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


class Terminal:
    """A console behind a pseudo-terminal."""

    def __init__(self, descriptor: int, commands: int) -> None:
        self._descriptor = descriptor
        self._commands = commands

    def read(self, *, quiet: float = 0.3, first: float = 2.0) -> bytes:
        """What is written until nothing more comes for `quiet` seconds; `first` is how long to wait for any of it."""
        found = b""
        while select.select([self._descriptor], [], [], quiet if found else first)[0]:
            try:
                part = os.read(self._descriptor, 65536)
            except OSError:
                break
            if not part:
                break
            found += part
        return found

    def key(self, sequence: bytes) -> bytes:
        """Press a key; what it writes."""
        os.write(self._descriptor, sequence)
        return self.read()

    def swap(self, what: str) -> bytes:
        """Let the feed swap; what that writes."""
        os.write(self._commands, f"{what}\n".encode())
        return self.read(first=1.0)


@contextmanager
def terminal(width: int, height: int, theme: str, rows: int = 52) -> Iterator[Terminal]:
    """A console in a process of its own, at its first list."""
    commands, teller = os.pipe()
    os.set_inheritable(commands, True)
    child, descriptor = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        environ = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        arguments = [sys.executable, "-m", "tests.views.bytes_app", str(rows), theme, str(commands)]
        os.execve(sys.executable, arguments, environ)
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    try:
        found = Terminal(descriptor, teller)
        begun = found.read(quiet=1.0, first=20.0)
        assert b"compute-services" in begun, begun[-2000:]
        found.swap("same")
        yield found
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for each in (descriptor, commands, teller):
            os.close(each)


@pytest.fixture(scope="module", params=["dark", "ansi"])
def small(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    """80x24 in true colour, and in the terminal's own colours."""
    with terminal(80, 24, request.param) as found:
        yield found


@pytest.fixture(scope="module")
def large() -> Iterator[Terminal]:
    """200x60 in true colour."""
    with terminal(200, 60, "dark", 500) as found:
        yield found


def test_a_cursor_move(small: Terminal) -> None:
    assert 0 < len(small.key(b"j")) <= 400
    assert 0 < len(small.key(b"k")) <= 400


def test_a_page(small: Terminal) -> None:
    assert 0 < len(small.key(b"\x1b[6~")) <= 5000
    assert 0 < len(small.key(b"\x1b[5~")) <= 5000


def test_the_ends(small: Terminal) -> None:
    assert 0 < len(small.key(b"G")) <= 5000
    assert 0 < len(small.key(b"g")) <= 5000


def test_a_poll_that_changes_nothing(small: Terminal) -> None:
    small.key(b"g")
    assert small.swap("same") == b""
    assert small.swap("same") == b""


def test_one_changed_field(small: Terminal) -> None:
    small.key(b"g")
    assert 0 < len(small.swap("field")) <= 200
    assert 0 < len(small.swap("same")) <= 200


def test_a_row_whose_reason_changes_changes_the_headline_too(small: Terminal) -> None:
    small.key(b"g")
    assert 0 < len(small.swap("older")) <= 400
    small.swap("same")


def test_a_letter_of_a_filter_writes_no_screenful(small: Terminal) -> None:
    assert len(small.key(b"/")) <= 700
    small.key(b"c")
    assert len(small.key(b"m")) <= 700
    assert len(small.key(b"\r")) <= 700
    small.key(b"\x1b")


def test_a_mark(small: Terminal) -> None:
    small.key(b"g")
    assert 0 < len(small.key(b" ")) <= 600
    small.key(b"U")


def test_fifty_pages_at_once_are_not_fifty_screens(small: Terminal) -> None:
    small.key(b"g")
    assert len(small.key(b"\x1b[6~" * 50)) <= 40_000
    small.key(b"g")


def test_standing_still_writes_nothing(small: Terminal) -> None:
    started = time.monotonic()
    assert small.read(first=6.0) == b""
    assert time.monotonic() - started >= 6.0


def test_a_large_screen(large: Terminal) -> None:
    assert 0 < len(large.key(b"j")) <= 1000
    assert 0 < len(large.key(b"\x1b[6~")) <= 20_000
    large.key(b"g")
    assert large.swap("same") == b""
