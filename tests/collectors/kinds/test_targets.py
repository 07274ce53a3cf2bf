"""Scrape targets: recorded ones, up and down, and what is too old to be believed."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.kinds.targets import seconds
from tests.collectors.kinds.cluster_recordings import decoded, one, verdict
from tests.collectors.kinds.monitoring_recordings import NOW, recorded

KIND = "targets"
UP: dict[str, Any] = {
    "scrapeUrl": "http://10.0.0.11:9100/metrics", "scrapePool": "node", "health": "up", "lastError": "",
    "labels": {"job": "node", "instance": "10.0.0.11:9100", "env": "prod"}, "host": "ctl01",
    "lastScrape": "2026-11-20T22:42:50.575611965Z", "lastScrapeDuration": 0.0019, "scrapeInterval": "5s",
}  # fmt: skip


def test_the_recorded_targets() -> None:
    found: list[Any] = decoded(KIND, recorded("targets")["data"]["activeTargets"])
    assert len({row.id for row in found}) == len(found) > 10
    assert {row.state for row in found} == {"up"}
    assert {verdict(KIND, row, NOW) for row in found} == {("ok", "")}
    first = found[0]
    assert (first.job, first.instance, first.interval, first.took) == ("alertmanager", "10.77.0.11:9093", 5.0, 0.002)


def test_recorded_ones_that_are_down() -> None:
    found: list[Any] = decoded(KIND, recorded("targets-down")["data"]["activeTargets"])
    down = [row for row in found if row.state == "down"]
    assert {row.instance for row in down} >= {"10.78.0.13:9100", "10.78.0.33:9100"}
    latest = max(row.last_scrape for row in found)
    assert {verdict(KIND, row, latest) for row in down} == {("critical", "down: connection refused")}


def test_a_row() -> None:
    row = one(KIND, **UP)
    assert (row.id, row.name, row.host, row.labels) == (
        "node http://10.0.0.11:9100/metrics", "node on ctl01", "ctl01", "env=prod",
    )  # fmt: skip
    assert one(KIND, **(UP | {"host": None})).name == "node 10.0.0.11:9100"
    bare = one(KIND, scrapeUrl="http://user:word@10.0.0.11/probe?target=x")
    assert (bare.url, "word" in bare.id) == ("http://10.0.0.11/probe?target=x", False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("ok", "")),
        ({"health": "unknown"}, ("unknown", "state is unknown")),
        ({"lastScrape": "0001-01-01T00:00:00Z"}, ("unknown", "not scraped yet")),
        (
            {"lastScrape": "2026-11-20T22:37:56Z"},
            ("unknown", "was up, last scraped 5 min ago, though every 5 s is meant: Prometheus stands still"),
        ),
        ({"lastScrape": "2026-11-20T22:40:00Z", "scrapeInterval": None}, ("ok", "")),
        (
            {
                "health": "down",
                "lastError": 'Get "http://a/metrics": dial tcp 10.0.0.11:9100: connect: no route to host',
            },
            ("critical", "down: no route to host"),
        ),
        (
            {"health": "down", "lastError": 'Get "http://a/metrics": context deadline exceeded'},
            ("critical", "down: no answer in time"),
        ),
        (
            {"health": "down", "lastError": "server returned HTTP status 500 Internal Server Error"},
            ("critical", "down: server returned HTTP status 500 Internal Server Error"),
        ),
        ({"health": "down", "lastError": None}, ("critical", "down: no reason given")),
    ],
)
def test_health(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **(UP | changes)), NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("15s", 15.0), ("1m30s", 90.0), ("1h", 3600.0), ("500ms", 0.5), ("2d", 172800.0), ("", None), (None, None)],
)
def test_durations_as_prometheus_writes_them(text: str | None, expected: float | None) -> None:
    assert seconds(text) == expected
