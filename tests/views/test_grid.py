"""The grid: the cursor stays on its row, and only what differs is painted."""

from __future__ import annotations

import pytest

from collectors.kinds.compute_services import KIND
from collectors.table import Order
from tests.views.made import NOW, service, services, snapshot
from tests.views.pilots import Painting, running
from views.place import Place
from views.sentences import order_by


def down(number: int) -> object:
    return service(number, state="down", updated_at=NOW - 360)


async def test_the_screen_is_as_composed() -> None:
    async with running(services(52, service(17, state="down", updated_at=NOW - 360))) as r:
        assert r.lines[2] == "  HEALTH     BINARY       HOST    STATUS  STATE HEARD REASON"
        assert r.lines[3] == "▌ ✖ critical nova-compute cmp0017 enabled down  6 min no heartbeat for 6 min"
        assert r.foot.strip() == "1-19 of 52"


async def test_a_cursor_move_paints_two_lines() -> None:
    async with running(services(52)) as r:
        painting = Painting()
        painting.watch(r.grid)
        r.grid.action_move_down()
        assert {(part[2], part[4]) for part in painting.take()} == {(1, 1), (2, 1)}


async def test_a_swap_that_changes_nothing_paints_nothing() -> None:
    async with running(services(52)) as r:
        painting = Painting()
        for widget in r.screen.walk_children():
            painting.watch(widget)  # type: ignore[arg-type]
        r.clock.now += 10
        await r.put(services(52, at=NOW + 10))
        assert painting.take() == []


async def test_a_changed_field_paints_only_that_field() -> None:
    there = service(2, status="disabled", disabled_reason="disk")
    async with running(services(52, there)) as r:
        painting = Painting()
        painting.watch(r.grid)
        await r.put(services(52, there, service(5, status="disabled", disabled_reason="RAM")))
        parts = painting.take()
        assert {part[2] for part in parts} == {5}
        assert all(part[3] < 80 for part in parts)


async def test_a_change_off_the_screen_paints_nothing() -> None:
    async with running(services(52), place=Place(KIND.name, order=order_by(KIND, "host"))) as r:
        painting = Painting()
        painting.watch(r.grid)
        await r.put(services(52, service(50, zone="az-2")))
        assert painting.take() == []


async def test_the_cursor_stays_on_its_row_when_another_fails() -> None:
    async with running(services(52)) as r:
        r.grid.go_to(service(5).id)
        await r.put(services(52, service(40, state="down", updated_at=NOW - 360)))
        assert r.grid.cursor_id == service(5).id
        assert r.grid.window.at == 5
        assert r.grid.window.top == 0


async def test_an_untouched_cursor_stays_on_its_row_too() -> None:
    async with running(services(52)) as r:
        assert r.grid.cursor_id == service(1).id
        await r.put(services(52, service(40, state="down", updated_at=NOW - 360)))
        assert r.grid.cursor_id == service(1).id
        assert r.grid.window.at == 1


async def test_an_untouched_cursor_does_not_leave_the_first_lines() -> None:
    order = order_by(KIND, "zone")
    async with running(services(52, service(9, zone="a")), place=Place(KIND.name, order=order)) as r:
        assert r.grid.cursor_id == service(9).id
        await r.put(services(52, service(9, zone="z")))
        assert r.grid.window.top == 0
        assert r.grid.window.at == 0


async def test_a_touched_cursor_goes_with_its_row() -> None:
    order = order_by(KIND, "zone")
    async with running(services(52, service(9, zone="a")), place=Place(KIND.name, order=order)) as r:
        await r.press("j", "k")
        await r.put(services(52, service(9, zone="z")))
        assert r.grid.cursor_id == service(9).id
        assert r.grid.window.at == 51


async def test_while_pages_arrive_an_untouched_cursor_stays_at_the_top() -> None:
    growing = snapshot([service(n) for n in range(50, 60)], complete=False)
    async with running(growing) as r:
        await r.put(services(200))
        assert r.grid.window.at == 0
        assert r.grid.cursor_id == service(1).id


async def test_a_row_that_leaves_hands_its_place_to_the_next() -> None:
    async with running(services(10)) as r:
        r.grid.go_to(service(5).id)
        await r.put(snapshot([service(n) for n in range(1, 11) if n != 5]))
        assert r.grid.cursor_id == service(6).id


async def test_a_row_that_comes_back_gets_its_cursor_back() -> None:
    async with running(services(10)) as r:
        r.grid.go_to(service(5).id)
        await r.put(snapshot([service(n) for n in range(1, 11) if n != 5]))
        await r.put(services(10))
        assert r.grid.cursor_id == service(5).id


async def test_the_last_row_leaves() -> None:
    async with running(services(10)) as r:
        r.grid.action_move_bottom()
        await r.put(services(8))
        assert r.grid.cursor_id == service(8).id


