"""Operations in the console, from the menu to the proof: pilots on a scripted Nova that remembers what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from collectors.errors import NoSuchObject
from collectors.store import Subject
from tests.console.operating import Operated, desk_on, operating
from tests.views.fakes import Clock
from tests.views.made import NOW
from tests.wire_nova import wire_nova
from tests.wire_server import json_reply
from views.desk import Wanted
from views.journal_screen import JournalScreen
from views.kind_screen import KindScreen
from views.plan_screen import PlanScreen
from views.run_screen import RunScreen


async def planned(found: Operated, reason: str = "RAM swap") -> None:
    """The plan to disable the service under the cursor."""
    await found.press("a", "2")
    await found.type(reason)


async def confirmed(found: Operated, word: str = "cmp01") -> None:
    """Confirm the plan on the screen."""
    await found.press("R")
    await found.type(word)


# -- the menu -------------------------------------------------------------------------------------------------------


async def test_the_menu_says_what_can_be_done_and_why_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.press("a")
        lines = found.console.lines
        assert lines[2].strip() == "cmp01"
        assert "READ-ONLY: plans can be looked at" in lines[3]
        assert lines[4].startswith(" 1  enable")
        assert "closed: cmp01 is enabled already" in lines[4]
        assert "2  disable" in lines[5]
        assert "R1 keep new servers away" in lines[5]
        assert found.console.hints == "enter choose  1-9 at once  esc stay"
        await found.press("1")
        assert "cmp01 is enabled already" in found.console.foot
        await found.press("s", "x", "y", "9")  # letters of the list do nothing behind the menu
        assert "2  disable" in found.text
        assert "host" not in found.console.foot
        await found.press("escape")
        assert "2  disable" not in found.text
        assert isinstance(found.console.app.screen, KindScreen)


async def test_marked_rows_are_the_targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.press("space", "space", "a")
        assert "2 compute-services: cmp01, cmp02" in found.console.lines[2]
        await found.press("2")
        await found.type("RAM swap")
        await found.until("2 compute-services")
        assert "on 2 compute-services" in found.console.lines[1]


async def test_the_menu_opens_over_a_description_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.press("d", "a")
        assert "2  disable" in found.text
        await found.press("escape")
        assert "2  disable" not in found.text
        await found.press("escape")
        assert found.console.hosts[0] == "cmp01"


async def test_a_kind_without_operations_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.press("colon")
        await found.type("alerts")
        await found.press("a")
        assert "there is no row here" in found.console.foot


# -- parameters and the plan ----------------------------------------------------------------------------------------


async def test_parameters_are_asked_and_esc_ends_it_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.press("a", "2")
        assert found.console.lines[1].startswith(" reason:")
        assert "why; Nova keeps it beside the service" in found.text
        await found.press("enter")
        assert "it must be said" in found.console.lines[1]
        await found.press("escape")
        assert isinstance(found.console.app.screen, KindScreen)
        assert found.nova.writes == []


async def test_a_plan_changes_nothing_and_enter_confirms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.arm()
        await planned(found)
        await found.until("risk R1, reversible")
        assert found.console.lines[1].startswith("plan   disable nova-compute on cmp01")
        for words in ("3 nova-compute stay enabled", "admin has the role admin", "compute-service.enable"):
            assert words in found.text
        assert "openstack compute service set --disable" in found.text
        await found.press("enter", "y", "space", "enter")
        assert isinstance(found.console.app.screen, PlanScreen)
        assert found.nova.writes == []
        await found.press("escape")
        assert isinstance(found.console.app.screen, KindScreen)


async def test_tab_does_not_find_the_bar_that_is_off_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line would take all keys then, and nothing would show them: R would do nothing."""
    async with operating(tmp_path, monkeypatch) as found:
        await found.arm()
        await planned(found)
        await found.until("R confirms")
        await found.press("tab", "R")
        assert "type cmp01 to do it" in found.console.lines[1], found.text
        await found.press("escape")
        assert "not confirmed" in found.console.foot
        await found.press("tab", "shift+tab", "e")
        assert found.console.lines[1].startswith("evidence")


