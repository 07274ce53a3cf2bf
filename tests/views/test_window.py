"""The window on a long list: positions, never outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from views.window import Window


def window(count: int = 100, height: int = 10, top: int = 0, at: int = 0) -> Window:
    return Window(count, height, top, at)


def test_down_scrolls_only_at_the_end_of_the_screen() -> None:
    w = window()
    w.move(9)
    assert (w.top, w.at) == (0, 9)
    w.move(1)
    assert (w.top, w.at) == (1, 10)


def test_up_scrolls_only_at_the_start_of_the_screen() -> None:
    w = window(top=20, at=20)
    w.move(-1)
    assert (w.top, w.at) == (19, 19)


@pytest.mark.parametrize("by", [-1000, 1000])
def test_the_ends_hold(by: int) -> None:
    w = window(at=50, top=45)
    w.move(by)
    assert w.at == (0 if by < 0 else 99)
    assert w.top == (0 if by < 0 else 90)


def test_a_page_keeps_the_cursor_on_its_line_and_one_line_to_go_by() -> None:
    w = window(at=3)
    w.page(1)
    assert (w.top, w.at) == (9, 12)


def test_the_last_page_goes_to_the_last_row() -> None:
    w = window(count=15, at=3)
    w.page(1)
    assert (w.top, w.at) == (5, 12)
    w.page(1)
    assert (w.top, w.at) == (5, 14)


def test_page_up_comes_back() -> None:
    w = window(at=3)
    w.page(1)
    w.page(-1)
    assert (w.top, w.at) == (0, 3)
    w.page(-1)
    assert (w.top, w.at) == (0, 0)


def test_half_pages() -> None:
    w = window(at=3)
    w.page(0.5)
    assert (w.top, w.at) == (5, 8)


def test_the_wheel_takes_the_cursor_along_only_when_it_must() -> None:
    w = window(at=5)
    w.scroll(3)
    assert (w.top, w.at) == (3, 5)
    w.scroll(3)
    assert (w.top, w.at) == (6, 6)
    w.scroll(-6)
    assert (w.top, w.at) == (0, 6)


def test_a_lower_screen_keeps_the_cursor_on_it() -> None:
    w = window(at=9)
    w.resize(4)
    assert (w.top, w.at) == (6, 9)


def test_a_swap_follows_the_row() -> None:
    w = window(at=5)
    w.swap(100, 6)
    assert (w.top, w.at) == (0, 6)


def test_a_swap_scrolls_when_the_row_left_the_screen() -> None:
    w = window(at=5)
    w.swap(100, 50)
    assert w.at == 50
    assert w.top == 41


def test_a_pinned_row_keeps_its_line() -> None:
    w = window(at=5)
    w.swap(100, 50, pinned=True)
    assert (w.top, w.at) == (45, 50)


def test_a_row_that_is_gone_leaves_the_cursor_where_it_was() -> None:
    w = window(at=5)
    w.swap(100, None)
    assert w.at == 5


def test_a_shorter_list_draws_the_cursor_in() -> None:
    w = window(at=99, top=90)
    w.swap(20, None)
    assert (w.top, w.at) == (10, 19)


def test_an_empty_list_has_its_cursor_at_nothing() -> None:
    w = window(at=5)
    w.swap(0, None)
    assert (w.top, w.at, w.end) == (0, 0, 0)
    w.move(1)
    w.page(1)
    w.scroll(3)
    assert (w.top, w.at) == (0, 0)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(-300, 300)),
        st.tuples(st.just("page"), st.sampled_from([-1.0, -0.5, 0.5, 1.0])),
        st.tuples(st.just("scroll"), st.integers(-20, 20)),
        st.tuples(st.just("resize"), st.integers(0, 60)),
        st.tuples(st.just("count"), st.integers(0, 300)),
    )
)


@given(st.integers(0, 300), st.integers(1, 60), steps)
def test_the_cursor_is_always_inside_and_on_the_screen(count: int, height: int, done: list[tuple[str, float]]) -> None:
    w = Window(count, height)
    for what, by in done:
        match what:
            case "move":
                w.move(int(by))
            case "page":
                w.page(by)
            case "scroll":
                w.scroll(int(by))
            case "resize":
                w.resize(int(by))
            case _:
                w.swap(int(by), None)
        assert 0 <= w.at <= max(w.count - 1, 0)
        assert 0 <= w.top <= max(w.count - w.height, 0) or w.height == 0
        if w.count and w.height:
            assert w.top <= w.at < w.end
