"""What each fault of the daemons shows, when, in Ceph's words; and that it heals when it is taken back."""

from __future__ import annotations

import re

import pytest

from runbooks.ground.declared import FaultError
from runbooks.simulator.faults import Faults
from tests.simulator.ceph.calls import Cluster, heal, inject

STUCK = re.compile(
    r"pg \S+ is stuck undersized for \d+[sm], current state active\+undersized\+degraded, last acting \[\d,\d\]"
)


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def test_an_osd_dies_and_comes_back(cluster: Cluster) -> None:
    made = inject(cluster, "ceph-osd-down", {"host": "ceph02"}, 0.5)
    assert cluster.messages() == {}
    cluster.pass_time(0.7)
    assert cluster.messages()["OSD_DOWN"] == "1 osds down"
    cluster.pass_time(3)
    found = cluster.checks()
    assert set(found) == {"OSD_DOWN", "PG_DEGRADED"}
    assert found["OSD_DOWN"]["detail"] == [{"message": "osd.3 (root=default,host=ceph02) is down"}]
    degraded = r"Degraded data redundancy: \d+/\d+ objects degraded \(\d+\.\d{3}%\), \d+ pgs degraded"
    assert re.fullmatch(degraded, found["PG_DEGRADED"]["summary"]["message"])
    assert cluster.cloud.hosts["ceph02"].units["ceph-osd@3"].exit_status == 137
    cluster.pass_time(80)
    late = cluster.checks()["PG_DEGRADED"]
    assert re.fullmatch(degraded + r", \d+ pgs undersized", late["summary"]["message"])
    assert all(STUCK.fullmatch(each["message"]) for each in late["detail"])
    heal(cluster, made, 2.5)
    assert "OSD_DOWN" not in cluster.messages()
    cluster.pass_time(6)
    assert cluster.messages() == {}


def test_what_seldom_reports_counts_as_stuck_at_once(cluster: Cluster) -> None:
    """The duration is that of the last report, not of the outage: an alarm on it within seconds is a false one."""
    cluster.pass_time(900)
    made = inject(cluster, "ceph-osd-down", {"host": "ceph01"}, 1.2)
    found = cluster.checks()["PG_AVAILABILITY"]
    assert re.fullmatch(
        r"Reduced data availability: (\d+ pgs? inactive, )\d+ pgs? peering", found["summary"]["message"]
    )
    assert any(
        re.search(r"is stuck (inactive|peering) for \d+m, current state peering", d["message"]) for d in found["detail"]
    )
    cluster.pass_time(4)
    assert "PG_AVAILABILITY" not in cluster.messages()
    heal(cluster, made, 10)


def test_all_osds_of_a_host_are_a_host(cluster: Cluster) -> None:
    Faults(cluster.cloud).inject("host-down", {"host": "ceph03"})
    cluster.pass_time(30)
    found = cluster.checks()
    assert found["OSD_DOWN"]["summary"] == {"message": "3 osds down", "count": 3}
    assert found["OSD_HOST_DOWN"]["summary"]["message"] == "1 host (3 osds) down"
    assert found["OSD_HOST_DOWN"]["detail"][0]["message"] == "host ceph03 (root=default) (3 osds) is down"
    assert found["MON_DOWN"]["summary"]["message"] == "1/3 mons down, quorum ceph01,ceph02"


def test_two_hosts_leave_groups_inactive_and_the_level_a_warning(cluster: Cluster) -> None:
    for osd in (0, 1, 2):
        cluster.unit("ceph01", f"ceph-osd@{osd}")
    for osd in (3, 4, 5):
        cluster.unit("ceph02", f"ceph-osd@{osd}")
    cluster.pass_time(90)
    status = cluster.json("status")
    assert status["health"]["status"] == "HEALTH_WARN"
    assert status["pgmap"]["inactive_pgs_ratio"] == 1.0
    assert status["pgmap"]["pgs_by_state"][0]["state_name"] == "undersized+degraded+peered"
    assert status["health"]["checks"]["PG_AVAILABILITY"]["summary"]["message"].startswith(
        "Reduced data availability: 161 pgs"
    )
    assert "100.000% pgs not active" in cluster.run("ceph -s").out
    first = cluster.checks()["PG_AVAILABILITY"]["detail"][0]["message"]
    assert re.search(r"stuck inactive for \S+, current state undersized\+degraded\+peered, last acting \[\d\]", first)


