"""Who is in the Primary component: kills, cuts, hangs, proper stops, joins, quorum."""

from __future__ import annotations

import pytest

from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.galera_member import UNDEFINED
from runbooks.simulator.model.galera_status import status
from runbooks.simulator.model.hosts import UnitState
from tests.simulator.calls import cloud as build_cloud

ALL = ("ctl01", "ctl02", "ctl03")


@pytest.fixture
def cloud() -> Cloud:
    return build_cloud()


def unit(cloud: Cloud, host: str, state: UnitState) -> None:
    cloud.catch_up()
    cloud.hosts.set_unit(host, "mariadb", state, cloud.now())
    cloud.settle()


def cut(cloud: Cloud, host: str, cut: bool = True) -> None:
    cloud.catch_up()
    cloud.galera.cut_off(host, cut)
    cloud.settle()


def wait(cloud: Cloud, seconds: float) -> None:
    cloud.clock.advance(seconds)
    cloud.catch_up()


def component(cloud: Cloud) -> tuple[str, ...]:
    return cloud.galera.component


def said(cloud: Cloud, member: str, *names: str) -> list[str]:
    found = status(cloud.galera, member, 1)
    return [found[f"wsrep_{name}"] for name in names]


def test_a_healthy_cluster_is_one_primary_component_of_all(cloud: Cloud) -> None:
    assert component(cloud) == ALL
    for name in ALL:
        assert said(cloud, name, "cluster_size", "cluster_status", "local_state_comment", "ready") == [
            "3",
            "Primary",
            "Synced",
            "ON",
        ]
    assert cloud.galera.primary()


def test_a_killed_member_is_missed_only_after_the_suspect_timeout(cloud: Cloud) -> None:
    before = cloud.galera.conf_id
    unit(cloud, "ctl03", "failed")
    wait(cloud, 4.5)
    assert said(cloud, "ctl01", "cluster_size", "cluster_conf_id") == ["3", str(before)]
    assert cloud.galera.answer("ctl03") == "refuses"
    wait(cloud, 2.5)
    assert said(cloud, "ctl01", "cluster_size", "cluster_conf_id", "cluster_weight", "cluster_status") == [
        "2",
        str(before + 1),
        "2",
        "Primary",
    ]


def test_a_properly_stopped_member_leaves_at_once(cloud: Cloud) -> None:
    unit(cloud, "ctl03", "stopped")
    assert component(cloud) == ("ctl01", "ctl02")
    unit(cloud, "ctl02", "stopped")
    assert component(cloud) == ("ctl01",)
    assert cloud.galera.primary()


def test_a_cut_off_member_sees_itself_without_quorum(cloud: Cloud) -> None:
    cut(cloud, "ctl03")
    wait(cloud, 7)
    assert said(
        cloud, "ctl03", "cluster_status", "cluster_size", "cluster_conf_id", "cluster_weight", "local_state"
    ) == [
        "non-Primary",
        "1",
        str(UNDEFINED),
        "0",
        "0",
    ]
    assert said(cloud, "ctl03", "local_state_comment", "connected", "ready") == ["Initialized", "ON", "OFF"]
    assert said(cloud, "ctl01", "cluster_size", "cluster_status") == ["2", "Primary"]
    assert cloud.galera.answer("ctl03") == "answers"


def test_a_blip_shorter_than_the_timeout_changes_nothing(cloud: Cloud) -> None:
    before = cloud.galera.conf_id
    cut(cloud, "ctl03")
    wait(cloud, 2)
    cut(cloud, "ctl03", False)
    wait(cloud, 60)
    assert (component(cloud), cloud.galera.conf_id) == (ALL, before)