async def test_evidence_shows_each_guard_and_c_copies_a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await planned(found)
        await found.until("risk R1, reversible")
        await found.press("e")
        assert "evidence-fresh open; cmp01: read 0 s ago (2025-11-21 04:40:00Z)" in found.text
        await found.press("e")
        assert "evidence-fresh open;" not in found.text
        await found.press("c")
        script = found.console.app.clipboard
        assert script.startswith("#!/bin/sh -e\n# disable nova-compute on cmp01 on wire/RegionOne\n")
        assert "openstack compute service set --disable --disable-reason 'RAM swap' cmp01 nova-compute\n" in script


async def test_targets_with_closed_guards_can_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        found.nova.of("cmp02").update(status="disabled", disabled_reason="before")  # the list does not know it yet
        await found.press("space", "space", "a", "2")
        await found.type("RAM swap")
        await found.until("x leave out cmp02")
        assert "Nothing starts: sense is closed: is disabled already" in found.console.foot
        await found.arm()
        await found.press("R")
        assert found.nova.writes == []
        await found.press("x")
        await found.until("disable nova-compute on cmp01")
        assert "leave out" not in found.console.hints
        await confirmed(found)
        await found.ended()
        assert [host for host, _ in found.nova.writes] == ["cmp01"]


async def test_what_cannot_be_planned_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        found.nova.cloud.on("/compute/v2.1/os-services", json_reply({"error": "no"}, 500))
        await planned(found)
        await found.until("Nothing was done.")
        assert "500" in found.text
        found.nova.cloud.on("/compute/v2.1/os-services", found.nova.listed)
        await found.press("ctrl+r")
        await found.until("risk R1, reversible")


# -- the window -----------------------------------------------------------------------------------------------------


async def test_nothing_begins_outside_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await planned(found)
        await found.until("risk R1, reversible")
        assert "READ-ONLY" in found.console.lines[0]
        assert "READ-ONLY: nothing starts until" in found.console.foot
        await found.press("R")
        assert not found.nova.writes
        assert found.console.lines[1].startswith("plan")
        await found.arm()
        assert "ARMED 10 min: INC-4711" in found.console.lines[0]
        await confirmed(found)
        await found.ended()
        assert found.nova.writes == [("cmp01", {"status": "disabled", "disabled_reason": "RAM swap"})]
        assert found.events() == ["armed", "began", "about", "did", "verified", "ended"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("arm", "arm: DURATION WHY"),
        ("arm 10m", "arm wants to know why"),
        ("arm 10 INC", "arm wants for how long"),
        ("arm 2h INC", "at most 60 minutes"),
        ("arm soon INC", "arm wants for how long"),
    ],
)
async def test_arming_takes_a_time_and_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, said: str
) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.press("colon")
        await found.type(words)
        assert said in found.console.hints + found.console.foot
        assert "READ-ONLY" in found.console.lines[0]
        assert found.events() == []


@pytest.mark.parametrize(
    ("more", "why"), [({"read_only": True}, "--read-only was given"), ({"protection": "read-only"}, "protection")]
)
async def test_what_is_locked_from_outside_opens_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], why: str
) -> None:
    async with operating(tmp_path, monkeypatch, **more) as found:
        await found.arm()
        assert why in found.console.foot
        assert "READ-ONLY" in found.console.lines[0]
        await found.press("a")
        assert "READ-ONLY, plans can be looked at" in found.console.lines[3]
        assert why in found.console.lines[3]
        await found.press("escape")
        await planned(found)
        await found.until("read-only")
        assert "Nothing starts" in found.console.foot
        assert found.nova.writes == []


async def test_the_window_closes_by_itself_and_what_runs_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.arm("5m INC-1")
        await planned(found)
        await found.until("risk R1, reversible")
        found.nova.held.clear()
        await confirmed(found)
        await found.until("1.1 disable nova-compute on cmp01: running")
        found.console.clock.now += 61
        found.console.app.look_at_window()
        await found.console.settle()
        assert "ARMED 4 min: INC-1" in found.console.lines[0]
        found.console.clock.now += 240
        found.console.app.look_at_window()
        await found.console.settle()
        assert "READ-ONLY" in found.console.lines[0]
        assert "the window has closed" in found.text
        found.nova.held.set()
        await found.ended()
        assert found.nova.of("cmp01")["status"] == "disabled"
        assert {"armed", "disarmed", "ended"} <= set(found.events())


async def test_disarming_closes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.arm()
        await found.press("colon")
        await found.type("disarm")
        assert "READ-ONLY" in found.console.lines[0]
        assert found.events() == ["armed", "disarmed"]


