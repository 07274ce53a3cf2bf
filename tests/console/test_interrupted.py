"""A run that was interrupted: told at the next start, looked up, gone on with, settled; pilots on a scripted Nova."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from runbooks.plan import encoded
from tests.console.operating import Operated, desk_on, operating
from tests.views.fakes import Clock
from tests.views.made import NOW
from tests.wire_nova import WireNova, wire_nova
from views.desk import Wanted
from views.run_screen import RunScreen


def interrupt(folder: Path, nova: WireNova, *, sent: bool, at: float = NOW - 3600) -> None:
    """A journal of a process that was killed in the middle of disabling cmp01, whose call was carried out, or not."""
    desk, doing = desk_on(folder, Clock(at))
    wanted = Wanted("compute-service.disable", (nova.of("cmp01")["id"],), ("cmp01",), given={"reason": "RAM swap"})
    plan = desk.plan(wanted).plan
    who = {"user": "ana", "host": "gone", "pid": 1}
    began = {"operation": plan.operation, "plan": encoded(plan), "cloud": plan.cloud, "region": plan.region, "who": who}
    doing.journal.append("began", "0f6a1b2c", began)
    part = plan.parts[0]
    doing.journal.append("about", "0f6a1b2c", {"target": part.target, "step": "1.1", "text": "disable it"})
    if sent:
        nova.of("cmp01").update(status="disabled", disabled_reason="RAM swap")


@asynccontextmanager
async def after_a_crash(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, sent: bool, read_only: bool = False
) -> AsyncIterator[Operated]:
    """The console that is started next, at its screen of the interrupted run."""
    with wire_nova(folder, monkeypatch) as nova:
        interrupt(folder, nova, sent=sent)
        async with operating(folder, monkeypatch, nova=nova, read_only=read_only) as found:
            await found.until("interrupted: disable nova-compute on cmp01: @ looks up")
            await found.press("at")
            await found.until("WHAT")
            assert "interrupted" in found.console.lines[3]
            await found.press("enter")
            assert isinstance(found.console.app.screen, RunScreen)
            await found.until("in flight cmp01 1.1")
            yield found


async def test_it_says_that_the_step_in_flight_was_not_carried_out_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with after_a_crash(tmp_path, monkeypatch, sent=False) as found:
        assert "was not carried out" in found.text
        await found.press("R")
        assert "READ-ONLY: nothing starts" in found.console.foot
        await found.arm()
        await found.press("R")
        await found.type("cmp01")
        await found.ended()
        assert [host for host, _ in found.nova.writes] == ["cmp01"]
        assert found.console.lines[1].endswith("done")
        assert "interrupted:" not in found.text


async def test_what_was_carried_out_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with after_a_crash(tmp_path, monkeypatch, sent=True) as found:
        assert "was carried out" in found.text
        await found.arm()
        await found.press("R")
        await found.type("cmp01")
        await found.ended()
        assert found.nova.writes == []
        assert found.console.lines[1].endswith("done")


async def test_it_can_be_settled_and_then_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with after_a_crash(tmp_path, monkeypatch, sent=True) as found:
        await found.press("u")
        assert "settle it first" in found.console.foot
        await found.press("x")
        await found.type("looked at by ana")
        await found.until("settled: what was done stays")
        assert found.nova.writes == []
        await found.until("settled      undoable")
        await found.press("u")
        await found.until("plan   enable nova-compute on cmp01")
        assert "settled" in found.events()


async def test_read_only_looks_and_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with after_a_crash(tmp_path, monkeypatch, sent=True, read_only=True) as found:
        assert found.events() == ["began", "about"]
        await found.press("x")
        await found.type("no")
        await found.until("nothing may be changed here")
        assert found.events() == ["began", "about"]


def test_what_may_still_be_on_its_way_is_not_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with wire_nova(tmp_path, monkeypatch) as nova:
        interrupt(tmp_path, nova, sent=False)
        desk, doing = desk_on(tmp_path, Clock(NOW))
        run = doing.interrupted_run("0f6a1b2c")
        run.about_at = dict.fromkeys(run.about_at, NOW - 5)
        monkeypatch.setattr(type(doing), "interrupted_run", lambda self, word: run)
        (flight,) = desk.look_up("0f6a1b2c")
        assert flight.look.state == "unknown"
        assert "it may still happen for 55 s" in flight.look.words
