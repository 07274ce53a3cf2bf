"""Prometheus on the monitoring host: scrapes every host, RabbitMQ, HAProxy and Ceph, and judges by the lab's rules."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, build_opener

import yaml

from runbooks.lab.lab import Lab
from runbooks.lab.services import alertmanager, node_exporter
from runbooks.lab.services.ceph_client import managers
from runbooks.lab.services.ceph_text import PROMETHEUS_PORT as CEPH_PORT

PACKAGES = ("prometheus",)
PORT = 9090

RABBITMQ_PORT = 15692
HAPROXY_PORT = 1984

_RULES = "/etc/prometheus/rules.yml"


def targets(lab: Lab) -> dict[str, list[tuple[str, str]]]:
    """What is scraped: job → (host, address with port)."""

    def each(hosts: Sequence[Any], port: int) -> list[tuple[str, str]]:
        return [(host.name, f"{host.address}:{port}") for host in hosts]

    monitoring = lab.with_role("monitoring")
    found = {
        "prometheus": each(monitoring, PORT),
        "alertmanager": each(monitoring, alertmanager.PORT),
        "node": each(list(lab.machines.values()), node_exporter.PORT),
        "rabbitmq": each(lab.control, RABBITMQ_PORT),
        "haproxy": each(lab.control, HAPROXY_PORT),
        "ceph": each(managers(lab), CEPH_PORT),
    }
    return {job: hosts for job, hosts in found.items() if hosts}


def configuration(jobs: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """prometheus.yml. A target's host is the label `host`, whatever address it is scraped at."""
    scraped: list[dict[str, object]] = []
    for job, hosts in jobs.items():
        static = [{"targets": [address], "labels": {"host": host}} for host, address in hosts]
        entry: dict[str, object] = {"job_name": job, "static_configs": static}
        if job == "ceph":
            entry["honor_labels"] = True  # its own labels name daemons
        scraped.append(entry)
    alerting = [{"static_configs": [{"targets": [address for _, address in jobs["alertmanager"]]}]}]
    whole = {
        "global": {"scrape_interval": "5s", "evaluation_interval": "5s"},
        "rule_files": [_RULES],
        "alerting": {"alertmanagers": alerting},
        "scrape_configs": scraped,
    }
    return yaml.safe_dump(whole, sort_keys=False)


def rules() -> str:
    """The lab's alerting rules."""
    return files("runbooks.lab.services").joinpath("prometheus_rules.yaml").read_text()


def install(lab: Lab) -> None:
    """Its files."""
    for machine in lab.with_role("monitoring"):
        machine.write("/etc/prometheus/prometheus.yml", configuration(targets(lab)))
        machine.write(_RULES, rules())
        arguments = f"--web.listen-address={machine.address}:{PORT} --storage.tsdb.retention.time=2d"
        machine.write("/etc/default/prometheus", f'ARGS="{arguments}"\n')
        machine.enable("prometheus")


def start(lab: Lab) -> None:
    """Start it, and wait until it has scraped every host once."""
    for machine in lab.with_role("monitoring"):
        machine.run("systemctl", "reload-or-restart", "prometheus")
        machine.wait_port(PORT)
        machine.wait("Prometheus scrapes every host", lambda: _complete(lab), 60)


def _complete(lab: Lab) -> bool:
    return len(query(lab, 'up{job="node"} == 1')) == len(lab.machines)


def query(lab: Lab, words: str) -> list[dict[str, Any]]:
    """The vector that a PromQL expression gives now; empty while Prometheus does not answer."""
    found = _get(lab, PORT, f"/api/v1/query?query={quote(words)}")
    return list(found["data"]["result"]) if isinstance(found, dict) else []


def alerts(lab: Lab) -> list[dict[str, Any]]:
    """What Alertmanager holds now."""
    found = _get(lab, alertmanager.PORT, "/api/v2/alerts")
    return found if isinstance(found, list) else []


def _get(lab: Lab, port: int, path: str) -> Any:
    machine = lab.with_role("monitoring")[0]
    opener = build_opener(ProxyHandler({}))  # our own hosts are never behind a proxy
    try:
        with opener.open(f"http://{machine.address}:{port}{path}", timeout=10) as answer:
            return json.load(answer)
    except (URLError, OSError, ValueError):
        return None
