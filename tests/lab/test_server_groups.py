"""A group of servers that keep apart, one of which an operator moves beside another: its policy no longer holds."""

from __future__ import annotations

from typing import Any

import openstack
import pytest
from openstack.config import OpenStackConfig

from runbooks.lab.seed import GROUP, SERVERS
from tests.lab.operating import Operating
from tests.lab.real import RealLab, until
from tests.lab.wired import wire

pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(600),
    # openstacksdk warns of what it does itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:openstack"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning:openstack"),
]


def moved(lab: RealLab, cloud: Any, server: str, host: str) -> None:
    """The server on that host, by live migration, at rest again."""
    cloud.compute.live_migrate_server(server, host=host, block_migration="auto")
    until(
        lambda: lab.row("servers", server),
        lambda row: (row["host"], row["status"], row["task_state"]) == (host, "ACTIVE", None),
        120,
    )


@pytest.mark.long
def test_a_soft_policy_that_no_longer_holds(lab: RealLab, operating: Operating) -> None:
    config = OpenStackConfig(config_files=[str(lab.state / "clouds.yaml")], load_envvars=False)
    cloud = openstack.connection.Connection(config=config.get_one("lab"))
    places = {row["id"]: row["host"] for row in lab.get("servers") if row["name"] in SERVERS}
    assert len(set(places.values())) == len(SERVERS), "the seed's servers are on hosts of their own"
    group = lab.row("server-groups", GROUP)
    assert (group["health"], group["members"]) == ("ok", len(SERVERS))
    first, second, *_ = places
    beside, home = places[first], places[second]
    try:
        moved(lab, cloud, second, beside)
        group = lab.row("server-groups", GROUP)
        assert group["health"] == "warning"
        assert group["reason"] == f"{group['policy']} does not hold: 2 on {beside}"
        said = cloud.compute.get_server_group(group["id"])
        assert {first, second} <= set(said.member_ids)
    finally:
        moved(lab, cloud, second, home)
        cloud.close()
        wire(lab, operating)
    assert lab.row("server-groups", GROUP)["health"] == "ok"
