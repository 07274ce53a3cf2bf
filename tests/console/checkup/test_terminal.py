"""What `doctor` says about the terminal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from collectors.sources.base import Fact
from console.checkup.terminal import colours, facts, is_utf8, size_of
from tests.console.config.files import program

WIDE = os.terminal_size((200, 60))
GOOD = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "de_DE.UTF-8"}


def test_without_a_terminal_there_is_nothing_to_say() -> None:
    assert list(facts(GOOD, None)) == []


def test_a_good_one() -> None:
    assert list(facts(GOOD, WIDE)) == [
        Fact("terminal", "xterm-256color 200x60", "ok", detail="true colour, UTF-8"),
    ]


@pytest.mark.parametrize(("size", "level"), [((80, 24), "ok"), ((79, 24), "warning"), ((80, 23), "warning")])
def test_the_size(size: tuple[int, int], level: str) -> None:
    (fact,) = facts(GOOD, os.terminal_size(size))
    assert fact.level == level
    assert ("80x24 or larger" in fact.next_step) == (level == "warning")


@pytest.mark.parametrize("kind", ["", "dumb", "unknown"])
def test_one_that_can_nothing(kind: str) -> None:
    (fact,) = facts({"TERM": kind}, WIDE)
    assert fact.level == "warning"
    assert "TERM=" in fact.next_step


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "true colour"),
        ({"TERM": "xterm-direct"}, "true colour"),
        ({"TERM": "screen-256color"}, "256 colours"),
        ({"TERM": "linux"}, "16 colours"),
        ({"TERM": "vt100"}, "no colours"),
        ({}, "no colours"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "no colours, as NO_COLOR asks"),
    ],
)
def test_colours(environ: dict[str, str], words: str) -> None:
    assert colours(environ) == words


@pytest.mark.parametrize(
    ("environ", "utf8"),
    [
        ({"LANG": "C.UTF-8"}, True),
        ({"LANG": "de_DE.utf8"}, True),
        ({"LANG": "C.UTF-8", "LC_ALL": "C"}, False),
        ({"LC_CTYPE": "en_US.UTF-8"}, True),
        ({}, False),
    ],
)
def test_characters(environ: dict[str, str], utf8: bool) -> None:
    assert is_utf8(environ) is utf8


def tmux(folder: Path, script: str) -> list[Fact]:
    """What is said inside a tmux that answers with `script`."""
    program(folder / "tmux", f'[ "$*" = "show-options -s" ] || exit 9\n{script}')
    return list(facts({**GOOD, "TMUX": "/tmp/tmux,1,0", "PATH": f"{folder}:/usr/bin:/bin"}, WIDE))[1:]


@pytest.mark.parametrize(("value", "level"), [("on", "ok"), ("external", "warning"), ("off", "warning")])
def test_copies_through_tmux(tmp_path: Path, value: str, level: str) -> None:
    (fact,) = tmux(tmp_path, f"echo 'escape-time 10'; echo 'set-clipboard {value}'")
    assert (fact.system, fact.level) == ("clipboard", level)
    assert ("set-clipboard on" in fact.next_step) == (level == "warning")


def test_escape_through_tmux(tmp_path: Path) -> None:
    found = tmux(tmp_path, "echo 'escape-time 500'; echo 'set-clipboard on'")
    assert [fact.system for fact in found] == ["clipboard", "keys"]
    assert "500 ms" in found[1].detail


def test_a_tmux_that_does_not_answer(tmp_path: Path) -> None:
    (fact,) = tmux(tmp_path, "echo 'no server running' >&2; exit 1")
    assert (fact.level, fact.detail) == ("unknown", "no server running")


def test_a_tmux_that_is_not_there(tmp_path: Path) -> None:
    found = list(facts({**GOOD, "TMUX": "x", "PATH": str(tmp_path)}, WIDE))
    assert found[1].level == "unknown"


def test_screen_keeps_copies() -> None:
    found = list(facts({**GOOD, "STY": "1.pts"}, WIDE))
    assert (found[1].system, found[1].level) == ("clipboard", "warning")


def test_the_size_of_what_is_no_terminal() -> None:
    reading, writing = os.pipe()
    try:
        assert size_of(reading, writing) is None
    finally:
        os.close(reading)
        os.close(writing)
