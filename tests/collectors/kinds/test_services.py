"""Services of the catalogue: disabled, nameless, retired."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import row, rows, verdict


def test_the_recorded_services() -> None:
    found: dict[str, Any] = {service.type: service for service in rows("services")}  # type: ignore[union-attr]
    assert set(found) == {"volumev3", "network", "placement", "identity", "compute", "block-storage", "image"}
    assert found["compute"].name == "nova"
    assert {verdict(service, "services")[0] for service in found.values()} == {"ok"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"enabled": False}, ("warning", "disabled: its endpoints are left out of the catalogue")),
        ({"type": "event"}, ("ok", "Panko was retired upstream in 2022")),
        ({"type": "compute"}, ("ok", "")),
        ({}, ("ok", "")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("services", id="s", **fields), "services") == expected


@pytest.mark.parametrize(
    ("fields", "name"), [({"name": "nova", "type": "compute"}, "nova"), ({"type": "compute"}, "compute"), ({}, "s")]
)
def test_what_a_service_is_called(fields: dict[str, Any], name: str) -> None:
    assert row("services", id="s", **fields).name == name
