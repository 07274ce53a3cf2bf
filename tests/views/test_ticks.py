"""The marks of a chart's axes: round, few, in the unit of the values and on the terminal's clock."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.kind import Role
from views.ticks import LABEL, time_ticks, value_text, value_ticks

NOW = 1_795_214_536.0
"""2026-11-20 22:42:16 UTC."""


@pytest.mark.parametrize(
    ("least", "most", "role", "words"),
    [
        (0.0, 100.0, "percent", ["0 %", "25 %", "50 %", "75 %", "100 %"]),
        (0.2, 1.0, "number", ["0", "0.25", "0.5", "0.75", "1"]),
        (0.0, 7.0, "number", ["0", "2", "4", "6", "8"]),
        (0.0, 0.0, "number", ["0", "0.25", "0.5", "0.75", "1"]),
        (0.0, 3 * 2**30, "bytes", ["0 B", "1.0 GiB", "2.0 GiB", "3.0 GiB"]),
        (0.0, 0.05, "duration", ["0 ms", "20 ms", "40 ms", "60 ms"]),
        (0.0, 1.0, "flag", ["0", "0.25", "0.5", "0.75", "1"]),
    ],
)
def test_marks_are_round(least: float, most: float, role: Role, words: list[str]) -> None:
    assert value_ticks(least, most, role, 5)[1] == words


def test_far_from_zero_the_axis_does_not_begin_there() -> None:
    values, _ = value_ticks(90.0, 100.0, "number", 4)
    assert values[0] == 90.0


def test_below_zero_it_works_too() -> None:
    values, _ = value_ticks(-3.0, 5.0, "number", 4)
    assert values[0] <= -3.0
    assert values[-1] >= 5.0
    assert value_ticks(-3.0, -3.0, "number", 4)[0][-1] >= 0.0


@given(
    st.floats(0, 1e15), st.floats(0, 1e15), st.sampled_from(["number", "bytes", "percent", "duration"]),
    st.integers(0, 30),
)  # fmt: skip
def test_the_marks_reach_around_the_values(one: float, other: float, role: Role, room: int) -> None:
    least, most = sorted((one, other))
    values, words = value_ticks(least, most, role, room)
    assert 2 <= len(values) <= 8
    assert values == sorted(set(values))
    assert len(words) == len(values)
    span = values[-1] - values[0]
    assert values[0] <= least + 1e-6 * span
    assert values[-1] >= most - 1e-6 * span


@pytest.mark.parametrize(
    ("span", "width", "zone", "words"),
    [
        (900.0, 75, UTC, ["22:28", "22:30", "22:32", "22:34", "22:36", "22:38", "22:40", "22:42"]),
        (3600.0, 75, UTC, ["21:50", "22:00", "22:10", "22:20", "22:30", "22:40"]),
        (21600.0, 75, UTC, ["17:00", "18:00", "19:00", "20:00", "21:00", "22:00"]),
        (86400.0, 75, UTC, ["00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"]),
        (3600.0, 75, timezone(timedelta(hours=5, minutes=45)), ["03:30", "03:40", "03:50", "04:00", "04:10", "04:20"]),
        (86400.0, 30, timezone(timedelta(hours=2)), ["12:00", "00:00"]),
        (900.0, 4, UTC, ["22:30"]),
    ],
)
def test_times_are_round_on_the_clock_of_the_terminal(span: float, width: int, zone: tzinfo, words: list[str]) -> None:
    times, found = time_ticks(NOW - span, NOW, width, zone)
    assert found == words
    assert all(NOW - span <= at <= NOW for at in times)
    assert len(words) <= max(width // LABEL, 1)


def test_a_small_share_keeps_its_digits() -> None:
    assert value_text(0.25, "percent") == "0.25 %"
    assert value_text(0.0, "percent") == "0 %"
    assert value_text(71.2, "percent") == "71 %"
