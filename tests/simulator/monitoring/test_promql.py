"""Queries of the simulated Prometheus: what they give follows from the model, and what it does not know it refuses."""

from __future__ import annotations

import pytest

from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.monitoring import Sample
from runbooks.simulator.monitoring.promql import ParseError, evaluate
from tests.simulator.ssh.conftest import cloud

__all__ = ["cloud"]


def found(cloud: Cloud, query: str) -> list[Sample]:
    value = evaluate(cloud.monitoring, query, cloud.now())
    assert isinstance(value, list)
    return value


def test_selectors(cloud: Cloud) -> None:
    hosts = len(cloud.hosts)
    assert len(found(cloud, 'up{job="node"}')) == hosts - 3  # those of Ceph have exporters of their own
    assert len(found(cloud, 'up{job=~"mysqld|memcached"}')) == 6
    assert found(cloud, 'up{job="node",instance!~".*"}') == []
    assert {each.labels["job"] for each in found(cloud, 'up{job!="node"}')} >= {"haproxy", "rabbitmq", "prometheus"}
    assert found(cloud, "no_such_metric") == []


def test_up_is_what_the_model_says(cloud: Cloud) -> None:
    assert found(cloud, "up == 0") == []
    cloud.hosts.set_unit("ctl02", "prometheus_memcached_exporter", "failed", cloud.now(), 137)
    (down,) = found(cloud, "up == 0")
    assert (down.labels["job"], down.value, down.since) == ("memcached", 0.0, cloud.now())
    cloud.hosts.power_off("net01", cloud.now())
    assert {each.labels["job"] for each in found(cloud, "up == 0")} == {"node", "cadvisor", "memcached"}
    assert not [each for each in found(cloud, "node_load1") if "127.77.211.14" in each.labels["instance"]]


def test_aggregations_and_sums(cloud: Cloud) -> None:
    by_proxy = {
        each.labels["proxy"]: each.value for each in found(cloud, "sum by (proxy) (haproxy_backend_active_servers)")
    }
    assert (by_proxy["nova_api_back"], by_proxy["mariadb_back"]) == (9.0, 3.0)
    assert [each.value for each in found(cloud, "count(mysql_global_status_wsrep_cluster_size)")] == [3.0]
    assert [each.value for each in found(cloud, "max(mysql_global_status_wsrep_cluster_size)")] == [3.0]
    assert found(cloud, "haproxy_backend_active_servers + haproxy_backend_backup_servers == 0") == []
    assert evaluate(cloud.monitoring, "1 + 1", cloud.now()) == 2.0


def test_the_disk_is_as_full_as_df_says(cloud: Cloud) -> None:
    (size,) = found(cloud, 'node_filesystem_size_bytes{instance=~".*11:9100",mountpoint="/"}')
    assert size.value == cloud.hosts["ctl01"].disks["/"][1] * 1024


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "no expression found"),
        ("up{", "unexpected end of input inside braces"),
        ("up ==", "unexpected end of input"),
        ("up == up", "only comparisons with a number"),
        ("rate(up[5m])", "unknown function"),
        ("up }", "unexpected '}'"),
        ("1 == 1", "must use BOOL modifier"),
        ("sum(1)", "expected type instant vector"),
        ("up + 1", "not added"),
    ],
)
def test_what_is_refused(cloud: Cloud, query: str, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        evaluate(cloud.monitoring, query, cloud.now())
