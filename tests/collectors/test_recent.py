"""The console's own memory: fixed in size, honest about gaps, forgetful of what is gone."""

from __future__ import annotations

import math
from typing import Any

import pytest
from msgspec.structs import replace

from collectors import recent as module
from collectors.kind import AnyKind
from collectors.kinds.compute_services import KIND as SERVICES
from collectors.kinds.galera_members import KIND as MEMBERS
from collectors.kinds.hosts import KIND as HOSTS
from collectors.kinds.queues import KIND as QUEUES
from collectors.recent import KEPT, ROWS, STEP, SYSTEMS, Recent, Ring, place_of
from collectors.snapshot import OddRow, Snapshot, TargetRead
from tests.views.made import snapshot

NOW = 1_795_214_400.0
"""A round time."""


def row(kind: AnyKind, **values: Any) -> Any:
    return kind.fields(**dict.fromkeys(kind.fields.__struct_fields__) | values)


def queue(name: str, messages: int | None, **more: Any) -> Any:
    return row(QUEUES, id=name, name=name, vhost="/", state="running", consumers=1, messages=messages, **more)


def queues(at: float, **messages: int | None) -> Snapshot:
    return snapshot([queue(name, found) for name, found in messages.items()], QUEUES, at=at)


def known(found: Any) -> list[float]:
    return [value for value in found if value is not None]


def test_a_value_is_there_when_its_stretch_is_over() -> None:
    recent = Recent()
    recent.note(queues(NOW, a=3))
    assert known(recent.tail("queues", "a", 10, 2)) == []
    recent.note(queues(NOW + 59, a=7))
    assert known(recent.tail("queues", "a", 10, 2)) == []
    recent.note(queues(NOW + 60, a=1))
    assert recent.tail("queues", "a", 3, 2) == [None, None, 7.0]


def test_nothing_changes_within_a_stretch() -> None:
    recent = Recent()
    for step in range(6):
        recent.note(queues(NOW + 30 * step, a=step))
    before = recent.tail("queues", "a", 10, 2)
    recent.note(queues(NOW + 179, a=500))
    assert recent.tail("queues", "a", 10, 2) == before
    recent.note(queues(NOW + 180, a=0))
    assert recent.tail("queues", "a", 10, 2)[-1] == 500.0


def test_the_curve_has_the_newest_value_too() -> None:
    recent = Recent()
    recent.note(queues(NOW, a=3))
    recent.note(queues(NOW + 31, a=4))
    assert recent.curve("queues", "a", "a").points == ((NOW, 3.0), (NOW + STEP, 4.0))
    assert recent.curve("queues", "b", "b").points == ()
    assert recent.curve("queues", "a", "a", place=3).points == ()


def test_a_row_that_vanishes_is_forgotten_and_an_incomplete_list_forgets_nothing() -> None:
    recent = Recent()
    recent.note(queues(NOW, a=1, b=2))
    recent.note(replace(queues(NOW + 60, a=1), complete=False))
    assert recent.holds("queues", "b")
    recent.note(queues(NOW + 120, a=1))
    assert not recent.holds("queues", "b")
    assert recent.series == 4