async def test_production_says_so_and_wants_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch, protection="production") as found:
        assert "PRODUCTION" in found.console.lines[0]
        await found.arm()
        await planned(found)
        await found.until("risk R1, reversible")
        assert found.console.lines[2].startswith(" PRODUCTION  wire/RegionOne")
        await found.press("R")
        assert found.console.lines[1].startswith(" reason: INC-4711")
        await found.press("enter")
        assert found.console.lines[1].startswith(" PRODUCTION: type cmp01 to do it:")
        await found.type("cmp01")
        await found.ended()
        assert found.nova.of("cmp01")["status"] == "disabled"


# -- confirming and running -----------------------------------------------------------------------------------------


async def test_the_wrong_name_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.arm()
        await planned(found)
        await found.until("risk R1, reversible")
        await confirmed(found, "cmp02")
        assert "that is not it; nothing was done" in found.console.lines[1]
        await found.press("escape")
        assert "not confirmed: nothing was done" in found.console.foot
        assert found.nova.writes == []


async def test_a_run_goes_on_wherever_one_goes_and_is_told_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.arm()
        await planned(found)
        await found.until("risk R1, reversible")
        found.nova.held.clear()
        await confirmed(found)
        await found.until("1.1 disable nova-compute on cmp01: running")
        assert isinstance(found.console.app.screen, RunScreen)
        await found.press("escape")
        assert isinstance(found.console.app.screen, KindScreen)
        assert "runs: 1.1 disable nova-compute on cmp01" in found.text
        await found.press("exclamation_mark")
        assert "runs: 1.1 disable nova-compute on cmp01" in found.text
        await found.press("question_mark")
        assert "runs: 1.1 disable nova-compute on cmp01" in found.text
        await found.press("escape")
        found.console.feed.refreshed.clear()
        found.nova.held.set()
        await found.ended()
        assert "runs:" not in found.text
        assert "disable nova-compute on cmp01: done" in found.text
        assert Subject("compute-services") in found.console.feed.refreshed


async def test_what_a_system_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.arm()
        await planned(found)
        await found.until("risk R1, reversible")
        found.nova.refuse["cmp01"] = json_reply({"forbidden": {"code": 403, "message": "policy says no"}}, 403)
        await confirmed(found)
        await found.ended()
        assert "✖ 1.1 disable nova-compute on cmp01: failed" in found.text
        assert "policy says no" in found.text
        assert found.console.lines[1].endswith("failed")


async def test_what_has_changed_since_the_plan_begins_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.arm()
        await planned(found)
        await found.until("risk R1, reversible")
        found.nova.of("cmp01").update(status="disabled")
        await confirmed(found)
        await found.ended()
        assert "refused: sense is closed: is disabled already" in found.text
        assert found.nova.writes == []
        assert "began" not in found.events()


async def test_ctrl_c_cancels_between_two_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.arm()
        await found.press("space", "space", "space", "a", "2")
        await found.type("RAM swap")
        await found.until("risk R1, reversible")
        found.console.app.screen.planned = one_at_a_time(found)  # type: ignore[attr-defined]
        found.nova.held.clear()
        await confirmed(found, "3")
        await found.until("1.1 disable nova-compute on cmp01: running")
        await found.press("ctrl+c")
        assert "cancelled: only the step that was begun is waited for" in found.console.foot
        found.nova.held.set()
        await found.ended()
        assert [host for host, _ in found.nova.writes] == ["cmp01"]
        assert "cancelled" in found.console.lines[1]
        assert "cmp02: cancelled: cancelled before it began" in found.text
        assert "next: R goes on with what is left, u takes back what was done" in found.console.foot
        await found.press("R")
        await found.type("3")
        await found.ended()
        assert [host for host, _ in found.nova.writes] == ["cmp01", "cmp02", "cmp03"], "the first once"
        assert found.console.lines[1].endswith("done")
        await found.press("R")
        assert len(found.nova.writes) == 3


