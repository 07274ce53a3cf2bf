"""Real Prometheus and Alertmanager: rows are what their APIs say; alerts that fire, are held back, are silenced."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from collectors import registry
from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.errors import NotUnderstood
from collectors.past import past
from collectors.read import read
from collectors.request import Promql
from collectors.snapshot import OddRow
from collectors.sources.base import Where
from console.config import load_site
from tests.lab.real import RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]


def asked(lab: RealLab, port: int, path: str, body: object = None, method: str = "GET") -> Any:
    """The answer of Prometheus (9090) or Alertmanager (9093), asked from here."""
    data = None if body is None else json.dumps(body).encode()
    url = f"http://10.{lab.net}.0.51:{port}{path}"
    request = Request(url, data, {"Content-Type": "application/json"}, method=method)
    with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
        said = answer.read()
    return json.loads(said) if said else None


def alerts(lab: RealLab) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["name"], row["host"]): row for row in lab.get("alerts")}


@contextmanager
def silenced(lab: RealLab, alert: str, host: str) -> Iterator[None]:
    """With nobody told about this alert."""
    now = datetime.now(UTC)
    matchers = [
        {"name": name, "value": value, "isRegex": False, "isEqual": True}
        for name, value in (("alertname", alert), ("host", host))
    ]
    wanted = {
        "matchers": matchers, "createdBy": "ana", "comment": "RAM swap",
        "startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=2)).isoformat(),
    }  # fmt: skip
    made = asked(lab, 9093, "/api/v2/silences", wanted, "POST")["silenceID"]
    try:
        yield
    finally:
        asked(lab, 9093, f"/api/v2/silence/{made}", method="DELETE")


def test_every_target_is_one_of_prometheus(lab: RealLab) -> None:
    def both() -> tuple[dict[str, str], dict[str, str]]:
        theirs = asked(lab, 9090, "/api/v1/targets?state=active")["data"]["activeTargets"]
        ours = {row["url"]: row["state"] for row in lab.get("targets")}
        return ours, {each["scrapeUrl"]: each["health"] for each in theirs}

    ours, _ = until(both, lambda found: found[0] == found[1], 20)
    assert len(ours) > 15
    assert {row["interval"] for row in lab.get("targets")} == {5.0}
    until(lambda: {row["health"] for row in lab.get("targets")}, lambda levels: levels == {"ok"}, 20)


def test_alerts_fire_are_held_back_and_are_silenced(lab: RealLab) -> None:
    host_down, haproxy_down = ("HostDown", "ctl03"), ("HAProxyDown", "ctl03")
    with (
        lab.broken("unit-stopped", host="ctl03", unit="prometheus-node-exporter"),
        lab.broken("unit-stopped", host="ctl03", unit="haproxy"),
    ):
        target = until(lambda: lab.row("targets", "node on ctl03"), lambda row: row["state"] == "down")
        assert (target["health"], target["reason"]) == ("critical", "down: connection refused")
        found = until(lambda: alerts(lab), lambda rows: {host_down, haproxy_down} <= set(rows))
        fires, held = found[host_down], found[haproxy_down]
        assert (fires["health"], fires["severity"], fires["state"]) == ("critical", "critical", "active")
        assert fires["reason"].startswith("ctl03 does not answer")
        held = until(lambda: alerts(lab)[haproxy_down], lambda row: row["health"] == "ok")
        assert held["reason"] == "held back while HostDown fires (inhibited)"
        assert "HostDown critical" in lab.nephoscope("health").stdout
        with silenced(lab, *host_down):
            hushed = until(lambda: alerts(lab)[host_down], lambda row: row["health"] == "ok")
            assert hushed["reason"].startswith("silenced: RAM swap (ana), ")
            (silence,) = lab.get("silences", "state=active")
            assert silence["matchers"] == 'alertname="HostDown", host="ctl03"'
            assert (silence["created_by"], silence["comment"]) == ("ana", "RAM swap")
            assert "1 silenced on purpose: HostDown" in lab.nephoscope("health").stdout
    until(lambda: set(alerts(lab)), lambda rows: not rows & {host_down, haproxy_down})


def test_a_stopped_prometheus(lab: RealLab) -> None:
    with lab.broken("unit-stopped", host="mon01", unit="prometheus"):
        done = until(lambda: lab.nephoscope("get", "targets"), lambda done: done.returncode == 69)
        assert "Connection refused" in done.stderr
        line = next(line for line in lab.nephoscope("health").stdout.splitlines() if "prometheus" in line)
        assert "Connection refused" in line
    until(lambda: {row["health"] for row in lab.get("targets")}, lambda levels: levels == {"ok"})


def test_queries_give_what_prometheus_gives(lab: RealLab) -> None:
    site = load_site("lab", "", lab.environment())
    with closing(Connections(site)) as ways:

        def found(request: Promql) -> list[Any]:
            with working(Deadline(20)) as deadline:
                (page,) = ways.source(request).read(request, "prometheus", deadline, Where())
            return list(page.items)

        theirs = asked(lab, 9090, "/api/v1/query?query=count(up)")["data"]["result"]
        assert [each["value"][1] for each in found(Promql("count(up)"))] == [each["value"][1] for each in theirs]
        assert {each["metric"]["host"] for each in found(Promql('up{job="node"}'))} >= {"ctl01", "cmp01", "mon01"}
        series = found(Promql('node_load1{host="ctl01"}', window=60, step=15))
        assert len(series[0]["values"]) == 5
        with pytest.raises(NotUnderstood, match="parse error"):
            found(Promql("up{"))
        assert found(Promql("no_such_metric")) == []


FOLLOWED = {
    "hosts": ("load_1", "memory_used"),
    "rabbitmq-nodes": ("memory_used", "disk_free", "sockets_used", ""),
    "haproxy-backends": ("sessions", "errors_5xx", "queue"),
    "osds": ("latency", "used"),
    "pools": ("used", "stored", ""),
}
"""Kind → what of it the lab's Prometheus remembers, by row field; empty: what only Prometheus knows."""


@pytest.mark.parametrize("name", FOLLOWED)
def test_the_past_of_a_row_is_about_that_row(lab: RealLab, name: str) -> None:
    kind = registry.kind(name)
    with closing(Connections(load_site("lab", "", lab.environment()))) as ways:
        rows: list[Any] = [row for row in read(kind, ways, clock=time.time).rows if not isinstance(row, OddRow)]
        if name == "haproxy-backends":  # what is not HTTP has no codes, and nobody waits in a frontend
            rows = [row for row in rows if row.mode == "http" and row.type in ("server", "backend")]
        for trend in kind.trends:
            if trend.field not in FOLLOWED[name]:
                continue
            for row in rows[:2]:
                curve = past(ways, trend, row, "it", 900.0, 20.0)
                now = getattr(row, trend.field, None)
                assert curve.points
                assert time.time() - curve.points[-1][0] < 60
                if trend.role_in(kind) == "percent" and now is not None:
                    assert abs(curve.points[-1][1] - now) < 25
