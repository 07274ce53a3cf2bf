"""Images: usable, waiting, failed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import joined, row, rows, verdict


def test_the_recorded_image() -> None:
    (found,) = rows("images", joins=joined("projects"))
    image: Any = found
    assert (image.name, image.status, image.size, image.disk_format, image.stores) == (
        "lab-image", "active", 16777216, "raw", "file",
    )  # fmt: skip
    assert (image.visibility, image.project, image.protected) == ("public", "admin", False)
    assert verdict(image, "images") == ("ok", "")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "killed"}, ("critical", "its upload failed")),
        ({"status": "queued", "updated_at": "2026-11-20T22:00:00Z"}, ("ok", "")),
        ({"status": "queued", "updated_at": "2026-11-20T13:05:00Z"}, ("warning", "no data yet for 10 h")),
        ({"status": "importing", "updated_at": "2026-11-18T23:05:00Z"}, ("warning", "being imported for 2 d")),
        ({"status": "active", "os_glance_failed_import": "ceph2"}, ("warning", "import failed in ceph2")),
        ({"status": "deactivated"}, ("ok", "deactivated: nobody but administrators can download it")),
        ({"status": "pending_delete"}, ("ok", "waits to be deleted")),
        ({"status": "sideways"}, ("unknown", "status is sideways")),
        ({}, ("unknown", "status is missing")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("images", id="i", **fields), "images") == expected


def test_properties_that_people_set_do_not_disturb() -> None:
    assert row("images", id="i", status="active", hw_disk_bus=7, size=None, owner="p").size is None