def test_an_hour_is_kept_and_no_more() -> None:
    ring = Ring()
    for step in range(3 * KEPT):
        ring.put(float(step), NOW + step * STEP)
    newest = int(NOW // STEP) + 3 * KEPT - 1
    assert ring.at(newest) == 3 * KEPT - 1
    assert ring.at(newest - KEPT + 1) == 2 * KEPT
    assert math.isnan(ring.at(newest - KEPT))
    assert math.isnan(ring.at(newest + 1))
    assert len(ring.values) * ring.values.itemsize == 480


@pytest.mark.parametrize("gap", [2, KEPT - 1, KEPT, 5 * KEPT])
def test_after_a_gap_no_old_value_stands_for_a_new_one(gap: int) -> None:
    ring = Ring()
    for step in range(KEPT):
        ring.put(1.0, NOW + step * STEP)
    last = KEPT - 1 + gap
    ring.put(2.0, NOW + last * STEP)
    newest = int(NOW // STEP) + last
    assert all(math.isnan(ring.at(newest - n)) for n in range(1, min(gap, KEPT)))
    assert ring.at(newest) == 2.0


def test_what_is_older_than_the_ring_is_dropped() -> None:
    ring = Ring()
    ring.put(1.0, NOW)
    ring.put(9.0, NOW - 2 * KEPT * STEP)
    assert ring.at(int(NOW // STEP)) == 1.0
    assert ring.newest == int(NOW // STEP)
    assert [value for value in ring.values if not math.isnan(value)] == [1.0]


def test_a_counter_is_followed_by_its_growth_and_a_restart_tells_nothing() -> None:
    ring = Ring()
    for total, at in ((100, 0), (160, 30), (160, 30), (10, 60), (40, 90)):
        ring.count(float(total), NOW + at)
    values = [ring.at(int(NOW // STEP) + n) for n in range(4)]
    assert math.isnan(values[0])
    assert values[1] == 2.0
    assert math.isnan(values[2])
    assert values[3] == 1.0


def test_a_host_that_fell_silent_leaves_a_gap() -> None:
    recent = Recent()
    rows = [row(HOSTS, name=name, load_1=1.0) for name in ("cmp01", "cmp02")]

    def read(first: float, second: float) -> Snapshot:
        targets = (TargetRead("cmp01", first, 1), TargetRead("cmp02", second, 1))
        return replace(snapshot(rows, HOSTS, at=min(first, second)), targets=targets)

    recent.note(read(NOW, NOW))
    recent.note(read(NOW + 30, NOW))
    recent.note(read(NOW + 60, NOW))
    assert len(recent.curve("hosts", "cmp01", "").points) == 3
    assert len(recent.curve("hosts", "cmp02", "").points) == 1
    assert recent.tail("hosts", "cmp02", 2, 1) == [1.0, None]


def test_a_yes_or_no_is_one_or_nought_and_each_trend_has_its_own_ring() -> None:
    recent = Recent()
    recent.note(snapshot([row(MEMBERS, member="ctl01", recv_queue=4, flow_control=True)], MEMBERS, at=NOW))
    queue_length, flow = MEMBERS.trends[:2]
    assert recent.curve("galera-members", "ctl01", "", place_of(MEMBERS, queue_length)).points == ((NOW, 4.0),)
    assert recent.curve("galera-members", "ctl01", "", place_of(MEMBERS, flow)).points == ((NOW, 1.0),)


def test_no_value_and_odd_rows_are_no_zero() -> None:
    recent = Recent()
    recent.note(snapshot([queue("a", None), OddRow("b", "b", "messages is no number")], QUEUES, at=NOW))
    assert recent.curve("queues", "a", "").points == ()
    assert recent.curve("queues", "b", "").points == ()


def test_of_a_long_list_the_worst_rows_are_kept_and_the_first_ones_stay() -> None:
    recent = Recent()
    rows = [queue(f"q{n:05}", 0) for n in range(3 * ROWS)]
    rows[-1] = replace(queue("sick", 5), state="down")
    recent.note(snapshot(rows, QUEUES, at=NOW))
    assert recent.series == 4 * ROWS
    assert recent.holds("queues", "sick")
    assert recent.holds("queues", "q00000")
    assert not recent.holds("queues", "q01400")
    recent.note(snapshot([*rows, queue("new", 1)], QUEUES, at=NOW + 30))
    assert recent.series == 4 * ROWS
    assert not recent.holds("queues", "new")


def test_the_number_of_series_is_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SERIES", 10)
    recent = Recent()
    recent.note(queues(NOW, a=1, b=1, c=1, d=1))
    assert recent.series == 8


def test_a_kind_that_follows_nothing_costs_nothing() -> None:
    recent = Recent()
    recent.note(snapshot([], SERVICES, at=NOW))
    assert recent.series == 0


def test_systems_are_followed_by_what_is_not_ok() -> None:
    recent = Recent()
    recent.note_system("galera", 0, NOW)
    recent.note_system("galera", 2, NOW + 120)
    recent.note_system("galera", 2, NOW + 240)
    assert recent.tail(SYSTEMS, "galera", 2, 4) == [0.0, 2.0]


def test_what_it_takes_in_memory() -> None:
    import tracemalloc

    rows = [queue(f"q{n:05}", n) for n in range(ROWS)]
    found = snapshot(rows, QUEUES, at=NOW)
    tracemalloc.start()
    recent = Recent()
    recent.note(found)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken / recent.series < 1000
