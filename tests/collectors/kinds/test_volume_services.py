"""Cinder's services and their back-ends."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.snapshot import OddRow
from tests.collectors.kinds.recordings import row, rows, verdict


def test_the_recorded_services() -> None:
    found: dict[str, Any] = {service.id: service for service in rows("volume-services")}  # type: ignore[union-attr]
    assert set(found) == {"cinder-scheduler@ctl01", "cinder-volume@ctl01@fake1", "cinder-volume@ctl01@fake2"}
    volume = found["cinder-volume@ctl01@fake1"]
    assert (volume.machine, volume.backend_state, volume.frozen) == ("ctl01", "up", False)
    assert {verdict(service, "volume-services") for service in found.values()} == {("ok", "")}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": "down", "updated_at": "2026-11-20T22:35:00.000000"}, ("critical", "no heartbeat for 30 min")),
        ({"state": "down"}, ("critical", "never heard")),
        ({"state": "down", "status": "disabled"}, ("warning", "never heard; disabled, no reason given")),
        ({"state": "up", "backend_state": "down"}, ("critical", "up, but its back-end is down")),
        ({"state": "up", "status": "disabled", "disabled_reason": "drain"}, ("ok", "disabled: drain")),
        ({"state": "up", "status": "disabled"}, ("warning", "disabled, no reason given")),
        (
            {"state": "up", "replication_status": "failed-over", "active_backend_id": "b"},
            ("warning", "failed over to b"),
        ),
        ({"state": "up", "frozen": True}, ("ok", "frozen: its volumes cannot be changed")),
        ({"state": "up"}, ("ok", "")),
        ({}, ("unknown", "state is missing")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("volume-services", binary="cinder-volume", host="h@b", **fields), "volume-services") == expected


def test_a_service_that_says_neither_what_nor_where_is_odd() -> None:
    assert isinstance(row("volume-services", state="up"), OddRow)
