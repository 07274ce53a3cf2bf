"""Ages, sizes, quantities and times as people write and read them."""

from __future__ import annotations

import pytest

from collectors.untrusted import clipped, neutral
from collectors.values import age, count, epoch, iso, quantity, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "now"), (0, "now"), (9.9, "now"), (10, "10 s"), (59, "50 s"), (60, "1 min"), (3599, "59 min"),
     (5399, "89 min"), (5400, "1 h"), (172799, "47 h"), (172800, "2 d"), (9e6, "104 d")],
)  # fmt: skip
def test_ages_move_in_steps(seconds: float, text: str) -> None:
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("count_", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (3.4 * 2**30, "3.4 GiB"), (120 * 2**40, "120 TiB"),
     (2**61, "2048 PiB")],
)  # fmt: skip
def test_sizes(count_: float, text: str) -> None:
    assert size(count_) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [("5m", 300), ("2GiB", 2 * 2**30), ("80%", 80), ("17", 17), ("-1.5h", -5400), ("1.5k", 1500), ("x", None),
     ("5 parsecs", None), ("", None), ("1e9", None)],
)  # fmt: skip
def test_quantities(text: str, number: float | None) -> None:
    assert quantity(text) == number


@pytest.mark.parametrize("text", ["2026-11-20T22:37:00.000000", "2026-11-20T22:37:00Z", "2026-11-20 22:37:00+00:00"])
def test_times_without_a_zone_are_utc(text: str) -> None:
    at = epoch(text)
    assert at is not None
    assert iso(at) == "2026-11-20T22:37:00Z"


def test_no_time_is_none_and_nonsense_is_an_error() -> None:
    assert epoch(None) is None
    assert epoch("") is None
    with pytest.raises(ValueError, match="Invalid isoformat"):
        epoch("yesterday")


def test_counts() -> None:
    assert (count(260_000), count(2.5), count(0)) == ("260,000", "2.5", "0")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("web-1", "web-1"),
        ("größe 漢字 [@click=app.quit]x[/]", "größe 漢字 [@click=app.quit]x[/]"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\tc\rd\0", "a\\nb\\tc\\x0dd\\x00"),
        ("abc\u202edef", "abc\\u202edef"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("\x9b2J", "\\x9b2J"),
    ],
)
def test_text_from_outside_is_made_harmless(text: str, shown: str) -> None:
    assert neutral(text) == shown
    assert neutral(text).isprintable()


def test_clipping_shows_that_it_clipped() -> None:
    assert clipped("a" * 4000, 5) == "aaaa…"
    assert clipped("abc", 3) == "abc"


def test_small_numbers_are_not_nothing() -> None:
    assert [count(0.0029), count(0.85), count(0.05), count(1.0), count(2_000_000)] == [
        "0.0029", "0.85", "0.05", "1", "2,000,000",
    ]  # fmt: skip
