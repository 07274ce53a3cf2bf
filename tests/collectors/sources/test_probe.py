"""The endpoints of a catalogue, each with what its URL answers."""

from __future__ import annotations

import time
from typing import Any

import pytest

from collectors import registry
from collectors.errors import NotUnderstood, Refused
from collectors.read import read
from collectors.snapshot import Snapshot
from collectors.sources.probe import substituted
from tests.wire_cloud import PROJECT, SERVICES, WireCloud, recorded
from tests.wire_server import HANG, Reply, WireServer, closed_port, json_reply

ENDPOINTS = registry.kind("endpoints")
VERSIONS = {"versions": [{"id": "v2.1", "status": "CURRENT", "version": "2.96", "min_version": "2.1"}]}


def endpoint(identity: str, url: str, interface: str = "public", **more: Any) -> dict[str, Any]:
    """One of Keystone's."""
    found = {"id": identity, "url": url, "interface": interface, "service_id": "s1", "enabled": True}
    return found | {"region": "RegionOne", "region_id": "RegionOne"} | more


def listed(cloud: WireCloud, *found: dict[str, Any]) -> Snapshot:
    """The snapshot of a cloud with these endpoints."""
    cloud.on("/identity/v3/endpoints", json_reply({"endpoints": list(found)}))
    cloud.on("/identity/v3/services", json_reply({"services": [{"id": "s1", "name": "nova", "type": "compute"}]}))
    connections = cloud.connections()
    try:
        return read(ENDPOINTS, connections, clock=time.time)
    finally:
        connections.close()


def row(snapshot: Snapshot, identity: str) -> Any:
    """The row with that id."""
    return snapshot.rows[snapshot.keys[identity]]


def reason(snapshot: Snapshot, identity: str) -> tuple[str, str]:
    """Level and reason of the row with that id."""
    health = snapshot.healths[snapshot.keys[identity]]
    return health.level, health.reason


def test_an_endpoint_is_joined_with_its_service_and_its_answer(cloud: WireCloud) -> None:
    cloud.on("/compute/", json_reply(VERSIONS))
    found = row(listed(cloud, endpoint("e1", f"{cloud.url}/compute/v2.1")), "e1")
    assert (found.name, found.service, found.type, found.interface) == ("nova public", "nova", "compute", "public")
    assert (found.answer, found.status, found.version, found.max_version) == ("answers", 200, "v2.1", "2.96")
    assert 0 < found.round_trip < 5
    assert found.ours is True


def test_our_token_stays_with_keystone(cloud: WireCloud) -> None:
    with WireServer() as stranger:
        stranger.on("/", json_reply(VERSIONS))
        listed(cloud, endpoint("e1", f"{stranger.url}/v2.1"))
        assert stranger.seen
        assert not [seen for seen in stranger.seen if "x-auth-token" in seen.headers]


