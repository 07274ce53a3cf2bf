"""Routers: the way out as flat fields."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import joined, row, rows, verdict


def test_the_recorded_router() -> None:
    (found,) = rows("routers", joins=joined("projects", "networks"))
    router: Any = found
    assert (router.name, router.external_network, router.external_ips, router.enable_snat) == (
        "lab-router", "lab-ext", "10.66.0.120", True,
    )  # fmt: skip
    assert (router.ha, router.distributed, router.routes, router.project) == (False, False, None, "admin")
    assert verdict(router, "routers") == ("ok", "")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"external_gateway_info": None}, ("ok", "")),
        ({"admin_state_up": False, "status": "ACTIVE"}, ("ok", "administratively down: it forwards nothing")),
        ({"status": "ERROR"}, ("critical", "in error")),
        ({"status": "ALLOCATING"}, ("warning", "allocating")),
        ({"external_gateway_info": {"network_id": "n"}}, ("warning", "has a gateway but no address there")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("routers", id="r", **fields), "routers") == expected


def test_static_routes_are_one_text() -> None:
    routes = [{"destination": "10.0.0.0/8", "nexthop": "192.0.2.1"}, {"destination": "::/0", "nexthop": "2001:db8::1"}]
    assert row("routers", id="r", routes=routes).routes == "10.0.0.0/8 via 192.0.2.1, ::/0 via 2001:db8::1"
