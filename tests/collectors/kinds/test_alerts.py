"""Alerts: recorded ones that fire, are held back and are silenced; severities of many dialects."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.snapshot import OddRow
from tests.collectors.kinds.cluster_recordings import decoded, one, verdict
from tests.collectors.kinds.monitoring_recordings import FIRING, recorded

KIND = "alerts"
FIRES: dict[str, Any] = {
    "fingerprint": "375b2e8e250a7866", "host": "ctl01", "startsAt": "2026-11-27T18:11:00.000Z",
    "labels": {"alertname": "BackendDown", "severity": "critical", "instance": "10.0.0.11:1984", "proxy": "nova"},
    "annotations": {"summary": "no server of nova is up", "runbook_url": "https://runbooks.example/backend"},
    "status": {"state": "active", "silencedBy": [], "inhibitedBy": []}, "receivers": [{"name": "ops"}],
}  # fmt: skip


def test_the_recorded_alerts() -> None:
    rows: list[Any] = decoded(KIND, recorded("am-alerts-firing"))
    found = {row.id: row for row in rows}
    assert len(found) == 3
    verdicts = sorted(verdict(KIND, row, FIRING)[0] for row in found.values())
    assert verdicts == ["critical", "ok", "ok"]
    silenced = next(row for row in found.values() if row.silenced_by)
    held = next(row for row in found.values() if row.inhibited_by)
    assert (silenced.name, silenced.state, held.name, held.state) == (
        "HostDown",
        "suppressed",
        "HAProxyDown",
        "suppressed",
    )
    assert verdict(KIND, silenced, FIRING) == ("ok", "silenced: nobody says why")


def test_no_alerts() -> None:
    assert decoded(KIND, recorded("am-alerts")) == []


def test_a_row() -> None:
    row = one(KIND, **FIRES)
    assert (row.id, row.name, row.severity, row.state, row.host) == (
        "375b2e8e250a7866", "BackendDown", "critical", "active", "ctl01",
    )  # fmt: skip
    assert (row.labels, row.receivers, row.runbook) == ("proxy=nova", "ops", "https://runbooks.example/backend")
    assert verdict(KIND, row, FIRING) == ("critical", "no server of nova is up, for 5 min")


@pytest.mark.parametrize(
    ("severity", "level"),
    [("critical", "critical"), ("Page", "critical"), ("error", "critical"), ("warning", "warning"),
     ("minor", "warning"), ("info", "ok"), ("none", "ok"), ("purple", "warning"), (None, "warning")],
)  # fmt: skip
def test_severities(severity: str | None, level: str) -> None:
    labels = {"alertname": "A"} | ({"severity": severity} if severity else {})
    found = verdict(KIND, one(KIND, **(FIRES | {"labels": labels})), FIRING)
    assert found[0] == level
    assert found[1].startswith("no server of nova is up, for 5 min")
    assert ("severity" in found[1]) == (severity in ("purple", None))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {
                "status": {"state": "suppressed", "silencedBy": ["x"], "inhibitedBy": []},
                "silences": [{"comment": "RAM swap", "createdBy": "ana", "endsAt": "2026-11-21T00:40:00Z"}],
            },
            ("ok", "silenced: RAM swap (ana), 2 h left"),
        ),
        (
            {"status": {"state": "suppressed", "silencedBy": ["x"], "inhibitedBy": []}, "silences": [{}]},
            ("ok", "silenced: no reason given (nobody)"),
        ),
        (
            {
                "status": {"state": "suppressed", "silencedBy": [], "inhibitedBy": ["f"]},
                "inhibited_by": ["HostDown"],
            },
            ("ok", "held back while HostDown fires (inhibited)"),
        ),
        ({"status": {"state": "unprocessed"}}, ("critical", "no server of nova is up, for 5 min")),
        ({"startsAt": "2026-11-27T18:15:55.000Z"}, ("critical", "no server of nova is up")),
        ({"status": None}, ("unknown", "state is missing")),
        ({"annotations": {"description": "first line\nsecond"}}, ("critical", "first line, for 5 min")),
        ({"annotations": {}, "startsAt": None}, ("critical", "fires")),
    ],
)
def test_health(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **(FIRES | changes)), FIRING) == expected


@pytest.mark.parametrize("changes", [{"fingerprint": None}, {"labels": ["a"]}, {"status": "active"}])
def test_odd_alerts(changes: dict[str, Any]) -> None:
    (found,) = decoded(KIND, [FIRES | changes])
    assert isinstance(found, OddRow)
