"""Floating IPs: where each leads."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import joined, row, rows, verdict


def test_the_recording_is_empty() -> None:
    assert rows("floating-ips") == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "ACTIVE", "port_id": "p"}, ("ok", "")),
        ({"status": "DOWN", "port_id": None}, ("ok", "leads nowhere: not associated with a port")),
        ({"status": "DOWN", "port_id": "p"}, ("warning", "associated, but the L3 agent has not set it up")),
        ({"status": "ERROR", "port_id": "p"}, ("critical", "in error: the L3 agent could not set it up")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("floating-ips", id="f", **fields), "floating-ips") == expected


def test_a_floating_ip_is_called_by_its_address() -> None:
    made = row(
        "floating-ips",
        id="f",
        floating_ip_address="198.51.100.7",
        fixed_ip_address="192.0.2.7",
        floating_network_id="4a7614ca-615b-44e9-82ef-77120a6cb595",
    )
    assert (made.floating_ip_address, made.fixed_ip_address, made.network) == ("198.51.100.7", "192.0.2.7", None)
    assert joined("networks")["networks"][made.floating_network_id].name == "lab-ext"
