"""Projects without a kind of their own: `get SERVICE/COLLECTION` says what openstacksdk finds; all made through it."""

from __future__ import annotations

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
    finally:
        cloud.orchestration.delete_stack(stack)


def test_secrets(lab: RealLab, cloud: Any) -> None:
    secret = cloud.key_manager.create_secret(
        name=NAME, payload="anything", payload_content_type="text/plain", secret_type="passphrase"
    )
    try:
        row = states(lab, "key-manager/secrets")[secret.secret_id]
        assert row == (NAME, "ACTIVE")
        assert "anything" not in lab.nephoscope("get", "key-manager/secrets", "-o", "json").stdout
    finally:
        cloud.key_manager.delete_secret(secret.secret_id)


def test_zones(lab: RealLab, cloud: Any) -> None:
    zone = cloud.dns.create_zone(name=ZONE, email="hostmaster@nephoscope-test.example")
    try:
        until(lambda: states(lab, "dns/zones").get(zone.id), lambda row: row == (ZONE, "ACTIVE"), 90)
        same(lab, "dns/zones", cloud.dns.zones)
    finally:
        cloud.dns.delete_zone(zone)


def test_services_of_shared_file_systems(lab: RealLab, cloud: Any) -> None:
    """Manila's own processes, by number; its shares are none in a fresh lab."""
    listed = cloud.shared_file_system.get("/services", microversion="2.7").json()["services"]
    assert {each["binary"] for each in listed} == {"manila-scheduler", "manila-share"}
    assert len(lab.get("shared-file-system/services")) == len(listed)
    assert lab.get("shared-file-system/shares") == []


def test_load_balancers(lab: RealLab, cloud: Any) -> None:
    """None: nothing works on them in a lab, so one that is made could not be removed."""
    assert [each.id for each in cloud.load_balancer.load_balancers()] == []
    done = lab.nephoscope("get", "load-balancer/loadbalancers", "-o", "json")
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
