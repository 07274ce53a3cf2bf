"""Subnets: ranges and routes as text."""

from __future__ import annotations

from typing import Any

from tests.collectors.kinds.recordings import joined, row, rows, verdict


def test_the_recorded_subnets() -> None:
    found: dict[str, Any] = {s.name: s for s in rows("subnets", joins=joined("projects", "networks"))}  # type: ignore[union-attr]
    subnet = found["lab-subnet"]
    assert (subnet.cidr, subnet.gateway_ip, subnet.network, subnet.project, subnet.enable_dhcp) == (
        "192.168.70.0/24", "192.168.70.1", "lab-net", "admin", True,
    )  # fmt: skip
    assert subnet.allocation_pools == "192.168.70.2-192.168.70.254"
    assert verdict(subnet, "subnets") == ("ok", "")


def test_routes_and_name_servers() -> None:
    made = row(
        "subnets",
        id="s",
        host_routes=[{"destination": "10.0.0.0/8", "nexthop": "192.0.2.1"}],
        dns_nameservers=["192.0.2.53", "198.51.100.53"],
        ipv6_ra_mode="slaac",
    )
    assert made.host_routes == "10.0.0.0/8 via 192.0.2.1"
    assert made.dns_nameservers == "192.0.2.53, 198.51.100.53"
    assert made.ipv6_mode == "slaac"
