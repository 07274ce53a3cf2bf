"""Kolla's containers that systemd keeps: what was stopped stays stopped, and a dead database is led again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbooks.command_words import equivalent
from runbooks.registry import operation
from tests.ground import Ground, simulator
from tests.runbooks.scenario import Fault, Passed, Ran
from tests.runbooks.trial import OpenStack, Signers, Trial


@pytest.fixture(scope="module")
def kept_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A simulator of its own; module-wide, since starting it costs more than the tests."""
    with simulator(tmp_path_factory.mktemp("kept") / "state", "--kept", "--servers", "4") as found:
        yield found


@pytest.fixture
def kept(
    kept_cloud: Ground, client: OpenStack, signers: Signers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Trial]:
    """The cloud as it is when it is new."""
    kept_cloud.ask("reset")
    for name, value in kept_cloud.environment().items():
        if name.startswith(("OS_", "NEPHOSCOPE_")):
            monkeypatch.setenv(name, value)
    made = Trial(kept_cloud, tmp_path, client, signers)
    yield made
    made.close()


def later(trial: Trial, seconds: float = 40.0) -> None:
    trial.prepare((Passed(seconds),))


def test_what_is_stopped_behind_systemd_comes_back(kept: Trial) -> None:
    kept.prepare((Ran("ssh ctl02 sudo docker stop mariadb"),))
    assert kept.row("units", "ctl02/docker/mariadb")["state"] == "exited"
    assert kept.row("units", "ctl02/systemd/kolla-mariadb-container")["state"] == "activating"
    later(kept)
    assert kept.row("units", "ctl02/docker/mariadb")["state"] == "running"


def test_a_member_that_was_stopped_stays_so(kept: Trial) -> None:
    plan, outcome = kept.do(operation("galera-member.stop"), ("ctl02",), {})
    assert outcome.result == "done", outcome.words
    ((_, step),) = plan.parts[0].steps()
    assert equivalent(step) == "ssh ctl02 sudo systemctl stop kolla-mariadb-container"
    later(kept)
    assert kept.row("units", "ctl02/docker/mariadb")["state"] == "exited"
    assert kept.do(operation("galera-member.start"), ("ctl02",), {})[1].result == "done"
    assert kept.row("units", "ctl02/docker/mariadb")["state"] == "running"


def test_a_container_is_stopped_and_started_by_what_keeps_it(kept: Trial) -> None:
    target = ("ctl02/docker/memcached",)
    plan, outcome = kept.do(operation("unit.stop"), target, {})
    assert outcome.result == "done", outcome.words
    later(kept)
    assert kept.row("units", target[0])["state"] == "exited"
    for back, undo in kept.doing.undo_plans(outcome.run)[1]:
        assert kept.perform(undo, back, outcome.run).result == "done"
    assert kept.row("units", target[0])["state"] == "running"
    assert "kolla-memcached-container" in equivalent(next(step for _, step in plan.parts[0].steps()))


def test_a_dead_cluster_is_led_again_and_nothing_comes_between(kept: Trial) -> None:
    kept.prepare((Fault("galera-all-down"), Passed(20)))
    wanted, copy = operation("galera-member.recover"), {"backup": "snapshot of the volume"}
    plan, outcome = kept.do(wanted, ("ctl01",), copy)
    assert outcome.result == "done", outcome.words
    commands = [equivalent(step) for _, step in plan.parts[0].steps()]
    assert sum("BOOTSTRAP_ARGS=--wsrep-new-cluster" in each for each in commands) == 1
    assert "ssh ctl02 sudo systemctl start kolla-mariadb-container" in commands
    assert commands[-2:] == [
        "ssh ctl01 sudo docker stop --time 120 mariadb_bootstrap",
        "ssh ctl01 sudo systemctl start kolla-mariadb-container",
    ]
    assert any("mariadb-recovery" in note for note in plan.parts[0].notes)
    rows = kept.doing.cloud.fresh("galera-members").rows
    assert [getattr(row, "size", None) for row in rows] == [3, 3, 3]


def test_what_starts_a_crashed_member_over_and_over_is_stopped_first(kept: Trial) -> None:
    kept.prepare(
        (Fault("galera-all-down"), Passed(20), Ran("ssh ctl03 sudo systemctl reset-failed kolla-mariadb-container"))
    )
    assert kept.row("units", "ctl03/systemd/kolla-mariadb-container")["state"] == "activating"
    plan = kept.plan(operation("galera-member.recover"), ("ctl01",), {"backup": "snapshot"})
    first = equivalent(next(step for _, step in plan.parts[0].steps()))
    assert first == "ssh ctl03 sudo systemctl stop kolla-mariadb-container"
