"""A list and how it is looked at."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from msgspec.structs import replace

from collectors.errors import UsageError
from collectors.kinds.compute_services import KIND
from collectors.snapshot import TargetRead
from collectors.sources.base import Where
from collectors.table import SLICE, finish
from tests.views.made import NOW, service, services
from views.listing import Arranged, Listing
from views.place import Place
from views.sentences import order_by

DOWN = service(3, state="down", updated_at=NOW - 360)


def listing(place: Place | None = None, count: int = 10) -> Listing:
    found = Listing(KIND, place or Place(KIND.name), NOW)
    found.take(services(count, DOWN), NOW)
    return found


def shown(found: Listing) -> list[int]:
    table = found.table()
    indexes = finish(found.work(table))
    found.shown = Arranged(table, indexes, found.lens)
    return indexes


def test_worst_first() -> None:
    assert shown(listing())[0] == 2


def test_a_filter() -> None:
    found = listing()
    found.set_filter("host=cmp000[12]")
    assert shown(found) == [0, 1]
    assert found.place.filter_text == "host=cmp000[12]"


def test_a_filter_of_the_place_is_applied() -> None:
    assert shown(listing(Place(KIND.name, filter_text="cmp0003"))) == [2]


def test_a_filter_that_cannot_be_understood_leaves_the_last_good_one() -> None:
    found = listing()
    found.set_filter("cmp0003")
    with pytest.raises(UsageError):
        found.set_filter("hst=x")
    assert found.place.filter_text == "cmp0003"
    assert shown(found) == [2]


def test_a_place_with_a_bad_filter_is_refused() -> None:
    with pytest.raises(UsageError):
        Listing(KIND, Place(KIND.name, filter_text="hst=x"), NOW)


def test_problems_only() -> None:
    assert shown(listing(Place(KIND.name, problems=True))) == [2]


def test_another_order() -> None:
    found = listing(Place(KIND.name, order=order_by(KIND, "host", True)))
    assert shown(found) == list(range(9, -1, -1))


def test_filtering_what_is_in_order_gives_what_sorting_would() -> None:
    found = listing(Place(KIND.name, order=order_by(KIND, "host", True)))
    shown(found)
    found.set_filter("cmp000")
    again = listing(Place(KIND.name, order=order_by(KIND, "host", True), filter_text="cmp000"))
    assert shown(found) == shown(again)


def test_the_same_snapshot_again_is_no_work() -> None:
    found = listing()
    assert found.read is not None
    assert not found.take(found.read, NOW + 5)


def test_rows_that_were_not_read_for_long_are_unknown() -> None:
    found = listing()
    assert found.read is not None
    assert found.take(found.read, NOW + 600)
    assert found.snapshot is not None
    assert found.snapshot.healths[0].level == "unknown"
    assert found.snapshot.healths[0].reason == "was ok, 10 min ago"
    assert not found.take(found.read, NOW + 601)


def test_a_fresh_reading_makes_them_known_again() -> None:
    found = listing()
    assert found.read is not None
    found.take(found.read, NOW + 600)
    found.take(services(10, at=NOW + 600), NOW + 600)
    assert found.snapshot is not None
    assert found.snapshot.healths[0].level == "ok"


def test_ages_in_filters_count_by_the_services_clock() -> None:
    found = Listing(KIND, Place(KIND.name, filter_text="updated_at>5m"), NOW)
    skewed = replace(services(1), targets=(TargetRead("nova", NOW, 1, skew=600.0),))
    found.take(skewed, NOW)
    assert shown(found) == [0]


def test_a_long_list_is_arranged_in_slices() -> None:
    found = Listing(KIND, Place(KIND.name, filter_text="cmp"), NOW)
    found.take(services(SLICE * 2 + 1), NOW)
    assert found.is_long
    work = found.work(found.table())
    assert isinstance(work, Generator)
    assert sum(1 for _ in work) >= 3


def test_narrowing_is_noticed_when_the_filter_wants_more() -> None:
    where = Where(query=(("host", "cmp0003"),))
    found = Listing(KIND, Place(KIND.name, where, filter_text="host=cmp0003"), NOW)
    assert not found.narrowed_too_far
    found.set_filter("host=cmp0003 status=enabled")
    assert not found.narrowed_too_far
    found.set_filter("host=cmp000*")
    assert found.narrowed_too_far
    found.set_filter("")
    assert found.narrowed_too_far


def test_narrowing_knows_escaped_values() -> None:
    where = Where(query=(("host", "a*b"),))
    assert not Listing(KIND, Place(KIND.name, where, filter_text="host=a[*]b"), NOW).narrowed_too_far


def test_where_we_came_from_is_forgotten_with_the_filter() -> None:
    found = listing(Place(KIND.name, origin="x", filter_text="cmp"))
    found.set_filter("cmp")
    assert found.place.origin == "x"
    found.set_filter("")
    assert found.place.origin == ""
