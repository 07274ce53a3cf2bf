"""Nodes, alarms and queues follow what happens to hosts and containers."""

from __future__ import annotations

import pytest

from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import UnitState
from tests.simulator.calls import cloud as build_cloud
from tests.simulator.rabbitmq.calls import ask, get, queue


@pytest.fixture
def cloud() -> Cloud:
    return build_cloud()


def unit(cloud: Cloud, host: str, name: str, state: UnitState) -> None:
    cloud.catch_up()
    cloud.hosts.set_unit(host, name, state, cloud.now())
    cloud.settle()


def wait(cloud: Cloud, seconds: float) -> None:
    cloud.clock.advance(seconds)
    cloud.catch_up()


def running(cloud: Cloud, host: str = "ctl01") -> list[bool]:
    return [node["running"] for node in get(cloud, "nodes", host)]


def test_a_healthy_cluster(cloud: Cloud) -> None:
    assert running(cloud) == [True, True, True]
    assert cloud.rabbitmq.serving()
    assert all(found["consumers"] for found in get(cloud, "queues"))
    assert all(found["messages"] == 0 for found in get(cloud, "queues"))


def test_a_killed_node_is_missed_at_once(cloud: Cloud) -> None:
    unit(cloud, "ctl03", "rabbitmq", "failed")
    assert running(cloud) == [True, True, False]
    assert cloud.rabbitmq.answer("ctl03") == "refuses"
    assert not cloud.rabbitmq.blocked("ctl01")
    unit(cloud, "ctl03", "rabbitmq", "running")
    assert cloud.rabbitmq.answer("ctl03") == "refuses"
    wait(cloud, 7)
    assert running(cloud) == [True, True, True]


def test_clients_of_a_dead_node_move_to_the_others(cloud: Cloud) -> None:
    before = len(get(cloud, "connections"))
    unit(cloud, "ctl03", "rabbitmq", "failed")
    found = get(cloud, "connections")
    assert len(found) == before
    assert {each["node"] for each in found} == {"rabbit@ctl01", "rabbit@ctl02"}
    assert {each["node"] for each in get(cloud, "queues")} == {"rabbit@ctl01", "rabbit@ctl02"}


def test_a_minority_pauses(cloud: Cloud) -> None:
    unit(cloud, "ctl02", "rabbitmq", "failed")
    unit(cloud, "ctl03", "rabbitmq", "failed")
    assert cloud.rabbitmq.nodes["ctl01"].phase == "paused"
    assert cloud.rabbitmq.answer("ctl01") == "refuses"
    assert not cloud.rabbitmq.serving()
    unit(cloud, "ctl02", "rabbitmq", "running")
    wait(cloud, 7)
    assert cloud.rabbitmq.answer("ctl01") == "answers"


def test_a_frozen_peer_blocks_the_api_of_the_others_until_the_tick(cloud: Cloud) -> None:
    unit(cloud, "ctl03", "rabbitmq", "hung")
    assert cloud.rabbitmq.blocked("ctl01")
    assert cloud.rabbitmq.answer("ctl03") == "hangs"
    wait(cloud, 19)
    assert not cloud.rabbitmq.blocked("ctl01")
    assert running(cloud) == [True, True, False]


def test_a_cut_off_node_pauses_and_returns_after_the_heal(cloud: Cloud) -> None:
    cloud.rabbitmq.cut_off("ctl03")
    cloud.settle()
    assert cloud.rabbitmq.blocked("ctl01")
    wait(cloud, 19)
    assert cloud.rabbitmq.answer("ctl03") == "refuses"
    assert running(cloud) == [True, True, False]
    assert get(cloud, "nodes")[0]["partitions"] == []
    cloud.rabbitmq.cut_off("ctl03", False)
    cloud.settle()
    wait(cloud, 7)
    assert running(cloud) == [True, True, True]


def test_with_ignore_both_sides_run_on_and_tell_of_it_after_the_heal(cloud: Cloud) -> None:
    cloud.rabbitmq.handling = "ignore"
    cloud.rabbitmq.cut_off("ctl03")
    cloud.settle()
    wait(cloud, 19)
    assert running(cloud, "ctl01") == [True, True, False]
    assert running(cloud, "ctl03") == [False, False, True]
    assert get(cloud, "nodes", "ctl03")[2]["partitions"] == []
    cloud.rabbitmq.cut_off("ctl03", False)
    cloud.settle()
    wait(cloud, 7)
    assert get(cloud, "nodes", "ctl01")[0]["partitions"] == ["rabbit@ctl03"]
    assert get(cloud, "nodes", "ctl03")[2]["partitions"] == ["rabbit@ctl01", "rabbit@ctl02"]
    assert running(cloud, "ctl01") == [True, True, False]


def test_a_memory_alarm_blocks_publishers_everywhere(cloud: Cloud) -> None:
    cloud.rabbitmq.set_memory_alarm("ctl02", True)
    cloud.settle()
    node = get(cloud, "nodes")[1]
    assert node["mem_alarm"]
    assert node["mem_used"] > node["mem_limit"]
    states = {(found["node"], found["state"]) for found in get(cloud, "connections")}
    assert {(f"rabbit@ctl0{n}", "blocked") for n in (1, 2, 3)} <= states
    assert not cloud.rabbitmq.serving()
    cloud.rabbitmq.set_memory_alarm("ctl02", False)
    cloud.settle()
    assert {found["state"] for found in get(cloud, "connections")} == {"running"}


def test_heartbeats_stop_while_an_alarm_blocks_publishers(cloud: Cloud) -> None:
    cloud.rabbitmq.set_memory_alarm("ctl02", True)
    cloud.settle()
    wait(cloud, 120)
    assert not cloud.reports.alive("nova-compute", "cmp01", cloud.now(), 60)
    assert cloud.reports.alive("nova-conductor", "ctl01", cloud.now(), 60)


