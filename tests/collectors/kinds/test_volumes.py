"""Volumes: in error, stuck, attached to nobody."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import row, rows, verdict


def test_the_recording_is_empty() -> None:
    assert rows("volumes") == []


def test_a_volume() -> None:
    fields: dict[str, Any] = {
        "id": "v", "name": None, "status": "in-use", "size": 200, "bootable": "true", "encrypted": False,
        "os-vol-host-attr:host": "ctl01@ceph#ssd", "os-vol-tenant-attr:tenant_id": "p1",
        "attachments": [{"server_id": "s1", "device": "/dev/vda"}, {"server_id": "s2", "device": "/dev/vdb"}],
        "created_at": "2026-11-20T22:00:00.000000",
    }  # fmt: skip
    made = row("volumes", **fields)
    assert (made.name, made.size, made.host, made.server) == ("", 200 * 2**30, "ctl01@ceph#ssd", "s1, s2")
    assert (made.bootable, made.encrypted, made.project_id, made.created_at) == (True, False, "p1", 1795212000.0)
    assert verdict(made, "volumes") == ("ok", "")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "available"}, ("ok", "")),
        ({"status": "error"}, ("critical", "in error")),
        ({"status": "error_deleting"}, ("critical", "could not be deleted")),
        ({"status": "error_restoring"}, ("critical", "error: restoring")),
        ({"status": "deleting", "updated_at": "2026-11-20T23:00:00"}, ("ok", "")),
        ({"status": "deleting", "updated_at": "2026-11-20T20:05:00"}, ("warning", "deleting for 3 h")),
        ({"status": "creating", "created_at": "2026-11-20T22:05:00"}, ("warning", "creating for 60 min")),
        ({"status": "backing-up", "updated_at": "2026-11-20T22:05:00"}, ("ok", "")),
        ({"status": "backing-up", "updated_at": "2026-11-20T13:05:00"}, ("warning", "backing-up for 10 h")),
        ({"status": "in-use"}, ("warning", "in use, but attached to no server")),
        ({"status": "maintenance"}, ("ok", "in maintenance")),
        ({"status": "available", "migration_status": "error"}, ("warning", "its last migration failed")),
        ({}, ("ok", "")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("volumes", id="v", **fields), "volumes") == expected


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("false", False), (True, True), (None, None)])
def test_bootable_is_a_text_in_cinder(value: Any, expected: bool | None) -> None:
    assert row("volumes", id="v", bootable=value).bootable is expected
