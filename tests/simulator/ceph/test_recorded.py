"""Each document of the commands has the keys, their order and the types of the recorded one, healthy and not."""

from __future__ import annotations

import pytest

from tests.simulator.ceph.calls import Cluster, differences, recorded

DOCUMENTS = {
    "status.json": "status",
    "health.json": "health",
    "df.json": "df detail",
    "osd-dump.json": "osd dump",
    "osd-tree.json": "osd tree",
    "osd-df.json": "osd df",
    "osd-metadata.json": "osd metadata",
    "osd-perf.json": "osd perf",
    "pool-ls.json": "osd pool ls detail",
    "pg-ls.json": "pg ls",
    "pg-stat.json": "pg stat",
    "mon-dump.json": "mon dump",
    "quorum.json": "quorum_status",
    "mgr-dump.json": "mgr dump",
    "mgr-services.json": "mgr services",
    "mgr-metadata.json": "mgr metadata",
    "mon-metadata.json": "mon metadata",
    "versions.json": "versions",
    "crash.json": "crash ls",
    "fs-dump.json": "fs dump",
    "service-dump.json": "service dump",
    "time-sync.json": "time-sync-status",
    "ok-to-stop-0.json": "osd ok-to-stop 0",
    "safe-to-destroy-0.json": "osd safe-to-destroy 0",
}


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture(scope="module")
def degraded() -> Cluster:
    """An OSD has been down for ten seconds."""
    found = Cluster()
    found.unit("ceph03", "ceph-osd@8")
    found.pass_time(10)
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_has_the_recorded_shape(cluster: Cluster, name: str) -> None:
    assert differences(recorded(name), cluster.json(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", ["asok-leader.json", "asok-probing.json"])
def test_a_monitors_own_words_have_the_recorded_shape(name: str) -> None:
    cluster = Cluster()
    if name == "asok-probing.json":
        cluster.unit("ceph02", "ceph-mon@ceph02")
        cluster.unit("ceph03", "ceph-mon@ceph03")
        cluster.pass_time(15)
    ours = cluster.run("ceph daemon mon.ceph01 mon_status").json()
    assert differences(recorded(name), ours) == []
    assert ours["state"] == recorded(name)["state"]
    assert ("quorum_age" in ours) == ("quorum_age" in recorded(name))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fault-osd2-down-status.json", "status"),
        ("one-osd-json.json", "status"),
        ("fault-osd2-down-health.json", "health detail"),
        ("fault-osd2-down-tree.json", "osd tree"),
        ("one-osd-dump.json", "osd dump"),
    ],
)
def test_with_an_osd_down_too(degraded: Cluster, name: str, words: str) -> None:
    ours, real = degraded.json(words), recorded(name)
    assert differences(real, ours) == []
    checks = ours.get("health", ours).get("checks", {})
    assert {"OSD_DOWN", "PG_DEGRADED"} <= set(checks) or "checks" not in ours.get("health", ours)


def test_degraded_counts_are_there_only_while_something_is(cluster: Cluster, degraded: Cluster) -> None:
    assert "degraded_objects" not in cluster.json("status")["pgmap"]
    pgmap = degraded.json("status")["pgmap"]
    assert {"degraded_objects", "degraded_total", "degraded_ratio"} <= set(pgmap)
    assert pgmap["degraded_ratio"] == pgmap["degraded_objects"] / pgmap["degraded_total"]


def test_with_an_osd_out_too() -> None:
    cluster = Cluster()
    for osd in (6, 7, 8):
        cluster.run(f"ceph osd out {osd}")
    cluster.pass_time(5)
    for name, words in (
        ("one-out-json.json", "status"),
        ("one-out-dump.json", "osd dump"),
        ("one-out-dfjson.json", "osd df"),
    ):
        assert differences(recorded(name), cluster.json(words)) == []
    status = cluster.json("status")  # no host is left for the third copies: they stay where they are
    assert [each["state_name"] for each in status["pgmap"]["pgs_by_state"]] == ["active+clean+remapped"]
    assert status["health"]["status"] == "HEALTH_OK"
    assert status["pgmap"]["misplaced_objects"] * 3 == pytest.approx(status["pgmap"]["misplaced_total"], rel=0.01)


def test_what_is_compared_is_not_empty() -> None:
    for name in DOCUMENTS:
        if name not in ("health.json", "crash.json"):
            assert len(str(recorded(name))) > 60, name
