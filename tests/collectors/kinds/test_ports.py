"""Ports: bound, wired, neither, or just not in use."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import registry
from tests.collectors.kinds.recordings import decoded, joined, row, rows, verdict


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
            (
                "critical",
                "binding failed on cmp02: no driver could plug it there; is the agent alive, and its mapping right?",
            ),
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


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("ACTIVE", ("warning", "down on cmp01, though its server runs: not wired; restart the network agent there")),
        ("SHUTOFF", ("ok", "down on cmp01: its guest is off, or the port is not wired")),
    ],
)
def test_a_port_that_is_down_while_its_server_runs_is_not_wired(status: str, expected: tuple[str, str]) -> None:
    """Seen on Neutron 29.0.0 after each live migration."""
    fields = {"status": "DOWN", "device_owner": "compute:nova", "device_id": "s", "binding:host_id": "cmp01"}
    joins = {"servers": {"s": row("servers", id="s", status=status)}}

    def one(found: dict[str, Any]) -> Any:
        return decoded(registry.kind("ports"), [found | {"id": "p"}], joins=joins)[0]

    assert verdict(one(fields), "ports") == expected
    assert one(fields | {"device_owner": "network:floatingip"}).server_status is None


def test_several_addresses_are_one_text() -> None:
    addresses = [{"ip_address": "192.0.2.7", "subnet_id": "s"}, {"ip_address": "2001:db8::7", "subnet_id": "t"}]
    assert row("ports", id="p", fixed_ips=addresses).fixed_ips == "192.0.2.7, 2001:db8::7"
    assert row("ports", id="p", fixed_ips=[]).fixed_ips is None
