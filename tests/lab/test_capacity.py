"""Capacity by flavor on a real Placement: one more fits on as many hosts as it has candidates for."""

from __future__ import annotations

from typing import Any

import openstack
import pytest
from openstack.config import OpenStackConfig

from tests.lab.real import RealLab

pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(300),
    # openstacksdk warns of what it does itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:openstack"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning:openstack"),
]


def candidates(cloud: Any, needs: dict[str, int]) -> int:
    """On how many hosts Placement would let these resources in."""
    asked = ",".join(f"{name}:{amount}" for name, amount in needs.items())
    path = f"/allocation_candidates?resources={asked}"
    answer = cloud.placement.get(path, headers={"OpenStack-API-Version": "placement 1.39"})
    answer.raise_for_status()
    return len(answer.json()["allocation_requests"])


def test_capacity_agrees_with_placement(lab: RealLab) -> None:
    config = OpenStackConfig(config_files=[str(lab.state / "clouds.yaml")], load_envvars=False)
    cloud = openstack.connection.Connection(config=config.get_one("lab"))
    told = [row for row in lab.get("capacities") if row["level"] == "cloud"]
    assert told
    for row in told:
        needs = {name: int(amount) for name, amount in (each.split("=") for each in row["needs"].split(", "))}
        assert candidates(cloud, needs) == row["hosts"], row["flavor"]
        # The host with most room takes that many at a time, as far as one allocation may be as large (`max_unit`).
        assert row["most"] >= 1
        assert candidates(cloud, {row["tight"]: needs[row["tight"]]}) >= row["hosts"]


def test_what_this_ceph_has_none_of_is_told_so(lab: RealLab) -> None:
    assert lab.get("ceph-filesystems") == []
    assert lab.get("ceph-services") == []
