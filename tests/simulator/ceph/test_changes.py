"""What operators change in the simulated cluster, answered as a real one did (Ceph 16.2.15)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.ceph.calls import Cluster


def osd(cluster: Cluster, number: int) -> dict[str, Any]:
    found: dict[str, Any] = cluster.json("osd dump")["osds"][number]
    return found


def pool(cluster: Cluster, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in cluster.json("osd pool ls detail") if each["pool_name"] == name)
    return found


def test_flags_of_a_host_and_of_an_osd() -> None:
    cluster = Cluster()
    for of in ("ceph02", "osd.0"):
        done = cluster.run(f"ceph osd set-group noout {of}")
        assert (done.status, done.err.strip()) == (0, "")
    assert cluster.json("osd dump")["crush_node_flags"] == {"ceph02": ["noout"]}
    assert osd(cluster, 0)["state"] == ["exists", "noout", "up"]
    (check,) = cluster.json("health detail")["checks"].values()
    words = "2 OSDs or CRUSH {nodes, device-classes} have {NOUP,NODOWN,NOIN,NOOUT} flags set"
    assert check["summary"] == {"message": words, "count": 2}
    assert [each["message"] for each in check["detail"]] == ["osd.0 has flags noout", "host ceph02 has flags noout"]
    assert cluster.run("ceph osd unset-group noout ceph02 osd.0").status == 0
    assert cluster.json("health")["checks"] == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("noout nohost", 'unable to parse osd id or crush node or device class: "nohost".'),
        ("pause ceph02", "unrecognized flag 'pause', must be one of {noup,nodown,noin,noout}"),
    ],
)
def test_flags_that_are_refused(words: str, said: str) -> None:
    done = Cluster().run(f"ceph osd set-group {words}")
    assert done.status == 22
    assert f"Error EINVAL: {said}" in done.err


def test_noout_of_its_host_keeps_an_osd_in() -> None:
    cluster = Cluster()
    cluster.run("ceph osd set-group noout ceph03")
    for host, unit in (("ceph03", "ceph-osd@8"), ("ceph02", "ceph-osd@4")):
        cluster.unit(host, unit)
    for _ in range(70):
        cluster.pass_time(10)
        cluster.run("true")
    assert (osd(cluster, 8)["in"], osd(cluster, 4)["in"]) == (1, 0)


def test_a_restart_is_seen_in_the_map() -> None:
    cluster = Cluster()
    before = osd(cluster, 4)
    assert cluster.run("systemctl restart ceph-osd@4", host="ceph02").status == 0
    assert osd(cluster, 4)["up"] == 0
    cluster.pass_time(5)
    after = osd(cluster, 4)
    assert after["up"] == 1
    assert after["up_from"] > after["down_at"] > before["up_from"]


def test_a_restarted_monitor_makes_an_election() -> None:
    cluster = Cluster()
    cluster.pass_time(100)
    cluster.run("systemctl restart ceph-mon@ceph02", host="ceph02")
    cluster.pass_time(10)
    found = cluster.json("quorum_status")
    assert found["quorum_names"] == ["ceph01", "ceph02", "ceph03"]
    assert found["quorum_age"] < 10


def test_weights() -> None:
    cluster = Cluster()
    assert "set osd.0 primary-affinity to 0.5" in cluster.run("ceph osd primary-affinity 0 0.5").err
    assert osd(cluster, 0)["primary_affinity"] == 0.5
    refused = cluster.run("ceph osd primary-affinity 0 3")
    assert refused.status == 22
    assert "Invalid command: 3.0 not in range [0.0, 1.0]" in refused.err
    cluster.run("ceph osd reweight 0 0.8")
    assert osd(cluster, 0)["weight"] == 0.79998779296875


def test_quotas_of_a_pool() -> None:
    cluster = Cluster()
    assert cluster.run("ceph osd pool set-quota vms max_bytes 10G").err.strip() == (
        "set-quota max_bytes = 10737418240 for pool vms"
    )
    assert pool(cluster, "vms")["quota_max_bytes"] == 10 << 30
    cluster.run("ceph osd pool set-quota volumes max_objects 1")
    assert pool(cluster, "volumes")["flags_names"] == "hashpspool,full,full_quota,selfmanaged_snaps"
    assert cluster.run("ceph osd pool set-quota nopool max_bytes 0").status == 2


def test_copies_of_a_pool() -> None:
    cluster = Cluster()
    assert cluster.run("ceph osd pool set vms min_size 1").err.strip() == "set pool 2 min_size to 1"
    assert (pool(cluster, "vms")["size"], pool(cluster, "vms")["min_size"]) == (3, 1)
    refused = cluster.run("ceph osd pool set vms size 1")
    assert (refused.status, refused.err.strip()) == (
        1,
        "Error EPERM: configuring pool size as 1 is disabled by default.",
    )
    cluster.run("ceph osd pool set vms size 4")
    cluster.pass_time(30)
    assert "PG_DEGRADED" in cluster.json("health")["checks"], "there are hosts for three"
