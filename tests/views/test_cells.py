"""Cells: readable, measured, cut so that what differs stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from collectors.kind import Column
from views.cells import LONGEST, Cut, cell, cut, fitted, readable, telling_cut, usual_cut

NOW = 1_000_000.0

HOSTILE = [
    "\x1b[31mred",
    "[@click=app.quit]x[/]",
    "\u202eevil",
    "nul\x00byte",
    "two\nlines",
    "tab\there",
    "a" * 4000,
    "数据库" * 50,
    "👩\u200d👩\u200d👧",
    "❤\ufe0f",
    "e" + "\u0301" * 300,
    "\ufeffbom",
    "\ud800",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_stays(text: str) -> None:
    shown = readable(text)
    assert all(c.isprintable() for c in shown)
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [0, 1, 2, 3, 10, 33])
@pytest.mark.parametrize("where", ["end", "middle", "start"])
def test_a_fitted_text_has_exactly_its_width(text: str, width: int, where: Cut) -> None:
    assert cell_len(fitted(readable(text), width, where)) == width


@given(st.text(), st.integers(0, 40), st.sampled_from(["end", "middle", "start"]))
def test_any_text_fits_any_width(text: str, width: int, where: Cut) -> None:
    assert cell_len(fitted(readable(text), width, where)) == width


def test_plain_text_is_not_touched() -> None:
    assert readable("web-1 [prod] (äöü) 数") == "web-1 [prod] (äöü) 数"


def test_escapes_are_visible() -> None:
    assert readable("a\x1b[0m\u202eb\n") == "a\\x1b[0m\\u202eb\\n"


def test_piles_of_marks_are_cut_down() -> None:
    assert len(readable("e" + "\u0301" * 300)) == 3


def test_a_mark_without_a_letter_is_dropped() -> None:
    assert readable("\u0301x") == "x"


def test_variation_selectors_have_no_sure_width() -> None:
    assert readable("❤\ufe0f") == "❤"


def test_no_more_is_looked_at_than_a_screen_can_show() -> None:
    assert len(readable("ä" * 5000)) == LONGEST


@pytest.mark.parametrize(("where", "expected"), [("end", "abcdefg…"), ("middle", "abcd…hij"), ("start", "…defghij")])
def test_cuts(where: Cut, expected: str) -> None:
    assert cut("abcdefghij", 8, where) == expected


def test_what_fits_is_not_cut() -> None:
    assert cut("abc", 3, "middle") == "abc"


@pytest.mark.parametrize("where", ["end", "middle", "start"])
def test_one_cell_is_the_ellipsis(where: Cut) -> None:
    assert cut("abcdef", 1, where) == "…"


def test_a_wide_letter_is_never_split() -> None:
    assert cut("数据库主", 4, "end") == "数…"
    assert fitted("数据库主", 4, "end") == "数… "


def test_numbers_stand_right() -> None:
    assert fitted("12", 5, right=True) == "   12"


def test_names_lose_their_middle_and_sentences_their_end() -> None:
    assert usual_cut("name") == "middle"
    assert usual_cut("id") == "middle"
    assert usual_cut("text") == "end"


def test_addresses_that_differ_at_the_end_keep_their_end() -> None:
    addresses = [f"2001:db8:0:1:0:0:0:{n:x}" for n in range(16)]
    way = telling_cut(addresses, 9, "end")
    assert len({cut(a, 9, way) for a in addresses}) == 16


def test_names_that_differ_at_the_start_keep_their_start() -> None:
    names = [f"{n:02d}.cmp.region-one.example.org" for n in range(20)]
    way = telling_cut(names, 10, "start")
    assert len({cut(n, 10, way) for n in names}) == 20


def test_the_usual_cut_stays_when_it_tells_most_apart() -> None:
    replies = [f"reply_{n * 7919:032x}" for n in range(40)]
    assert telling_cut(replies, 24, "middle") == "middle"


def test_the_usual_cut_stays_where_none_is_better() -> None:
    assert telling_cut(["aaaaaaaaaa", "bbbbbbbbbb"], 5, "middle") == "middle"
    assert telling_cut(["aaaaaaaaaa"], 5, "end") == "end"


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (Column("a", "A", "time", fresh=60.0), NOW - 30, ""),
        (Column("a", "A", "time", fresh=60.0), NOW - 360, "6 min"),
        (Column("a", "A", "time"), NOW - 7200, "2 h"),
        (Column("a", "A", "bytes"), 3 * 2**30, "3.0 GiB"),
        (Column("a", "A", "number"), 260000, "260,000"),
        (Column("a", "A", "percent"), 61.4, "61 %"),
        (Column("a", "A", "flag"), True, "yes"),
        (Column("a", "A", "flag"), False, "no"),
        (Column("a", "A", "text"), None, ""),
        (Column("a", "A", "name"), "x\ny", "x\\ny"),
        (None, "plain", "plain"),
    ],
)
def test_a_value_by_its_role(column: Column | None, value: str | float | bool | None, expected: str) -> None:
    assert cell(value, column, NOW) == expected


def test_a_very_long_value_is_not_worked_through() -> None:
    assert len(cell("x" * 1_000_000, Column("a", "A"), NOW)) == LONGEST
