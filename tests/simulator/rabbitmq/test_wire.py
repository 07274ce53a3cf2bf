"""What the management API answers is shaped as a real one's: same keys, same order, same types."""

from __future__ import annotations

from typing import Any

import pytest

from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import cloud as build_cloud
from tests.simulator.rabbitmq.calls import ask, get, recorded, refused

SOMETIMES = {"message_stats", "idle_since", "backing_queue_status", "slave_nodes", "synchronised_slave_nodes"}
"""Keys that only some rows have, in the recordings too."""
BY_NAME = {"cluster_state", "open_files", "arguments", "effective_policy_definition", "definition", "client_properties"}
"""Objects whose keys are data."""
STATS = "message_stats"


@pytest.fixture(scope="module")
def cloud() -> Cloud:
    return build_cloud()


def kind(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def differences(real: Any, ours: Any, where: str = "") -> list[str]:
    if real is None or ours is None:
        return []
    if isinstance(real, dict) and isinstance(ours, dict):
        if where.rpartition(".")[2] in BY_NAME:
            return []
        keys = [key for key in real if key not in SOMETIMES]
        mine = [key for key in ours if key not in SOMETIMES]
        if keys != mine:
            return [f"{where}: only there {set(keys) - set(mine)}, only here {set(mine) - set(keys)}, or the order"]
        return [line for key in real if key in ours for line in differences(real[key], ours[key], f"{where}.{key}")]
    if isinstance(real, list) and isinstance(ours, list):
        found: list[str] = []
        for item in ours:
            tries: list[list[str]] = [differences(model, item, f"{where}[]") for model in real]
            tries.sort(key=len)
            found += tries[0] if tries else []
        return found
    return [] if kind(real) == kind(ours) else [f"{where}: {kind(real)} there, {kind(ours)} here"]


@pytest.mark.parametrize(
    ("path", "recording"),
    [
        ("overview", "openstack-overview.json"),
        ("overview", "healthy-ctl01-overview.json"),
        ("nodes", "healthy-ctl01-nodes.json"),
        ("connections", "openstack-connections.json"),
        ("channels", "openstack-channels.json"),
        ("consumers", "openstack-consumers.json"),
        ("exchanges", "openstack-exchanges.json"),
        ("bindings", "openstack-bindings.json"),
        ("policies", "healthy-ctl01-policies.json"),
        ("vhosts", "openstack-vhosts.json"),
    ],
)
def test_recorded_list(cloud: Cloud, path: str, recording: str) -> None:
    real, _ = recorded(recording)
    # The lab's broker had no traffic, that of the services no Prometheus listener.
    skip = {"message_stats"} if recording.startswith("healthy") else {"contexts", "listeners"}
    ours = get(cloud, path)
    if isinstance(real, dict):
        real, ours = ({k: v for k, v in found.items() if k not in skip} for found in (real, ours))
    assert sorted(set(differences(real, ours, path))) == []


def test_queues_of_both_types(cloud: Cloud) -> None:
    healthy, _ = recorded("healthy-ctl01-queues.json")
    services, _ = recorded("openstack-queues.json")
    ours = get(cloud, "queues")
    assert {found["type"] for found in ours} == {"classic", "quorum"}
    for found in ours:
        models = [model for model in [*healthy, *services] if model["type"] == found["type"]]
        tries = [differences(model, found, "queue") for model in models]
        assert min(tries, key=len) == [], found["name"]
        mirrored = "slave_nodes" in found
        assert mirrored == (found["policy"] == "ha-all"), found["name"]


def test_queue_names_are_those_that_the_services_make(cloud: Cloud) -> None:
    services, _ = recorded("openstack-queues.json")
    ours = {found["name"] for found in get(cloud, "queues")}
    shared = {found["name"] for found in services if "." not in found["name"] and "_" not in found["name"]}
    assert shared - {"q-metering-plugin", "q-agent-notifier-network-update"} <= ours
    assert {"compute.cmp01", "conductor.ctl01", "dhcp_agent.net01", "neutron-vo-Port-1.11.cmp02"} <= ours
    assert sum(name.startswith("reply_") for name in ours) > 10
    assert sum(name.startswith("compute_fanout_") for name in ours) == 4


def test_connections_name_their_program(cloud: Cloud) -> None:
    services, _ = recorded("openstack-connections.json")
    names = {found["user_provided_name"].partition(":")[0] for found in services}
    ours = {found["user_provided_name"].partition(":")[0] for found in get(cloud, "connections")}
    assert names - {"uwsgi", "neutron-periodic-workers"} <= ours


def test_node_seen_down_is_hardly_more_than_its_name(cloud: Cloud) -> None:
    real, _ = recorded("cut-seen-from-ctl01-nodes.json")
    broken = build_cloud()
    broken.rabbitmq.cut_off("ctl03")
    broken.settle()
    broken.clock.advance(30)
    broken.catch_up()
    ours = get(broken, "nodes")
    assert ours[2] == real[2]
    assert [found["running"] for found in ours] == [True, True, False]
    assert {each["name"] for each in ours[0]["cluster_links"]} == {"rabbit@ctl02"}
    overview = get(broken, "overview")
    assert {each["node"] for each in overview["listeners"]} == {"rabbit@ctl01", "rabbit@ctl02"}
    mirrors = next(found for found in get(broken, "queues") if found["name"] == "conductor")
    assert "rabbit@ctl03" not in [mirrors["node"], *mirrors["slave_nodes"], *mirrors["synchronised_slave_nodes"]]
    assert "rabbit@ctl03" in [mirrors["node"], *mirrors["recoverable_slaves"]]


@pytest.mark.parametrize(
    ("path", "recording"),
    [
        ("health/checks/alarms", "healthy-ctl01-health_checks_alarms.json"),
        ("health/checks/local-alarms", "healthy-ctl01-health_checks_local-alarms.json"),
        ("health/checks/node-is-quorum-critical", "healthy-ctl01-health_checks_node-is-quorum-critical.json"),
    ],
)
def test_passing_health_checks(cloud: Cloud, path: str, recording: str) -> None:
    real, status = recorded(recording)
    ours = ask(cloud, path)
    assert (ours.body, ours.status) == (real, status)


def test_alarm_check_as_recorded() -> None:
    cloud = build_cloud()
    real, status = recorded("memalarm-ctl02-health_checks_alarms.json")
    cloud.rabbitmq.set_memory_alarm("ctl02", True)
    cloud.settle()
    ours = ask(cloud, "health/checks/alarms")
    assert (ours.body, ours.status) == (real, status)
    assert ask(cloud, "health/checks/local-alarms").status == 200
    assert ask(cloud, "health/checks/local-alarms", host="ctl02").status == 503


def test_quorum_critical_check_as_recorded() -> None:
    cloud = build_cloud()
    real, status = recorded("cut-seen-from-ctl01-health_checks_node-is-quorum-critical.json")
    cloud.hosts.set_unit("ctl03", "rabbitmq", "failed", cloud.now())
    cloud.settle()
    ours = ask(cloud, "health/checks/node-is-quorum-critical")
    assert (ours.status, ours.body["status"], ours.body["reason"]) == (status, "failed", real["reason"])
    assert list(ours.body["queues"][0]) == list(real["queues"][0])


def test_a_node_remembers_when_its_memory_rose() -> None:
    cloud = build_cloud()
    cloud.clock.advance(3600)
    cloud.rabbitmq.set_memory_alarm("ctl02", True)
    cloud.settle()
    cloud.clock.advance(240)
    node = get(cloud, "nodes/rabbit@ctl02?node_stats_age=3600&node_stats_incr=60")
    samples = node["mem_used_details"]["samples"]
    assert [each["timestamp"] for each in samples] == sorted((each["timestamp"] for each in samples), reverse=True)
    assert len(samples) == 61
    above = [each["sample"] > node["mem_limit"] for each in samples]
    assert above in ([True] * 4 + [False] * 57, [True] * 5 + [False] * 56)
    assert "samples" not in get(cloud, "nodes/rabbit@ctl02")["mem_used_details"]
    assert refused(cloud, "nodes/rabbit@ctl02?node_stats_age=x&node_stats_incr=60").status == 400


def test_disk_alarm_names_its_resource() -> None:
    cloud = build_cloud()
    cloud.rabbitmq.set_disk_alarm("ctl01", True)
    cloud.settle()
    assert ask(cloud, "health/checks/alarms").body["alarms"] == [{"node": "rabbit@ctl01", "resource": "disk space"}]
    node = get(cloud, "nodes")[0]
    assert node["disk_free_alarm"]
    assert node["disk_free"] < node["disk_free_limit"]
