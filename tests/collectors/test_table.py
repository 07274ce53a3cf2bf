"""Sorting, columns and what a table takes over from the one before."""

from __future__ import annotations

import random

import pytest

from collectors.kinds.compute_services import KIND
from collectors.query import parse
from collectors.sorting import RUN, merged
from collectors.table import Order, Table, finish
from tests.rows import NOW, few, service, snapshot


def order(table: Table, *columns: str, descending: bool = False) -> list[str]:
    found = finish(table.ordered(range(len(table)), Order(columns, descending)))
    return [str(table.value(i, "host")) for i in found]


def test_health_sorts_worst_first_then_by_the_next_columns() -> None:
    assert order(Table(few()), "health", "host") == ["cmp02", "7f3c", "cmp01", "cmp10", "ctl01"]


def test_health_turned_round() -> None:
    assert order(Table(few()), "health", "host", descending=True)[-2:] == ["7f3c", "cmp02"]


@pytest.mark.parametrize("descending", [False, True])
def test_rows_without_a_value_come_last_either_way(descending: bool) -> None:
    assert order(Table(few()), "updated_at", descending=descending)[-1] == "7f3c"


def test_numbers_sort_as_numbers() -> None:
    assert order(Table(few()), "updated_at")[:2] == ["cmp02", "ctl01"]


def test_only_the_rows_asked_for_are_sorted() -> None:
    table = Table(few())
    assert finish(table.ordered([3, 1], Order(("host",)))) == [3, 1]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("size", [0, 1, RUN, RUN + 1, 5 * RUN + 17])
def test_sorting_in_slices_is_sorting(size: int, descending: bool) -> None:
    numbers = [random.Random(size).randrange(1000) for _ in range(size)]
    found = finish(merged(list(range(size)), numbers.__getitem__, descending))
    assert found == sorted(range(size), key=numbers.__getitem__, reverse=descending)


def test_an_odd_row_has_its_id_and_name_and_nothing_else() -> None:
    table = Table(few())
    assert table.value(4, "id") == "7f3c"
    assert table.value(4, "host") == "7f3c"
    assert table.value(4, "status") is None
    assert table.value(4, "health") == "unknown"


def test_the_searchable_text_of_unchanged_rows_is_taken_over() -> None:
    rows = [service(f"cmp{i}") for i in range(100)]
    before = Table(snapshot(rows))
    finish(before.select(parse(KIND, "cmp"), NOW))
    changed = [*rows[:50], service("renamed"), *rows[51:], service("new")]
    after = Table(snapshot(changed), before)
    assert [after.value(i, "host") for i in finish(after.select(parse(KIND, "renamed"), NOW))] == ["renamed"]
    assert finish(after.select(parse(KIND, "new"), NOW)) == [100]
    assert len(finish(after.select(parse(KIND, "cmp50"), NOW))) == 0


def test_a_row_whose_health_changed_is_found_by_its_new_reason() -> None:
    row = service("cmp01", updated_at=NOW - 100)
    before = Table(snapshot([row]))
    finish(before.select(parse(KIND, "x"), NOW))
    from msgspec.structs import replace

    from collectors.health import critical

    after = Table(replace(snapshot([row]), healths=[critical("gone quiet")]), before)
    assert finish(after.select(parse(KIND, '"gone quiet"'), NOW)) == [0]


def test_capitals_in_a_needle_are_meant() -> None:
    table = Table(snapshot([service("Web"), service("web")]))
    assert finish(table.select(parse(KIND, "Web"), NOW)) == [0]
    assert finish(table.select(parse(KIND, "web"), NOW)) == [0, 1]
    assert finish(table.select(parse(KIND, "not:Web"), NOW)) == [1]