def test_a_healed_member_catches_up_from_a_donor(cloud: Cloud) -> None:
    cut(cloud, "ctl03")
    wait(cloud, 120)
    behind = cloud.galera.committed("ctl03")
    cut(cloud, "ctl03", False)
    wait(cloud, 5.5)
    assert said(cloud, "ctl03", "local_state_comment", "ready") == ["Joining: receiving State Transfer", "OFF"]
    assert said(cloud, "ctl02", "local_state_comment", "desync_count", "ready") == ["Donor/Desynced", "1", "ON"]
    wait(cloud, 3)
    assert said(cloud, "ctl03", "local_state_comment") == ["Synced"]
    assert cloud.galera.committed("ctl03") > behind


def test_a_long_absent_member_takes_a_full_transfer_without_a_socket(cloud: Cloud) -> None:
    unit(cloud, "ctl03", "failed")
    wait(cloud, 2000)
    unit(cloud, "ctl03", "running")
    wait(cloud, 6)
    assert cloud.galera["ctl03"].phase == "sst"
    assert cloud.galera.answer("ctl03") == "refuses"
    assert said(cloud, "ctl01", "cluster_size") == ["3"]
    wait(cloud, 15)
    assert said(cloud, "ctl03", "local_state_comment") == ["Synced"]


def test_two_of_three_lost_at_once_leave_one_without_quorum(cloud: Cloud) -> None:
    unit(cloud, "ctl02", "failed")
    unit(cloud, "ctl03", "failed")
    wait(cloud, 8)
    assert said(cloud, "ctl01", "cluster_status", "local_state_comment", "ready") == [
        "non-Primary",
        "Initialized",
        "OFF",
    ]
    assert not cloud.galera.primary()
    stood = cloud.galera.committed("ctl01")
    wait(cloud, 600)
    assert cloud.galera.committed("ctl01") == stood


def test_lost_members_that_come_back_form_the_component_again(cloud: Cloud) -> None:
    cut(cloud, "ctl02")
    cut(cloud, "ctl03")
    wait(cloud, 30)
    assert component(cloud) == ()
    cut(cloud, "ctl02", False)
    cut(cloud, "ctl03", False)
    wait(cloud, 10)
    assert component(cloud) == ALL


def test_bootstrap_makes_the_last_member_primary_and_the_others_join(cloud: Cloud) -> None:
    unit(cloud, "ctl02", "failed")
    unit(cloud, "ctl03", "failed")
    wait(cloud, 10)
    cloud.galera.bootstrap("ctl01")
    cloud.settle()
    assert said(cloud, "ctl01", "cluster_status", "cluster_size", "ready") == ["Primary", "1", "ON"]
    unit(cloud, "ctl02", "running")
    unit(cloud, "ctl03", "running")
    wait(cloud, 30)
    assert component(cloud) == ALL


def test_bootstrap_beside_a_living_component_is_a_split_brain(cloud: Cloud) -> None:
    cut(cloud, "ctl03")
    wait(cloud, 10)
    cloud.galera.bootstrap("ctl03")
    cloud.settle()
    assert said(cloud, "ctl03", "cluster_status", "cluster_size") == ["Primary", "1"]
    assert said(cloud, "ctl01", "cluster_status", "cluster_size") == ["Primary", "2"]
    cut(cloud, "ctl03", False)
    wait(cloud, 10)
    assert said(cloud, "ctl03", "local_state_comment") == ["Inconsistent"]


def test_a_frozen_member_hangs_and_believes_the_old_view_when_it_thaws(cloud: Cloud) -> None:
    unit(cloud, "ctl01", "hung")
    wait(cloud, 8)
    assert cloud.galera.answer("ctl01") == "hangs"
    assert component(cloud) == ("ctl02", "ctl03")
    unit(cloud, "ctl01", "running")
    assert said(cloud, "ctl01", "cluster_size", "local_state_comment") == ["3", "Synced"]
    wait(cloud, 12)
    assert component(cloud) == ALL


