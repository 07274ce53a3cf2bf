"""Quotas of one project: three services, one form."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import row, rows, verdict

KINDS = ("compute-quotas", "volume-quotas", "network-quotas")


@pytest.mark.parametrize(
    ("kind", "name", "limit", "used"),
    [
        ("compute-quotas", "cores", 20, 3),
        ("volume-quotas", "gigabytes", 1000, 70),
        ("volume-quotas", "gigabytes_fast", -1, 50),
        ("network-quotas", "port", 500, 6),
    ],
)
def test_the_recorded_quotas(kind: str, name: str, limit: int, used: int) -> None:
    found: dict[str, Any] = {one.name: one for one in rows(kind)}  # type: ignore[union-attr]
    assert (found[name].limit, found[name].used, found[name].reserved) == (limit, used, 0)
    assert found[name].project == "the-parent"
    assert "id" not in found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"limit": 20, "in_use": 17}, ("ok", "")),
        ({"limit": 20, "in_use": 18}, ("warning", "nearly used up: 18 of 20")),
        ({"limit": 20, "in_use": 18, "reserved": 2}, ("warning", "used up: 18 of 20")),
        ({"limit": 20, "used": 25}, ("warning", "used up: 25 of 20")),
        ({"limit": -1, "in_use": 9000}, ("ok", "no limit")),
        ({"limit": 0, "in_use": 0}, ("ok", "none allowed")),
        ({"limit": 0, "in_use": 1}, ("warning", "more used than allowed")),
        ({"limit": 20}, ("ok", "")),
        ({}, ("ok", "")),
    ],
)
def test_health(kind: str, fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row(kind, **({"name": "cores"} | fields)), kind) == expected
