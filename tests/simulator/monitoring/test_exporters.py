"""What the simulated exporters tell is what the services themselves say, and faults show in it when they began."""

from __future__ import annotations

import pytest

from runbooks.simulator.ceph.osds import latency_ms
from runbooks.simulator.ceph.pools import df
from runbooks.simulator.http.rabbitmq.nodes import nodes
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.galera_status import status
from runbooks.simulator.model.monitoring import Sample
from runbooks.simulator.monitoring.exporters import EXPORTED
from runbooks.simulator.monitoring.promql import evaluate
from tests.simulator.ssh.conftest import cloud

__all__ = ["cloud"]


def found(cloud: Cloud, query: str, ago: float = 0.0) -> list[Sample]:
    value = evaluate(cloud.monitoring, query, cloud.now() - ago)
    assert isinstance(value, list)
    return value


@pytest.mark.parametrize("name", EXPORTED)
def test_every_metric_has_values_with_the_labels_of_its_job(cloud: Cloud, name: str) -> None:
    series = found(cloud, name)
    assert series
    assert {each.labels["job"] for each in series} == {EXPORTED[name][0]}
    assert len({tuple(sorted(each.labels.items())) for each in series}) == len(series)


def test_the_broker_says_the_same_of_itself(cloud: Cloud) -> None:
    told = {node["name"]: node for node in nodes(cloud, "ctl01")}
    (used,) = found(cloud, 'rabbitmq_process_resident_memory_bytes{instance=~".*11:15692"}')
    (sockets,) = found(cloud, 'rabbitmq_process_open_tcp_sockets{instance=~".*11:15692"}')
    assert (used.value, sockets.value) == (
        told["rabbit@ctl01"]["mem_used"], told["rabbit@ctl01"]["sockets_used"],
    )  # fmt: skip


def test_a_member_says_the_same_of_itself(cloud: Cloud) -> None:
    (clients,) = found(cloud, 'mysql_global_status_threads_connected{instance=~".*11:9104"}')
    assert clients.value > 0
    (queries,) = found(cloud, 'mysql_global_status_queries{instance=~".*12:9104"}')
    assert queries.value == float(status(cloud.galera, "ctl02", 0)["Queries"])
    (before,) = found(cloud, 'mysql_global_status_queries{instance=~".*12:9104"}', ago=600)
    assert 0 < before.value < queries.value


def test_an_alarm_was_not_there_before_it_began(cloud: Cloud) -> None:
    node = cloud.rabbitmq.nodes["ctl03"]
    cloud.rabbitmq.set_memory_alarm("ctl03", True)
    node.memory_since = cloud.now() - 300
    query = (
        'max(rabbitmq_process_resident_memory_bytes{instance=~".*13:.*"})'
        ' / max(rabbitmq_resident_memory_limit_bytes{instance=~".*13:.*"})'
    )
    (now,), (before,) = found(cloud, query), found(cloud, query, ago=600)
    assert now.value > 1 > before.value


def test_servers_behind_a_balancer_have_names_and_codes(cloud: Cloud) -> None:
    (answers,) = found(
        cloud,
        'haproxy_server_http_responses_total{instance=~".*11:9101",proxy="nova_api_back",server="ctl02",code="5xx"}',
    )
    assert answers.value == 0
    assert found(cloud, 'haproxy_server_current_sessions{server="BACKEND"}') == []
    assert found(cloud, 'haproxy_frontend_http_responses_total{proxy="mariadb_front"}') == []


def test_who_is_not_reached_tells_nothing(cloud: Cloud) -> None:
    cloud.hosts.power_off("ctl02", cloud.now())
    assert not [each for each in found(cloud, "rabbitmq_connections") if ".12:" in each.labels["instance"]]
    assert [each for each in found(cloud, "rabbitmq_connections", ago=60) if ".12:" in each.labels["instance"]]


def test_ceph_says_the_same_of_itself_and_a_standby_says_nothing(cloud: Cloud) -> None:
    osd = cloud.ceph.osds[0]
    (latency,) = found(cloud, 'ceph_osd_commit_latency_ms{ceph_daemon="osd.0"}')
    assert latency.value == latency_ms(cloud.ceph, osd)
    assert cloud.hosts[cloud.ceph.managers.active].machine.address in latency.labels["instance"]
    shares = {pool["id"]: pool["stats"]["percent_used"] for pool in df(cloud.ceph)["pools"]}
    told = {int(each.labels["pool_id"]): each.value for each in found(cloud, "ceph_pool_percent_used")}
    assert told == pytest.approx(shares)


def test_an_osd_was_quick_before_it_became_slow(cloud: Cloud) -> None:
    cloud.ceph.osds[0].slow_since = cloud.now() - 300
    query = 'max(ceph_osd_commit_latency_ms{ceph_daemon="osd.0"})'
    (now,), (before,) = found(cloud, query), found(cloud, query, ago=600)
    assert now.value >= 800 > 20 > before.value
