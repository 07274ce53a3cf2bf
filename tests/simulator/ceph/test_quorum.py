"""Who answers without a quorum, and without a manager: sockets do, commands wait, old numbers stay."""

from __future__ import annotations

import pytest

from runbooks.simulator.faults import Faults
from runbooks.simulator.ssh.pace import FOREVER
from tests.simulator.ceph.calls import Cluster


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def test_a_monitor_down_is_told_after_some_seconds(cluster: Cluster) -> None:
    made = Faults(cluster.cloud)
    fault = made.inject("ceph-mon-down", {"host": "ceph02"})
    cluster.pass_time(6)
    assert cluster.messages() == {}
    cluster.pass_time(7)
    found = cluster.checks()["MON_DOWN"]
    assert found["summary"] == {"message": "1/3 mons down, quorum ceph01,ceph03", "count": 1}
    address = cluster.cloud.hosts["ceph02"].machine.address
    where = f"[v2:{address}:3300/0,v1:{address}:6789/0]"
    assert found["detail"][0]["message"] == f"mon.ceph02 (rank 1) addr {where} is down (out of quorum)"
    assert cluster.run("ceph mon ok-to-stop ceph01").status == 16
    assert cluster.json("quorum_status")["quorum_names"] == ["ceph01", "ceph03"]
    made.undo(fault.id)
    cluster.pass_time(3)
    assert cluster.messages() == {}
    assert cluster.json("quorum_status")["quorum_age"] == 0


def test_the_leader_down_leaves_another_one(cluster: Cluster) -> None:
    cluster.unit("ceph01", "ceph-mon@ceph01")
    cluster.pass_time(15)
    assert cluster.run("ceph quorum_status -f json", host="ceph03").json()["quorum_leader_name"] == "ceph02"
    assert cluster.run("ceph daemon mon.ceph02 mon_status", host="ceph02").json()["state"] == "leader"
    assert cluster.run("ceph daemon mon.ceph03 mon_status", host="ceph03").json()["state"] == "peon"


def test_without_quorum_old_answers_end_and_only_sockets_tell(cluster: Cluster) -> None:
    made = Faults(cluster.cloud)
    fault = made.inject("ceph-quorum-lost", {})
    cluster.pass_time(5)
    assert cluster.json("status")["quorum_names"] == ["ceph01", "ceph02", "ceph03"]  # not noticed yet
    cluster.pass_time(10)
    done = cluster.run("ceph --connect-timeout 5 -s -f json")
    assert (done.status, done.out, done.err, done.seconds) == (1, "", "timed out\n", 5.0)
    done = cluster.run("ceph -s")
    assert (done.status, done.seconds) == (1, 300.0)
    assert "RADOS timed out" in done.err
    for line in (
        "ceph daemon mon.ceph01 mon_status",
        "ceph --admin-daemon /var/run/ceph/ceph-mon.ceph01.asok mon_status",
    ):
        said = cluster.run(line)
        assert said.seconds == 0
        assert (said.json()["state"], said.json()["quorum"]) == ("probing", [])
        assert said.json()["outside_quorum"] == ["ceph01"]
    assert cluster.run("ceph daemon mon.ceph02 mon_status", host="ceph02").status == 22
    assert cluster.run("ceph daemon mon.ceph01 quorum_status").status == 22
    made.undo(fault.id)
    cluster.pass_time(4)
    assert cluster.json("health")["status"] == "HEALTH_OK"


def test_the_callers_patience_ends_a_wait(cluster: Cluster) -> None:
    Faults(cluster.cloud).inject("ceph-quorum-lost", {})
    cluster.pass_time(15)
    done = cluster.run("echo before; timeout 8 ceph -s; echo $?")
    assert (done.out, done.err, done.seconds) == ("before\n124\n", "", 8.0)
    done = cluster.run("timeout 30 ceph --connect-timeout 5 -s; echo $?")
    assert (done.out, done.err, done.seconds) == ("1\n", "timed out\n", 5.0)


def test_a_socket_is_root_s_and_of_this_host(cluster: Cluster) -> None:
    denied = cluster.run("ceph daemon mon.ceph01 mon_status", user="kolla")
    assert (denied.status, denied.err.rpartition("[")[2]) == (22, "Errno 13] Permission denied\n")
    assert cluster.run("ceph daemon mon.ceph01 mon_status", host="ceph02").status == 22
    assert cluster.run("ceph daemon osd.0 status").json()["state"] == "active"
    assert cluster.run("ceph daemon mon.ceph01 frob").status == 22


