"""Which columns fit, and how wide they are."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from collectors import registry
from collectors.kinds.compute_services import KIND
from views.columns import GUTTER, HEALTH_WIDTH, Measures, gap, plan, shown_names

WIDTHS = {"binary": 14, "host": 6, "status": 8, "state": 4, "updated_at": 5, "zone": 4, "reason": 22}


def measures(**natural: int) -> Measures:
    return Measures({**WIDTHS, **natural})


def names(width: int, wide: bool = False, skip: int = 0, **natural: int) -> list[str]:
    return [s.name for s in plan(KIND, measures(**natural), width, wide=wide, skip=skip)]


def total(width: int, **natural: int) -> int:
    slots = plan(KIND, measures(**natural), width)
    return GUTTER + sum(s.width for s in slots) + gap(width) * (len(slots) - 1)


def test_the_usual_columns_at_80() -> None:
    assert names(80) == ["health", "binary", "host", "status", "state", "updated_at", "reason"]


def test_the_least_important_column_goes_first() -> None:
    assert "zone" in names(120)
    assert "zone" not in names(80)


@pytest.mark.parametrize("width", range(30, 200, 7))
def test_health_name_and_reason_never_go(width: int) -> None:
    found = names(width)
    assert {"health", "host", "reason"} <= set(found)


@pytest.mark.parametrize("width", [*range(44, 130), 160, 200, 300])
def test_the_line_is_filled_exactly(width: int) -> None:
    assert total(width) == width


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_a_monster_name_does_not_push_the_others_out(width: int) -> None:
    slots = {s.name: s.width for s in plan(KIND, measures(host=200), width)}
    assert slots["health"] == HEALTH_WIDTH
    assert slots["host"] <= width * 3 // 5
    assert slots["reason"] >= 6
    assert total(width, host=200) == width


def test_the_reason_takes_what_is_left() -> None:
    slots = {s.name: s for s in plan(KIND, measures(), 80)}
    assert slots["reason"].width == 80 - (GUTTER + 10 + 14 + 6 + 8 + 5 + 5 + 6)


def test_a_cut_column_gets_the_room_that_the_reason_does_not_need() -> None:
    slots = {s.name: s.width for s in plan(KIND, measures(host=70, reason=8), 160)}
    assert slots["host"] == 70


def test_wide_columns_only_in_wide_mode() -> None:
    assert "id" not in shown_names(KIND, False)
    assert "id" in shown_names(KIND, True)


def test_wide_mode_scrolls_but_keeps_health_and_name() -> None:
    assert names(80, wide=True)[:4] == ["health", "binary", "host", "status"]
    assert names(80, wide=True, skip=2)[:3] == ["health", "host", "state"]


def test_wide_mode_can_be_scrolled_to_the_reason() -> None:
    assert names(80, wide=True, skip=5)[2] == "reason"


def test_widths_grow_and_do_not_shrink() -> None:
    found = Measures()
    assert found.see("host", ["cmp1"])
    assert found.see("host", ["cmp1000"])
    assert not found.see("host", ["c"])
    assert found.natural["host"] == 7


def test_the_sort_arrow_has_its_place() -> None:
    plain = {s.name: s.width for s in plan(KIND, Measures(), 160)}
    sorted_by_zone = {s.name: s.width for s in plan(KIND, Measures(), 160, sort="zone")}
    assert sorted_by_zone["zone"] == plain["zone"] + 1


def test_wide_letters_are_measured() -> None:
    found = Measures()
    found.see("host", ["数据"])
    assert found.natural["host"] == 4


def test_numbers_stand_right() -> None:
    volumes = registry.kind("volumes")
    slots = {s.name: s for s in plan(volumes, Measures(), 160)}
    assert slots["size"].right
    assert not slots["name"].right


def test_the_cut_is_chosen_by_what_tells_apart() -> None:
    found = measures(host=40)
    found.texts["host"] = [f"rack-1-row-2-cell-3-compute-node-{n:04d}" for n in range(50)]
    slots = {s.name: s for s in plan(KIND, found, 60)}
    assert slots["host"].width < 37
    assert slots["host"].where in ("middle", "start")


def test_a_kind_whose_name_is_no_column_still_has_a_plan() -> None:
    odd = replace(KIND, name_field="id")
    assert next(s.name for s in plan(odd, measures(), 50)) == "health"
