"""Health checks: what Ceph says, what stops clients whatever Ceph calls it, what is muted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.ceph_recordings import one, rows, verdict

KIND = "ceph-health-checks"


def check(
    identity: str, message: str, severity: str = "HEALTH_WARN", count: int = 1, *details: str, **more: Any
) -> Any:
    return one(KIND, id=identity, summary=message, severity=severity, count=count, detail=list(details), **more)


def test_a_healthy_cluster_has_no_checks() -> None:
    assert rows(KIND, health="health", status="status") == []


def test_an_osd_that_is_down() -> None:
    found = rows(KIND, health="fault-osd2-down-health", status="fault-osd2-down-status")
    assert [row.id for row in found] == ["OSD_DOWN", "OSD_HOST_DOWN", "PG_DEGRADED"]
    assert verdict(KIND, found[0]) == ("warning", "1 osds down: osd.2 (root=default,host=node3) is down")
    assert found[2].degraded == 32.3
    assert found[2].first.startswith("pg 1.0 is active+undersized+degraded")


def test_a_monitor_that_is_down() -> None:
    (found,) = rows(KIND, health="fault-monb-down-health", status="fault-monb-down-status")
    assert found.id == "MON_DOWN"
    assert verdict(KIND, found)[1].startswith("1/3 mons down, quorum a,c: mon.b (rank 1) addr ")


def test_a_flag() -> None:
    found = {row.id: row for row in rows(KIND, health="fault-noout-health")}
    assert verdict(KIND, found["OSDMAP_FLAGS"]) == ("warning", "noout flag(s) set")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            check("PG_AVAILABILITY", "Reduced data availability: 5 pgs inactive", groups={"inactive_pgs_ratio": 0.8}),
            ("critical", "Reduced data availability: 5 pgs inactive; clients of these groups wait"),
        ),
        (
            check("PG_AVAILABILITY", "Reduced data availability: 38 pgs peering", groups={"inactive_pgs_ratio": 0}),
            ("warning", "Reduced data availability: 38 pgs peering"),
        ),
        (
            check("PG_AVAILABILITY", "Reduced data availability: 1 pg inactive, 38 pgs peering"),
            ("warning", "Reduced data availability: 1 pg inactive, 38 pgs peering"),
        ),
        (
            check("PG_AVAILABILITY", "Reduced data availability: 9 pgs inactive, 2 pgs peering"),
            ("critical", "Reduced data availability: 9 pgs inactive, 2 pgs peering; clients of these groups wait"),
        ),
        (
            check("POOL_FULL", "1 pool(s) full", "HEALTH_WARN", 1, "pool 'volumes' is full (no space)"),
            (
                "critical",
                "1 pool(s) full: pool 'volumes' is full (no space); clients cannot write to it",
            ),
        ),
        (check("PG_DAMAGED", "Possible data damage", "HEALTH_ERR"), ("critical", "Possible data damage")),
        (check("NEW_CODE", "something new", "HEALTH_ODD"), ("unknown", "HEALTH_ODD: something new")),
        (check("SLOW_OPS", "4 slow ops", count=4), ("warning", "4 slow ops")),
    ],
)
def test_what_stops_clients_is_critical(row: Any, expected: tuple[str, str]) -> None:
    assert verdict(KIND, row) == expected


def test_a_muted_check_is_well_and_told() -> None:
    health = {
        "status": "HEALTH_OK",
        "checks": {
            "OSDMAP_FLAGS": {
                "severity": "HEALTH_WARN",
                "summary": {"message": "noout flag(s) set", "count": 1},
                "detail": [{"message": "noout flag(s) set"}],
                "muted": True,
            }
        },
        "mutes": [
            {"code": "OSDMAP_FLAGS", "ttl": "59m", "sticky": False, "summary": "noout flag(s) set", "count": 1},
            {"code": "OSD_DOWN", "sticky": True, "summary": "1 osds down", "count": 1},
        ],
    }
    flags, gone = rows(KIND, health=health)
    assert verdict(KIND, flags) == ("ok", "muted: noout flag(s) set for 59m")
    assert verdict(KIND, gone) == ("ok", "muted: 1 osds down until it is unmuted")


def test_shares_above_one_are_cut() -> None:
    assert check("PG_DEGRADED", "x", groups={"degraded_ratio": 2.46617}).degraded == 100.0


def test_recovery_is_told() -> None:
    row = check("PG_DEGRADED", "8 pgs degraded", groups={"recovering_bytes_per_sec": 1234})
    assert verdict(KIND, row) == ("warning", "8 pgs degraded, recovering")
