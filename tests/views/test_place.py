"""The way between places."""

from __future__ import annotations

from collectors.sources.base import Where
from collectors.store import Subject
from views.place import MOST, OVERVIEW, Journey, Place, without_narrowing

A, B, C = Place("a"), Place("b"), Place("c")


def test_it_begins_on_the_overview() -> None:
    assert Journey().here.is_overview


def test_back_and_forward() -> None:
    way = Journey()
    way.go(A)
    way.go(B)
    assert way.step(-1) == A
    assert way.step(-1) == OVERVIEW
    assert way.step(-1) is None
    assert way.step(1) == A
    assert way.here == A


def test_going_elsewhere_forgets_what_was_ahead() -> None:
    way = Journey()
    way.go(A)
    way.go(B)
    way.step(-1)
    way.go(C)
    assert way.step(1) is None
    assert way.step(-1) == A


def test_a_place_is_found_as_it_was_left() -> None:
    way = Journey()
    way.go(A)
    left = Place("a", filter_text="x", row="7", top=3)
    way.leave(left)
    way.go(B)
    assert way.step(-1) == left


def test_the_last_place_and_back_again() -> None:
    way = Journey()
    assert way.last() is None
    way.go(A)
    way.go(B)
    assert way.last() == A
    assert way.last() == B


def test_only_so_many_places_are_remembered() -> None:
    way = Journey()
    for number in range(MOST * 2):
        way.go(Place(str(number)))
    assert len(way.places) == MOST
    assert way.here == Place(str(MOST * 2 - 1))


def test_what_is_read_for_a_place() -> None:
    place = Place("server-actions", Where(parent="1"), filter_text="x")
    assert place.subject == Subject("server-actions", Where(parent="1"))


def test_a_narrowed_place_read_whole() -> None:
    place = Place("x", Where(parent="1", query=(("host", "a"),)))
    assert without_narrowing(place).where == Where(parent="1")
