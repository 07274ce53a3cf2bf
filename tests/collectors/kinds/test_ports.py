"""Ports: bound, wired, neither, or just not in use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import joined, row, rows, verdict


def test_the_recorded_ports() -> None:
    found: list[Any] = rows("ports", joins=joined("projects", "networks"))
    gateway = next(port for port in found if port.device_owner == "network:router_gateway")
    assert (gateway.fixed_ips, gateway.host, gateway.vif_type, gateway.network) == (
        "10.66.0.120", "net01", "ovs", "lab-ext",
    )  # fmt: skip
    assert (gateway.project, gateway.project_id) == (None, None)
    server = next(port for port in found if port.device_owner == "compute:nova")
    assert (server.project, server.security_groups) == ("admin", 1)
    assert {verdict(port, "ports") for port in found} == {("ok", "")}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"binding:vif_type": "binding_failed", "binding:host_id": "cmp02", "status": "DOWN"},
            ("critical", "binding failed on cmp02: no driver could plug it there; is the agent alive?"),
        ),
        ({"status": "ERROR"}, ("critical", "in error")),
        (
            {"status": "DOWN", "device_owner": "network:dhcp", "binding:host_id": "net01"},
            ("warning", "down: not wired on net01"),
        ),
        (
            {"status": "DOWN", "device_owner": "compute:nova", "binding:host_id": "cmp01"},
            ("ok", "down on cmp01: its guest is off, or the port is not wired"),
        ),
        ({"status": "DOWN"}, ("ok", "not in use")),
        ({"status": "DOWN", "device_owner": ""}, ("ok", "not in use")),
        ({"status": "DOWN", "admin_state_up": False}, ("ok", "administratively down")),
        ({"status": "N/A", "device_owner": "network:floatingip"}, ("ok", "")),
        ({"status": "ACTIVE"}, ("ok", "")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("ports", id="p", **fields), "ports") == expected


def test_several_addresses_are_one_text() -> None:
    addresses = [{"ip_address": "192.0.2.7", "subnet_id": "s"}, {"ip_address": "2001:db8::7", "subnet_id": "t"}]
    assert row("ports", id="p", fixed_ips=addresses).fixed_ips == "192.0.2.7, 2001:db8::7"
    assert row("ports", id="p", fixed_ips=[]).fixed_ips is None
