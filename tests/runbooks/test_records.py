"""Filters that must mean one value, pairs behind a text, and a URL that is asked before it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from collectors import registry
from collectors.query import Matches, parse
from runbooks.expect import exactly
from runbooks.operations.pairs import has_host, has_key, has_part, pairs_of
from runbooks.operations.volumes import _not_worked_on, _task
from runbooks.registry import operation
from tests.runbooks.trial import Trial


def matches(kind: str, term: str, text: str) -> bool:
    (found,) = parse(registry.kind(kind), term, screen=False).terms
    assert isinstance(found, Matches), term
    look = found.pattern.search if "~" in term.partition('"')[0] else found.pattern.fullmatch
    return (look(text) is not None) != found.negate


@pytest.mark.parametrize(
    "value",
    ["http://192.0.2.1:8776/v3/%(project_id)s", "http://[2001:db8::1]:9292", "a b", "a*b?", "", "ctl01@rbd-1#rbd-1"],
)
def test_exactly_is_that_value_and_no_other(value: str) -> None:
    assert matches("endpoints", exactly("url", value), value)
    assert not matches("endpoints", exactly("url", value), value + "x")


def test_a_wildcard_in_a_value_stands_for_itself() -> None:
    assert not matches("endpoints", exactly("url", "a*b"), "axxb")
    assert not matches("endpoints", exactly("url", "a?b"), "axb")


def test_a_part_of_a_list_is_a_whole_part() -> None:
    assert matches("aggregates", has_host("cmp01"), "cmp00, cmp01, cmp02")
    assert not matches("aggregates", has_host("cmp0"), "cmp00, cmp01")
    assert matches("aggregates", f"not:{has_host('cmp0')}", "cmp00, cmp01")
    assert not matches("flavors", has_part("extra_specs", "hw:numa_cpus.0=0"), "hw:numa_cpus.0=0,1")
    assert not matches("flavors", has_part("extra_specs", "disk=SSD"), "disk=ssd")
    assert matches("flavors", has_key("extra_specs", "b"), "a=1, b=2")
    assert not matches("flavors", has_key("extra_specs", "b"), "a=1, bb=2")


def test_pairs_are_read_as_the_kind_writes_them() -> None:
    assert pairs_of("a=1, hw:numa_cpus.0=0,1, b=x=y") == {"a": "1", "hw:numa_cpus.0": "0,1", "b": "x=y"}
    assert pairs_of(None) == {}


@dataclass
class Row:
    status: str
    updated_at: float | None = 1000.0
    created_at: float | None = None
    migration_status: str | None = None


@dataclass
class Looking:
    row: Row
    now: float


@pytest.mark.parametrize(
    ("row", "now", "state"),
    [
        (Row("available"), 1001.0, "open"),
        (Row("error_deleting"), 1001.0, "open"),
        (Row("detaching"), 1100.0, "closed"),
        (Row("detaching"), 1000.0 + 3600, "open"),
        (Row("detaching", None, None), 5000.0, "closed"),
        (Row("in-use", migration_status="migrating"), 1100.0, "closed"),
    ],
)
def test_what_changed_lately_may_be_worked_on(row: Row, now: float, state: str) -> None:
    looking: Any = Looking(row, now)
    assert _not_worked_on(looking).state == state


def test_a_migration_is_a_task_whatever_the_status() -> None:
    assert _task(Row("available", migration_status="completing")) == "completing to another pool"
    assert _task(Row("available", migration_status="success")) is None


def test_a_url_is_asked_before_it_is_written(trial: Trial) -> None:
    rows = trial.doing.cloud.rows("endpoints", type="placement", interface="public", region_id="RegionOne")
    words = ["type=image", "interface=public", "region_id=RegionOne"]
    plan = trial.plan(operation("endpoint.set-url"), words, {"url": rows[0].url})
    (seen,) = (guard for guard in plan.guards if guard.name == "answers")
    assert (seen.state, seen.words.startswith(f"{rows[0].url} answers")) == ("open", True)
    port = rows[0].url.rpartition(":")[2]
    dead = trial.plan(operation("endpoint.set-url"), words, {"url": rows[0].url.replace(port, "9")})
    (seen,) = (guard for guard in dead.guards if guard.name == "answers")
    assert seen.state != "open"
    assert "answers=…" in seen.words


def test_what_an_endpoint_may_not_be(trial: Trial) -> None:
    from collectors.errors import UsageError

    for url in ("ftp://192.0.2.1", "http://192.0.2.1/a b", "javascript:alert(1)", "http://user@192.0.2.1/"):
        with pytest.raises(UsageError):
            trial.plan(operation("endpoint.set-url"), ["type=image", "interface=public"], {"url": url})


def test_what_cannot_be_asked_from_here_wants_somebodys_word(trial: Trial) -> None:
    """A refused connection and one to nowhere are no answer, but whoever saw it elsewhere may say so."""
    words, url = ["type=image", "interface=internal", "region_id=RegionOne"], "http://127.0.0.1:9/"
    told = trial.plan(operation("endpoint.set-url"), words, {"url": url, "answers": "curl on cmp01"})
    (seen,) = (guard for guard in told.guards if guard.name == "answers")
    assert (seen.state, seen.words.endswith("stated: curl on cmp01")) == ("open", True)
