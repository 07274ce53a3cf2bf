"""The window: for how long, why, what line 1 says of it, and what is locked from outside."""

from __future__ import annotations

import pytest

from collectors.errors import UsageError
from console.arming import LONGEST, Arming, asked
from tests.views.fakes import Clock


@pytest.mark.parametrize(
    ("words", "seconds", "why"),
    [("10m INC-4711", 600, "INC-4711"), ("1h  RAM swap", 3600, "RAM swap"), ("90s x", 90, "x"), ("5min x", 300, "x")],
)
def test_a_duration_and_a_reason(words: str, seconds: float, why: str) -> None:
    assert asked(words) == (seconds, why)


@pytest.mark.parametrize("words", ["", "10m", "10 INC", "-5m INC", "0m INC", "61m INC", "2h INC", "1d INC", "INC 10m"])
def test_anything_else_is_refused_with_an_example(words: str) -> None:
    with pytest.raises(UsageError, match="arm"):
        asked(words)


def test_it_is_told_in_whole_minutes_and_closes_by_itself() -> None:
    clock = Clock(0.0)
    window = Arming(clock)
    assert window.words == "READ-ONLY"
    window.open(600, "INC-4711")
    told: list[str] = []
    for clock.now in range(601):
        if not told or told[-1] != window.words:
            told.append(window.words)
    assert told == [*(f"ARMED {left} min: INC-4711" for left in range(10, 0, -1)), "READ-ONLY"]
    assert window.has_expired
    window.close()
    assert not window.has_expired


def test_what_it_shows_of_a_reason_is_neutral_and_short() -> None:
    window = Arming(Clock(0.0))
    window.open(LONGEST, "\x1b[31m" + "x" * 100)
    assert window.words.isprintable()
    assert len(window.words) <= 40


def test_locked_from_outside_it_never_opens() -> None:
    window = Arming(Clock(0.0), "--read-only was given")
    with pytest.raises(UsageError, match="--read-only was given"):
        window.open(600, "INC-4711")
    assert not window.is_open
    assert window.refusal() == "nothing may be changed here: --read-only was given"
