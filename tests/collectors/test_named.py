"""Rows by a part of their name, with a cap."""

from __future__ import annotations

from collectors.health import OK
from collectors.named import SLICE, Named, named
from collectors.snapshot import OddRow, Snapshot
from tests.rows import NOW, service
from tests.systems import COMPUTE, SERVERS, rows, seen


def found(needle: str, *snapshots: Snapshot, most: int = 50) -> list[Named]:
    return [hit for hit in named(snapshots, needle, most) if hit is not None]


def test_a_part_of_the_name_is_enough_case_ignored() -> None:
    assert [n.name for n in found("MP0", seen(COMPUTE, rows("cmp01", "ctl01", "cmp02")))] == ["cmp01", "cmp02"]


def test_a_hit_says_kind_and_id() -> None:
    assert found("cmp01", seen(COMPUTE, rows("cmp01"))) == [Named("compute-services", "nova-compute-cmp01", "cmp01")]


def test_every_list_is_searched_in_order() -> None:
    hits = found("a", seen(COMPUTE, rows("a1")), seen(SERVERS, rows("a2")))
    assert [h.kind for h in hits] == ["compute-services", "servers"]


def test_nothing_asked_nothing_found() -> None:
    assert found("  ", seen(COMPUTE, rows("cmp01"))) == []


def test_it_stops_at_the_cap() -> None:
    assert len(found("cmp", seen(COMPUTE, rows(*(f"cmp{i}" for i in range(100)))), most=7)) == 7


def test_an_id_is_found_as_a_whole() -> None:
    hits = found("nova-compute-cmp01", seen(COMPUTE, rows("cmp01", "cmp02")))
    assert [h.name for h in hits] == ["cmp01"]


def test_an_odd_row_is_found_too() -> None:
    snapshot = Snapshot(COMPUTE, [OddRow("7f3c", "odd-one", "size is no number")], [OK], (), NOW, keys={"7f3c": 0})
    assert found("odd", snapshot) == [Named("compute-services", "7f3c", "odd-one")]


def test_long_lists_let_others_work_in_between() -> None:
    many = [service(f"cmp{i}") for i in range(SLICE * 2 + 5)]
    steps = list(named([seen(COMPUTE, many)], "nothing is called so"))
    assert steps == [None, None, None]
