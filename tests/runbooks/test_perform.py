"""Carrying out: what is recorded, what a lost answer means, what a failure leaves, what a cancel ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.site import Site
from runbooks.cloud import Cloud
from runbooks.journal import JournalError
from runbooks.locks import everything, take
from runbooks.outcome import Progress
from runbooks.past import past_runs, reversible
from runbooks.perform import Performance
from runbooks.plan import decoded, encoded, without
from runbooks.running import Consent, NotBegun, lacking
from tests.runbooks.wire_operation import Nova
from tests.wire_cloud import WireCloud
from tests.wire_server import CLOSE, RESET, json_reply


@pytest.fixture
def nova(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nova]:
    with WireCloud(tmp_path) as wire:
        assert isinstance(wire, WireCloud)
        wire.prepare()
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
        made = Nova(wire, tmp_path)
        yield made
        made.cloud.connections.close()


def test_it_is_recorded_before_and_after(nova: Nova) -> None:
    outcome = nova.run(*nova.plan())
    assert (outcome.result, nova.services["service-1"]["status"]) == ("done", "disabled")
    assert nova.events() == [("began", ""), ("about", ""), ("did", "done"), ("verified", ""), ("ended", "done")]
    records = list(nova.journal.records())
    assert records[2].data["request_id"] == "req-1"
    assert records[0].data["plan_hash"] == records[0].data["plan"]["hash"]


@pytest.mark.parametrize("answer", [RESET, CLOSE, json_reply({"computeFault": {"message": "timed out"}}, 500)])
def test_an_answer_that_is_lost_is_looked_up_and_never_asked_for_again(nova: Nova, answer: object) -> None:
    nova.answers = [answer]  # type: ignore[list-item]
    outcome = nova.run(*nova.plan())
    assert outcome.result == "done"
    assert nova.puts == ["service-1"], "sent once"
    assert ("did", "looked-up") in nova.events()


def test_an_effect_that_comes_late_is_waited_for(nova: Nova) -> None:
    nova.answers, nova.effect_after = [RESET], 3
    assert nova.run(*nova.plan()).result == "done"
    assert nova.puts == ["service-1"]


def test_what_nothing_shows_is_said_to_be_unknown(nova: Nova) -> None:
    nova.answers, nova.takes_effect = [RESET], False
    outcome = nova.run(*nova.plan())
    assert outcome.result == "failed"
    assert "whether it was done is not known" in outcome.words
    assert ("did", "lost") in nova.events()
    assert nova.puts == ["service-1"]
    assert outcome.inverse, "what may have been done can be taken back"


@pytest.mark.parametrize(("status", "words"), [(409, "conflict"), (403, "policy"), (400, "bad")])
def test_a_refusal_means_not_done(nova: Nova, status: int, words: str) -> None:
    nova.answers = [json_reply({"error": {"message": words, "code": status}}, status)]
    outcome = nova.run(*nova.plan())
    assert outcome.result == "failed"
    assert "not done" in outcome.words
    assert words in outcome.words
    assert nova.services["service-1"]["status"] == "enabled"
    assert ("did", "refused") in nova.events()


def test_what_does_not_lead_to_what_it_should_is_told(nova: Nova) -> None:
    nova.takes_effect = False
    outcome = nova.run(*nova.plan())
    assert outcome.result == "failed"
    assert "did not lead to what it should: status=enabled" in outcome.words


def test_the_first_failure_stops_the_others(nova: Nova) -> None:
    nova.answers = [None, json_reply({"error": {"message": "no", "code": 409}}, 409)]
    wanted, plan = nova.plan("compute-service.disable", "service-1", "service-2", "service-3", reason="x")
    outcome = nova.run(wanted, replace(plan, at_once=1))
    assert [part.result for part in outcome.parts] == ["done", "failed", "cancelled"]
    assert outcome.words.startswith("1 of 3 done")
    assert [each["targets"] for each in outcome.inverse] == [["service-1"], ["service-2"]]


def test_or_it_carries_on(nova: Nova) -> None:
    nova.answers = [json_reply({"error": {"message": "no", "code": 409}}, 409)]
    wanted, plan = nova.plan("compute-service.disable", "service-1", "service-2", reason="x")
    outcome = nova.run(wanted, replace(plan, at_once=1, carry_on=True))
    assert [part.result for part in outcome.parts] == ["failed", "done"]


def test_a_cancel_ends_it_between_two_targets(nova: Nova) -> None:
    wanted, plan = nova.plan("compute-service.disable", "service-1", "service-2", reason="x")
    performances: list[Performance] = []

    def told(progress: Progress) -> None:
        performances[0].cancel()

    outcome = nova.run(wanted, replace(plan, at_once=1), started=performances.append, told=told)
    assert [part.result for part in outcome.parts] == ["done", "cancelled"]
    assert nova.puts == ["service-1"]


def test_never_more_at_once_than_was_said(nova: Nova) -> None:
    running, most = set(), 0

    def told(progress: Progress) -> None:
        nonlocal most
        if progress.state == "running":
            running.add(progress.target)
        elif progress.state in ("done", "failed"):
            running.discard(progress.target)
        most = max(most, len(running))

    wanted, plan = nova.plan("compute-service.disable", "service-1", "service-2", "service-3", reason="x")
    assert nova.run(wanted, replace(plan, at_once=2), told=told).result == "done"
    assert most <= 2


def test_a_plan_that_would_do_something_else_now_is_not_begun(nova: Nova) -> None:
    wanted, plan = nova.plan("compute-service.enable", "service-1")
    assert [guard.name for guard in plan.closed] == ["sense"]
    nova.services["service-1"] |= {"status": "disabled", "disabled_reason": "old"}
    wanted, plan = nova.plan("compute-service.enable", "service-1")
    nova.services["service-1"] |= {"disabled_reason": "somebody else's"}
    with pytest.raises(NotBegun, match="changed since"):
        nova.run(wanted, plan)
    assert nova.events() == []


def test_what_somebody_works_on_is_left_alone(nova: Nova) -> None:
    wanted, plan = nova.plan()
    with take(nova.cloud.site, "RegionOne", plan.parts[0].scope, "another", "other", 600, lambda: nova.now):
        seen = nova.plan()[1]
        assert [guard.name for guard in seen.closed] == ["locked"]
        with pytest.raises(Exception, match="another"):
            nova.run(wanted, plan)
    assert nova.puts == []


def test_without_a_journal_nothing_begins(nova: Nova, tmp_path: Path) -> None:
    wanted, plan = nova.plan()
    (tmp_path / "state" / "journal.jsonl").mkdir(parents=True)
    with pytest.raises(JournalError):
        nova.run(wanted, plan)
    assert nova.puts == []


def test_when_the_journal_breaks_in_the_middle_nothing_more_begins(nova: Nova) -> None:
    wanted, plan = nova.plan("compute-service.disable", "service-1", "service-2", reason="x")
    kept = nova.journal.append

    def append(event: str, run: str, data: object) -> object:
        if event == "did":
            raise JournalError("the journal", "No space left on device", "free some")
        return kept(event, run, data)  # type: ignore[arg-type]

    nova.journal.append = append  # type: ignore[assignment, method-assign]
    with pytest.raises(JournalError):
        nova.run(wanted, replace(plan, at_once=1))
    assert nova.puts == ["service-1"], "the second was not begun"
    nova.journal.append = kept  # type: ignore[method-assign]
    (run,) = past_runs(nova.journal.records()).values()
    assert run.interrupted
    assert run.in_flight == [("service-1", "1.1")]


def test_a_plan_can_be_kept_and_told_whether_it_was_changed(nova: Nova) -> None:
    plan = nova.plan()[1]
    kept = encoded(plan)
    assert decoded(kept) == plan
    kept["operation"] = "compute-service.delete"
    with pytest.raises(ValueError, match="changed after it was made"):
        decoded(kept)


def test_leaving_out_a_target_leaves_out_its_guards(nova: Nova) -> None:
    nova.services["service-2"] |= {"status": "disabled"}
    plan = nova.plan("compute-service.disable", "service-1", "service-2", reason="x")[1]
    assert plan.closed
    assert not without(plan, ["service-2"]).closed


def test_what_was_done_can_be_taken_back_for_a_while(nova: Nova) -> None:
    outcome = nova.run(*nova.plan())
    runs = past_runs(nova.journal.records())
    assert [run.run for run in reversible(runs, "wire", "RegionOne", nova.now)] == [outcome.run]
    assert reversible(runs, "wire", "RegionOne", nova.now + 8 * 86400) == []
    assert reversible(runs, "another", "RegionOne", nova.now) == []


def test_production_wants_a_reason(nova: Nova) -> None:
    nova.cloud.connections.site = replace(nova.cloud.site, protection="production")
    plan = nova.plan()[1]
    assert lacking(plan, Consent(("cmp01",)), nova.cloud) == ["a reason must be given"]
    assert lacking(plan, Consent(("cmp01",), "INC-1"), nova.cloud) == []


def test_a_protected_site_is_never_changed(nova: Nova) -> None:
    nova.cloud.connections.site = replace(nova.cloud.site, protection="read-only")
    wanted, plan = nova.plan()
    assert [guard.name for guard in plan.closed] == ["read-only"]
    with pytest.raises(NotBegun):
        nova.run(wanted, plan)
    assert nova.puts == []


def test_the_sites_role_map_decides(nova: Nova) -> None:
    nova.wire.roles = ["operator"]
    assert [guard.name for guard in nova.plan()[1].closed] == ["role"]
    nova.cloud.connections.site = replace(nova.cloud.site, role_map={"operator": ("compute-service.*",)})
    assert nova.plan()[1].closed == []
    nova.cloud.connections.site = replace(nova.cloud.site, role_map={"operator": ("server.*",)})
    assert [guard.name for guard in nova.plan()[1].closed] == ["role"]


def test_a_run_that_takes_long_keeps_its_lock(nova: Nova) -> None:
    wanted, plan = nova.plan("compute-service.disable", "service-1", "service-2", reason="x")
    until: list[float] = []

    def told(progress: Progress) -> None:
        nova.now += 1000.0
        until.append(min(lock.until for lock in everything(nova.cloud.site.lock_dir)) - nova.now)

    assert nova.run(wanted, replace(plan, at_once=1), told=told).result == "done"
    assert min(until) > 0


def test_a_run_that_lost_its_lock_begins_nothing_more(nova: Nova) -> None:
    wanted, plan = nova.plan("compute-service.disable", "service-1", "service-2", reason="x")

    def told(progress: Progress) -> None:
        nova.now += 3000.0
        for path in nova.cloud.site.lock_dir.glob("*.lock"):
            path.unlink()

    outcome = nova.run(wanted, replace(plan, at_once=1), told=told)
    assert outcome.result == "failed"
    assert "our lock is gone" in outcome.words
    assert nova.puts == ["service-1"]


def test_the_region_is_known_before_anything_was_read(nova: Nova) -> None:
    """It is in clouds.yaml alone: what was journaled must be found again by the next command."""
    connections = Connections(Site("wire"))
    assert Cloud(connections, lambda: nova.now).region == "RegionOne"
    connections.close()


def test_what_it_means_just_now_is_no_part_of_what_it_would_do(nova: Nova) -> None:
    """`2 nova-compute stay enabled` becomes 1 while somebody reads the plan: it still does the same."""
    wanted, plan = nova.plan()
    nova.services["service-3"] |= {"state": "down"}
    again = nova.plan()[1]
    assert (again.parts[0].less, again.hash) != (plan.parts[0].less, "")
    assert again.hash == plan.hash
    assert nova.run(wanted, plan).result == "done"
