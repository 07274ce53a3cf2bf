"""Killed at any moment: the journal says what was in flight, the cloud is looked at, and nothing is done twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbooks.journal import verify
from runbooks.past import PastRun, interrupted, past_runs
from runbooks.resuming import resumed
from runbooks.settle import flights, leave, looked_up
from tests.ground import ROOT
from tests.runbooks.wire_operation import Nova
from tests.wire_cloud import WireCloud

RECORDS = 11
"""began, three times about, did, verified, and ended."""


@pytest.fixture
def nova(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nova]:
    with WireCloud(tmp_path) as wire:
        assert isinstance(wire, WireCloud)
        wire.prepare()
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
        made = Nova(wire, tmp_path)
        yield made
        made.cloud.connections.close()


def killed(folder: Path, moment: str, number: int) -> None:
    """Begin the operation in a process of its own, which dies at that moment."""
    words = [sys.executable, "-m", "tests.runbooks.crashing", str(folder), moment, str(number)]
    environ = os.environ | {"OS_CLIENT_CONFIG_FILE": str(folder / "clouds.yaml")}
    done = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == -9, done.stderr


def left_behind(nova: Nova) -> PastRun | None:
    """The run that was interrupted."""
    found = interrupted(past_runs(nova.journal.records()), "wire", "RegionOne")
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("moment", "number"),
    [("before", n) for n in range(1, RECORDS + 1)]
    + [("after", n) for n in range(1, RECORDS)]
    + [("call", 1), ("call", 3)],
)
def test_a_run_that_was_killed_is_resumed_without_doing_anything_twice(
    nova: Nova, tmp_path: Path, moment: str, number: int
) -> None:
    killed(tmp_path, moment, number)
    assert verify(tmp_path / "state" / "journal.jsonl", None).ok if number > 1 or moment != "before" else True
    run = left_behind(nova)
    if run is None:
        assert (moment, number) == ("before", 1), "nothing was recorded, so nothing was done"
        assert nova.puts == []
        return
    disabled = [name for name, each in nova.services.items() if each["status"] == "disabled"]
    assert disabled == nova.puts, "each was asked for once"
    nova.now += 120.0  # before that a step in flight might still come true
    outcome = resumed(run, nova.cloud, nova.journal, pause=nova.pause)
    assert outcome.result == "done", outcome.words
    assert nova.puts == ["service-1", "service-2", "service-3"], "and only once, after the crash, too"
    assert left_behind(nova) is None


def test_a_step_in_flight_is_looked_up(nova: Nova, tmp_path: Path) -> None:
    killed(tmp_path, "call", 2)
    run = left_behind(nova)
    assert run is not None
    (flight,) = flights(run, nova.cloud)
    assert (flight.name, flight.step, flight.look.state) == ("cmp02", "1.1", "reached")
    assert nova.puts == ["service-1", "service-2"]


def test_or_left_at_that_and_taken_back(nova: Nova, tmp_path: Path) -> None:
    killed(tmp_path, "call", 2)
    run = left_behind(nova)
    assert run is not None
    looked_up(run, nova.cloud, nova.journal)
    leave(run, nova.journal, "settled")
    assert left_behind(nova) is None
    settled = past_runs(nova.journal.records())[run.run]
    assert [each.targets for each in settled.inverse] == [("service-1",), ("service-2",)]


def test_the_lock_of_a_dead_process_is_free(nova: Nova, tmp_path: Path) -> None:
    killed(tmp_path, "call", 1)
    nova.services["service-1"]["status"] = "enabled"
    assert nova.run(*nova.plan()).result == "done"