def test_a_frozen_monitor_s_socket_is_mute(cluster: Cluster) -> None:
    cluster.cloud.hosts.set_unit("ceph02", "ceph-mon@ceph02", "hung", cluster.cloud.now())
    cluster.cloud.settle()
    cluster.pass_time(15)
    assert cluster.run("ceph daemon mon.ceph02 mon_status", host="ceph02").seconds == FOREVER
    assert "MON_DOWN" in cluster.messages()


def test_a_host_that_is_cut_off_has_a_monitor_that_looks_for_the_others(cluster: Cluster) -> None:
    cluster.cloud.hosts["ceph03"].reachable = False
    cluster.cloud.settle()
    cluster.pass_time(40)
    assert cluster.run("ceph daemon mon.ceph03 mon_status", host="ceph03").json()["state"] == "probing"
    assert cluster.run("ceph --connect-timeout 3 -s", host="ceph03").err == "timed out\n"
    assert {"MON_DOWN", "OSD_HOST_DOWN"} <= set(cluster.messages())


def test_a_standby_takes_over_after_half_a_minute(cluster: Cluster) -> None:
    Faults(cluster.cloud).inject("ceph-mgr-failover", {})
    cluster.pass_time(20)
    assert cluster.json("mgr stat")["active_name"] == "ceph01"
    assert cluster.run("timeout 3 ceph osd df").status == 124  # the map does not know, and nobody answers
    cluster.pass_time(12)
    assert cluster.json("mgr stat") == {"epoch": 6, "available": True, "active_name": "ceph02", "num_standby": 0}
    assert cluster.json("mgr services") == {}
    cluster.pass_time(4)
    assert cluster.cloud.hosts["ceph02"].machine.address in cluster.json("mgr services")["dashboard"]
    assert cluster.messages() == {}
    assert cluster.run("ceph osd df").status == 0


def test_an_operator_s_failover_is_quick(cluster: Cluster) -> None:
    assert cluster.run("ceph mgr fail").status == 0
    assert cluster.json("mgr stat")["available"] is False
    cluster.pass_time(1.2)
    assert cluster.json("mgr stat")["active_name"] == "ceph02"
    cluster.pass_time(4)
    assert cluster.json("mgr stat")["num_standby"] == 1
    assert "mgr: ceph02(active, since 5s), standbys: ceph01" in cluster.run("ceph -s").out


def test_without_managers_the_numbers_stand_still(cluster: Cluster) -> None:
    made = Faults(cluster.cloud)
    fault = made.inject("ceph-mgr-down", {})
    cluster.pass_time(25)
    assert cluster.messages() == {}
    cluster.pass_time(10)
    assert cluster.messages() == {"MGR_DOWN": "no active mgr"}
    status = cluster.json("status")
    assert status["mgrmap"]["available"] is False
    assert (status["mgrmap"]["num_standbys"], status["mgrmap"]["services"]) == (0, {})
    cluster.unit("ceph03", "ceph-osd@8")
    cluster.pass_time(30)
    assert set(cluster.messages()) == {"MGR_DOWN", "OSD_DOWN"}  # nobody counts the copies
    assert [each["state_name"] for each in cluster.json("status")["pgmap"]["pgs_by_state"]] == ["active+clean"]
    for line in ("ceph osd df", "ceph osd ok-to-stop 0", "ceph pg dump pgs_brief", "ceph crash ls"):
        assert cluster.run(line).seconds == FOREVER
    for line in ("ceph osd tree", "ceph df", "ceph -s", "ceph health detail"):
        assert cluster.run(line).seconds == 0
    made.undo(fault.id)
    cluster.pass_time(10)
    assert set(cluster.messages()) == {"OSD_DOWN", "PG_DEGRADED"}


def test_mutes_hide_a_check_from_the_status_and_end(cluster: Cluster) -> None:
    cluster.run("ceph osd set noout")
    assert cluster.run("ceph health mute OSDMAP_FLAGS 1h").status == 0
    found = cluster.json("health detail")
    assert found["status"] == "HEALTH_OK"
    assert found["checks"]["OSDMAP_FLAGS"]["muted"] is True
    assert found["mutes"][0]["code"] == "OSDMAP_FLAGS"
    cluster.pass_time(3601)
    assert cluster.json("health")["status"] == "HEALTH_WARN"
    cluster.run("ceph health mute OSDMAP_FLAGS --sticky")
    cluster.run("ceph osd set nobackfill")  # worse than it was
    assert cluster.json("health")["status"] == "HEALTH_OK"
    cluster.run("ceph health unmute OSDMAP_FLAGS")
    cluster.run("ceph health mute OSDMAP_FLAGS 1h")
    cluster.run("ceph osd unset nobackfill")
    cluster.run("ceph osd unset noout")
    assert cluster.json("health") == {"status": "HEALTH_OK", "checks": {}, "mutes": []}
