"""What fills a simulated broker: a breakdown like that of a real one, and alarms with causes that can be removed."""

from __future__ import annotations

import pytest

from runbooks.simulator.model.broker_space import DUMP, FORGOTTEN
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import cloud as build_cloud
from tests.simulator.rabbitmq.calls import ask, get, queue, refused

REAL = {
    "connection_readers", "connection_writers", "connection_channels", "connection_other", "queue_procs",
    "queue_slave_procs", "plugins", "other_proc", "metrics", "mgmt_db", "mnesia", "other_ets", "binary", "msg_index",
    "code", "atom", "other_system", "allocated_unused", "reserved_unallocated", "strategy", "total",
}  # fmt: skip
"""What RabbitMQ's guide to its management API shows."""


@pytest.fixture
def cloud() -> Cloud:
    return build_cloud()


def test_a_breakdown_adds_up_to_what_the_node_uses(cloud: Cloud) -> None:
    found = get(cloud, "nodes/rabbit@ctl02/memory")["memory"]
    assert set(found) >= REAL
    parts = [value for value in found.values() if isinstance(value, int)]
    assert sum(parts) == found["total"]["rss"] == get(cloud, "nodes/rabbit@ctl02")["mem_used"]
    assert min(parts) >= 0
    assert found["strategy"] == "rss"


def test_nodes_that_are_not_there_or_do_not_answer(cloud: Cloud) -> None:
    assert refused(cloud, "nodes/rabbit@ctl09/memory").status == 404
    cloud.hosts.set_unit("ctl02", "rabbitmq", "failed", cloud.now())
    cloud.settle()
    assert get(cloud, "nodes/rabbit@ctl02/memory") == {"memory": "not_available"}


def test_a_queue_that_nobody_reads_is_the_cause_of_a_memory_alarm(cloud: Cloud) -> None:
    cloud.rabbitmq.set_memory_alarm("ctl02", True)
    cloud.settle()
    found = queue(cloud, FORGOTTEN)
    assert (found["consumers"], found["node"], found["type"]) == (0, "rabbit@ctl02", "classic")
    memory = get(cloud, "nodes/rabbit@ctl02/memory")["memory"]
    assert memory["binary"] > found["message_bytes"] > 0.8 * memory["total"]["rss"]
    assert get(cloud, "nodes/rabbit@ctl01/memory")["memory"]["total"]["rss"] < 1 << 30
    ask(cloud, f"queues/%2F/{FORGOTTEN}/contents", "DELETE")
    cloud.settle()
    assert not get(cloud, "nodes")[1]["mem_alarm"]
    assert cloud.rabbitmq.serving()


@pytest.mark.parametrize("how", ["undone", "deleted", "killed"])
def test_the_queue_may_go_otherwise(cloud: Cloud, how: str) -> None:
    cloud.rabbitmq.set_memory_alarm("ctl02", True)
    cloud.settle()
    if how == "undone":
        cloud.rabbitmq.set_memory_alarm("ctl02", False)
    elif how == "deleted":
        ask(cloud, f"queues/%2F/{FORGOTTEN}", "DELETE")
    else:
        cloud.hosts.set_unit("ctl02", "rabbitmq", "failed", cloud.now())
    cloud.settle()
    cloud.clock.advance(10)
    cloud.catch_up()
    assert FORGOTTEN not in [found["name"] for found in get(cloud, "queues")]
    assert cloud.rabbitmq.alarms() == []


def test_a_file_is_the_cause_of_a_disk_alarm_and_outlives_the_broker(cloud: Cloud) -> None:
    before = get(cloud, "nodes")[0]["disk_free"]
    cloud.rabbitmq.set_disk_alarm("ctl01", True)
    cloud.settle()
    assert abs(before - get(cloud, "nodes")[0]["disk_free"] - cloud.hosts["ctl01"].left[DUMP] * 1024) < 1 << 20
    cloud.hosts.set_unit("ctl01", "rabbitmq", "failed", cloud.now())
    cloud.settle()
    assert cloud.rabbitmq.alarms() == []
    cloud.hosts.set_unit("ctl01", "rabbitmq", "running", cloud.now())
    cloud.settle()
    cloud.clock.advance(30)
    cloud.catch_up()
    assert cloud.rabbitmq.alarms() == [("rabbit@ctl01", "disk")]
    cloud.rabbitmq.set_disk_alarm("ctl01", False)
    cloud.settle()
    assert cloud.rabbitmq.alarms() == []


def test_limits_raise_and_end_alarms(cloud: Cloud) -> None:
    cloud.rabbitmq.set_disk_limit("ctl03", 10**15)
    cloud.rabbitmq.set_memory_limit("ctl03", 20_000_000)
    assert cloud.rabbitmq.alarms() == [("rabbit@ctl03", "memory"), ("rabbit@ctl03", "disk")]
    cloud.rabbitmq.set_disk_limit("ctl03", 10**9)
    cloud.rabbitmq.set_memory_limit("ctl03", None)
    assert cloud.rabbitmq.alarms() == []