def test_a_dead_compute_leaves_its_queue_without_consumers_and_it_fills(cloud: Cloud) -> None:
    assert queue(cloud, "compute.cmp02")["consumers"] == 1
    unit(cloud, "cmp02", "nova_compute", "failed")
    assert queue(cloud, "compute.cmp02")["consumers"] == 0
    assert queue(cloud, "compute")["consumers"] == 3
    wait(cloud, 600)
    first = queue(cloud, "compute.cmp02")["messages"]
    assert first > 5
    wait(cloud, 600)
    assert queue(cloud, "compute.cmp02")["messages"] > first
    assert queue(cloud, "compute.cmp01")["messages"] == 0


def test_what_piled_up_is_worked_off_after_the_return(cloud: Cloud) -> None:
    cloud.rabbitmq.set_consumed("notifications.info", False)
    cloud.settle()
    wait(cloud, 3600)
    waiting = queue(cloud, "notifications.info")["messages"]
    assert waiting > 3000
    cloud.rabbitmq.set_consumed("notifications.info", True)
    cloud.settle()
    wait(cloud, 5)
    assert 0 < queue(cloud, "notifications.info")["messages"] < waiting
    wait(cloud, 600)
    assert queue(cloud, "notifications.info")["messages"] == 0


def test_reply_and_fanout_queues_of_the_dead_expire(cloud: Cloud) -> None:
    before = len(get(cloud, "queues"))
    unit(cloud, "cmp02", "nova_compute", "failed")
    wait(cloud, 1000)
    assert len(get(cloud, "queues")) == before
    wait(cloud, 900)
    # Two topics' fanout queues and the reply queue.
    assert len(get(cloud, "queues")) == before - 3
    unit(cloud, "cmp02", "nova_compute", "running")
    assert len(get(cloud, "queues")) == before


def test_nothing_piles_up_while_publishers_are_blocked(cloud: Cloud) -> None:
    unit(cloud, "cmp02", "nova_compute", "failed")
    wait(cloud, 600)
    cloud.rabbitmq.set_memory_alarm("ctl01", True)
    cloud.settle()
    stood = queue(cloud, "compute.cmp02")["messages"]
    wait(cloud, 600)
    assert queue(cloud, "compute.cmp02")["messages"] == stood


def test_an_unknown_queue_cannot_lose_its_consumers(cloud: Cloud) -> None:
    with pytest.raises(KeyError):
        cloud.rabbitmq.set_consumed("no-such-queue", False)


def test_statistics_move_with_the_clock(cloud: Cloud) -> None:
    before, nodes = get(cloud, "overview"), get(cloud, "nodes")
    wait(cloud, 60)
    after, later = get(cloud, "overview"), get(cloud, "nodes")
    assert after["message_stats"]["publish"] > before["message_stats"]["publish"]
    assert after["message_stats"]["publish_details"]["rate"] > 0
    assert later[0]["uptime"] == nodes[0]["uptime"] + 60_000
    assert later[0]["gc_num"] > nodes[0]["gc_num"]


def test_totals_agree_with_the_lists(cloud: Cloud) -> None:
    totals = get(cloud, "overview")["object_totals"]
    for name in ("connections", "channels", "consumers", "queues", "exchanges"):
        assert totals[name] == len(get(cloud, name)), name
    by_queue = {found["name"]: found["consumers"] for found in get(cloud, "queues")}
    counted: dict[str, int] = {}
    for found in get(cloud, "consumers"):
        counted[found["queue"]["name"]] = counted.get(found["queue"]["name"], 0) + 1
    assert counted == by_queue


def test_a_host_without_power_blocks_first_and_is_given_up_later(cloud: Cloud) -> None:
    cloud.hosts.power_off("ctl03", cloud.now())
    cloud.settle()
    assert cloud.rabbitmq.answer("ctl03") == "unreachable"
    assert cloud.rabbitmq.blocked("ctl01")
    wait(cloud, 19)
    assert not cloud.rabbitmq.blocked("ctl01")


def test_thousands_of_computes() -> None:
    cloud = build_cloud(computes=1000, servers=20_000)
    page = get(cloud, "queues?page=1&page_size=2&columns=name,consumers&name=compute.cmp9")
    assert page["total_count"] > 25_000
    unit(cloud, "cmp900", "nova_compute", "failed")
    assert queue(cloud, "compute.cmp900")["consumers"] == 0


def led(cloud: Cloud) -> dict[str, int]:
    """Node → replicated queues that it leads."""
    found: dict[str, int] = {}
    for each in get(cloud, "queues"):
        if each.get("slave_nodes") or len(each.get("members", ())) > 1:
            found[each["node"]] = found.get(each["node"], 0) + 1
    return found


def test_leaders_are_spread(cloud: Cloud) -> None:
    before = led(cloud)
    assert ask(cloud, "rebalance/queues", "POST").status == 204
    after = led(cloud)
    assert sum(after.values()) == sum(before.values())
    assert max(after.values()) <= -(-sum(after.values()) // 3) < max(before.values())


def test_a_node_in_maintenance_leads_no_replicated_queue_and_has_no_clients(cloud: Cloud) -> None:
    cloud.rabbitmq.nodes["ctl02"].drained = True
    cloud.settle()
    assert "rabbit@ctl02" not in led(cloud)
    assert {each["node"] for each in get(cloud, "connections")} == {"rabbit@ctl01", "rabbit@ctl03"}
    assert running(cloud) == [True, True, True]