async def test_an_empty_list_has_no_cursor() -> None:
    async with running(services(3)) as r:
        await r.put(services(0))
        assert r.grid.cursor_id == ""
        assert r.grid.cursor_index is None
        r.grid.action_move_down()
        r.grid.toggle_mark()
        assert r.grid.mark_range() == 0


@pytest.mark.parametrize(
    ("action", "at"),
    [("down", 1), ("bottom", 51), ("page_down", 18), ("half_down", 10), ("up", 0), ("top", 0), ("page_up", 0)],
)
async def test_moving(action: str, at: int) -> None:
    async with running(services(52)) as r:
        getattr(r.grid, f"action_move_{action}")()
        assert r.grid.window.at == at


async def test_marks_stay_on_their_rows() -> None:
    async with running(services(52)) as r:
        r.grid.go_to(service(5).id)
        r.grid.toggle_mark()
        await r.put(services(52, service(40, state="down", updated_at=NOW - 360)))
        assert r.grid.marks == {service(5).id}
        assert r.lines[8].startswith(" +● ok       nova-compute cmp0005")


async def test_a_mark_goes_on_to_the_next_row_and_comes_off_again() -> None:
    async with running(services(5)) as r:
        r.grid.toggle_mark()
        assert r.grid.window.at == 1
        r.grid.action_move_up()
        r.grid.toggle_mark()
        assert r.grid.marks == set()


async def test_a_range_runs_in_the_order_on_the_screen() -> None:
    async with running(services(9), place=Place(KIND.name, order=order_by(KIND, "host", True))) as r:
        r.grid.toggle_mark()
        r.grid.go_to(service(7).id)
        assert r.grid.mark_range() == 3
        assert r.grid.marks == {service(9).id, service(8).id, service(7).id}


async def test_chosen_rows() -> None:
    async with running(services(9)) as r:
        assert r.grid.chosen() == [0]
        r.grid.marks = {service(3).id, service(2).id, "gone"}
        assert r.grid.chosen() == [1, 2]


async def test_widths_do_not_jump_when_the_long_name_leaves() -> None:
    async with running(services(5, service(3, host="a-very-long-name-1"))) as r:
        before = r.lines[2]
        await r.put(services(5))
        assert r.lines[2] == before


async def test_widths_grow_for_what_is_on_the_screen() -> None:
    async with running(services(5)) as r:
        await r.put(services(5, service(3, host="a-very-long-name-1")))
        assert any("a-very-long-name-1" in line for line in r.lines)


async def test_a_narrower_screen_drops_columns() -> None:
    async with running(services(5), size=(120, 24)) as r:
        assert "ZONE" in r.lines[2]
        await r.pilot.resize_terminal(60, 24)
        await r.settle()
        assert "ZONE" not in r.lines[2]
        assert "REASON" in r.lines[2]


async def test_wide_mode_scrolls_sideways() -> None:
    async with running(services(5)) as r:
        r.grid.set_wide(True)
        assert " ID" not in r.lines[2]
        for _ in range(7):
            r.grid.action_move_right()
        assert " ID" in r.lines[2]
        assert "HEALTH" in r.lines[2]
        assert "HOST" in r.lines[2]
        for _ in range(9):
            r.grid.action_move_left()
        assert r.grid.painter.skip == 0


async def test_sideways_does_nothing_outside_wide_mode() -> None:
    async with running(services(5)) as r:
        before = r.lines
        r.grid.action_move_right()
        assert r.lines == before


async def test_a_theme_paints_anew_with_other_styles() -> None:
    async with running(services(5, service(3, state="down", updated_at=NOW - 360))) as r:
        before = r.grid.render_line(1)
        r.app.theme = "mono"
        await r.settle()
        after = r.grid.render_line(1)
        assert before.text == after.text
        assert list(before) != list(after)


async def test_the_cursor_shows_who_has_the_keys() -> None:
    async with running(services(5)) as r:
        focused = list(r.grid.render_line(1))
        r.screen.set_focus(None)
        await r.settle()
        assert list(r.grid.render_line(1)) != focused


async def test_an_order_of_the_operator_is_kept_over_swaps() -> None:
    order = Order(("host", "binary"), True)
    async with running(services(9), place=Place(KIND.name, order=order)) as r:
        await r.put(services(9, service(4, state="down", updated_at=NOW - 360)))
        assert r.hosts[0] == "cmp0009"


async def test_rows_that_are_not_on_the_screen_are_only_numbers() -> None:
    async with running(services(20_000)) as r:
        r.grid.action_move_bottom()
        assert r.grid.cursor_id == service(9_999).id  # cmp9999 comes behind cmp20000
        assert len(r.grid.painter._strips) <= 512
        assert len(r.grid.painter._texts) <= 512
