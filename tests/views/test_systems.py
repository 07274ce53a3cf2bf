"""What the overview says as lines: the list, one system in detail, events, budget."""

from __future__ import annotations

import pytest

from collectors.board import Board
from collectors.health import critical, ok
from collectors.overview import SystemHealth
from collectors.schedule import Spent
from collectors.transitions import Transition
from tests.rows import NOW, service
from tests.systems import COMPUTE, MEMBERS, members, rows, seen
from views.glyphs import UNICODE
from views.lines import Text
from views.systems import budget_texts, detail_texts, event_texts, system_texts
from views.text.width import cells


def plain(text: Text) -> str:
    return "".join(t for t, _ in (*text.left, *text.right))


def clock(at: float) -> str:
    minute = round((at - NOW) / 60)
    return f"20:{minute:02}"


def event(minute: int, text: str) -> Transition:
    return Transition(NOW + minute * 60, "compute", "compute-services", "critical", text)


BOARD = Board([COMPUTE, MEMBERS], NOW)
BOARD.note(
    seen(
        COMPUTE,
        [*rows("cmp01", "cmp02", "cmp03"), service("cmp17", state="down"), service("cmp09")],
        {"cmp17": critical("no heartbeat for 6 min"), "cmp09": ok("disabled: RAM swap")},
    ),
    NOW,
)
BOARD.note(members(MEMBERS, {"ctl01": None}), NOW)


def detail(width: int = 60, height: int = 30) -> list[str]:
    system = BOARD.overview(NOW).systems[0]
    return [plain(text) for text in detail_texts(system, BOARD, NOW, width, height, UNICODE)]


def test_a_long_list_is_not_folded() -> None:
    found = BOARD.overview(NOW)
    assert len(system_texts(found, 40, 20, UNICODE)) > len(system_texts(found, 40, 2, UNICODE))


def test_severity_has_its_role_and_what_is_well_is_dim() -> None:
    lines = system_texts(BOARD.overview(NOW), 80, 20, UNICODE)
    assert lines[0].text.left[0] == ("▲ ", "warning")
    assert lines[-1].system == "galera"
    assert lines[-1].text.left[-1][1] == "dim"


def test_the_detail_names_every_kind_and_every_bad_row() -> None:
    assert detail() == [
        "compute▲ warning",
        "▲ compute-services5 rows",
        "  4 of 5 nova-compute up; cmp17: no heartbeat for 6 min",
        "  1 disabled on purpose: cmp09, “RAM swap”",
        "",
        "  ✖ cmp17  nova-compute  no heartbeat for 6 min",
    ]


@pytest.mark.parametrize("height", range(1, 8))
def test_the_detail_never_is_higher_than_its_place(height: int) -> None:
    assert len(detail(height=height)) <= height


def test_more_bad_rows_than_fit_are_counted() -> None:
    board = Board([COMPUTE], NOW)
    bad = [service(f"cmp{i:02}", state="down") for i in range(40)]
    board.note(seen(COMPUTE, bad, {row.host: critical("gone") for row in bad}), NOW)
    found = detail_texts(board.overview(NOW).systems[0], board, NOW, 60, 12, UNICODE)
    assert len(found) == 12
    shown = [plain(t) for t in found if "nova-compute  gone" in plain(t)]
    assert shown[0] == "  ✖ cmp00  nova-compute  gone"
    assert plain(found[-1]) == f"  and {40 - len(shown)} more"


def test_a_long_reason_is_folded_below_its_row() -> None:
    board = Board([COMPUTE], NOW)
    reason = "no consumers, 8 messages wait: is the service on net02 dead?"
    board.note(seen(COMPUTE, rows("cmp01", "cmp17"), {"cmp17": critical(reason)}), NOW)
    found = detail_texts(board.overview(NOW).systems[0], board, NOW, 50, 20, UNICODE)
    lines = [plain(t) for t in found][-3:]
    assert lines == [
        "  ✖ cmp17  nova-compute",
        "    no consumers, 8 messages wait: is the service",
        "    on net02 dead?",
    ]


def test_a_system_without_any_kind_has_only_its_title() -> None:
    found = detail_texts(SystemHealth("api", ok("")), BOARD, NOW, 60, 10, UNICODE)
    assert [plain(t) for t in found] == ["api● ok"]


# -- events


def test_nothing_changed_yet() -> None:
    assert [plain(t) for t in event_texts([], NOW, clock, 80, 2)] == ["since 20:00  nothing changed"]


def test_events_newest_first_several_on_a_line() -> None:
    found = event_texts([event(1, "a critical"), event(2, "b critical"), event(3, "b ok")], NOW, clock, 80, 2)
    assert [plain(t) for t in found] == [
        "since 20:00  20:03 compute-services b ok   20:02 compute-services b critical",
        "             20:01 compute-services a critical",
    ]


@pytest.mark.parametrize("count", [1, 2, 5, 50])
@pytest.mark.parametrize("width", [80, 200])
def test_events_stay_in_their_place(count: int, width: int) -> None:
    found = event_texts([event(i, f"cmp{i:02}, cmp99 critical") for i in range(count)], NOW, clock, width, 2)
    assert 1 <= len(found) <= 2
    assert all(cells(plain(t)) <= width for t in found)
    assert f"cmp{count - 1:02}" in plain(found[0])


def test_an_endless_event_is_cut() -> None:
    found = event_texts([event(1, "x" * 500)], NOW, clock, 80, 2)
    assert cells(plain(found[0])) == 80


# -- budget


def test_the_budget_says_how_much_of_how_much() -> None:
    found = budget_texts([Spent("compute", 24, 240), Spent("network", 240, 240)])
    assert [plain(t) for t in found] == ["compute     24 of 240 a minute", "network    240 of 240 a minute"]
    assert found[1].left[1][1] == "warning"


def test_no_requests_yet() -> None:
    assert plain(budget_texts([])[0]) == "no requests yet"
