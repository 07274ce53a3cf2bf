"""Users: whose password ends when."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import joined, row, rows, verdict


def test_the_recorded_users() -> None:
    found = {user.name: user for user in rows("users", joins=joined("projects"))}  # type: ignore[union-attr]
    assert {"admin", "demo", "nova", "neutron", "cinder", "glance", "placement"} == set(found)
    assert found["nova"].default_project == "service"  # type: ignore[union-attr]
    assert found["admin"].default_project is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("ok", "")),
        ({"enabled": False, "password_expires_at": "2020-01-01T00:00:00"}, ("ok", "disabled")),
        ({"password_expires_at": "2026-11-27T23:04:00.000000"}, ("warning", "password expires in 6 d")),
        ({"password_expires_at": "2026-11-27T23:06:00.000000"}, ("ok", "")),
        ({"password_expires_at": "2026-11-20T23:05:03.000000"}, ("warning", "password expires in 10 s")),
        ({"password_expires_at": "2026-11-20T23:04:59.000000"}, ("warning", "password expired just now")),
        ({"password_expires_at": "2026-11-17T23:05:00.000000"}, ("warning", "password expired 3 d ago")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("users", id="u", **fields), "users") == expected
