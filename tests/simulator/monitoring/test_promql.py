"""Queries of the simulated Prometheus: what they give follows from the model, and what it does not know it refuses."""

from __future__ import annotations

import math

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
        ("irate(up[5m])", "unknown function"),
        ("up }", "unexpected '}'"),
        ("1 == 1", "must use BOOL modifier"),
        ("sum(1)", "expected type instant vector"),
        ("rate(up)", "expected type range vector"),
        ("rate(up[5y])", "bad number or duration"),
        ('up{job="\\d"}', "unknown escape sequence"),
    ],
)
def test_what_is_refused(cloud: Cloud, query: str, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        evaluate(cloud.monitoring, query, cloud.now())


def test_arithmetic_binds_as_in_prometheus(cloud: Cloud) -> None:
    assert evaluate(cloud.monitoring, "100 - 2 * 3 - 4 / 2", cloud.now()) == 92.0
    assert [each.value for each in found(cloud, "10 - 2 * max(up)")] == [8.0]
    (share,) = found(cloud, "max(up) / 4")
    assert (share.value, dict(share.labels)) == (0.25, {})
    (used,) = found(
        cloud,
        '100 - 100 * max(node_memory_MemAvailable_bytes{instance=~".*11:9100"})'
        ' / max(node_memory_MemTotal_bytes{instance=~".*11:9100"})',
    )
    assert used.value == pytest.approx(100 * cloud.hosts["ctl01"].memory_used, abs=0.01)


def test_a_division_by_nothing_is_what_prometheus_says(cloud: Cloud) -> None:
    assert evaluate(cloud.monitoring, "1 / 0", cloud.now()) == math.inf
    assert math.isnan(float(str(evaluate(cloud.monitoring, "0 / 0", cloud.now()))))


def test_text_has_the_escapes_of_go(cloud: Cloud) -> None:
    assert len(found(cloud, r'up{job="node",instance=~"(?:ctl01|127\\.77\\.211\\.11)(?::[0-9]+)?"}')) == 1


def test_a_rate_is_the_growth_of_a_counter(cloud: Cloud) -> None:
    rates = found(cloud, "rate(mysql_global_status_queries[5m])")
    assert len(rates) == 3
    for each in rates:
        assert each.value > 0
        assert "__name__" not in each.labels
    assert found(cloud, "rate(no_such_metric[5m])") == []
