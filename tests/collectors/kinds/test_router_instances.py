"""Routers as hosts have them: where they are active, floating IPs without a rule; what Neutron's lists say of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.collectors.kinds.cluster_recordings import Joins, decoded, one, verdict

KIND = "router-instances"
ACTIVE = {
    "lo": [], "ha-09fa9002-31": ["169.254.192.73/18", "169.254.0.77/24"], "qr-2e7df68f-61": ["192.168.10.1/24"],
    "qg-ae17313d-a3": ["10.78.2.106/32", "10.78.2.182/24"],
}  # fmt: skip
WAITING: dict[str, list[str]] = {
    "lo": [], "ha-30c62a23-66": ["169.254.193.11/18"], "qr-2e7df68f-61": [], "qg-ae17313d-a3": []
}  # fmt: skip
RULES = ["10.78.2.106"]


def instance(host: str, addresses: dict[str, list[str]], translated: list[str] | None = None) -> dict[str, Any]:
    return {"host": host, "at": 100.0, "addresses": addresses, "translated": translated}


WELL: dict[str, Any] = {
    "id": "r-1", "hosts": ["net01", "net02"], "silent": {},
    "instances": [instance("net01", ACTIVE, RULES), instance("net02", WAITING, RULES)],
}  # fmt: skip


def test_a_row() -> None:
    row = one(KIND, **WELL)
    assert (row.active_on, row.waiting_on, row.active_hosts) == ("net01", "net02", 1)
    assert (row.outside, row.floating_ips, row.untranslated) == ("10.78.2.182", 1, None)
    assert (row.redundant, row.place, row.looked_at) == (True, "net01/qrouter-r-1", 100.0)
    assert (row.name, verdict(KIND, row)) == ("r-1", ("ok", ""))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"instances": [instance("net01", ACTIVE, RULES), instance("net02", ACTIVE, RULES)]},
            ("critical", "active on net01 and net02 at once: each takes the other's packets"),
        ),
        (
            {"instances": [instance("net01", ACTIVE, []), instance("net02", WAITING, [])]},
            ("critical", "floating IP 10.78.2.106 reached from nowhere: no DNAT rule on net01"),
        ),
        (
            {"instances": [instance("net01", ACTIVE, None)]},  # nobody may read its rules: nothing is said of them
            ("ok", ""),
        ),
        (
            {"instances": [instance("net01", WAITING, []), instance("net02", WAITING, [])]},
            ("critical", "active nowhere: net01 and net02 only wait"),
        ),
        (
            {"instances": [instance("net01", WAITING, [])], "silent": {"net02": "no route to host"}},
            ("ok", "its hosts that answer only wait: net02 (no route to host) was not read"),
        ),
        ({"instances": [instance("net01", {"lo": []})], "hosts": ["net01"]}, ("ok", "")),  # it has no networks yet
    ],
)
def test_health(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **(WELL | changes))) == expected


def test_several_floating_ips_are_named() -> None:
    addresses = ACTIVE | {"qg-ae17313d-a3": ["10.78.2.107/32", "10.78.2.106/32", "10.78.2.182/24"]}
    row = one(KIND, **(WELL | {"instances": [instance("net01", addresses, [])]}))
    assert verdict(KIND, row)[1] == (
        "floating IPs 10.78.2.106, 10.78.2.107 reached from nowhere: no DNAT rule on net01"
    )


def test_a_distributed_router_is_inside_everywhere_and_outside_once() -> None:
    inside = {"qr-1": ["192.168.10.1/24"]}
    instances = [instance("net01", inside | {"qg-1": ["10.0.0.5/24"]}), instance("net02", inside)]
    joins: Joins = {"routers": {"r-1": SimpleNamespace(name="edge", distributed=True)}}
    (row,) = decoded(KIND, [{"id": "r-1", "hosts": ["net01", "net02"], "instances": instances}], joins=joins)
    assert (row.name, row.active_on, verdict(KIND, row)) == ("edge", "net01", ("ok", ""))


def joined(**fields: Any) -> Joins:
    return {KIND: {"r-1": SimpleNamespace(**({"active_on": "net01", "untranslated": None} | fields))}}


def test_neutrons_router_tells_where_it_is_active() -> None:
    item = {"id": "r-1", "name": "edge", "status": "ACTIVE"}
    (row,) = decoded("routers", [item], joins=joined(active_on="net01, net02"))
    assert verdict("routers", row) == ("critical", "active on net01 and net02 at once")
    (row,) = decoded("routers", [item], joins=joined())
    assert (row.active_on, verdict("routers", row)) == ("net01", ("ok", ""))


def test_neutrons_floating_ip_tells_that_it_ends_at_its_router() -> None:
    item = {"id": "f", "floating_ip_address": "10.78.2.106", "status": "ACTIVE", "port_id": "p", "router_id": "r-1"}
    (row,) = decoded("floating-ips", [item], joins=joined(untranslated="10.78.2.106, 10.78.2.107"))
    assert (row.translated, verdict("floating-ips", row)[0]) == (False, "critical")
    (row,) = decoded("floating-ips", [item], joins=joined(untranslated="10.78.2.10"))
    assert (row.translated, verdict("floating-ips", row)) == (True, ("ok", ""))
    (row,) = decoded("floating-ips", [item])
    assert row.translated is None
