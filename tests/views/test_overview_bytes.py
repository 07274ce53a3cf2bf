"""What the overview writes to the terminal: little per key, nothing while nothing changes.

The bytes are counted at the driver, where they leave for the terminal; the ceilings are those for a slow SSH link.
"""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App

from tests.rows import NOW
from tests.systems import ENDPOINTS, rows, seen
from tests.views.screens import Around
from tests.views.test_overview_screen import board, screen
from views.overview import OverviewScreen


@pytest.mark.parametrize("theme", ["ansi", "dark", "mono"])
async def test_a_whole_screen_is_small(theme: str) -> None:
    app = Around(screen(), theme=theme)
    async with app.run_test(size=(80, 24)):
        update = app.screen._compositor.render_full_update()
        assert len(update.render_segments(app.console).encode()) < 5000


def count_into(sizes: list[int], app: App[Any]) -> None:
    """From now on, note the bytes of every partial update."""
    compositor = app.screen._compositor
    original = compositor.render_partial_update

    def counted() -> object:
        update = original()
        if update is not None:
            sizes.append(len(update.render_segments(app.console).encode()))
        return update

    compositor.render_partial_update = counted  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize("theme", ["ansi", "mono"])
async def test_a_cursor_move_is_a_few_bytes(theme: str) -> None:
    app = Around(screen(), theme=theme)
    sizes: list[int] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        count_into(sizes, app)
        await pilot.press("j")
        await pilot.pause()
    assert 0 < sum(sizes) <= 400


async def test_a_read_that_changes_nothing_writes_nothing_and_one_that_does_writes_little() -> None:
    found = board()
    app = Around(screen(found), theme="ansi")
    sizes: list[int] = []
    async with app.run_test(size=(80, 24)) as pilot:
        first = app.first
        assert isinstance(first, OverviewScreen)
        await pilot.pause()
        count_into(sizes, app)
        found.note(seen(ENDPOINTS, rows("keystone", "nova")), NOW)
        first.look()
        await pilot.pause()
        assert sizes == []
        found.note(seen(ENDPOINTS, rows("keystone", "nova", "glance")), NOW)
        first.look()
        await pilot.pause()
        assert 0 < sum(sizes) <= 200
