"""Octavia: whether load balancers serve and could be changed, and the amphorae that do the work."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.registry import kind
from collectors.rollup import roll_up
from tests.collectors.kinds.recordings import row, rows, verdict


def test_three_load_balancers() -> None:
    found: dict[str, Any] = {one.name: one for one in rows("load-balancers")}  # type: ignore[union-attr]
    shop = found["shop"]
    assert (shop.vip_address, shop.provider, shop.listeners, shop.pools) == ("203.0.113.50", "amphora", 1, 1)
    assert verdict(shop, "load-balancers") == ("ok", "")
    assert verdict(found["wiki"], "load-balancers") == (
        "critical",
        "its last change failed; it cannot be changed, and is online",
    )
    assert verdict(found["mail"], "load-balancers") == ("warning", "some of its members are in error")


def test_the_recorded_ones() -> None:
    """Octavia with a provider that does nothing: the load balancer stays on its way."""
    (balancer,) = rows("load-balancers", "load-balancer/loadbalancers")
    made: Any = balancer
    assert (made.provisioning_status, made.operating_status, made.provider) == (
        "PENDING_CREATE", "OFFLINE", "noop_driver",
    )  # fmt: skip
    (amphora,) = rows("amphorae", "load-balancer/amphorae")
    found: Any = amphora
    assert (found.load_balancer_id, found.role, found.cert_expires_at) == (made.id, "MASTER", 1798761600.0)


@pytest.mark.parametrize(
    ("operating", "provisioning", "more", "expected"),
    [
        ("ERROR", "ACTIVE", {}, ("critical", "serves nobody: all its members are in error")),
        ("ERROR", "ERROR", {}, ("critical", "serves nobody: all its members are in error")),
        (None, "ERROR", {}, ("critical", "its last change failed; it cannot be changed, and is not known to serve")),
        ("ONLINE", "PENDING_UPDATE", {"updated_at": "2026-11-20T23:00:00"}, ("ok", "")),
        ("ONLINE", "PENDING_UPDATE", {"updated_at": "2026-11-20T22:05:00"},
         ("warning", "pending update for 60 min")),
        ("OFFLINE", "PENDING_CREATE", {"created_at": "2026-11-20T21:05:00"},
         ("warning", "pending create for 2 h")),
        ("OFFLINE", "ACTIVE", {}, ("ok", "offline: no listeners")),
        ("OFFLINE", "ACTIVE", {"listeners": [{"id": "l"}]}, ("warning", "offline: nothing says that it serves")),
        ("OFFLINE", "ACTIVE", {"admin_state_up": False}, ("ok", "disabled: it takes no traffic")),
        ("NO_MONITOR", "ACTIVE", {}, ("ok", "")),
    ],
)  # fmt: skip
def test_health(operating: str | None, provisioning: str, more: dict[str, Any], expected: tuple[str, str]) -> None:
    made = row("load-balancers", id="l", operating_status=operating, provisioning_status=provisioning, **more)
    assert verdict(made, "load-balancers") == expected


def test_amphorae_by_either_spelling_of_their_balancer() -> None:
    found: list[Any] = rows("amphorae")
    assert [one.role for one in found] == ["MASTER", "BACKUP", None]
    assert found[0].load_balancer_id == "607226db-27ef-4d41-ae89-f2a800e9c2db"
    assert row("amphorae", id="a", load_balancer_id="lb").load_balancer_id == "lb"
    assert [verdict(one, "amphorae") for one in found] == [("ok", ""), ("ok", ""), ("critical", "in error")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "BOOTING", "created_at": "2026-11-20T23:00:00"}, ("ok", "")),
        ({"status": "BOOTING", "created_at": "2026-11-20T22:05:00"}, ("warning", "booting for 60 min")),
        ({"status": "PENDING_DELETE", "updated_at": "2026-11-20T20:05:00"}, ("warning", "pending delete for 3 h")),
        ({"status": "ALLOCATED", "cert_expiration": "2026-11-18T23:05:00"},
         ("critical", "its certificate expired 2 d ago: Octavia cannot command it")),
        ({"status": "ALLOCATED", "cert_expiration": "2026-11-24 23:05:00"},
         ("warning", "its certificate expires in 4 d and was not renewed")),
        ({"status": "DELETED", "cert_expiration": "2026-11-18T23:05:00"}, ("ok", "")),
        ({}, ("ok", "")),
    ],
)  # fmt: skip
def test_amphora(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("amphorae", id="a", **fields), "amphorae") == expected


def test_no_amphora_is_well_for_other_providers_have_none() -> None:
    told = roll_up(kind("amphorae").rollup, [])
    assert (told.level, told.reason) == ("ok", "no amphorae")