def test_a_frozen_osd_is_missed_by_its_heartbeats(cluster: Cluster) -> None:
    made = inject(cluster, "ceph-osd-frozen", {"host": "ceph01"}, 15)
    assert cluster.messages() == {}
    cluster.pass_time(12)
    assert "OSD_DOWN" in cluster.messages()
    assert cluster.run("systemctl is-active ceph-osd@0").out == "active\n"
    heal(cluster, made, 10)
    assert cluster.messages() == {}


def test_a_slow_osd_is_up_and_others_wait_for_it(cluster: Cluster) -> None:
    made = inject(cluster, "ceph-osd-slow", {"host": "ceph01"}, 25)
    assert cluster.messages() == {}
    cluster.pass_time(10)
    found = cluster.checks()["SLOW_OPS"]
    words = r"\d+ slow ops, oldest one blocked for \d+ sec, daemons \[osd\.0(,osd\.\d)+\] have slow ops\."
    assert re.fullmatch(words, found["summary"]["message"])
    assert (found["summary"]["count"], found["detail"]) == (1, [])
    assert cluster.json("osd dump")["osds"][0]["up"] == 1
    latencies = {
        row["id"]: row["perf_stats"]["commit_latency_ms"]
        for row in cluster.json("osd perf")["osdstats"]["osd_perf_infos"]
    }
    assert latencies[0] > 10 * max(value for osd, value in latencies.items() if osd)
    heal(cluster, made, 1)
    assert cluster.messages() == {}


def test_an_osd_out_moves_its_data_without_a_warning(cluster: Cluster) -> None:
    made = inject(cluster, "ceph-osd-out", {"host": "ceph02"}, 30)
    status = cluster.json("status")
    assert status["health"]["status"] == "HEALTH_OK"
    states = {each["state_name"] for each in status["pgmap"]["pgs_by_state"]}
    assert {"active+clean", "active+remapped+backfilling", "active+remapped+backfill_wait"} <= states
    begun = status["pgmap"]["misplaced_objects"]
    row = cluster.json("osd dump")["osds"][3]
    assert (row["up"], row["in"], row["weight"]) == (1, 0, 0)
    assert cluster.json("progress json")["events"][0]["message"] == "Rebalancing after osd.3 marked out"
    assert cluster.run("ceph osd safe-to-destroy 3").status == 16
    cluster.pass_time(60)
    assert 0 < cluster.json("status")["pgmap"]["misplaced_objects"] < begun
    cluster.pass_time(1500)
    assert "misplaced_objects" not in cluster.json("status")["pgmap"]
    assert cluster.run("ceph osd safe-to-destroy 3").status == 0
    assert cluster.json("progress json")["events"] == []
    heal(cluster, made, 1500)
    assert [each["state_name"] for each in cluster.json("status")["pgmap"]["pgs_by_state"]] == ["active+clean"]
    assert cluster.json("osd df")["nodes"][3]["pgs"] > 0


def test_an_osd_that_stays_down_is_taken_out_after_ten_minutes(cluster: Cluster) -> None:
    made = inject(cluster, "ceph-osd-down", {"host": "ceph02"}, 590)
    assert cluster.json("osd dump")["osds"][3]["in"] == 1
    cluster.pass_time(20)
    assert cluster.json("osd dump")["osds"][3]["in"] == 0
    assert "OSD_DOWN" not in cluster.messages()  # what is out does not count
    assert "PG_DEGRADED" in cluster.messages()
    cluster.pass_time(1500)
    assert cluster.messages() == {}
    heal(cluster, made, 5)
    assert cluster.json("osd dump")["osds"][3]["in"] == 1


