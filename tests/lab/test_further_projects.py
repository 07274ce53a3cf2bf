"""The further projects: our kinds and `get SERVICE/COLLECTION` say what openstacksdk finds; all made through it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openstack
import pytest
from openstack.config import OpenStackConfig

from tests.lab.real import RealLab, until

pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(600),
    # openstacksdk warns of what it does itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:openstack"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning:openstack"),
]

NAME = "nephoscope-test"
ZONE = "nephoscope-test.example."
TEMPLATE = {"heat_template_version": "2018-08-31", "resources": {"word": {"type": "OS::Heat::RandomString"}}}


@pytest.fixture(scope="module")
def cloud(lab: RealLab) -> Iterator[Any]:
    config = OpenStackConfig(config_files=[str(lab.state / "clouds.yaml")], load_envvars=False)
    found = openstack.connection.Connection(config=config.get_one("lab"))
    yield found
    found.close()


FAILS = {
    "heat_template_version": "2018-08-31",
    "resources": {"bad": {"type": "OS::Heat::TestResource", "properties": {"fail": True}}},
}


def states(lab: RealLab, kind: str) -> dict[str, tuple[str, str | None]]:
    """Id → name and status, by our own command."""
    return {row["id"].rpartition("/")[2]: (row["name"], row["status"]) for row in lab.get(kind)}


def same(lab: RealLab, kind: str, found: Any, name: str = "name", status: str = "status") -> None:
    """Our rows are those of the SDK, when both have come to rest."""
    until(
        lambda: (states(lab, kind), {each.id: (getattr(each, name), getattr(each, status)) for each in found()}),
        lambda both: both[0] == both[1] and bool(both[0]),
        90,
    )


def test_stacks(lab: RealLab, cloud: Any) -> None:
    stack = cloud.orchestration.create_stack(name=NAME, template=TEMPLATE)
    try:
        until(
            lambda: states(lab, "orchestration/stacks").get(stack.id), lambda row: row == (NAME, "CREATE_COMPLETE"), 90
        )
        same(lab, "orchestration/stacks", cloud.orchestration.stacks)
        same(lab, "stacks", cloud.orchestration.stacks)
    finally:
        cloud.orchestration.delete_stack(stack)


def test_a_stack_that_fails_says_why(lab: RealLab, cloud: Any) -> None:
    stack = cloud.orchestration.create_stack(name=f"{NAME}-fails", template=FAILS)
    try:
        row = until(lambda: lab.row("stacks", stack.id), lambda found: found.get("health") == "critical", 90)
        found = cloud.orchestration.get_stack(stack.id)
        assert row["status"] == found.status == "CREATE_FAILED"
        assert row["reason"] == f"create failed: {found.status_reason}"
    finally:
        cloud.orchestration.delete_stack(stack)


def test_the_processes_of_heat_designate_and_manila(lab: RealLab, cloud: Any) -> None:
    engines = cloud.orchestration.get("/services").json()["services"]
    assert {row["id"]: row["status"] for row in lab.get("orchestration-services")} == {
        each["id"]: each["status"] for each in engines
    }
    statuses = cloud.dns.get("/service_statuses").json()["service_statuses"]
    assert {row["id"]: row["service"] for row in lab.get("dns-services")} == {
        each["id"]: each["service_name"] for each in statuses
    }
    listed = cloud.shared_file_system.get("/services", microversion="2.7").json()["services"]
    assert {(row["binary"], row["host"], row["state"]) for row in lab.get("share-services")} == {
        (each["binary"], each["host"], each["state"]) for each in listed
    }
    for kind in ("orchestration-services", "dns-services", "share-services"):
        assert {row["health"] for row in lab.get(kind)} == {"ok"}, kind


def test_secrets(lab: RealLab, cloud: Any) -> None:
    secret = cloud.key_manager.create_secret(
        name=NAME, payload="anything", payload_content_type="text/plain", secret_type="passphrase"
    )
    try:
        row = states(lab, "key-manager/secrets")[secret.secret_id]
        assert row == (NAME, "ACTIVE")
        assert states(lab, "secrets")[secret.secret_id] == row
        for kind in ("key-manager/secrets", "secrets"):
            assert "anything" not in lab.nephoscope("get", kind, "-o", "json").stdout
    finally:
        cloud.key_manager.delete_secret(secret.secret_id)


def test_zones(lab: RealLab, cloud: Any) -> None:
    zone = cloud.dns.create_zone(name=ZONE, email="hostmaster@nephoscope-test.example")
    try:
        until(lambda: states(lab, "dns/zones").get(zone.id), lambda row: row == (ZONE, "ACTIVE"), 90)
        same(lab, "dns/zones", cloud.dns.zones)
        same(lab, "zones", cloud.dns.zones)
        assert lab.row("zones", zone.id)["serial"] == cloud.dns.get_zone(zone.id).serial
    finally:
        cloud.dns.delete_zone(zone)


def test_services_of_shared_file_systems(lab: RealLab, cloud: Any) -> None:
    """Manila's own processes, by number."""
    listed = cloud.shared_file_system.get("/services", microversion="2.7").json()["services"]
    assert {each["binary"] for each in listed} == {"manila-scheduler", "manila-share"}
    assert len(lab.get("shared-file-system/services")) == len(listed)


