"""What was typed before."""

from __future__ import annotations

from views.recall import MOST, Recall


def test_up_goes_back_and_down_returns_to_what_was_typed() -> None:
    recall = Recall(["one", "two"])
    recall.begin()
    assert recall.older("") == "two"
    assert recall.older("two") == "one"
    assert recall.older("one") is None
    assert recall.newer() == "two"
    assert recall.newer() == ""
    assert recall.newer() is None


def test_only_lines_that_begin_like_what_is_typed() -> None:
    recall = Recall(["servers", "cs host=a", "servers status=ERROR", "cs"])
    recall.begin()
    assert recall.older("serv") == "servers status=ERROR"
    assert recall.older("servers status=ERROR") == "servers"
    assert recall.newer() == "servers status=ERROR"
    assert recall.newer() == "serv"


def test_new_lines_are_kept_once_and_told() -> None:
    told: list[str] = []
    recall = Recall(["a", "b"], told.append)
    recall.add("a")
    recall.add("a")
    recall.add("  ")
    assert recall.lines == ["b", "a"]
    assert told == ["a"]


def test_only_so_many_are_kept() -> None:
    recall = Recall([str(n) for n in range(MOST * 2)])
    recall.add("x")
    assert len(recall.lines) == MOST
    assert recall.lines[-1] == "x"


def test_nothing_to_recall() -> None:
    recall = Recall()
    recall.begin()
    assert recall.older("x") is None
    assert recall.newer() is None
