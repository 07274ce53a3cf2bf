"""The simulated Prometheus and Alertmanager over HTTP: recorded shapes, alerts that come and go, silences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_api_client import PrometheusConnect

from tests.ground import Ground, simulator
from tests.simulator.shapes import differences

RECORDED = Path(__file__).parents[2] / "wire" / "prometheus"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A simulator whose clock these tests move."""
    with simulator(tmp_path_factory.mktemp("monitoring") / "state", "--computes", "2") as found:
        yield found


def recorded(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text())


def session(ground: Ground) -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    made.auth = ("admin", (ground.state / "prometheus.secret").read_text().strip())
    return made


def prometheus(ground: Ground, path: str, **query: str) -> requests.Response:
    with session(ground) as asking:
        return asking.get(f"http://127.77.{ground.net}.19:9091/api/v1/{path}", params=query, timeout=5)


def alertmanager(ground: Ground, path: str, method: str = "GET", **more: Any) -> requests.Response:
    with requests.Session() as asking:
        asking.trust_env = False
        return asking.request(method, f"http://127.77.{ground.net}.19:9093/api/v2/{path}", timeout=5, **more)


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        ("targets", {"state": "active"}, "targets"),
        ("query", {"query": 'node_load1{instance=~".*11:9100"}'}, "query-load"),
        (
            "query_range",
            {"query": "node_load1", "start": "1795214275", "end": "1795214575", "step": "30"},
            "range-load",
        ),
        ("alerts", {}, "alerts"),
        ("rules", {}, "rules"),
    ],
)
def test_answers_have_the_recorded_shape(own: Ground, path: str, query: dict[str, str], name: str) -> None:
    found, wanted = prometheus(own, path, **query).json(), recorded("range-load" if name == "range" else name)
    assert found["status"] == wanted["status"]
    if path in ("query", "query_range"):
        assert found["data"]["resultType"] == wanted["data"]["resultType"]
        ours, theirs = found["data"]["result"][0], wanted["data"]["result"][0]
        assert set(ours) == set(theirs)
        assert {"__name__", "instance", "job"} <= set(ours["metric"])
    elif path == "targets":
        ours, theirs = found["data"]["activeTargets"][0], wanted["data"]["activeTargets"][0]
        del theirs["discoveredLabels"]["host"], theirs["labels"]["host"]  # a label of that site
        assert differences(theirs, ours) == []
    elif path == "rules":
        ours, theirs = found["data"]["groups"][0]["rules"][0], wanted["data"]["groups"][0]["rules"][0]
        assert differences(theirs, ours) == []


def test_its_own_client_understands_it(own: Ground) -> None:
    with session(own) as asking:
        client = PrometheusConnect(f"http://127.77.{own.net}.19:9091", session=asking)
        assert "node_load1" in client.all_metrics()
        assert {each["value"][1] for each in client.custom_query('up{job="node"}')} == {"1"}
        end = datetime.now(UTC)
        series = client.custom_query_range("node_load1", end - timedelta(minutes=5), end, "60")
        assert {len(each["values"]) for each in series} == {6}
        assert client.get_targets("active")["activeTargets"]


def test_refusals(own: Ground) -> None:
    bad = prometheus(own, "query", query="up{")
    assert (bad.status_code, bad.json()) == (400, recorded("bad-query"))
    with requests.Session() as asking:
        asking.trust_env = False
        assert asking.get(f"http://127.77.{own.net}.19:9091/api/v1/alerts", timeout=5).status_code == 401
    assert prometheus(own, "nothing").status_code == 404
    assert prometheus(own, "query_range", query="up", start="2", end="1", step="1").status_code == 400
    assert prometheus(own, "query_range", query="up", start="x", end="1", step="1").status_code == 400
    assert prometheus(own, "query_range", query="up", start="1", end="90000", step="1").status_code == 400


def fires(own: Ground) -> dict[str, list[Any]]:
    """Alertmanager's alerts by name."""
    found: dict[str, list[Any]] = {}
    for each in alertmanager(own, "alerts").json():
        found.setdefault(each["labels"]["alertname"], []).append(each)
    return found


def test_an_alert_waits_fires_is_silenced_and_ends(own: Ground) -> None:
    assert alertmanager(own, "alerts").json() == []
    fault = own.inject("host-down", host="cmp02")
    (pending, *_) = prometheus(own, "alerts").json()["data"]["alerts"]
    assert (pending["state"], alertmanager(own, "alerts").json()) == ("pending", [])
    own.ask("clock", advance=90)
    found = fires(own)
    (host,) = found["HostDown"]
    assert set(host) == set(recorded("am-alerts-firing")[0])
    assert host["status"] == {"state": "active", "silencedBy": [], "inhibitedBy": []}
    assert {tuple(each["status"]["inhibitedBy"]) for each in found["TargetDown"]} == {(host["fingerprint"],)}
    told = alertmanager(own, "alerts", params={"inhibited": "false"}).json()
    assert [each["fingerprint"] for each in told] == [host["fingerprint"]]

    now = datetime.fromtimestamp(own.ask("clock", advance=0)["now"], UTC)
    wanted = {
        "matchers": [{"name": "alertname", "value": "Host.*", "isRegex": True}], "createdBy": "ana", "comment": "swap",
        "startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    identity = alertmanager(own, "silences", "POST", json=wanted).json()["silenceID"]
    (silence,) = alertmanager(own, "silences").json()
    assert set(silence) == set(recorded("am-silences-active")[0])
    assert (silence["status"]["state"], silence["matchers"][0]["isEqual"]) == ("active", True)
    assert fires(own)["HostDown"][0]["status"]["silencedBy"] == [identity]
    assert alertmanager(own, f"silence/{identity}", "DELETE").status_code == 200
    assert alertmanager(own, f"silence/{identity}").json()["status"]["state"] == "expired"
    assert fires(own)["HostDown"][0]["status"]["state"] == "active"
    assert [write["system"] for write in own.ask("writes")][-2:] == ["alertmanager", "alertmanager"]

    own.ask("undo", id=fault)
    own.ask("clock", advance=90)
    assert fires(own) == {}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"matchers": [], "createdBy": "a", "comment": "b", "startsAt": "2030-01-01T00:00:00Z",
          "endsAt": "2031-01-01T00:00:00Z"}, 400),
        ({"matchers": [{"name": "a", "value": "b", "isRegex": False}], "createdBy": "a", "comment": "b",
          "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2021-01-01T00:00:00Z"}, 400),
    ],
)  # fmt: skip
def test_silences_that_are_refused(own: Ground, body: dict[str, Any], status: int) -> None:
    assert alertmanager(own, "silences", "POST", json=body).status_code == status


def test_silences_that_there_are_not(own: Ground) -> None:
    assert alertmanager(own, "silence/x").status_code == 422
    assert alertmanager(own, "silence/16b6bfa5-fa20-4116-aba5-07aa20754b00").status_code == 404
    assert alertmanager(own, "nothing").status_code == 404
    assert alertmanager(own, "status").json()["versionInfo"]["version"]


def test_without_prometheus_the_last_alerts_end(own: Ground) -> None:
    first = own.inject("unit-killed", host="ctl02", unit="prometheus_memcached_exporter")
    own.ask("clock", advance=90)
    assert set(fires(own)) == {"TargetDown"}
    second = own.inject("unit-killed", host="mon01", unit="prometheus_server")
    assert set(fires(own)) == {"TargetDown"}
    own.ask("clock", advance=400)
    assert fires(own) == {}
    own.ask("undo", id=second)
    own.ask("undo", id=first)