def test_shares(lab: RealLab, cloud: Any) -> None:
    manila = cloud.shared_file_system
    specs = {"driver_handles_share_servers": "False"}
    body = {"share_type": {"name": NAME, "extra_specs": specs}}
    kind = manila.post("/types", json=body, microversion="2.65").json()["share_type"]["id"]
    try:
        asked = {"share": {"name": NAME, "share_proto": "NFS", "size": 1, "share_type": kind}}
        share = manila.post("/shares", json=asked, microversion="2.65").json()["share"]["id"]
        try:
            row = until(lambda: lab.row("shares", share), lambda found: found.get("status") == "available", 60)
            said = manila.get(f"/shares/{share}", microversion="2.65").json()["share"]
            assert (row["name"], row["host"], row["size"]) == (said["name"], said["host"], said["size"] * 2**30)
            assert (row["health"], row["project_id"]) == ("ok", said["project_id"])
        finally:
            manila.delete(f"/shares/{share}", microversion="2.65")
            until(lambda: lab.row("shares", share), lambda found: not found, 60)
    finally:
        manila.delete(f"/types/{kind}", microversion="2.65")


MOVE_ON = 'update load_balancer set provisioning_status = "CHANGE", operating_status = "SERVING" where id = "ID"'
ADD_AMPHORA = (
    "insert into amphora (id, status, role, load_balancer_id, lb_network_ip, cert_busy) values "
    '("6bd55cd3-802e-447e-a518-1e74e23bb106", "ERROR", "MASTER", "ID", "192.0.2.2", 0)'
)
REMOVE = (
    'delete from amphora where load_balancer_id = "ID"; delete from vip where load_balancer_id = "ID"; '
    'delete from load_balancer where id = "ID"'
)


def octavia_sql(lab: RealLab, statement: str, **words: str) -> None:
    """A statement in Octavia's database: the lab's provider does nothing, so nothing else moves a load balancer on."""
    for name, value in words.items():
        statement = statement.replace(name, value)
    lab.on("ctl01", "mysql", "octavia", "-e", f"'{statement}'")


def test_load_balancers(lab: RealLab, cloud: Any) -> None:
    """One is made by the API; what a working provider would report is written where it would be."""
    subnet = next(cloud.network.subnets(name="private"))
    made = cloud.load_balancer.create_load_balancer(name=NAME, vip_subnet_id=subnet.id)
    try:
        row = lab.row("load-balancers", made.id)
        assert (row["name"], row["vip_address"], row["provider"]) == (NAME, made.vip_address, made.provider)
        same(lab, "load-balancer/loadbalancers", cloud.load_balancer.load_balancers, status="provisioning_status")
        for serving, change, health in (
            ("ONLINE", "ACTIVE", "ok"),
            ("DEGRADED", "ACTIVE", "warning"),
            ("ONLINE", "ERROR", "critical"),
        ):
            octavia_sql(lab, MOVE_ON, CHANGE=change, SERVING=serving, ID=made.id)
            row, found = lab.row("load-balancers", made.id), cloud.load_balancer.get_load_balancer(made.id)
            assert (row["operating_status"], row["provisioning_status"]) == (serving, change)
            assert (found.operating_status, found.provisioning_status) == (serving, change)
            assert row["health"] == health
        octavia_sql(lab, ADD_AMPHORA, ID=made.id)
        (amphora,), (said,) = lab.get("amphorae"), cloud.load_balancer.amphorae()
        assert (amphora["id"], amphora["status"], amphora["role"]) == (said.id, said.status, said.role)
        assert (amphora["load_balancer_id"], amphora["health"]) == (made.id, "critical")
        told = {each["system"]: each for each in json.loads(lab.nephoscope("health", "-o", "json").stdout)}
        assert told["load-balancer"]["health"] == "critical"
        assert amphora["id"] in told["load-balancer"]["reason"]
    finally:
        octavia_sql(lab, REMOVE, ID=made.id)
    assert lab.get("load-balancers") == lab.get("amphorae") == []


def test_what_the_lab_does_not_run_is_said_and_left_out_of_the_overview(lab: RealLab) -> None:
    for kind in ("clusters", "baremetal-nodes", "object-containers"):
        done = lab.nephoscope("get", kind)
        assert "the catalogue has no " in done.stderr
        assert done.returncode == 78
    told = lab.nephoscope("health").stdout
    assert "orchestration" in told
    assert "dns" in told
    assert not any(word in told for word in ("baremetal", "container-infra", "object-store"))
