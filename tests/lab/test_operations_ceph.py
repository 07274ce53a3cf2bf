"""Operations on the real Ceph: each is done, compared with what `ceph` itself says, and taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lab.operating import Operating
from tests.lab.real import RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]


@pytest.fixture
def ops(lab: RealLab, operating: Operating) -> Operating:
    # What the test before moved is back in its place: operations that move data wait for that.
    until(lambda: {state["name"] for state in ceph(lab, "pg stat")["pg_summary"]["num_pg_by_state"]}, _clean, 120)
    return operating


def ceph(lab: RealLab, command: str) -> Any:
    """What Ceph's own program says."""
    return json.loads(lab.on("ceph01", f"ceph --connect-timeout 10 -f json {command}"))


def _clean(states: set[str]) -> bool:
    return all(state.startswith("active+clean") for state in states)


def osd(lab: RealLab, number: int) -> dict[str, Any]:
    found: dict[str, Any] = ceph(lab, "osd dump")["osds"][number]
    return found


def pool(lab: RealLab, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in ceph(lab, "osd pool ls detail") if each["pool_name"] == name)
    return found


def test_an_osd_is_taken_out_and_in_again(lab: RealLab, ops: Operating) -> None:
    done = ops.do("osd.out", "osd.2")
    assert (osd(lab, 2)["in"], osd(lab, 2)["up"]) == (0, 1)
    second = ops.plan("osd.out", ["osd.1"])
    assert "one-at-a-time" in {guard.name for guard in second.closed}, "two hosts at once"
    ops.undo(done)
    assert (osd(lab, 2)["in"], osd(lab, 2)["weight"]) == (1, 1)


def test_an_osd_gets_other_weights(lab: RealLab, ops: Operating) -> None:
    done = ops.do("osd.reweight", "osd.0", weight="0.9")
    assert osd(lab, 0)["weight"] == pytest.approx(0.9, abs=0.001)
    ops.undo(done)
    done = ops.do("osd.primary-affinity", "osd.0", affinity="0.5")
    assert osd(lab, 0)["primary_affinity"] == 0.5
    ops.undo(done)
    assert (osd(lab, 0)["weight"], osd(lab, 0)["primary_affinity"]) == (1, 1)


def test_an_osd_goes_down_and_comes_back(lab: RealLab, ops: Operating) -> None:
    before = osd(lab, 1)
    ops.do("osd.restart", "osd.1")
    after = osd(lab, 1)
    assert after["up"] == 1
    assert after["up_from"] > before["up_from"]
    ops.do("osd.down", "osd.1")
    assert osd(lab, 1)["down_at"] > after["down_at"]
    until(lambda: osd(lab, 1)["up"], lambda up: up == 1)


def test_flags_of_the_cluster_and_of_a_host(lab: RealLab, ops: Operating) -> None:
    done = ops.do("ceph-flag.set", "noscrub")
    assert "noscrub" in ceph(lab, "osd dump")["flags_set"]
    muted = ops.do("ceph-health-check.mute", "OSDMAP_FLAGS", lasting="1h", reason="a test")
    (mute,) = ceph(lab, "health")["mutes"]
    assert mute["code"] == "OSDMAP_FLAGS"
    ops.undo(muted)
    assert ceph(lab, "health")["mutes"] == []
    ops.undo(done)
    done = ops.do("ceph-flag.set", "noout", of="ceph02")
    assert ceph(lab, "osd dump")["crush_node_flags"] == {"ceph02": ["noout"]}
    ops.undo(done)
    dump = ceph(lab, "osd dump")
    assert (dump["crush_node_flags"], "noscrub" in dump["flags_set"]) == ({}, False)


@pytest.mark.parametrize(("verb", "stamp"), [("scrub", "last_scrub_stamp"), ("deep-scrub", "last_deep_scrub_stamp")])
def test_a_group_is_scrubbed(lab: RealLab, ops: Operating, verb: str, stamp: str) -> None:
    before = ceph(lab, "pg 3.1 query")["info"]["history"]
    ops.do(f"pg.{verb}", "3.1")
    assert ceph(lab, "pg 3.1 query")["info"]["history"][stamp] > before[stamp]


def test_a_pool_gets_a_quota_and_keeps_its_copies(lab: RealLab, ops: Operating) -> None:
    done = ops.do("pool.quota", "vms", bytes="2GiB", objects="5000")
    assert (pool(lab, "vms")["quota_max_bytes"], pool(lab, "vms")["quota_max_objects"]) == (2 << 30, 5000)
    ops.undo(done)
    assert (pool(lab, "vms")["quota_max_bytes"], pool(lab, "vms")["quota_max_objects"]) == (0, 0)
    for name, copies in (("pool.size", "2"), ("pool.size", "4"), ("pool.min-size", "1"), ("pool.min-size", "3")):
        plan = ops.plan(name, ["vms"], {"copies": copies})
        assert [guard.name for guard in plan.closed] == ["copies"], (name, copies)


def test_a_monitor_restarts_and_a_manager_takes_over(lab: RealLab, ops: Operating) -> None:
    ops.do("mon.restart", "ceph03")
    assert "ceph03" in ceph(lab, "quorum_status")["quorum_names"]
    active = ceph(lab, "mgr stat")["active_name"]
    done = ops.do("mgr.fail", active)
    assert ceph(lab, "mgr stat")["active_name"] != active
    ops.undo(done)
    assert ceph(lab, "mgr stat")["active_name"] == active


def test_an_object_that_differs_is_repaired(lab: RealLab, ops: Operating) -> None:
    with lab.broken("ceph-object-damaged", host="ceph03"):
        (group,) = [each["pgid"] for each in ceph(lab, "pg ls inconsistent")["pg_stats"]]
        ops.do("pg.repair", group, copy="osd.2, which this test has damaged")
        assert ceph(lab, "pg ls inconsistent").get("pg_stats", []) == []


def test_a_crash_that_was_looked_at_is_archived(lab: RealLab, ops: Operating) -> None:
    with lab.broken("ceph-daemon-crashed", host="ceph02"):
        (crash,) = [each["crash_id"] for each in ceph(lab, "crash ls-new")]
        ops.do("crash.archive", crash)
        assert ceph(lab, "crash ls-new") == []
