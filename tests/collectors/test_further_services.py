"""Services that no lab of ours runs, as whole reads from a scripted cloud: versions asked for, pages, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collectors import registry
from collectors.errors import NotOffered, Refused
from collectors.raw import raw_object
from collectors.read import read
from collectors.request import Rest
from collectors.snapshot import Snapshot
from collectors.sources.base import Where
from tests.collectors.kinds.recordings import NOW
from tests.wire_cloud import PROJECT, SERVICES, WireCloud, recorded, wire_cloud
from tests.wire_server import Reply, Seen, json_reply

FURTHER = {
    "baremetal": ("ironic", "/baremetal"),
    "container-infra": ("magnum", "/magnum/v1"),
    "load-balancer": ("octavia", "/load-balancer"),
    "object-store": ("swift", f"/v1/AUTH_{PROJECT}"),
    "dns": ("designate", "/dns"),
    "key-manager": ("barbican", "/key-manager"),
}


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WireCloud]:
    """A scripted cloud with all of them in its catalogue."""
    with wire_cloud(tmp_path, monkeypatch) as running:
        running.further = dict(FURTHER)
        yield running


def snapshot(cloud: WireCloud, name: str) -> Snapshot:
    """One read of a kind."""
    connections = cloud.connections()
    try:
        return read(registry.kind(name), connections, clock=lambda: NOW)
    finally:
        connections.close()


def named(found: Snapshot) -> list[str]:
    assert found.errors == ()
    return [found.kind.name_of(row) for row in found.rows]


@pytest.mark.parametrize(
    ("name", "path", "header", "version", "rows"),
    [
        ("baremetal-nodes", "/baremetal/v1/nodes/detail", "x-openstack-ironic-api-version", "1.82", 4),
        ("clusters", "/magnum/v1/clusters/detail", "openstack-api-version", "container-infra 1.10", 3),
        ("load-balancers", "/load-balancer/v2/lbaas/loadbalancers", "openstack-api-version", None, 3),
        ("amphorae", "/load-balancer/v2/octavia/amphorae", "openstack-api-version", None, 3),
        ("object-containers", f"/v1/AUTH_{PROJECT}", "openstack-api-version", None, 2),
    ],
)
def test_a_whole_read(cloud: WireCloud, name: str, path: str, header: str, version: str | None, rows: int) -> None:
    cloud.on(path, json_reply(recorded(f"reference/{name}")))
    found = snapshot(cloud, name)
    assert (len(found.rows), found.odd, found.complete) == (rows, 0, True)
    assert cloud.asked(path)[0].headers.get(header) == version


def test_ironic_before_its_node_had_a_fault(cloud: WireCloud) -> None:
    """An older Ironic: a lower version, and what it does not know yet is not known."""
    old = {"nodes": [{"uuid": "n", "name": "bm", "provision_state": "available", "power_state": "power off"}]}

    def answer(seen: Seen) -> Reply:
        if seen.headers["x-openstack-ironic-api-version"] != "1.31":
            return json_reply({"error_message": "no"}, 406, X_OpenStack_Ironic_API_Maximum_Version="1.31")
        return json_reply(old)

    cloud.on("/baremetal/v1/nodes/detail", answer)
    found = snapshot(cloud, "baremetal-nodes")
    assert named(found) == ["bm"]
    assert [health.level for health in found.healths] == ["ok"]


def test_ironics_pages(cloud: WireCloud) -> None:
    path = "/baremetal/v1/nodes/detail"

    def answer(seen: Seen) -> Reply:
        if seen.query.get("marker") == "a":
            return json_reply({"nodes": [{"uuid": "b"}]})
        return json_reply({"nodes": [{"uuid": "a"}], "next": f"http://elsewhere{path}?limit=1&marker=a"})

    cloud.on(path, answer)
    assert named(snapshot(cloud, "baremetal-nodes")) == ["a", "b"]


def test_magnums_pages(cloud: WireCloud) -> None:
    path = "/magnum/v1/clusters/detail"

    def answer(seen: Seen) -> Reply:
        if seen.query.get("marker") == "a":
            return json_reply({"clusters": [{"uuid": "b", "name": "second"}]})
        return json_reply({"clusters": [{"uuid": "a", "name": "first"}], "next": f"http://x{path}?limit=1&marker=a"})

    cloud.on(path, answer)
    assert named(snapshot(cloud, "clusters")) == ["first", "second"]


def test_barbicans_pages_by_offset_in_its_link(cloud: WireCloud) -> None:
    path = "/key-manager/v1/secrets"

    def secret(number: int) -> dict[str, Any]:
        return {"secret_ref": f"http://vip:9311/v1/secrets/s{number}", "name": f"n{number}"}

    def answer(seen: Seen) -> Reply:
        start = int(seen.query.get("offset", 0))
        more = {"next": f"http://vip:9311/v1/secrets?limit=100&offset={start + 1}"} if start < 2 else {}
        return json_reply({"secrets": [secret(start)], "total": 3} | more)

    cloud.on(path, answer)
    assert named(snapshot(cloud, "secrets")) == ["n0", "n1", "n2"]


def test_zones_of_every_project(cloud: WireCloud) -> None:
    path = "/dns/v2/zones"
    cloud.on(path, json_reply(recorded("dns/zones")))
    assert named(snapshot(cloud, "zones")) == ["example.org."]
    assert cloud.asked(path)[0].headers["x-auth-all-projects"] == "true"


def test_an_account_of_swift_without_containers(cloud: WireCloud) -> None:
    cloud.on(f"/v1/AUTH_{PROJECT}", json_reply([]))
    assert named(snapshot(cloud, "object-containers")) == []


def test_amphorae_are_for_administrators(cloud: WireCloud) -> None:
    cloud.on("/load-balancer/v2/octavia/amphorae", json_reply({"faultstring": "Policy does not allow this"}, 403))
    (error,) = snapshot(cloud, "amphorae").errors
    assert isinstance(error, Refused)


@pytest.mark.parametrize(
    ("name", "path", "fixture", "identity"),
    [
        (
            "baremetal-nodes",
            "/baremetal/v1/nodes/detail",
            "reference/baremetal-nodes",
            "2f94e0b6-8d2a-4a5f-8b1a-5b9d8e9c3f01",
        ),
        ("clusters", "/magnum/v1/clusters/detail", "reference/clusters", "746e779a-751a-456b-a3e9-c883d734946f"),
        (
            "amphorae",
            "/load-balancer/v2/octavia/amphorae",
            "load-balancer/amphorae",
            "6bd55cd3-802e-447e-a518-1e74e23bb106",
        ),
        ("object-containers", f"/v1/AUTH_{PROJECT}", "reference/object-containers", "marktwain"),
        ("zones", "/dns/v2/zones", "dns/zones", "c5387433-c049-4192-9e53-29c8d0614c12"),
        ("dns-services", "/dns/v2/service_statuses", "dns/service_statuses", "0a4119af-3c0d-49e7-b915-85c74e5acc61"),
        ("secrets", "/key-manager/v1/secrets", "key-manager/secrets", "a8bc863b-0a89-430b-b0c5-a38901eb692f"),
    ],
)
def test_one_object_as_it_is_listed(cloud: WireCloud, name: str, path: str, fixture: str, identity: str) -> None:
    """These have no address that answers with the same object in the same envelope."""
    cloud.on(path, json_reply(recorded(fixture)))
    connections = cloud.connections()
    try:
        found: Any = raw_object(registry.kind(name), connections, Where(), identity, NOW)
    finally:
        connections.close()
    assert identity in msgspec.json.encode(found).decode()
    assert cloud.paths()[-1] == path


@pytest.mark.parametrize(
    "name", [kind.name for kind in registry.kinds() if kind.optional and isinstance(kind.read, Rest)]
)
def test_without_its_service_a_kind_says_that_there_is_none(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with wire_cloud(tmp_path, monkeypatch) as bare:
        for service in ("orchestration", "shared-file-system"):
            monkeypatch.delitem(SERVICES, service)
        (error,) = snapshot(bare, name).errors
    assert isinstance(error, NotOffered)
