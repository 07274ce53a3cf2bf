"""Migrations: failed lately, failed long ago, stuck, done."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import row, rows, verdict


def test_the_recording_is_empty() -> None:
    assert rows("migrations") == []


@pytest.mark.parametrize(
    ("status", "updated", "expected"),
    [
        ("completed", "2026-11-20T23:04:00", ("ok", "")),
        ("done", "2020-01-01T00:00:00", ("ok", "")),
        ("finished", "2026-11-01T00:00:00", ("ok", "waits to be confirmed or reverted")),
        ("error", "2026-11-20T22:05:00", ("critical", "failed 60 min ago")),
        ("failed", "2026-11-20T23:04:59", ("critical", "failed just now")),
        ("error", None, ("critical", "failed")),
        ("error", "2026-11-17T23:05:00", ("ok", "failed 3 d ago")),
        ("running", "2026-11-20T22:35:00", ("ok", "")),
        ("running", "2026-11-20T20:05:00", ("warning", "running, nothing moved for 3 h")),
        (None, None, ("ok", "")),
    ],
)
def test_health(status: str | None, updated: str | None, expected: tuple[str, str]) -> None:
    made = row("migrations", id=7, status=status, updated_at=updated)
    assert verdict(made, "migrations") == expected


def test_a_migration() -> None:
    fields: dict[str, Any] = {
        "instance_uuid": "s1", "migration_type": "live-migration", "source_compute": "cmp01", "dest_compute": "cmp02",
    }  # fmt: skip
    made = row("migrations", id=7, uuid="u", **fields)
    assert (made.id, made.server, made.source_compute, made.dest_compute) == ("7", "s1", "cmp01", "cmp02")
