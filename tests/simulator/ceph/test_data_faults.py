"""What each fault of the data shows: flags, no room, a damaged copy, a pool that nobody owns."""

from __future__ import annotations

import re

import pytest

from tests.simulator.ceph.calls import Cluster, heal, inject


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def test_a_flag_is_told_with_the_length_of_its_name(cluster: Cluster) -> None:
    made = inject(cluster, "ceph-flag-left", {"flag": "noout"})
    cluster.run("ceph osd set norebalance")
    assert cluster.checks()["OSDMAP_FLAGS"]["summary"] == {"message": "noout,norebalance flag(s) set", "count": 17}
    assert {"noout", "norebalance"} <= set(cluster.json("osd dump")["flags_set"])
    assert cluster.json("osd dump")["flags_num"] == 5_799_936 + 128 + (1 << 14)
    heal(cluster, made, 0)
    assert cluster.messages() == {"OSDMAP_FLAGS": "norebalance flag(s) set"}


@pytest.mark.parametrize(
    ("level", "codes", "status"),
    [
        ("nearfull", {"OSD_NEARFULL", "POOL_NEARFULL"}, "HEALTH_WARN"),
        ("full", {"OSD_FULL", "POOL_FULL"}, "HEALTH_ERR"),
    ],
)
def test_full_osds(cluster: Cluster, level: str, codes: set[str], status: str) -> None:
    made = inject(cluster, "ceph-full", {"level": level})
    found = cluster.checks()
    assert codes <= set(found)
    assert cluster.json("health")["status"] == status
    count = found[f"OSD_{level.upper()}"]["summary"]["count"]
    assert found[f"OSD_{level.upper()}"]["summary"]["message"] == f"{count} {level} osd(s)"
    assert found[f"POOL_{level.upper()}"]["summary"]["message"] == f"4 pool(s) {level}"
    rows = cluster.json("osd dump")["osds"]
    assert sum(level in row["state"] for row in rows) == count >= 1
    assert "nephoscope-fault-filler" in cluster.run("rbd ls volumes").out
    if level == "full":
        assert {pool["stats"]["max_avail"] for pool in cluster.json("df")["pools"]} == {0}
        assert all(pool["flags_names"].startswith("hashpspool,full") for pool in cluster.json("osd pool ls detail"))
    heal(cluster, made, 0)
    assert cluster.messages() == {}


def test_a_damaged_copy_is_found_by_a_deep_scrub_and_mended_by_a_repair(cluster: Cluster) -> None:
    inject(cluster, "ceph-object-damaged", {"host": "ceph03"}, 2)
    assert cluster.messages() == {}
    cluster.pass_time(4)
    found = cluster.checks()
    assert found["OSD_SCRUB_ERRORS"]["summary"]["message"] == "2 scrub errors"
    assert found["PG_DAMAGED"]["severity"] == "HEALTH_ERR"
    assert found["PG_DAMAGED"]["summary"]["message"] == "Possible data damage: 1 pg inconsistent"
    words = found["PG_DAMAGED"]["detail"][0]["message"]
    assert (told := re.fullmatch(r"pg (3\.[0-9a-f]+) is active\+clean\+inconsistent, acting \[\d,\d,\d\]", words))
    row = next(each for each in cluster.json("pg ls inconsistent")["pg_stats"])
    assert (row["pgid"], row["stat_sum"]["num_scrub_errors"]) == (told[1], 2)
    assert cluster.run("ceph osd ok-to-stop 6").status == 0  # which does not look at it
    assert cluster.run(f"ceph pg repair {told[1]}").err.startswith(f"instructing pg {told[1]} on osd.")
    cluster.pass_time(6)
    assert cluster.messages() == {}


def test_a_pool_without_application(cluster: Cluster) -> None:
    made = inject(cluster, "ceph-pool-unlabelled")
    found = cluster.checks()["POOL_APP_NOT_ENABLED"]
    assert found["summary"]["message"] == "1 pool(s) do not have an application enabled"
    assert found["detail"][0]["message"] == "application not enabled on pool 'scratch'"
    assert cluster.json("status")["pgmap"]["num_pools"] == 5
    assert (
        cluster.run("ceph osd pool application enable scratch rbd").err
        == "enabled application 'rbd' on pool 'scratch'\n"
    )
    assert cluster.messages() == {}
    heal(cluster, made, 0)
    assert cluster.json("status")["pgmap"]["num_pgs"] == 161
