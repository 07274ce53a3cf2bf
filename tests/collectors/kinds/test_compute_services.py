"""Nova's services: up, down, disabled, forced down; shapes of old and new microversions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import row, rows, verdict


def by_host(fixture: str = "") -> dict[str, Any]:
    """The recorded services by host and binary."""
    return {f"{s.binary}@{s.host}": s for s in rows("compute-services", fixture)}  # type: ignore[union-attr]


def test_the_recorded_services_are_well() -> None:
    found = by_host()
    assert set(found) == {
        "nova-conductor@ctl01", "nova-scheduler@ctl01", "nova-compute@cmp01", "nova-compute@cmp02",
        "nova-compute@cmp03",
    }  # fmt: skip
    assert {verdict(service, "compute-services") for service in found.values()} == {("ok", "")}


def test_a_killed_compute_is_down() -> None:
    found = by_host("faults/compute-killed-os-services")
    assert verdict(found["nova-compute@cmp02"], "compute-services") == ("critical", "no heartbeat for 2 min")
    assert verdict(found["nova-compute@cmp01"], "compute-services") == ("ok", "")


def test_a_service_disabled_with_a_reason_is_well() -> None:
    found = by_host("faults/service-disabled-os-services")
    assert verdict(found["nova-compute@cmp02"], "compute-services") == ("ok", "disabled: lab: maintenance")


def test_the_oldest_microversion_has_numbers_for_ids() -> None:
    found = by_host("compute/os-services@2.1")
    assert all(service.id.isdigit() for service in found.values())
    assert {service.forced_down for service in found.values()} == {None}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": "down"}, ("critical", "never heard")),
        ({"state": "down", "updated_at": "2026-11-20T22:00:00.000000"}, ("critical", "no heartbeat for 65 min")),
        ({"state": "down", "status": "disabled"}, ("warning", "never heard; disabled")),
        (
            {"state": "down", "status": "disabled", "disabled_reason": "RAM swap"},
            ("warning", "never heard; disabled: RAM swap"),
        ),
        ({"state": "up", "forced_down": True}, ("critical", "forced down by an operator")),
        ({"state": "up", "status": "disabled"}, ("warning", "disabled, no reason given")),
        ({"state": "sideways"}, ("unknown", "state is sideways")),
        ({}, ("unknown", "state is missing")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("compute-services", id="s", **fields), "compute-services") == expected
