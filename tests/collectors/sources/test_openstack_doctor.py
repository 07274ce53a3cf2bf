"""What `doctor` says of a cloud: healthy, without roles, broken, absent."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from collectors.deadline import Deadline
from collectors.site import Site
from collectors.sources.base import Fact
from collectors.sources.openstack import OpenStackSource
from tests.wire_cloud import PROJECT, WireCloud, recorded
from tests.wire_server import HANG, closed_port, html_reply, json_reply

FORBIDDEN = json_reply({"forbidden": {"code": 403, "message": "Policy doesn't allow it"}}, 403)


def facts(cloud: WireCloud, seconds: float = 20) -> dict[str, Fact]:
    """Every fact by system; of identity, the second is kept as `identity list`."""
    source = cloud.source()
    found: dict[str, Fact] = {}
    for fact in source.doctor(Deadline(seconds)):
        found[fact.system if fact.system not in found else f"{fact.system} list"] = fact
    source.close()
    return found


@pytest.fixture
def healthy(cloud: WireCloud) -> WireCloud:
    """A cloud whose services all answer."""
    for service, path in (("compute", "/compute/"), ("placement", "/placement/"), ("network", "/network/")):
        cloud.on(path, json_reply(recorded(f"{service}/versions")))
    cloud.on("/volume/", json_reply(recorded("block-storage/versions"), 300))
    cloud.on("/image/", json_reply(recorded("image/versions"), 300))
    cloud.on("/identity/", json_reply({"versions": {"values": [{"id": "v3.14", "status": "stable"}]}}, 300))
    cloud.on("/identity/v3/endpoints", json_reply({"endpoints": []}))
    cloud.on("/compute/v2.1/os-services", json_reply({"services": []}))
    cloud.on("/placement/resource_providers", json_reply({"resource_providers": []}))
    cloud.on("/network/v2.0/agents", json_reply({"agents": [{"id": "a"}]}))
    cloud.on(f"/volume/v3/{PROJECT}/os-services", json_reply({"services": []}))
    cloud.on("/image/v2/images", json_reply({"images": []}))
    current = {"status": "CURRENT", "links": []}
    cloud.on("/orchestration/", json_reply({"versions": [{"id": "v1.0", **current}]}, 300))
    cloud.on(f"/orchestration/v1/{PROJECT}/services", json_reply({"services": []}))
    cloud.on("/shared-file-system/", json_reply({"versions": [{"id": "v2.0", "version": "2.99", **current}]}, 300))
    cloud.on("/shared-file-system/v2/shares", json_reply({"shares": []}))
    return cloud


def test_a_healthy_cloud(healthy: WireCloud) -> None:
    found = facts(healthy)
    assert [(f.system, f.level) for f in found.values()] == [
        (name, "ok")
        for name in (
            "identity",
            "identity",
            "compute",
            "placement",
            "network",
            "block-storage",
            "image",
            "shared-file-system",
            "orchestration",
        )
    ]
    who = found["identity"]
    assert who.identity == "admin (Default) in project admin (Default): admin, reader"
    assert who.address == f"{healthy.url}/identity/v3"
    assert who.detail.startswith("the token lasts ")
    assert who.version == "v3.14"
    compute = found["compute"]
    assert (compute.version, compute.address) == ("v2.1 (2.1 to 2.104)", f"{healthy.url}/compute/v2.1")
    assert compute.round_trip is not None
    assert 0 < compute.round_trip < 5


def test_what_we_may_not_see(healthy: WireCloud) -> None:
    healthy.on("/compute/v2.1/os-services", FORBIDDEN)
    healthy.on("/network/v2.0/agents", json_reply({"agents": []}))
    found = facts(healthy)
    assert found["compute"].level == "warning"
    assert found["compute"].refused == "may not list compute services: needs role reader or admin"
    assert "reader or admin role" in found["compute"].next_step
    assert found["network"].refused.startswith("sees no network agents")
    assert found["image"].level == "ok"


def test_a_wrong_password_ends_it_with_the_next_step(healthy: WireCloud) -> None:
    healthy.configure(password="wrong")
    found = facts(healthy)
    assert list(found) == ["identity"]
    assert found["identity"].level == "critical"
    assert "requires authentication" in found["identity"].refused
    assert "req-login" in found["identity"].refused
    assert "check user, password and project" in found["identity"].next_step


def test_keystone_is_down(healthy: WireCloud) -> None:
    healthy.configure(auth_url=f"http://127.0.0.1:{closed_port()}/v3")
    found = facts(healthy)
    assert list(found) == ["identity"]
    assert found["identity"].detail == "Connection refused"


@pytest.mark.parametrize(
    ("path", "reply", "detail"),
    [
        ("/compute/", html_reply("<html>503</html>", 503), "HTML instead of JSON (HTTP 503)"),
        ("/compute/v2.1/os-services", json_reply({"computeFault": {"message": "db"}}, 500), "500 db"),
    ],
    ids=["front end", "list"],
)
def test_a_broken_service_leaves_the_others(healthy: WireCloud, path: str, reply: Any, detail: str) -> None:
    healthy.on(path, reply)
    found = facts(healthy)
    assert (found["compute"].level, found["compute"].detail) == ("critical", detail)
    assert found["compute"].next_step
    assert found["network"].level == "ok"


def test_a_service_that_hangs_costs_only_its_own_time(healthy: WireCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.sources.openstack_doctor.SECONDS", 3.0)
    healthy.on("/compute/", HANG)
    healthy.on("/image/v2/images", HANG)
    began = time.monotonic()
    found = facts(healthy)
    assert time.monotonic() - began < 15
    assert found["compute"].detail == "accepted the connection but did not answer within 1.5 s"
    assert found["image"].detail.startswith("too slow: did not finish within")
    assert found["network"].level == "ok"


def test_a_service_that_the_catalogue_lacks(healthy: WireCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(__import__("tests.wire_cloud").wire_cloud.SERVICES, "placement")
    found = facts(healthy)
    assert found["placement"].level == "warning"
    assert found["placement"].detail == "the catalogue has no placement in region RegionOne"


def test_a_service_that_few_clouds_have_is_told_of_where_it_is(healthy: WireCloud) -> None:
    assert "dns" not in facts(healthy)
    healthy.further["dns"] = ("designate", "/dns")
    healthy.on("/dns/", json_reply({"versions": [{"id": "v2", "status": "CURRENT", "links": []}]}, 300))
    healthy.on("/dns/v2/service_statuses", FORBIDDEN)
    found = facts(healthy)["dns"]
    assert (found.level, found.refused) == ("warning", "may not list DNS services: needs role reader or admin")


def test_a_clock_that_is_wrong(healthy: WireCloud) -> None:
    healthy.on("/compute/", json_reply(recorded("compute/versions"), Date="Sat, 21 Nov 2020 03:47:19 GMT"))
    compute = facts(healthy)["compute"]
    assert compute.level == "warning"
    assert compute.detail.endswith(" d behind ours")


def test_no_roles(healthy: WireCloud) -> None:
    healthy.roles = []
    who = facts(healthy)["identity"]
    assert who.level == "warning"
    assert who.identity.endswith(": no role")


def test_a_cloud_that_is_not_configured(cloud: WireCloud) -> None:
    (fact,) = OpenStackSource(Site("nowhere")).doctor(Deadline(5))
    assert (fact.system, fact.level) == ("openstack", "critical")
    assert "not in" in fact.detail
    assert "one of: wire" in fact.next_step


def test_a_broken_configuration_file(cloud: WireCloud, tmp_path: Path) -> None:
    (tmp_path / "clouds.yaml").write_text("clouds:\n  wire: {auth: {password: 'hunter2}\n")
    (fact,) = OpenStackSource(Site("wire")).doctor(Deadline(5))
    assert fact.level == "critical"
    assert "hunter2" not in f"{fact}"
    assert "clouds.yaml" in fact.address
