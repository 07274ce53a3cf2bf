"""The drawing of a chart: of exactly its size, in ASCII where need be, with gaps where nothing is known."""

from __future__ import annotations

import math
import sys
from datetime import UTC
from subprocess import run

import pytest

from collectors.curve import Curve
from views.figure import LEAST, LETTERS, drawn
from views.glyphs import ASCII, UNICODE, Glyphs

NOW = 1_795_213_800.0
SPAN = 3600.0


def wave(name: str = "cmp01", shift: float = 0.0, gap: range = range(0)) -> Curve:
    points = [(NOW - SPAN + 30.0 * n, 50 + 40 * math.sin(n / 12 + shift)) for n in range(121) if n not in gap]
    return Curve(name, tuple(points), 30.0)


def lines(*curves: Curve, size: tuple[int, int] = (80, 18), glyphs: Glyphs = UNICODE) -> list[str]:
    return drawn(curves, NOW - SPAN, NOW, size, "percent", 100.0, glyphs, UTC)


@pytest.mark.parametrize("size", [(80, 18), (200, 54), (40, 8), (120, 30), LEAST])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_it_has_exactly_its_size_whatever_the_terminal_has(size: tuple[int, int], glyphs: Glyphs) -> None:
    found = lines(wave(), size=size, glyphs=glyphs)
    assert len(found) == size[1]
    assert {len(line) for line in found} == {size[0]}


def test_in_ascii_nothing_else_is_drawn() -> None:
    text = "\n".join(lines(wave(), wave(shift=2.0), glyphs=ASCII))
    assert text.isascii()
    assert "a" in text
    assert "b" in text
    assert "*" in "".join(lines(wave(), glyphs=ASCII))
    assert "\x1b" not in text


def test_the_axes_tell_values_and_times() -> None:
    found = lines(wave())
    assert found[0].startswith("100 %┤")
    assert found[-3].startswith("  0 %┤")
    assert "22:20" in found[-1]


def test_each_of_six_has_its_letter() -> None:
    found = "".join(lines(*(wave(f"h{n}", n) for n in range(6)), size=(120, 40)))
    assert set(LETTERS) <= set(found)
    assert "g" not in found


def test_a_gap_is_not_drawn_over() -> None:
    def columns(curve: Curve) -> set[int]:
        return {x for line in lines(curve, glyphs=ASCII)[:-2] for x, sign in enumerate(line[6:]) if sign == "*"}

    assert columns(wave()) >= set(range(73))
    assert not set(range(28, 45)) & columns(wave(gap=range(45, 75)))


def test_one_value_alone_is_a_point() -> None:
    found = lines(Curve("a", ((NOW - 600, 50.0),), 30.0), glyphs=ASCII)
    assert "".join(found).count("*") == 1


@pytest.mark.parametrize("size", [(0, 0), (10, 10), (80, 4), (-1, 9)])
def test_without_room_nothing_is_drawn(size: tuple[int, int]) -> None:
    assert lines(wave(), size=size) == []


def test_without_values_nothing_is_drawn() -> None:
    assert lines(Curve("a", (), 30.0)) == []


def test_the_library_is_imported_when_something_is_drawn_and_not_before() -> None:
    """What a start of the console imports does not hold it."""
    code = "import sys, console.app; sys.exit('plotext' in sys.modules or 'textual_plotext' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
