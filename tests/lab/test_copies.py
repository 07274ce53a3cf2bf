"""A snapshot and a keypair on real services: made, compared with python-openstackclient, removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openstack
import pytest
from openstack.config import OpenStackConfig

from tests.agreement import OPENSTACK, below, mine, theirs
from tests.lab.real import RealLab, until

pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(600),
    # openstacksdk warns of what it does itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:openstack"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning:openstack"),
]

NAME = "nephoscope-test"


@pytest.fixture(scope="module")
def cloud(lab: RealLab) -> Iterator[Any]:
    config = OpenStackConfig(config_files=[str(lab.state / "clouds.yaml")], load_envvars=False)
    found = openstack.connection.Connection(config=config.get_one("lab"))
    yield found
    found.close()


def test_a_snapshot_of_a_volume(lab: RealLab, cloud: Any) -> None:
    volume = cloud.block_storage.create_volume(name=NAME, size=1, volume_type="fast")
    cloud.block_storage.wait_for_status(volume, "available", ["error"], interval=1, wait=60)
    snapshot = cloud.block_storage.create_snapshot(name=NAME, volume_id=volume.id)
    try:
        row = until(lambda: lab.row("snapshots", snapshot.id), lambda found: found.get("status") == "available", 60)
        assert (row["name"], row["volume_id"], row["size"], row["health"]) == (NAME, volume.id, 2**30, "ok")
        line, environ = next(each for each in OPENSTACK if each.kind == "snapshots"), lab.environment()
        assert mine(line, environ) == theirs(line, environ)
    finally:
        cloud.block_storage.delete_snapshot(snapshot)
        until(lambda: lab.row("snapshots", snapshot.id), lambda found: not found, 60)
        cloud.block_storage.delete_volume(volume)


def test_a_keypair_and_never_its_key(lab: RealLab, cloud: Any) -> None:
    made = cloud.compute.create_keypair(name=NAME)
    try:
        (_, line), environ = below("admin"), lab.environment()
        ours = mine(line, environ)
        assert ours == theirs(line, environ)
        assert NAME in {dict(row)["name"] for row in ours}
        done = lab.nephoscope("get", "keypairs", "user=admin", "-o", "json")
        assert made.public_key.split()[1] not in done.stdout
    finally:
        cloud.compute.delete_keypair(made)
