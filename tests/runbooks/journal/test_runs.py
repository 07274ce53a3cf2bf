"""Runs put together from records: how they ended, what is in flight, and odd journals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runbooks.journal import Record, Run, read, runs
from runbooks.journal.rows import RECORDS, RUNS, record_row, run_health, run_row, saying
from tests.runbooks.journal.story import about, began, did, story
from tests.runbooks.journal.written import NOW, journal


@pytest.fixture
def told(tmp_path: Path) -> dict[str, Run]:
    story(tmp_path / "j")
    return {run.id: run for run in runs(read(tmp_path / "j"))}


def of(tmp_path: Path, *records: tuple[str, dict[str, Any]]) -> Run:
    for event, data in records:
        journal(tmp_path / "j").append(event, "r1", data)
    (run,) = runs(read(tmp_path / "j"))
    return run


def test_states(told: dict[str, Run]) -> None:
    assert [(name[:4], run.state) for name, run in told.items()] == [
        ("aaaa", "done"), ("bbbb", "failed"), ("cccc", "not-verified"), ("dddd", "in flight"), ("eeee", "interrupted"),
    ]  # fmt: skip


def test_one_that_was_done(told: dict[str, Run]) -> None:
    run = told["aaaa1111"]
    assert (run.operation, run.cloud, run.region, run.reason) == (
        "compute-service.disable", "prod", "RegionOne", "disks are swapped",
    )  # fmt: skip
    assert run.targets == ("cmp01", "cmp02")
    assert (run.who["user"], run.approved_by, run.guards[0]["name"]) == ("ana", ("eve",), "quorum-kept")
    assert [(s.name, s.target, s.outcome, s.status, s.took, s.request_id) for s in run.steps] == [
        ("cmp01", "id-cmp01", "done", 200, 0.25, "req-1"), ("cmp02", "id-cmp02", "done", 200, 0.25, "req-1"),
    ]  # fmt: skip
    assert [(p.name, p.ok) for p in run.proofs] == [("cmp01", True), ("cmp02", True)]
    assert run.inverse[0]["operation"] == "compute-service.enable"
    assert (run.at, run.ended, run.last) == (NOW + 1, NOW + 8, NOW + 8)


def test_what_is_in_flight_names_its_step(told: dict[str, Run]) -> None:
    run = told["dddd4444"]
    assert run.in_flight
    assert [(step.name, step.step, step.in_flight) for step in run.hanging] == [("osd.3", "1.1", True)]
    assert told["eeee5555"].settled
    assert not told["eeee5555"].in_flight


def test_began_alone_is_in_flight(tmp_path: Path) -> None:
    assert of(tmp_path, ("began", began("x.y", ["a"]))).in_flight


def test_an_end_does_not_hide_a_step_of_which_nobody_knows(tmp_path: Path) -> None:
    run = of(tmp_path, ("began", began("x.y", ["a"])), ("about", about("a")), ("ended", {"outcome": "failed"}))
    assert run.in_flight
    assert run.state == "in flight"


def test_a_step_that_was_begun_again_does_not_hang(tmp_path: Path) -> None:
    run = of(
        tmp_path, ("began", began("x.y", ["a"])), ("about", about("a")), ("about", about("a")),
        ("did", did("a", "done")), ("ended", {"outcome": "done"}),
    )  # fmt: skip
    assert [step.outcome for step in run.steps] == ["again", "done"]
    assert not run.in_flight


def test_the_same_step_of_two_targets_is_two(tmp_path: Path) -> None:
    run = of(
        tmp_path, ("began", began("x.y", ["a", "b"])), ("about", about("a")), ("about", about("b")),
        ("did", did("b", "done")),
    )  # fmt: skip
    assert [(step.name, step.outcome) for step in run.steps] == [("a", ""), ("b", "done")]


@pytest.mark.parametrize("odd", [None, 3, "text", [], {}, [None, 3], {"a": None}])
@pytest.mark.parametrize("event", ["began", "about", "did", "verified", "ended", "settled"])
def test_odd_data_gives_a_run_with_less_in_it(tmp_path: Path, event: str, odd: Any) -> None:
    keys = (
        *("operation", "plan", "who", "guards", "approved_by", "target", "step", "text", "command", "call", "outcome"),
        *("status", "took", "request_id", "words", "ok", "inverse", "reason", "cloud"),
    )
    run = of(tmp_path, (event, dict.fromkeys(keys, odd)))
    row = run_row(run)
    assert row.id == "r1"
    assert isinstance(run_health(row, NOW).level, str)
    assert all(isinstance(saying(record), str) for record in run.records)


def test_a_journal_that_begins_in_the_middle(tmp_path: Path) -> None:
    run = of(tmp_path, ("did", did("a", "done")), ("ended", {"outcome": "done"}))
    assert (run.operation, run.state, run.targets) == ("", "done", ("id-a",))


def test_odd_lines_are_passed_over(tmp_path: Path) -> None:
    story(tmp_path / "j")
    with open(tmp_path / "j", "ab") as file:
        file.write(b'{"seq":99')
    assert len(runs(read(tmp_path / "j"))) == 5


@pytest.mark.parametrize(
    ("name", "level"),
    [("aaaa1111", "ok"), ("bbbb2222", "critical"), ("cccc3333", "warning"), ("dddd4444", "warning")],
)
def test_health_says_how_it_ended(told: dict[str, Run], name: str, level: str) -> None:
    found = run_health(run_row(told[name]), NOW)
    assert found.level == level
    assert bool(found.reason) is (level != "ok")


def test_rows_have_what_the_columns_name(told: dict[str, Run]) -> None:
    row = run_row(told["aaaa1111"])
    assert all(hasattr(row, column.name) for column in RUNS.columns)
    record = record_row(told["aaaa1111"].records[0])
    assert all(hasattr(record, column.name) for column in RECORDS.columns)


def test_every_record_says_something(tmp_path: Path) -> None:
    story(tmp_path / "j")
    said = [saying(record) for record in read(tmp_path / "j") if isinstance(record, Record)]
    assert all(said)
    assert said[1] == "compute-service.disable  by ana  disks are swapped"
    assert said[3] == "id-cmp01  1.1  done  200  0.25 s  req-1  status is done"