def test_one_that_hangs_delays_nobody(cloud: WireCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.request.Catalog.probe_seconds", 0.5, raising=False)
    cloud.on("/compute/", json_reply(VERSIONS))
    with WireServer() as mute:
        mute.on("/", HANG)
        mutes = [endpoint(f"m{n}", f"{mute.url}/x{n}/v1") for n in range(5)]
        for n in range(5):
            mute.on(f"/x{n}/", HANG)
        began = time.monotonic()
        found = listed(cloud, endpoint("e1", f"{cloud.url}/compute/v2.1"), *mutes)
        assert time.monotonic() - began < 8
    assert reason(found, "e1")[0] == "ok"
    assert row(found, "e1").round_trip < 0.5
    for n in range(5):
        level, why = reason(found, f"m{n}")
        assert level == "critical"
        assert why.startswith("accepted the connection but did not answer within")


def test_endpoints_with_the_same_url_share_one_probe(cloud: WireCloud) -> None:
    cloud.on("/compute/", json_reply(VERSIONS))
    same = [endpoint(f"e{n}", f"{cloud.url}/compute/v2.1", i) for n, i in enumerate(("public", "internal", "admin"))]
    found = listed(cloud, *same)
    assert len(cloud.asked("/compute/")) == 1
    assert {row(found, f"e{n}").answer for n in range(3)} == {"answers"}


@pytest.mark.parametrize("template", ["%(tenant_id)s", "$(project_id)s", "%(project_id)s"])
def test_templates_are_filled_in_before_asking_and_shown_as_they_are(cloud: WireCloud, template: str) -> None:
    cloud.on(f"/volume/{PROJECT}/", json_reply({"versions": [{"id": "v3.0", "status": "CURRENT"}]}))
    url = f"{cloud.url}/volume/{template}"
    assert row(listed(cloud, endpoint("e1", url)), "e1").answer == "answers"
    assert row(listed(cloud, endpoint("e1", url)), "e1").url == url


def test_substitution() -> None:
    assert substituted("http://x/v1/AUTH_%(tenant_id)s", {"tenant_id": "t"}) == "http://x/v1/AUTH_t"
    assert substituted("http://x/$(unknown)s/y", {}) == "http://x//y"
    assert substituted("http://x/100%", {}) == "http://x/100%"


def test_a_disabled_endpoint_is_not_asked(cloud: WireCloud) -> None:
    found = listed(cloud, endpoint("e1", f"{cloud.url}/compute/v2.1", enabled=False))
    assert cloud.asked("/compute/") == []
    assert reason(found, "e1") == ("ok", "disabled: left out of the catalogue")


def test_a_refused_connection_is_critical_wherever_it_is(cloud: WireCloud) -> None:
    found = listed(cloud, endpoint("e1", f"http://127.0.0.1:{closed_port()}/", "internal"))
    assert reason(found, "e1") == ("critical", "connection refused: nothing listens there")


def test_an_interface_that_we_do_not_use_may_be_out_of_reach(cloud: WireCloud) -> None:
    strange = "http://no-such-host.invalid/"
    found = listed(cloud, endpoint("ours", strange), endpoint("internal", strange, "internal"))
    assert reason(found, "ours")[0] == "critical"
    level, why = reason(found, "internal")
    assert level == "unknown"
    assert why.endswith("is internal reachable from here?")


def test_an_endpoint_of_another_region_is_not_ours(cloud: WireCloud) -> None:
    other = {"region": "RegionTwo", "region_id": "RegionTwo"}
    assert row(listed(cloud, endpoint("e1", "http://no-such-host.invalid/", **other)), "e1").ours is False


def test_those_who_may_not_list_endpoints_see_those_of_their_token(cloud: WireCloud) -> None:
    cloud.on("/identity/v3/endpoints", json_reply({"error": {"code": 403, "message": "no"}}, 403))
    for path in (
        "/compute/",
        "/identity/",
        "/placement/",
        "/network/",
        "/volume/",
        "/image/",
        "/orchestration/",
        "/shared-file-system/",
    ):
        cloud.on(path, json_reply(VERSIONS))
    connections = cloud.connections()
    found = read(ENDPOINTS, connections, clock=time.time)
    connections.close()
    assert len(found.rows) == 3 * len(SERVICES)
    assert {row.answer for row in found.rows} == {"answers"}  # type: ignore[union-attr]
    assert row(found, "compute-public").name == "nova public"


def test_a_refusal_that_is_no_lack_of_roles_is_told(cloud: WireCloud) -> None:
    cloud.on("/identity/v3/endpoints", json_reply({"error": {"code": 401, "message": "no"}}, 401))
    connections = cloud.connections()
    found = read(ENDPOINTS, connections, clock=time.time)
    connections.close()
    assert isinstance(found.errors[0], Refused)


@pytest.mark.parametrize("reply", [Reply(body=b""), json_reply({"endpoints": [{"id": 3}]})], ids=["empty", "odd"])
def test_a_list_of_endpoints_that_is_none(cloud: WireCloud, reply: Reply) -> None:
    cloud.on("/identity/v3/endpoints", reply)
    cloud.on("/identity/v3/services", json_reply({"services": []}))
    connections = cloud.connections()
    found = read(ENDPOINTS, connections, clock=time.time)
    connections.close()
    assert isinstance(found.errors[0], NotUnderstood)


def test_the_recorded_catalogue(cloud: WireCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    # Its addresses are unreachable here, so only the join is looked at.
    cloud.on("/identity/v3/endpoints", json_reply(recorded("identity/endpoints")))
    cloud.on("/identity/v3/services", json_reply(recorded("identity/services")))
    connections = cloud.connections()
    found = read(ENDPOINTS, connections, clock=time.time, deadline=1.0)
    connections.close()
    names = {row.name for row in found.rows}  # type: ignore[union-attr]
    assert {"nova public", "neutron internal", "keystone admin", "glance public"} <= names
    assert len(found.rows) == len(recorded("identity/endpoints")["endpoints"])
