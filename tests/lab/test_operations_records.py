"""Operations of the catalogue, Cinder, Glance and Nova's records on the real services, compared with their own client.

Everything that is changed is made here and removed again, but for one back-end of Cinder, which is disabled and frozen
for a moment, and one limit of the project `demo`; both are taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from runbooks.registry import operation
from tests.lab.openstack_client import Client
from tests.lab.operating import Operating
from tests.lab.real import RealLab, until

pytestmark = pytest.mark.lab
NAME = "nephoscope-records"


def done(operating: Operating, name: str, word: str, values: Mapping[str, str]) -> None:
    """Plan and carry out what has a parameter called `name`."""
    plan = operating.plan(name, [word], values)
    assert not plan.closed, [f"{guard.name}: {guard.words}" for guard in plan.closed]
    outcome = operating.doing.perform(plan, operation(name), [part.name for part in plan.parts], "a test")
    assert outcome.result == "done", outcome.words


def test_a_service_and_its_endpoint(lab: RealLab, operating: Operating, client: Client) -> None:
    url, other = f"http://{lab.vip}:8778", f"http://{lab.vip}:5000/v3"
    try:
        done(operating, "service.create", "type=identity", {"name": NAME, "type": "x-records", "description": "a test"})
        shown = client.json("service", "show", NAME)
        assert (shown["type"], shown["enabled"], shown["description"]) == ("x-records", True, "a test")
        operating.undo(operating.do("service.disable", NAME))
        assert client.json("service", "show", NAME)["enabled"] is True
        operating.do("service.add-endpoint", NAME, interface="internal", region="RegionOne", url=url)
        ours = f"service={NAME}"
        changed = operating.do("endpoint.set-url", ours, url=other)
        (shown,) = client.json("endpoint", "list", "--service", NAME)
        assert (shown["URL"], shown["Interface"], shown["Enabled"]) == (other, "internal", True)
        operating.undo(changed)
        operating.undo(operating.do("endpoint.set-interface", ours, interface="admin"))
        (shown,) = client.json("endpoint", "list", "--service", NAME)
        assert (shown["URL"], shown["Interface"]) == (url, "internal")
        dead = operating.plan("endpoint.set-url", [ours], {"url": f"http://{lab.vip}:9"})
        assert [guard.name for guard in dead.closed] == ["answers"]
        assert {g.name for g in operating.plan("service.delete", [NAME]).closed} == {"unused"}
        operating.do("endpoint.disable", ours)
        assert client.json("endpoint", "list", "--service", NAME)[0]["Enabled"] is False
        operating.do("endpoint.delete", ours)
        assert client.json("endpoint", "list", "--service", NAME) == []
        operating.do("service.delete", NAME)
        assert NAME not in client("service", "list")
    finally:
        client.tried("service", "delete", NAME)
    keystone = operating.plan("endpoint.disable", ["type=identity", "ours=true"])
    assert "way-back" in {guard.name for guard in keystone.closed}
    operating.do("service.check", "cinder")
    assert {g.name for g in operating.plan("service.check", ["keystone"]).closed} >= {"service-user"}


def test_a_back_end_is_disabled_and_frozen(operating: Operating, client: Client) -> None:
    host = "ctl01@fast"

    def shown() -> tuple[str, str | None]:
        rows = client.json("volume", "service", "list", "--long")
        (row,) = (row for row in rows if row["Host"] == host)
        return row["Status"], row["Disabled Reason"] or None

    before = shown()
    assert before == ("enabled", None)
    operating.do("volume-service.disable", host, reason="a test")
    try:
        assert shown() == ("disabled", "a test")
    finally:
        # Cinder 29.0.0 answers 200 to PUT /os-services/enable and changes nothing; thawing enables.
        frozen = operating.do("volume-service.freeze", host)
        try:
            assert shown() == ("disabled", "frozen")
        finally:
            operating.undo(frozen)
    assert shown() == before


def test_a_volume_moves_to_another_pool_and_back(operating: Operating, client: Client) -> None:
    replicating = client.json("volume", "create", "--size", "1", "--type", "fast", f"{NAME}-replicates")["id"]
    client("volume", "type", "create", "--property", "volume_backend_name=fast", NAME)
    volume = client.json("volume", "create", "--size", "1", "--type", NAME, NAME)["id"]

    def shown() -> tuple[str, str]:
        found = client.json("volume", "show", volume)
        return found["status"], found["os-vol-host-attr:host"].partition("@")[2]

    try:
        until(shown, lambda found: found[0] == "available")
        assert shown()[1] == "fast#fast"
        moved = operating.do("volume.migrate", volume, pool="ctl01@fast#fast-spare")
        assert shown() == ("available", "fast#fast-spare")
        operating.undo(moved)
        assert shown() == ("available", "fast#fast")
        refused = operating.plan("volume.migrate", [replicating], {"pool": "ctl01@fast#fast-spare"})
        assert {guard.name for guard in refused.closed} == {"alone"}, "Cinder itself answers 400"
    finally:
        client.tried("volume", "delete", "--purge", volume, replicating)
        until(lambda: NAME in client("volume", "list", "--all-projects"), lambda there: not there)
        client.tried("volume", "type", "delete", NAME)


def test_a_volume_is_given_another_type_and_its_own_again(operating: Operating, client: Client) -> None:
    """The same back-end with another quality of service; and one that its back-end cannot be, which stays as it was."""
    types = (f"{NAME}-1", f"{NAME}-2", f"{NAME}-elsewhere")
    for name, back_end in zip(types, ("fast", "fast", "nowhere"), strict=True):
        client("volume", "type", "create", "--property", f"volume_backend_name={back_end}", name)
    volume = client.json("volume", "create", "--size", "1", "--type", types[0], NAME)["id"]

    def shown() -> tuple[str, str]:
        found = client.json("volume", "show", volume)
        return found["status"], found["type"]

    try:
        until(shown, lambda found: found == ("available", types[0]))
        changed = operating.do("volume.retype", volume, type=types[1])
        assert shown() == ("available", types[1])
        operating.undo(changed)
        assert shown() == ("available", types[0])
        assert set(operating.refused("volume.retype", volume, type=types[0])) == {"sense"}
        refused = operating.tried("volume.retype", volume, type=types[2])
        assert refused.result == "failed", refused.words
        until(shown, lambda found: found == ("available", types[0]))
    finally:
        client.tried("volume", "delete", volume)
        until(lambda: NAME in client("volume", "list", "--all-projects"), lambda there: not there)
        client.tried("volume", "type", "delete", *types)


def test_a_back_end_fails_over_and_back(lab: RealLab, operating: Operating, client: Client) -> None:
    """Its volumes replicate, so that none is lost; Cinder itself leaves it disabled while it has failed over."""
    host = "ctl01@fast"

    def shown() -> tuple[str, str, str, str]:
        (row,) = (row for row in client.json("volume", "service", "list", "--long") if row["Host"] == host)
        (ours,) = lab.get("volume-services", f"host={host}")
        told = ours["replication_status"], ours["active_backend_id"] or ""
        return row["Status"], row["Disabled Reason"] or "", *told

    def states() -> set[tuple[str, str]]:
        rows = client.json("volume", "list", "--all-projects", "--long")
        return {(row["Name"], row["Status"]) for row in rows if row["Type"] == "fast"}

    at_home, before = ("enabled", "", "enabled", ""), states()
    assert shown() == at_home
    assert before, "a volume of the demo project is on it"
    unknown = operating.tried("volume-service.failover", host, backend="nowhere", fenced="a test")
    assert unknown.result == "failed", unknown.words
    assert shown() == at_home
    operating.do("volume-service.failover", host, backend="second-site", fenced="a test")
    try:
        assert shown() == ("disabled", "failed-over", "failed-over", "second-site")
        assert states() == before
    finally:
        operating.do("volume-service.failover", host, backend="default", fenced="a test")
    assert shown() == at_home
    assert states() == before


def test_a_volume_and_its_leftovers(operating: Operating, client: Client) -> None:
    volume = client.json("volume", "create", "--size", "1", NAME)["id"]
    try:
        until(lambda: client.json("volume", "show", volume)["status"], lambda status: status == "available")
        client("volume", "set", "--state", "error", volume)
        refused = operating.plan("volume.reset-state", [volume], {"state": "in-use"})
        assert "truth" in {guard.name for guard in refused.closed}
        operating.do("volume.reset-state", volume, state="available", seen="a test's own")
        assert client.json("volume", "show", volume)["status"] == "available"
        if servers := client.json("server", "list", "--all-projects"):
            newer = ("--os-volume-api-version", "3.70", "volume", "attachment")
            made = client.json(*newer, "create", volume, "--server", servers[0]["ID"])["ID"]
            assert client.json("volume", "show", volume)["status"] == "reserved"
            operating.do("attachment.delete", made, seen="a test's own")
            assert made not in client(*newer, "list", "--all-projects")
            assert client.json("volume", "show", volume)["status"] == "available"
            client.json(*newer, "create", volume, "--server", servers[0]["ID"])
            client(
                "volume", "set", "--state", "error", volume
            )  # reserved would have to last, before it counts as stuck
            operating.do("volume.force-detach", volume, seen="a test's own")
            assert client.json("volume", "show", volume)["status"] == "available"
            assert not client.json(*newer, "list", "--all-projects", "--volume-id", volume)
        snapshot = client.json("volume", "snapshot", "create", "--volume", volume, NAME)["id"]
        until(lambda: client.json("volume", "snapshot", "show", snapshot)["status"], lambda s: s == "available")
        client("volume", "snapshot", "set", "--state", "error", snapshot)
        operating.do("snapshot.reset-state", snapshot, state="available")
        assert client.json("volume", "snapshot", "show", snapshot)["status"] == "available"
        operating.do("snapshot.delete", snapshot)
        assert snapshot not in client("volume", "snapshot", "list")
    finally:
        client.tried("volume", "set", "--state", "available", volume)
        client.tried("volume", "delete", volume)


def test_an_image(operating: Operating, client: Client, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_bytes(b"0" * 512)
    image = client.json("image", "create", "--disk-format", "raw", "--file", str(data), NAME)["id"]
    try:
        operating.undo(operating.do("image.deactivate", image))
        protected = operating.do("image.protect", image)
        shown = client.json("image", "show", image)
        assert (shown["status"], shown["protected"]) == ("active", True)
        operating.undo(protected)
        operating.do("image.delete", image)
        assert image not in client("image", "list")
    finally:
        client.tried("image", "delete", image)


def test_an_aggregate_a_flavor_and_limits(operating: Operating, client: Client) -> None:
    aggregate = str(client.json("aggregate", "create", NAME)["id"])
    beside = f"{NAME}-2"
    try:
        added = operating.do("aggregate.add-host", NAME, host="cmp01")
        assert client.json("aggregate", "show", aggregate)["hosts"] == ["cmp01"]
        operating.undo(added)
        operating.undo(operating.do("aggregate.set", NAME, property="disk", value="ssd"))
        operating.do("aggregate.set-zone", NAME, zone="az-records")
        shown = client.json("aggregate", "show", aggregate)
        assert (shown["hosts"], shown["properties"], shown["availability_zone"]) == ([], {}, "az-records")
        done(operating, "aggregate.create", NAME, {"name": beside, "zone": "az-two"})
        assert client.json("aggregate", "show", beside)["availability_zone"] == "az-two"
        operating.do("aggregate.delete", beside)
        assert beside not in client("aggregate", "list")
    finally:
        client.tried("aggregate", "delete", beside)
        client.tried("aggregate", "remove", "host", aggregate, "cmp01")
        client.tried("aggregate", "delete", aggregate)
    model = client.json("flavor", "list")[0]["Name"]
    try:
        size = {"name": NAME, "vcpus": "3", "ram": "64", "disk": "1", "public": "false"}
        done(operating, "flavor.create", model, size)
        operating.do("flavor.set", NAME, property="hw:cpu_policy", value="shared")
        shown = client.json("flavor", "show", NAME)
        assert (shown["vcpus"], shown["ram"], shown["properties"]) == (3, 64, {"hw:cpu_policy": "shared"})
        let = operating.do("flavor.access-add", NAME, project="demo")
        demo = client.json("project", "show", "demo")["id"]
        assert client.json("flavor", "show", NAME)["access_project_ids"] == [demo]
        operating.undo(let)
        assert not client.json("flavor", "show", NAME)["access_project_ids"]
        operating.do("flavor.unset", NAME, property="hw:cpu_policy")
        assert client.json("flavor", "show", NAME)["properties"] == {}
        operating.do("flavor.delete", NAME)
        assert NAME not in client("flavor", "list", "--all")
    finally:
        client.tried("flavor", "delete", NAME)


@pytest.mark.parametrize(
    ("which", "option", "resource", "shown"),
    [
        ("compute", "--compute", "cores", "cores"),
        ("volume", "--volume", "gigabytes", "gigabytes"),
        ("network", "--network", "port", "ports"),
    ],
)
def test_limits(operating: Operating, client: Client, which: str, option: str, resource: str, shown: str) -> None:
    def limit() -> int:
        return int(next(r["Limit"] for r in client.json("quota", "show", option, "demo") if r["Resource"] == shown))

    before = limit()
    changed = operating.do(f"project.{which}-quota", "demo", resource=resource, limit="777")
    try:
        assert limit() == 777
    finally:
        operating.undo(changed)
    assert limit() == before
