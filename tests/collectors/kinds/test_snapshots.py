"""Snapshots of volumes: in error, stuck."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import row, rows, verdict


def test_the_recorded_snapshot() -> None:
    (found,) = rows("snapshots")
    assert not isinstance(found, str)
    made: Any = found
    assert (made.name, made.status, made.size, made.progress) == ("before-upgrade", "available", 50 * 2**30, "100%")
    assert made.volume_id == "cdf6d4d4-44f4-46fc-a9a9-174a7bcea498"
    assert verdict(made, "snapshots") == ("ok", "")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "available"}, ("ok", "")),
        ({"status": "error"}, ("critical", "in error")),
        ({"status": "error_deleting"}, ("critical", "could not be deleted")),
        ({"status": "creating", "created_at": "2026-11-20T22:50:00"}, ("ok", "")),
        ({"status": "creating", "created_at": "2026-11-20T22:05:00"}, ("warning", "creating for 60 min")),
        ({"status": "deleting", "updated_at": "2026-11-20T20:05:00"}, ("warning", "deleting for 3 h")),
        ({}, ("ok", "")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("snapshots", id="s", **fields), "snapshots") == expected
