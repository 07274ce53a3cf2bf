"""Going on with a run: what was done stays done, what failed stays failed, and the guards are looked at again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from runbooks.journal import JournalError
from runbooks.outcome import Progress
from runbooks.past import PastRun, past_runs, resumable
from runbooks.perform import Performance
from runbooks.registry import operation
from runbooks.resuming import guards_now, resumed
from runbooks.running import NotBegun
from tests.runbooks.scenario import Passed, Ran
from tests.runbooks.test_crash import RECORDS, killed, left_behind
from tests.runbooks.trial import Trial
from tests.runbooks.wire_operation import Nova
from tests.wire_cloud import WireCloud
from tests.wire_server import RESET, json_reply

THREE = ("service-1", "service-2", "service-3")


@pytest.fixture
def nova(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nova]:
    with WireCloud(tmp_path) as wire:
        assert isinstance(wire, WireCloud)
        wire.prepare()
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
        made = Nova(wire, tmp_path)
        yield made
        made.cloud.connections.close()


def broken_off(journal: Any, work: Callable[[], object], *, at: int) -> PastRun:
    """The run of `work`, of which nothing was recorded from the given record on: as if the process had died there."""
    kept, count = journal.append, 0

    def append(event: str, run: str, data: object) -> object:
        nonlocal count
        count += 1
        if count >= at:
            raise JournalError("the journal", "this process is dead", "")
        return kept(event, run, data)

    journal.append = append
    with pytest.raises(JournalError):
        work()
    journal.append = kept
    return list(past_runs(journal.records()).values())[-1]


def three_of(nova: Nova, **more: Any) -> tuple[Any, Any]:
    wanted, plan = nova.plan("compute-service.disable", *THREE, reason="x")
    return wanted, replace(plan, at_once=1, **more)


# -- guards ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(1, RECORDS))
def test_after_a_crash_a_closed_guard_refuses_and_an_open_one_goes_on(nova: Nova, tmp_path: Path, number: int) -> None:
    killed(tmp_path, "after", number)
    run = left_behind(nova)
    assert run is not None
    nova.now += 120.0
    before, allowed = list(nova.puts), nova.wire.roles
    nova.wire.roles = ["reader"]
    run_again = left_behind(nova)
    assert run_again is not None
    if len(nova.puts) < 3:
        with pytest.raises(NotBegun, match="role is closed now") as caught:
            resumed(run_again, nova.cloud, nova.journal, pause=nova.pause)
        assert f"nephoscope undo --settle {run.run}" in caught.value.hint
        assert [guard.name for guard in caught.value.guards] == ["role"]
        assert left_behind(nova) is not None, "it can still be settled"
    assert nova.puts == before, "nothing was done"
    nova.wire.roles = allowed
    nova.cloud.connections.close()
    last = left_behind(nova)
    assert last is not None
    assert resumed(last, nova.cloud, nova.journal, pause=nova.pause).result == "done"
    assert nova.puts == list(THREE)


def test_what_cannot_be_read_refuses(nova: Nova) -> None:
    run = broken_off(nova.journal, lambda: nova.run(*three_of(nova)), at=4)
    nova.wire.on("/compute/v2.1/os-services", json_reply({"computeFault": {"message": "down"}}, 503))
    with pytest.raises(NotBegun, match="evidence-fresh is unknown now"):
        resumed(run, nova.cloud, nova.journal, pause=nova.pause)
    assert nova.puts == ["service-1"]


def test_what_somebody_else_did_meanwhile_is_seen(nova: Nova) -> None:
    run = broken_off(nova.journal, lambda: nova.run(*three_of(nova)), at=4)
    nova.services["service-3"]["status"] = "disabled"
    with pytest.raises(NotBegun, match="sense is closed now: is disabled already"):
        resumed(run, nova.cloud, nova.journal, pause=nova.pause)
    nova.services["service-3"] |= {"status": "enabled", "zone": "another"}
    assert resumed(run, nova.cloud, nova.journal, pause=nova.pause).result == "done"


def test_where_all_became_read_only_nothing_goes_on(nova: Nova) -> None:
    run = broken_off(nova.journal, lambda: nova.run(*three_of(nova)), at=4)
    with pytest.raises(NotBegun, match="read-only is closed now"):
        resumed(run, nova.cloud, nova.journal, read_only="--read-only was given", pause=nova.pause)
    assert nova.puts == ["service-1"]


def test_of_a_drain_in_the_middle_the_guards_are_looked_at_again_and_no_server_moves_twice(trial: Trial) -> None:
    wanted = operation("hypervisor.drain")
    plan = trial.plan(wanted, ("cmp01",), {"reason": "kernel update", "at_once": "1"})
    assert plan.count > 3
    run = broken_off(trial.doing.journal, lambda: trial.perform(plan, wanted), at=6)  # began, disabled, one moved
    fault = trial.ground.inject("compute-service-dead", host="cmp04")
    trial.pause(120)
    writes = trial.writes()
    with pytest.raises(NotBegun, match="one-at-a-time is closed now: cmp04 is down as well") as caught:
        trial.doing.resume(run)
    assert trial.writes() == writes
    assert "nephoscope undo --settle" in caught.value.hint
    trial.ground.ask("undo", id=fault)
    trial.pause(120)
    outcome = trial.doing.resume(trial.doing.past()[run.run])
    assert outcome.result == "done", outcome.words
    assert outcome.inverse, "what was done before the crash can be taken back, too"
    calls = Counter(each["what"] for each in trial.ground.ask("writes", since=0))
    assert set(calls.values()) == {1}, calls
    assert [record.event for record in trial.doing.journal.records()].count("resumed") == 1


def test_of_a_drain_others_have_gone_on_with_no_server_is_moved_from_elsewhere(trial: Trial) -> None:
    """Meanwhile somebody deleted one of its servers, and moved another: nothing is sent for them."""
    wanted = operation("hypervisor.drain")
    plan = trial.plan(wanted, ("cmp01",), {"reason": "kernel update", "at_once": "1"})
    run = broken_off(trial.doing.journal, lambda: trial.perform(plan, wanted), at=6)
    deleted, moved = trial.doing.cloud.rows("servers", host="cmp01", status="ACTIVE")[-2:]
    trial.prepare(
        (
            Ran(f"openstack server delete --wait {deleted.id}"),
            Ran(f"openstack --os-compute-api-version 2.68 server migrate --live-migration {moved.id}"),
            Passed(120),
        )
    )
    mark = len(trial.ground.ask("writes", since=0))
    outcome = trial.doing.resume(run)
    assert outcome.result == "done", outcome.words
    written = [each["what"] for each in trial.ground.ask("writes", since=0)][mark:]
    assert not [what for what in written if deleted.id in what or moved.id in what], written
    told = [record.data for record in trial.doing.journal.records() if record.data.get("outcome") == "not-needed"]
    assert len(told) == 2
    assert {each["words"] for each in told} == {
        f'servers {row.name}: gone, or not host="cmp01"' for row in (deleted, moved)
    }


def test_of_an_agent_that_is_drained_what_others_have_moved_is_passed_over(trial: Trial) -> None:
    """Neutron answers 404 to taking what is not there, and 409 to giving what is: neither is sent."""
    wanted, agents = operation("agent.drain"), {}
    for row in trial.doing.cloud.rows("agents", agent_type="L3 agent"):
        agents[row.host] = row.id
    plan = trial.plan(wanted, ("agent_type=L3 agent", "net01"), {"reason": "kernel update"})
    run = broken_off(trial.doing.journal, lambda: trial.perform(plan, wanted), at=2)  # nothing was begun
    (router,) = trial.doing.cloud.rows("routers", name="sandbox-router")
    trial.prepare(
        (
            Ran(f"openstack network agent remove router --l3 {agents['net01']} {router.id}"),
            Ran(f"openstack network agent add router --l3 {agents['net02']} {router.id}"),
            Passed(30),
        )
    )
    with pytest.raises(NotBegun, match="the cloud has changed since"):
        trial.doing.resume(run)
    mark = len(trial.ground.ask("writes", since=0))
    outcome = Performance(
        plan, run.run, trial.doing.cloud, trial.doing.journal, pause=trial.pause, before=None
    ).perform()  # as if it had moved a moment after it was looked at
    assert outcome.result == "done", outcome.words
    written = [each["what"] for each in trial.ground.ask("writes", since=0)][mark:]
    assert not [what for what in written if router.id in what], written
    told = [
        record.data["text"] for record in trial.doing.journal.records() if record.data.get("outcome") == "not-needed"
    ]
    assert told == ["take router sandbox-router from net01", "give router sandbox-router to net02"]


def test_an_approval_that_is_over_is_asked_again(trial: Trial) -> None:
    wanted = operation("hypervisor.evacuate")
    trial.ground.inject("host-down", host="cmp04")
    trial.pause(120)
    plan = trial.plan(wanted, ("cmp04",), {"fenced": "power is off, seen at the rack"})
    assert not plan.closed, plan.closed
    run = broken_off(trial.doing.journal, lambda: trial.perform(plan, wanted), at=4)
    trial.pause(3600)
    writes = trial.writes()
    with pytest.raises(NotBegun, match="a second person must approve it again") as caught:
        trial.doing.resume(trial.doing.past()[run.run])
    assert trial.writes() == writes
    assert f"nephoscope undo --resume {run.run} --plan -o json" in caught.value.hint
    trial.approve(run.planned())
    assert trial.doing.resume(trial.doing.past()[run.run]).result == "done"
    (again,) = [record for record in trial.doing.journal.records() if record.event == "resumed"]
    assert {str(name).partition("@")[0] for name in again.data["approved_by"]} == {"ana", "ben"}


# -- what was done, and what failed ----------------------------------------------------------------------------------


def test_a_lost_answer_is_not_asked_for_again(nova: Nova) -> None:
    nova.answers, nova.takes_effect = [RESET], False
    wanted, plan = three_of(nova, carry_on=True)
    run = broken_off(nova.journal, lambda: nova.run(wanted, plan), at=4)
    assert run.failed(run.planned()).keys() == {"service-1"}
    nova.takes_effect = True
    outcome = resumed(run, nova.cloud, nova.journal, pause=nova.pause)
    assert [part.result for part in outcome.parts] == ["failed", "done", "done"]
    assert nova.puts == list(THREE), "the first once"
    assert [each["targets"] for each in outcome.inverse] == [["service-1"], ["service-2"], ["service-3"]]


def test_after_a_failure_the_others_are_left_alone_unless_they_were_to_carry_on(nova: Nova) -> None:
    nova.answers = [json_reply({"error": {"message": "no", "code": 409}}, 409)]
    run = broken_off(nova.journal, lambda: nova.run(*three_of(nova)), at=4)
    outcome = resumed(run, nova.cloud, nova.journal, pause=nova.pause)
    assert [part.result for part in outcome.parts] == ["failed", "cancelled", "cancelled"]
    assert nova.puts == ["service-1"]


def test_the_proof_is_of_what_was_done_before(trial: Trial) -> None:
    """`since>{began}`: since the run began, not since somebody went on with it."""
    wanted = operation("unit.restart")
    plan = trial.plan(wanted, ("unit=nova_scheduler", "host=ctl01"), {})
    assert any("{began}" in expect.where for part in plan.parts for expect in part.verify)
    run = broken_off(trial.doing.journal, lambda: trial.perform(plan, wanted), at=4)
    trial.pause(600)
    assert trial.doing.resume(run).result == "done"


# -- cancelled, and left ---------------------------------------------------------------------------------------------


def stop(nova: Nova, how: Callable[[Performance], None]) -> Any:
    performances: list[Performance] = []

    def told(progress: Progress) -> None:
        how(performances[0])

    return nova.run(*three_of(nova), started=performances.append, told=told)


def test_what_was_cancelled_can_be_gone_on_with(nova: Nova) -> None:
    outcome = stop(nova, Performance.cancel)
    assert outcome.result == "cancelled"
    run = past_runs(nova.journal.records())[outcome.run]
    assert resumable(run)
    assert resumed(run, nova.cloud, nova.journal, pause=nova.pause).result == "done"
    assert nova.puts == list(THREE)
    again = past_runs(nova.journal.records())[outcome.run]
    assert (again.outcome, len(again.inverse), resumable(again)) == ("done", 3, False)


def test_what_was_taken_back_can_not(nova: Nova) -> None:
    outcome = stop(nova, Performance.cancel)
    back = nova.run(*nova.plan("compute-service.enable", "service-1"), undoes=outcome.run)
    assert back.result == "done"
    assert not resumable(past_runs(nova.journal.records())[outcome.run])


def test_what_was_left_has_not_ended(nova: Nova) -> None:
    outcome = stop(nova, lambda performance: performance.interrupt("SIGTERM came"))
    assert outcome.result == "interrupted"
    assert [part.result for part in outcome.parts] == ["done", "interrupted", "interrupted"]
    assert [event for event, _ in nova.events()][-1] == "left"
    run = past_runs(nova.journal.records())[outcome.run]
    assert (run.interrupted, run.left, run.in_flight) == (True, "SIGTERM came", [])
    assert guards_now(run, run.planned(), nova.cloud)
    assert resumed(run, nova.cloud, nova.journal, pause=nova.pause).result == "done"
    assert nova.puts == list(THREE)


def test_a_signal_in_the_last_step_changes_nothing(nova: Nova) -> None:
    performances: list[Performance] = []
    wanted, plan = nova.plan()

    def told(progress: Progress) -> None:
        performances[0].interrupt("SIGTERM came")

    assert nova.run(wanted, plan, started=performances.append, told=told).result == "done"


def test_cancelled_before_it_began_nothing_is_recorded(nova: Nova) -> None:
    with pytest.raises(NotBegun, match="cancelled"):
        nova.run(*nova.plan(), started=Performance.cancel)
    assert nova.events() == []
    assert nova.puts == []
