"""Signs in Unicode and ASCII: one cell each, and the terminal decides."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from collectors.health import LEVELS, Level
from views.glyphs import _STAND_INS, ASCII, UNICODE, Glyphs, choose


def test_severity_is_sign_and_word() -> None:
    assert [UNICODE.severity(level) for level in LEVELS] == ["✖ critical", "▲ warning", "? unknown", "● ok"]
    assert [ASCII.severity(level) for level in LEVELS] == ["x critical", "! warning", "? unknown", ". ok"]


@pytest.mark.parametrize("level", LEVELS)
def test_signs_of_levels_differ(level: Level) -> None:
    for glyphs in (UNICODE, ASCII):
        assert [glyphs.level(other) for other in LEVELS].count(glyphs.level(level)) == 1


@pytest.mark.parametrize(("sign", "stand_in"), list(_STAND_INS.items()))
def test_a_sign_and_its_stand_in_are_one_cell_wide(sign: str, stand_in: str) -> None:
    assert cell_len(sign) == cell_len(stand_in) == 1
    assert stand_in.isascii()


def test_ascii_shows_what_it_can_and_keeps_the_length() -> None:
    text = "“RAM swap” › zürich …"
    assert ASCII.text(text) == '"RAM swap" > z?rich ~'
    assert len(ASCII.text(text)) == len(text)


def test_unicode_changes_nothing() -> None:
    assert UNICODE.text("“ü” 主") == "“ü” 主"


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_a_cut_is_shown(glyphs: Glyphs) -> None:
    assert glyphs.clipped("abcdef", 4) == "abc" + glyphs.ellipsis
    assert glyphs.clipped("abcd", 4) == "abcd"
    assert glyphs.clipped("abcd", 0) == ""


def test_bars() -> None:
    assert UNICODE.spark([0, 1, 4, 8]) == "▁▂▅█"
    assert UNICODE.spark([0, 0]) == "▁▁"
    assert UNICODE.spark([]) == ""
    assert UNICODE.spark([5], ceiling=10) == "▅"
    assert ASCII.spark([0, 8]).isascii()


@pytest.mark.parametrize(
    ("environ", "wanted", "ascii_only"),
    [
        ({"LANG": "de_DE.UTF-8"}, "", False),
        ({"LANG": "C.utf8"}, "", False),
        ({"LANG": "C"}, "", True),
        ({}, "", True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, "", True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "", False),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, "", True),
        ({"LANG": "en_US.UTF-8"}, "ascii", True),
        ({"LANG": "C"}, "unicode", False),
    ],
)
def test_the_terminal_decides(environ: dict[str, str], wanted: str, ascii_only: bool) -> None:
    assert choose(environ, wanted).ascii is ascii_only
