"""Strips of one width, and what differs between two of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from views.glyphs import ASCII, UNICODE
from views.look import Look
from views.paint import changed_span, strip_of, wrapped
from views.theme import palette

LOOK = Look(palette("dark"))
PLAIN = Look(palette("mono"), ASCII)


def test_one_style_is_one_run() -> None:
    assert len(list(strip_of([("a", "text"), ("b", "text"), ("c", "text")], 10, LOOK))) == 1


def test_each_change_of_style_is_a_run() -> None:
    assert len(list(strip_of([("a", "critical"), ("b", "text")], 10, LOOK))) == 2


@given(st.lists(st.text(max_size=30), max_size=4), st.integers(0, 60), st.text(max_size=20))
def test_a_strip_has_exactly_its_width(texts: list[str], width: int, right: str) -> None:
    strip = strip_of([(t, "text") for t in texts], width, LOOK, right=[(right, "crumb")] if right else ())
    assert cell_len(strip.text) == width


def test_the_left_part_gives_way() -> None:
    assert strip_of([("a" * 30, "text")], 20, LOOK, right=[("52", "crumb")]).text == "a" * 15 + "…  52"


def test_nothing_acts_on_the_terminal() -> None:
    strip = strip_of([("\x1b[31m[@click=app.quit]x[/]", "text")], 60, LOOK)
    assert strip.text.startswith("\\x1b[31m[@click=app.quit]x[/]")
    assert all(segment.style is None or not segment.style.meta for segment in strip)


def test_ascii_terminals_get_ascii() -> None:
    strip = strip_of([("✖ critical › “x” …", "text"), ("数" * 40, "text")], 30, PLAIN)
    assert strip.text.isascii()
    assert cell_len(strip.text) == 30


def test_a_style_can_lie_over_the_line() -> None:
    strip = strip_of([("a", "text")], 4, LOOK, over=Style(reverse=True))
    assert all(segment.style is not None and segment.style.reverse for segment in strip)


def test_nothing_changed() -> None:
    one, other = (strip_of([("abc", "text")], 10, LOOK) for _ in range(2))
    assert changed_span(one, other) is None


@pytest.mark.parametrize(
    ("old", "new", "span"),
    [("abc", "abd", (2, 3)), ("abc", "xbc", (0, 1)), ("abcdef", "aXcdYf", (1, 5)), ("abc", "abcd", (3, 4))],
)
def test_only_the_changed_part(old: str, new: str, span: tuple[int, int]) -> None:
    assert changed_span(strip_of([(old, "text")], 10, LOOK), strip_of([(new, "text")], 10, LOOK)) == span


def test_a_change_of_style_is_a_change() -> None:
    old, new = strip_of([("abc", "text")], 10, LOOK), strip_of([("abc", "critical")], 10, LOOK)
    assert changed_span(old, new) == (0, 3)


def test_a_wide_letter_is_painted_whole() -> None:
    old, new = strip_of([("a数b", "text")], 10, LOOK), strip_of([("aabb", "text")], 10, LOOK)
    assert changed_span(old, new) == (1, 3)


def test_another_width_is_all_new() -> None:
    assert changed_span(strip_of((), 10, LOOK), strip_of((), 12, LOOK)) == (0, 12)


def test_sentences_are_folded_at_blanks() -> None:
    assert wrapped("one two three", 7) == ["one two", "three"]


def test_a_long_word_is_folded_hard() -> None:
    assert wrapped("a" * 10, 4) == ["aaaa", "aaaa", "aa"]


def test_what_does_not_fit_into_the_lines_is_cut() -> None:
    assert wrapped("one two three four", 7, 2) == ["one two", "three …"]


@given(st.text(max_size=200), st.integers(1, 40))
def test_folded_lines_fit(text: str, width: int) -> None:
    wide = any(cell_len(c) > width for c in text)
    assert wide or all(cell_len(line) <= width for line in wrapped(text, width))


def test_unicode_look_keeps_the_signs() -> None:
    assert strip_of([("✖", "critical")], 1, Look(palette("dark"), UNICODE)).text == "✖"
