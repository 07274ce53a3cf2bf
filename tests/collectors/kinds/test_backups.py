"""Backups of volumes: full, incremental, failed, stuck."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import row, rows, verdict


def test_a_full_one_and_a_failed_incremental_one() -> None:
    found: dict[str, Any] = {one.name: one for one in rows("backups")}  # type: ignore[union-attr]
    nightly, noon = found["nightly"], found["noon"]
    assert (nightly.incremental, nightly.has_dependents, nightly.size) == (False, True, 50 * 2**30)
    assert nightly.project_id == "a8d36c1668e14f1694ea02862ff5e140"
    assert nightly.data_at == 1795140004.0
    assert noon.incremental is True
    assert verdict(nightly, "backups") == ("ok", "")
    assert verdict(noon, "backups") == (
        "critical",
        "failed: Unexpected error from the backup driver: no space left on device",
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "error"}, ("critical", "failed")),
        ({"status": "error_deleting", "fail_reason": "no Swift"}, ("critical", "could not be deleted: no Swift")),
        ({"status": "creating", "created_at": "2026-11-20T22:05:00"}, ("ok", "")),
        ({"status": "creating", "created_at": "2026-11-20T02:05:00"}, ("warning", "creating for 21 h")),
        ({"status": "restoring", "updated_at": "2026-11-19T02:05:00"}, ("warning", "restoring for 45 h")),
        ({}, ("ok", "")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("backups", id="b", **fields), "backups") == expected
