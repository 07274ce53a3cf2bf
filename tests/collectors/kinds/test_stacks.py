"""Heat: stacks that failed and why, engines."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import row, rows, verdict


def test_the_recorded_stacks() -> None:
    found: dict[str, Any] = {one.name: one for one in rows("stacks")}  # type: ignore[union-attr]
    assert (found["web"].status, found["web"].owner) == ("CREATE_COMPLETE", "admin")
    assert verdict(found["web"], "stacks") == ("ok", "")
    assert verdict(found["broken"], "stacks") == (
        "critical",
        "create failed: Resource CREATE failed: ValueError: resources.bad: Test Resource failed bad",
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"stack_status": "ROLLBACK_FAILED"}, ("critical", "rollback failed")),
        ({"stack_status": "UPDATE_IN_PROGRESS", "creation_time": "2026-01-01T00:00:00Z",
          "updated_time": "2026-11-20T22:55:00Z"}, ("ok", "")),
        ({"stack_status": "UPDATE_IN_PROGRESS", "updated_time": "2026-11-20T18:05:00Z"},
         ("warning", "update under way for 5 h")),
        ({"stack_status": "CREATE_IN_PROGRESS", "creation_time": "2026-11-20T20:05:00Z"},
         ("warning", "create under way for 3 h")),
        ({}, ("ok", "")),
    ],
)  # fmt: skip
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("stacks", id="s", **fields), "stacks") == expected


def test_the_recorded_engine() -> None:
    (found,) = rows("orchestration-services")
    made: Any = found
    assert (made.binary, made.machine, made.status, made.report_interval) == ("heat-engine", "ctl02", "up", 60.0)
    assert verdict(made, "orchestration-services") == ("ok", "")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "down", "updated_at": "2026-11-20T22:35:00"}, ("critical", "not heard for 30 min")),
        ({"status": "down"}, ("critical", "never heard")),
        ({}, ("unknown", "status is missing")),
    ],
)
def test_an_engine_that_is_not_heard(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("orchestration-services", id="e", **fields), "orchestration-services") == expected
