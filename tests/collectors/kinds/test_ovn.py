"""OVN's chassis, switches, routers and ports: recordings of two versions, and what is said of each state."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from collectors import registry
from collectors.snapshot import OddRow
from collectors.sources import ovn_views
from collectors.sources.ovn_views import NORTHBOUND
from tests.collectors.kinds.ovn_recordings import (
    VERSIONS,
    chassis,
    databases,
    lists,
    recorded_at,
    rows,
    verdict,
)

NOW = 1_795_814_905.0
every_version = pytest.mark.parametrize("version", VERSIONS)
KINDS = ("ovn-databases", "ovn-chassis", "ovn-logical-switches", "ovn-logical-routers", "ovn-port-bindings")


@every_version
def test_recordings_have_no_odd_rows_and_every_id_once(version: str) -> None:
    found = {"ovn-databases": databases(version), "ovn-chassis": chassis(version), **lists(version)}
    assert set(found) == set(KINDS)
    for kind, items in found.items():
        made = rows(kind, items, NOW)
        assert [row.reason for row in made if isinstance(row, OddRow)] == []
        ids = [registry.kind(kind).key_of(row) for row in made]
        assert len(ids) == len(set(ids)) == len(items) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_with_only_its_key(kind: str) -> None:
    keys = {"ovn-databases": {"database": NORTHBOUND, "host": "ctl01"}, "ovn-port-bindings": {"port": "p"},
            "ovn-chassis": {"name": "cmp01"}}  # fmt: skip
    (row,) = rows(kind, [keys.get(kind, {"id": "the-key"})], NOW)
    assert not isinstance(row, OddRow), row.reason
    level, reason = verdict(kind, row, NOW)
    assert level == "ok" or reason


# -- chassis ----------------------------------------------------------------------------------------------------------


@every_version
def test_a_chassis_that_follows(version: str) -> None:
    now = recorded_at(version)
    agents = {"agents": {"cmp01": SimpleNamespace(alive=True)}}
    (row,) = rows("ovn-chassis", chassis(version), now, agents)
    assert (row.host, row.role, row.behind, row.ports, row.gateway_ports) == ("cmp01", "gateway", 0, 1, 1)
    assert row.agent_alive is True
    assert verdict("ovn-chassis", row, now) == ("ok", "")


@every_version
def test_a_chassis_whose_controller_died(version: str) -> None:
    now = recorded_at(version)
    (row,) = rows("ovn-chassis", chassis(version, "-controller-dead"), now)
    assert row.behind == 2
    assert verdict("ovn-chassis", row, now) == ("ok", "")
    assert verdict("ovn-chassis", row, now + 180) == (
        "critical",
        "its ovn-controller has not followed for 3 min; 1 port and 1 router gateway on it",
    )


@pytest.mark.parametrize(
    ("behind", "updated", "counted", "level"),
    [
        (0, 9000.0, 9000.0, "ok"),  # nobody has asked for anything for hours
        (1, 9000.0, 2.0, "ok"),  # just asked, after hours
        (1, 9000.0, 60.0, "ok"),
        (1, 9000.0, 80.0, "critical"),
        (2, 9000.0, 5.0, "ok"),  # asked twice, just now
        (2, 9000.0, 30.0, "critical"),
        (5, 80.0, 1.0, "critical"),  # the last question is always young while Neutron asks
        (5, 60.0, 1.0, "ok"),
        (5, None, None, "critical"),  # never heard
    ],
)
def test_how_long_a_chassis_may_lag(behind: int, updated: float | None, counted: float | None, level: str) -> None:
    item = {
        "name": "c1", "hostname": "cmp01", "nb_cfg": 100 - behind, "wanted": 100, "encaps": ["geneve"],
        "updated": None if updated is None else NOW - updated, "counted": None if counted is None else NOW - counted,
    }  # fmt: skip
    (row,) = rows("ovn-chassis", [item], NOW)
    assert verdict("ovn-chassis", row, NOW)[0] == level


def test_a_host_that_came_back_under_another_name() -> None:
    common = {"hostname": "cmp02", "nb_cfg": 3, "encaps": ["geneve"]}
    found = {"wanted": 3, "chassis": [
        {"name": "old", "updated": NOW - 9000, **common}, {"name": "new", "updated": NOW, **common},
        {"name": "other", "hostname": "cmp01", "updated": NOW, "nb_cfg": 3, "encaps": ["geneve"]},
    ]}  # fmt: skip
    made = {row.name: row for row in rows("ovn-chassis", list(ovn_views.chassis(found, {})), NOW)}
    assert verdict("ovn-chassis", made["old"], NOW) == (
        "warning", "stale: cmp02 has come back as new; delete this chassis",
    )  # fmt: skip
    assert {verdict("ovn-chassis", made[name], NOW)[0] for name in ("new", "other")} == {"ok"}


@pytest.mark.parametrize(
    ("changes", "level"),
    [({"left": True}, "warning"), ({"encaps": []}, "warning"), ({"nb_cfg": None}, "unknown"), ({}, "ok")],
)
def test_other_things_about_a_chassis(changes: dict[str, Any], level: str) -> None:
    well = {"name": "c1", "nb_cfg": 3, "wanted": 3, "encaps": ["geneve"], "updated": NOW}
    (row,) = rows("ovn-chassis", [well | changes], NOW)
    assert verdict("ovn-chassis", row, NOW)[0] == level


# -- switches, routers, ports -----------------------------------------------------------------------------------------


@every_version
def test_switches(version: str) -> None:
    network = "0d1ae3b2-5b7e-4c9b-8a3d-7a52f6b1c001"
    joins = {"networks": {network: SimpleNamespace(name="web-net")}}
    found = {
        row.network_id: row for row in rows("ovn-logical-switches", lists(version)["ovn-logical-switches"], NOW, joins)
    }
    web = found[network]
    assert (web.network, web.name, web.ports, web.server_ports, web.not_up) == (
        "web-net",
        f"neutron-{network}",
        4,
        3,
        1,
    )
    assert verdict("ovn-logical-switches", web, NOW) == ("ok", "1 of 3 ports of servers not up: are those off?")
    (row,) = rows("ovn-logical-switches", [{"id": "s", "name": "neutron-x"}], NOW)
    assert verdict("ovn-logical-switches", row, NOW)[0] == "warning"


@every_version
def test_a_router_whose_second_candidate_is_no_chassis(version: str) -> None:
    (row,) = rows("ovn-logical-routers", lists(version)["ovn-logical-routers"], NOW)
    assert (row.router, row.router_id, row.gateway) == ("edge", "0d1ae3b2-5b7e-4c9b-8a3d-7a52f6b1c003", "cmp01")
    assert (row.candidates, row.missing, row.snat, row.floating, row.routes) == ("cmp01 2, cmp02 1", "cmp02", 1, 1, 1)
    assert verdict("ovn-logical-routers", row, NOW) == (
        "warning", "cmp02 should be able to take its gateway over, and is no chassis",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("host", "enabled", "expected"),
    [
        ("net01", True, ("ok", "")),
        ("net02", True, ("warning", "its gateway is on net02, not on net01, which comes first")),
        (None, True, (
            "critical", "no chassis serves its gateway: nothing goes in or out; candidates: net01 2, net02 1",
        )),
        (None, False, ("ok", "administratively down: it forwards nothing")),
    ],
)  # fmt: skip
def test_who_serves_a_gateway(host: str | None, enabled: bool, expected: tuple[str, str]) -> None:
    candidates = [{"host": "net01", "priority": 2}, {"host": "net02", "priority": 1}]
    item = {"id": "r", "enabled": enabled, "gateways": [{"port": "lrp-1", "host": host, "candidates": candidates}]}
    (row,) = rows("ovn-logical-routers", [item], NOW)
    assert verdict("ovn-logical-routers", row, NOW) == expected


@every_version
def test_bindings(version: str) -> None:
    found = {row.name or row.port: row for row in rows("ovn-port-bindings", lists(version)["ovn-port-bindings"], NOW)}
    said = {name: verdict("ovn-port-bindings", row, NOW) for name, row in found.items()}
    assert said["web-1"] == ("ok", "")
    assert said["web-2"] == ("critical", "wanted on cmp02, which is no chassis")
    assert said["web-3"] == ("ok", "plugged in nowhere")
    assert {level for name, (level, _) in said.items() if name != "web-2"} == {"ok"}
    assert (found["web-1"].network, found["web-1"].of_id) == ("web", "0d1ae3b2-5b7e-4c9b-8a3d-7a52f6b1c001")
    gateway = found["cr-lrp-0d1ae3b2-5b7e-4c9b-8a3d-7a52f6b1c022"]
    assert (gateway.type, gateway.host, gateway.network, gateway.of) == ("chassisredirect", "cmp01", "edge", "router")


@pytest.mark.parametrize(
    ("changes", "server", "level"),
    [
        ({"host": "cmp01", "wanted": ["cmp01"], "up": True}, "ACTIVE", "ok"),
        ({"host": "cmp01", "wanted": ["cmp01"], "up": False}, "ACTIVE", "critical"),
        ({"host": "cmp02", "wanted": ["cmp01"], "up": True}, "ACTIVE", "warning"),
        ({"host": "cmp02", "wanted": ["cmp01", "cmp02"], "up": True}, "ACTIVE", "ok"),  # it is migrating
        ({"wanted": ["cmp01"]}, "ACTIVE", "critical"),
        ({"wanted": ["cmp01"]}, "SHUTOFF", "ok"),
        ({"wanted": ["cmp01"]}, None, "warning"),
        ({"wanted": ["cmp09"], "missing": ["cmp09"]}, "SHUTOFF", "critical"),
        ({"type": "chassisredirect"}, None, "critical"),
        ({"type": "localport"}, None, "ok"),
    ],
)
def test_what_is_said_of_a_binding(changes: dict[str, Any], server: str | None, level: str) -> None:
    joins = {"servers": {"s1": SimpleNamespace(name="web", status=server)}} if server else {}
    (row,) = rows("ovn-port-bindings", [{"port": "p", "device_id": "s1"} | changes], NOW, joins)
    assert verdict("ovn-port-bindings", row, NOW)[0] == level