def test_noout_keeps_it_in(cluster: Cluster) -> None:
    cluster.run("ceph osd set noout")
    inject(cluster, "ceph-osd-down", {"host": "ceph02"}, 1200)
    assert cluster.json("osd dump")["osds"][3]["in"] == 1
    assert set(cluster.messages()) == {"OSDMAP_FLAGS", "OSD_DOWN", "PG_DEGRADED"}


def test_a_crash_is_told_until_it_is_archived(cluster: Cluster) -> None:
    inject(cluster, "ceph-daemon-crashed", {"host": "ceph01"}, 20)
    found = cluster.checks()
    assert set(found) == {"RECENT_CRASH"}
    assert found["RECENT_CRASH"]["summary"]["message"] == "1 daemons have recently crashed"
    words = found["RECENT_CRASH"]["detail"][0]["message"]
    assert re.fullmatch(r"osd\.0 crashed on host ceph01 at 2026-11-20T22:\d\d:\d\d\.\d{6}Z", words)
    crash = cluster.json("crash ls-new")[0]
    assert (crash["entity_name"], crash["utsname_hostname"]) == ("osd.0", "ceph01")
    assert re.search(rf"{crash['crash_id']}  osd\.0   \*", cluster.run("ceph crash ls").out)
    assert cluster.json("osd dump")["osds"][0]["up"] == 1
    assert cluster.run(f"ceph crash archive {crash['crash_id']}").status == 0
    assert cluster.messages() == {}
    assert cluster.json("crash ls-new") == []
    assert len(cluster.json("crash ls")) == 1


def test_a_wrong_clock_is_told_with_how_wrong(cluster: Cluster) -> None:
    made = inject(cluster, "ceph-mon-clock-skew", {"host": "ceph03", "seconds": "1"}, 1)
    assert cluster.messages() == {}
    cluster.pass_time(2)
    found = cluster.checks()["MON_CLOCK_SKEW"]
    assert found["summary"]["message"] == "clock skew detected on mon.ceph03"
    assert re.fullmatch(r"mon\.ceph03 clock skew 1s > max 0\.05s \(latency 0\.\d+s\)", found["detail"][0]["message"])
    row = cluster.json("time-sync-status")["time_skew_status"]["ceph03"]
    assert (row["health"], row["details"]) == (
        "HEALTH_WARN",
        found["detail"][0]["message"].partition(" ")[2].partition(" (")[0],
    )
    heal(cluster, made, 0)
    assert cluster.messages() == {}


def test_the_leaders_clock_makes_all_others_wrong(cluster: Cluster) -> None:
    inject(cluster, "ceph-mon-clock-skew", {"host": "ceph01", "seconds": "-2"}, 3)
    assert cluster.messages()["MON_CLOCK_SKEW"] == "clock skew detected on mon.ceph02, mon.ceph03"


@pytest.mark.parametrize(
    ("fault", "given", "words"),
    [
        ("ceph-osd-down", {"host": "ctl01"}, "'ctl01' is no storage host; there are: ceph01, ceph02, ceph03"),
        ("ceph-flag-left", {"flag": "nonsense"}, "must be one of noout"),
        ("ceph-mon-clock-skew", {"host": "ceph01", "seconds": "90"}, "must be a number from -60 to 60"),
    ],
)
def test_wrong_requests_are_refused(cluster: Cluster, fault: str, given: dict[str, str], words: str) -> None:
    with pytest.raises(FaultError, match=re.escape(words)):
        inject(cluster, fault, given)


def test_what_is_broken_cannot_be_broken_again(cluster: Cluster) -> None:
    cluster.unit("ceph01", "ceph-osd@0")
    cluster.unit("ceph03", "ceph-mon@ceph03")
    cluster.run("ceph osd set noout")
    for fault, given, words in (
        ("ceph-osd-down", {"host": "ceph01"}, "ceph-osd@0 on ceph01 does not run"),
        ("ceph-quorum-lost", {}, "some monitor is out already"),
        ("ceph-flag-left", {"flag": "noout"}, "the flag noout is set already"),
    ):
        with pytest.raises(FaultError, match=words):
            inject(cluster, fault, given)