def test_all_killed_and_started_again_re_form_but_one_alone_waits(cloud: Cloud) -> None:
    for name in ALL:
        unit(cloud, name, "failed")
    wait(cloud, 10)
    unit(cloud, "ctl01", "running")
    wait(cloud, 60)
    assert cloud.galera["ctl01"].phase == "starting"
    assert cloud.galera.answer("ctl01") == "refuses"
    unit(cloud, "ctl02", "running")
    unit(cloud, "ctl03", "running")
    wait(cloud, 10)
    assert component(cloud) == ALL


def test_an_inconsistent_member_is_out_but_its_process_stays(cloud: Cloud) -> None:
    cloud.galera.mark_inconsistent("ctl03")
    cloud.settle()
    names = (
        "local_state",
        "local_state_comment",
        "cluster_status",
        "cluster_size",
        "connected",
        "ready",
        "last_committed",
    )
    assert said(cloud, "ctl03", *names) == ["5", "Inconsistent", "Disconnected", "0", "OFF", "OFF", "-1"]
    assert cloud.galera.answer("ctl03") == "answers"
    assert component(cloud) == ("ctl01", "ctl02")


def test_a_host_without_power_takes_its_member_along(cloud: Cloud) -> None:
    cloud.hosts.power_off("ctl02", cloud.now())
    cloud.settle()
    assert cloud.galera.answer("ctl02") == "unreachable"
    wait(cloud, 7)
    assert component(cloud) == ("ctl01", "ctl03")
    cloud.hosts.boot("ctl02", cloud.now(), "again")
    cloud.settle()
    wait(cloud, 20)
    assert component(cloud) == ALL


def test_flow_control_stops_commits_and_names_the_guilty(cloud: Cloud) -> None:
    cloud.galera.slow_down("ctl02")
    wait(cloud, 10)
    start = cloud.galera.committed("ctl01")
    names = ("flow_control_active", "flow_control_requested", "local_recv_queue", "local_state_comment")
    assert said(cloud, "ctl02", *names) == ["true", "true", "28", "Synced"]
    assert said(cloud, "ctl01", *names) == ["true", "false", "0", "Synced"]
    wait(cloud, 60)
    assert cloud.galera.committed("ctl01") - start < 60 * cloud.galera.rate * 0.1
    cloud.galera.slow_down("")
    assert said(cloud, "ctl01", "flow_control_active") == ["false"]


def test_the_mean_of_flow_control_hardly_moves_after_a_long_uptime(cloud: Cloud) -> None:
    cloud.galera.slow_down("ctl02")
    wait(cloud, 60)
    assert float(said(cloud, "ctl01", "flow_control_paused")[0]) < 0.01


def test_a_read_lock_desyncs_and_lets_the_queue_grow(cloud: Cloud) -> None:
    cloud.galera.lock("ctl03")
    cloud.settle()
    wait(cloud, 20)
    assert said(cloud, "ctl03", "local_state_comment") == ["Donor/Desynced"]
    assert int(said(cloud, "ctl03", "local_recv_queue")[0]) > 100
    assert cloud.galera.committed("ctl03") < cloud.galera.committed("ctl01")


def test_clients_move_to_another_member_when_the_first_is_lost(cloud: Cloud) -> None:
    assert cloud.galera.writer() == "ctl01"
    unit(cloud, "ctl01", "failed")
    assert cloud.galera.writer() == "ctl02"


def test_without_quorum_heartbeats_stop_at_that_moment(cloud: Cloud) -> None:
    reporter = cloud.reports["nova-compute", "cmp01"]
    unit(cloud, "ctl02", "failed")
    unit(cloud, "ctl03", "failed")
    lost = cloud.now()
    wait(cloud, 600)
    assert reporter.heartbeat(cloud.now()) <= lost + 8


def test_a_region_with_one_controller_is_a_cluster_of_one() -> None:
    from runbooks.simulator.ids import Seed
    from runbooks.simulator.layout import Layout
    from runbooks.simulator.model.cloud import build

    first = build_cloud()
    second = build(Layout(1, 2, "RegionTwo"), Seed(2), first.clock, servers=4, first=first)
    assert second.galera.component == ("r2ctl01",)
    assert second.galera.primary()
