"""Where routers and networks go."""

from __future__ import annotations

from runbooks.spreading import Move, emptiest, evened, placed


def test_the_emptiest_that_has_it_not() -> None:
    held = {"a": ["1", "2"], "b": ["3"], "c": ["4"]}
    assert emptiest(held) == "b"
    assert emptiest(held, "3") == "c"
    assert emptiest({"b": ["3"]}, "3") is None
    assert emptiest({}) is None


def test_what_is_placed_counts_for_the_next() -> None:
    moves = placed(["x", "y", "z"], "old", {"a": ["1"], "b": []})
    assert [(move.item, move.target) for move in moves] == [("x", "b"), ("y", "a"), ("z", "b")]
    assert {move.source for move in moves} == {"old"}


def test_what_none_can_take_is_missing() -> None:
    assert placed(["x"], "old", {"a": ["x"]}) == []
    assert placed(["x"], "old", {}) == []


def test_evened_until_they_differ_by_one() -> None:
    held = {"a": list("12345"), "b": [], "c": ["6"]}
    moves = evened(held, "123456", 10)
    assert [(move.source, move.target) for move in moves] == [("a", "b"), ("a", "b"), ("a", "c")]
    assert len({move.item for move in moves}) == len(moves), "nothing moves twice"


def test_an_even_one_is_left_alone() -> None:
    assert evened({"a": ["1", "2"], "b": ["3"]}, "123", 10) == []
    assert evened({"a": ["1", "2"]}, "12", 10) == []


def test_only_what_is_movable_and_not_there_already_moves() -> None:
    assert evened({"a": ["1", "2", "3"], "b": []}, "2", 10) == [Move("2", "a", "b")]
    assert evened({"a": ["1", "2", "3"], "b": ["3"]}, "3", 10) == []


def test_at_most_so_many() -> None:
    assert len(evened({"a": [str(number) for number in range(20)], "b": []}, [str(n) for n in range(20)], 3)) == 3
