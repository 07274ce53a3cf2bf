"""Ceph in trouble: what an operation says when nobody knows, when there is no room, and where there is no monitor."""

from __future__ import annotations

import pytest

from collectors.errors import NoSuchObject, UsageError
from runbooks.plan import Plan
from runbooks.registry import operation
from tests.runbooks.scenario import Did, Fault, Passed, Ran
from tests.runbooks.trial import Trial

OSD = ("osd.4",)


def closed(plan: Plan) -> dict[str, tuple[str, str]]:
    return {guard.name: (guard.state, guard.words) for guard in plan.closed}


def test_without_a_manager_nobody_knows_whether_one_may_stop(trial: Trial) -> None:
    trial.prepare((Fault("ceph-mgr-down"), Passed(60)))
    state, words = closed(trial.plan(operation("osd.restart"), OSD, {}))["ok-to-stop"]
    assert state == "unknown"
    assert "manager" in words


def test_full_osds_take_nothing_more(trial: Trial) -> None:
    trial.prepare((Fault("ceph-full", {"level": "nearfull"}), Passed(30)))
    state, words = closed(trial.plan(operation("osd.out"), OSD, {}))["capacity"]
    assert state == "closed"
    assert "no more is taken at 90 %" in words


def test_a_lower_weight_is_measured_by_its_part(trial: Trial) -> None:
    trial.prepare((Fault("ceph-full", {"level": "nearfull"}), Passed(30)))
    wanted = operation("osd.reweight")
    assert "capacity" not in closed(trial.plan(wanted, OSD, {"weight": "0.99"}))
    assert "capacity" in closed(trial.plan(wanted, OSD, {"weight": "0.1"}))


def test_two_hosts_are_not_emptied_by_one_plan(trial: Trial) -> None:
    found = closed(trial.plan(operation("osd.out"), ("osd.0", "osd.4"), {}))["one-at-a-time"]
    assert found == ("closed", "the targets are on ceph01, ceph02: one host after the other")
    assert not trial.plan(operation("osd.out"), ("osd.3", "osd.4"), {}).closed


def test_the_command_goes_to_a_monitor_that_is_in_the_quorum(trial: Trial) -> None:
    trial.prepare((Fault("ceph-mon-down", {"host": "ceph01"}), Passed(60)))
    _, outcome = trial.do(operation("ceph-flag.set"), ("noscrub",), {})
    assert outcome.result == "done", outcome.words
    plan = trial.plan(operation("ceph-flag.unset"), ("noscrub",), {})
    assert [step.call.host for _, step in plan.parts[0].steps() if step.call] == ["ceph02"]  # type: ignore[union-attr]


def test_a_complaint_that_is_over_by_then_is_not_muted(trial: Trial) -> None:
    trial.prepare((Did("ceph-flag.set", ("noscrub",)), Passed(5)))
    wanted = operation("ceph-health-check.mute")
    plan = trial.plan(wanted, ("OSDMAP_FLAGS",), {"lasting": "1h", "reason": "a test"})
    trial.prepare((Ran("ssh ceph01 sudo ceph osd unset noscrub"),))
    with pytest.raises(NoSuchObject, match="OSDMAP_FLAGS is not there"):
        trial.perform(plan, wanted)


@pytest.mark.parametrize("value", ["0", "0.0", "1.5", "-1", "0.00001"])
def test_weights_that_are_none(trial: Trial, value: str) -> None:
    with pytest.raises(UsageError, match="not possible"):
        trial.plan(operation("osd.reweight"), OSD, {"weight": value})


@pytest.mark.parametrize("lasting", ["0h", "1", "5w", "99d", "forever", "2000h"])
def test_a_mute_has_an_end(trial: Trial, lasting: str) -> None:
    trial.prepare((Did("ceph-flag.set", ("noscrub",)), Passed(5)))
    with pytest.raises(UsageError, match="not possible"):
        trial.plan(operation("ceph-health-check.mute"), ("OSDMAP_FLAGS",), {"lasting": lasting, "reason": "a test"})
