"""Known problems as values: what is understood, how long it holds, whom it is for."""

from __future__ import annotations

import pytest

from collectors.acknowledge import Acknowledgement, is_known, known, parse
from collectors.errors import UsageError
from collectors.health import OK, Health, Level, critical, unknown, warning

NOW = 1_800_000_000.0


def one(level: Level = "warning", **changed: object) -> Acknowledgement:
    values: dict[str, object] = {
        "cloud": "prod", "region": "RegionOne", "kind": "agents", "row": "net02", "name": "net02", "level": level,
        "reason": "RAM", "by": "ana", "at": NOW, "until": NOW + 3600,
    }  # fmt: skip
    return Acknowledgement(**(values | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "seconds", "reason"),
    [
        ("2h RAM on order", 7200, "RAM on order"),
        ("30m x", 1800, "x"),
        ("30min x", 1800, "x"),
        ("3d  two   blanks ", 259200, "two blanks"),
        ("1w firmware", 604800, "firmware"),
        ("90s x", 90, "x"),
        ("1.5h x", 5400, "x"),
        ("90d x", 90 * 86400, "x"),
    ],
)
def test_for_how_long_and_why(text: str, seconds: float, reason: str) -> None:
    assert parse(text) == (seconds, reason)


@pytest.mark.parametrize("text", ["", "RAM on order", "2 RAM", "2GiB RAM", "2M RAM", "-2h RAM", "h RAM", "2h30m RAM"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="no time"):
        parse(text)


@pytest.mark.parametrize("text", ["91d x", "0s x", "20w x"])
def test_a_time_out_of_bounds_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="30m, 2h, 3d, 1w"):
        parse(text)


@pytest.mark.parametrize("text", ["2h", "2h   "])
def test_a_missing_reason_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="reason is missing"):
        parse(text)


def test_an_endless_reason_is_cut() -> None:
    assert len(parse("2h " + "x" * 4000)[1]) == 200


@pytest.mark.parametrize(
    ("health", "held"),
    [(critical("x"), False), (warning("x"), True), (unknown("x"), True), (OK, False)],
)
def test_it_holds_until_the_problem_gets_worse(health: Health, held: bool) -> None:
    told = known([one("warning")], "prod", "RegionOne", NOW)
    assert is_known(told, "agents", "net02", health, NOW) is held


def test_it_lapses() -> None:
    told = known([one()], "prod", "RegionOne", NOW)
    assert is_known(told, "agents", "net02", warning("x"), NOW + 3599)
    assert not is_known(told, "agents", "net02", warning("x"), NOW + 3600)
    assert known([one()], "prod", "RegionOne", NOW + 3600) == {}


def test_it_is_for_one_row_of_one_kind_of_one_cloud() -> None:
    told = known([one()], "prod", "RegionOne", NOW)
    assert not is_known(told, "agents", "net01", warning("x"), NOW)
    assert not is_known(told, "hosts", "net02", warning("x"), NOW)
    assert known([one()], "prod", "RegionTwo", NOW) == {}
    assert known([one()], "test", "RegionOne", NOW) == {}


def test_the_latest_for_a_row_counts() -> None:
    told = known([one("critical", at=NOW), one("warning", at=NOW - 5)], "prod", "RegionOne", NOW)
    assert told["agents", "net02"].level == "critical"


def test_it_says_why_who_and_how_long_still() -> None:
    assert one(until=NOW + 7200).words(NOW + 3) == "“RAM” (ana, 2 h left)"
