"""Prometheus, Alertmanager and node_exporter: their files as the programs read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from runbooks.lab.lab import Lab
from runbooks.lab.layout import Layout
from runbooks.lab.services import alertmanager, node_exporter, prometheus


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path, Layout(99, "full"), "test")


def scraped(lab: Lab) -> dict[str, dict[str, str]]:
    """Job → host → address of the configuration."""
    found = yaml.safe_load(prometheus.configuration(prometheus.targets(lab)))
    return {
        job["job_name"]: {
            each["labels"]["host"]: each["targets"][0] for each in job["static_configs"] if len(each["targets"]) == 1
        }
        for job in found["scrape_configs"]
    }


def test_every_host_is_scraped_under_its_own_name(lab: Lab) -> None:
    assert scraped(lab)["node"] == {name: f"{machine.address}:9100" for name, machine in lab.machines.items()}


def test_every_system_is_scraped_where_it_is(lab: Lab) -> None:
    found = scraped(lab)
    assert set(found) == {"prometheus", "alertmanager", "node", "rabbitmq", "haproxy", "ceph"}
    assert found["ceph"] == {"ceph01": "10.99.0.41:9283", "ceph02": "10.99.0.42:9283"}
    assert found["rabbitmq"]["ctl02"] == "10.99.0.12:15692"


def test_alerts_go_to_the_alertmanager_beside_it(lab: Lab) -> None:
    found = yaml.safe_load(prometheus.configuration(prometheus.targets(lab)))
    assert found["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] == ["10.99.0.51:9093"]


def rules() -> list[dict[str, Any]]:
    found = yaml.safe_load(prometheus.rules())
    return [rule for group in found["groups"] for rule in group["rules"]]


def test_every_rule_says_how_bad_it_is_and_what_it_means() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert rule["labels"]["severity"] in ("warning", "critical"), rule
        assert rule["annotations"]["summary"], rule
        assert rule["expr"], rule


def test_rules_ask_only_for_jobs_that_there_are(lab: Lab) -> None:
    words = prometheus.rules()
    for job in ("node", "rabbitmq", "haproxy"):
        assert f'job="{job}"' in words
        assert job in scraped(lab)


def test_alertmanager_tells_nobody_and_hides_what_a_dead_host_causes() -> None:
    found = yaml.safe_load(alertmanager.CONFIGURATION)
    assert [each["name"] for each in found["receivers"]] == [found["route"]["receiver"]]
    assert found["inhibit_rules"][0]["equal"] == ["host"]


def test_the_units_listen_on_their_hosts_own_address() -> None:
    assert "--web.listen-address=10.99.0.31:9100" in node_exporter.arguments("10.99.0.31")
    assert "--collector.systemd" in node_exporter.arguments("10.99.0.31")
    assert "--web.listen-address=10.99.0.51:9093" in alertmanager.arguments("10.99.0.51")
