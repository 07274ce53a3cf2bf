"""Failing a back-end over: to a storage that nobody knows, and back; and which volumes Cinder does not migrate."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from runbooks.operation import Asked
from runbooks.registry import operation
from tests.runbooks.scenario import Ran
from tests.runbooks.scenarios.volume_services import BACKEND, REPLICATES, SITE_B
from tests.runbooks.scenarios.volumes import NEW, OURS
from tests.runbooks.trial import Trial

WANTED = operation("volume-service.failover")
ROW = "cinder-volume@ctl02@rbd-1"


def test_a_storage_that_nobody_knows_changes_nothing_and_is_told_soon(trial: Trial) -> None:
    trial.prepare(REPLICATES)
    began = trial.now()
    _, outcome = trial.do(WANTED, BACKEND, SITE_B | {"backend": "site-z"})
    assert outcome.result == "failed", outcome.words
    assert "replication_status=enabled" in outcome.words
    assert trial.now() - began < 120, "not after half an hour"
    assert trial.row("volume-services", ROW)["active_backend_id"] is None


def test_it_goes_back_by_the_same_operation(trial: Trial) -> None:
    trial.prepare(REPLICATES)
    assert trial.do(WANTED, BACKEND, SITE_B)[1].result == "done"
    row = trial.row("volume-services", ROW)
    assert (row["status"], row["disabled_reason"]) == ("disabled", "failed-over")
    plan, outcome = trial.do(WANTED, BACKEND, {"backend": "default", "fenced": "site B was demoted"})
    assert outcome.result == "done", outcome.words
    assert "two-person" in plan.demands
    row = trial.row("volume-services", ROW)
    assert (row["status"], row["active_backend_id"]) == ("enabled", None)


def test_a_type_that_its_back_end_cannot_be_is_told_soon(trial: Trial) -> None:
    """Cinder accepts it (202), and gives the volume back as it was."""
    trial.prepare((*NEW, Ran("openstack volume type create --property volume_backend_name=nowhere elsewhere")))
    began = trial.now()
    _, outcome = trial.do(operation("volume.retype"), OURS, {"type": "elsewhere"})
    assert outcome.result == "failed", outcome.words
    assert "volume_type=rbd-1, status=available" in outcome.words
    assert trial.now() - began < 60, "not after five minutes"


@pytest.mark.parametrize(
    ("found", "state", "words"),
    [
        ({"replication_status": None, "group_id": None}, "open", "neither replicates nor belongs"),
        ({"replication_status": "disabled"}, "open", "neither replicates nor belongs"),
        ({"replication_status": "enabled"}, "closed", "its replication is enabled"),
        ({"replication_status": "failed-over"}, "closed", "its replication is failed-over"),
        ({"replication_status": "not-capable", "group_id": "g1"}, "closed", "belongs to the group g1"),
        ({"consistencygroup_id": "c1"}, "closed", "belongs to the group c1"),
    ],
)
def test_what_cinder_would_not_migrate_is_told_before(found: dict[str, Any], state: str, words: str) -> None:
    """It answers 400 to all of them at once, and does not say which it is."""
    (guard,) = [guard for guard in operation("volume.migrate").guards if guard.name == "alone"]
    cloud: Any = SimpleNamespace(raw=lambda kind, identity: found)
    verdict = guard.check(Asked(None, "v", "data", {}, cloud, 0.0))
    assert verdict.state == state
    assert words in verdict.words