def test_what_was_cancelled_and_taken_back_is_not_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with wire_nova(tmp_path, monkeypatch) as nova:
        desk, doing = desk_on(tmp_path, Clock(NOW))
        desk.arming.open(600, "INC-4711")
        targets = tuple(nova.of(host)["id"] for host in ("cmp01", "cmp02"))
        made = desk.plan(Wanted("compute-service.disable", targets, ("cmp01", "cmp02"), given={"reason": "RAM swap"}))
        nova.held.clear()
        begun = desk.begin(replace(made, plan=replace(made.plan, at_once=1)), ["cmp01", "cmp02"], "RAM swap")
        assert nova.arrived.acquire(timeout=10)
        desk.cancel(begun.number)
        nova.held.set()
        desk.runs.wait()
        (seen,) = desk.journal()
        assert (seen.state, seen.goes_on) == ("cancelled", True)
        back = desk.plan(Wanted(undoes=seen.run))
        desk.begin(back, ["cmp01"], "")
        desk.runs.wait()
        assert [run.goes_on for run in desk.journal()] == [False, False]
        with pytest.raises(NoSuchObject, match="no interrupted run"):
            doing.stopped(seen.run)


def one_at_a_time(found: Operated) -> Any:
    """The plan on the screen with its targets one after another."""
    screen = found.console.app.screen
    assert isinstance(screen, PlanScreen)
    assert screen.planned is not None
    return replace(screen.planned, plan=replace(screen.planned.plan, at_once=1))


# -- leaving --------------------------------------------------------------------------------------------------------


async def test_leaving_asks_while_something_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.arm()
        await planned(found)
        await found.until("risk R1, reversible")
        found.nova.held.clear()
        await confirmed(found)
        await found.until("1.1 disable nova-compute on cmp01: running")
        await found.press("escape", "q")
        assert "an operation runs, and ends with this console" in found.text
        await found.press("enter")  # staying is the default
        assert isinstance(found.console.app.screen, KindScreen)
        await found.press("q", "3")
        assert "leaves when it is done" in found.text
        assert found.console.app.return_code is None
        found.nova.held.set()
        await found.ended()
        assert found.console.app.return_code == 0
    assert found.events()[-1] == "ended"


async def test_without_anything_running_q_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.press("colon")
        await found.type("overview")
        await found.press("q", "q")
        assert found.console.app.return_code == 0


# -- the journal and undo -------------------------------------------------------------------------------------------


async def test_u_takes_back_what_was_done_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.arm()
        await planned(found)
        await found.until("risk R1, reversible")
        await confirmed(found)
        await found.ended()
        assert "u undo" in found.console.hints
        await found.press("escape", "u")
        await found.until("plan   enable nova-compute on cmp01")
        assert "it is as it was left" in found.text
        await confirmed(found)
        await found.ended()
        assert found.nova.of("cmp01")["status"] == "enabled"
        await found.press("escape", "at")
        await found.until("undone")
        assert isinstance(found.console.app.screen, JournalScreen)
        assert "enable nova-compute on cmp01" in found.console.lines[3]
        assert "undone" in found.console.lines[4]
        await found.press("j", "u")
        assert "it was taken back already" in found.console.foot
        await found.press("enter")
        assert "req-1" in found.text
        assert "INC-4711" in found.text
        assert "what the guards saw" in found.text


async def test_nothing_to_take_back_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.press("u")
        await found.until("nothing can be taken back here")
        await found.press("escape", "at")
        await found.until("Nothing was done on this cloud from here")


# -- the command bar ------------------------------------------------------------------------------------------------


async def test_do_plans_what_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.press("colon")
        await found.type("do compute-service.disable host=cmp0[23] reason='RAM swap'")
        await found.until("risk R1, reversible")
        assert "on 2 compute-services" in found.console.lines[1]
        await found.press("escape", "colon")
        await found.type("do compute-service.disable nobody reason=x")
        await found.until("Nothing was done.")
        await found.press("escape", "colon")
        await found.type("do compute-service.disabel cmp01")
        assert "Did you mean compute-service.disab" in found.console.foot


async def test_do_completes_operations_targets_and_parameters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        offered = found.console.screen.command_proposals
        assert "do compute-service.disable" in [p.text for p in offered("do disable")]
        found_targets = [p.text for p in offered("do compute-service.disable cmp0")]
        assert "do compute-service.disable cmp03" in found_targets
        assert "do compute-service.disable cmp01 reason=" in [
            p.text for p in offered("do compute-service.disable cmp01 r")
        ]


async def test_the_palette_offers_operations_on_the_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with operating(tmp_path, monkeypatch) as found:
        await found.press("ctrl+p", *"service.disab")
        await found.until("compute-service.disable")
        await found.press("enter")
        await found.until("reason:")
        assert isinstance(found.console.app.screen, PlanScreen)
