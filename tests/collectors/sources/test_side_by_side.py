"""Questions at the same time: in any order, within a limit, errors handed on."""

from __future__ import annotations

import threading
import time

import pytest

from collectors.sources.side_by_side import side_by_side


def test_every_question_has_its_answer() -> None:
    found = dict(side_by_side(range(100), lambda number: number * 2, seconds=10, threads=8))
    assert found == {number: number * 2 for number in range(100)}


def test_no_question() -> None:
    assert list(side_by_side([], str, seconds=10, threads=8)) == []


def test_answers_come_as_they_finish() -> None:
    first = threading.Event()

    def ask(name: str) -> str:
        if name == "slow":
            assert first.wait(10)
        return name

    answers = side_by_side(["slow", "quick"], ask, seconds=10, threads=2)
    assert next(answers) == ("quick", "quick")
    first.set()
    assert next(answers) == ("slow", "slow")


def test_one_that_is_stuck_is_left_behind() -> None:
    stuck = threading.Event()

    def ask(name: str) -> str:
        if name == "stuck":
            stuck.wait(60)
        return name

    began = time.monotonic()
    found = dict(side_by_side(["stuck", "quick"], ask, seconds=0.2, threads=2))
    assert found == {"quick": "quick", "stuck": None}
    assert time.monotonic() - began < 2
    stuck.set()


def test_what_is_raised_is_raised_here() -> None:
    def ask(name: str) -> str:
        raise LookupError(name)

    with pytest.raises(LookupError, match="a"):
        list(side_by_side(["a"], ask, seconds=10, threads=1))


def test_no_more_threads_than_allowed() -> None:
    busy, most, lock = 0, 0, threading.Lock()

    def ask(number: int) -> int:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        with lock:
            busy -= 1
        return number

    assert len(list(side_by_side(range(50), ask, seconds=10, threads=3))) == 50
    assert most <= 3
