"""Volume pools: full, promised in full, silent, of drivers that tell no number."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.values import epoch
from tests.collectors.kinds.recordings import row, rows, verdict

RECORDED = epoch("2026-11-27T17:41:00Z") or 0.0
GIB = 2**30


def pool(**told: Any) -> Any:
    """A pool whose driver told this a moment ago."""
    return row("volume-pools", name="ctl01@ceph#ssd", capabilities={"timestamp": "2026-11-20T23:04:30"} | told)


def test_the_recorded_pools() -> None:
    found: dict[str, Any] = {one.name: one for one in rows("volume-pools")}  # type: ignore[union-attr]
    fast, standard = found["ctl01@fast#fast"], found["ctl01@standard#standard"]
    assert (fast.service, fast.machine, fast.allocated, fast.provisioned) == (
        "ctl01@fast",
        "ctl01",
        50 * GIB,
        100 * GIB,
    )
    assert (fast.total, fast.used_percent, fast.over_subscription) == (round(11.71 * GIB), 3.2, 50.0)
    assert fast.promised_percent == 17.1, "100 of 11.71 times 50"
    assert (standard.over_subscription, standard.provisioned, standard.promised_percent) == (20.0, None, None)
    assert [verdict(one, "volume-pools", RECORDED) for one in found.values()] == [("ok", "")] * 2


def test_the_recorded_pools_of_a_driver_that_knows_no_limit() -> None:
    found: list[Any] = rows("volume-pools", "block-storage/scheduler-stats_get_pools_detail_true@3.70")
    assert [(one.total, one.free, one.capacity, one.reserved_percent) for one in found] == [
        (None, None, "infinite", 100.0)
    ] * 2
    now = epoch("2026-11-20T22:37:00Z") or 0.0
    assert {verdict(one, "volume-pools", now) for one in found} == {("ok", "its driver knows no limit")}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"total_capacity_gb": 100, "free_capacity_gb": 50}, ("ok", "")),
        ({"total_capacity_gb": "100.0", "free_capacity_gb": "16"}, ("ok", "")),
        ({"total_capacity_gb": 100, "free_capacity_gb": 15}, ("warning", "85 % full: 15.0 GiB of 100 GiB free")),
        ({"total_capacity_gb": 100, "free_capacity_gb": 4.9}, ("critical", "95 % full: 4.9 GiB of 100 GiB free")),
        ({"total_capacity_gb": 0, "free_capacity_gb": 0}, ("critical", "its driver reports no capacity at all")),
        ({"total_capacity_gb": "unknown", "free_capacity_gb": "unknown"},
         ("unknown", "its driver does not tell how much there is")),
        ({}, ("unknown", "its driver does not tell how much there is")),
        ({"backend_state": "down", "total_capacity_gb": 100, "free_capacity_gb": 50},
         ("critical", "its back-end is down")),
        ({"timestamp": "2026-11-20T22:45:00", "total_capacity_gb": 100, "free_capacity_gb": 1},
         ("unknown", "last reported 20 min ago")),
    ],
)  # fmt: skip
def test_health(told: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(pool(**told), "volume-pools") == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"thin_provisioning_support": True, "max_over_subscription_ratio": "2.0"}, 100.0),
        ({"thin_provisioning_support": True, "max_over_subscription_ratio": "4.0"}, 50.0),
        ({"thin_provisioning_support": True, "max_over_subscription_ratio": "4.0", "reserved_percentage": 50}, 100.0),
        ({"thin_provisioning_support": False, "max_over_subscription_ratio": "20.0"}, 200.0),
        ({"thin_provisioning_support": True, "max_over_subscription_ratio": "auto"}, 200.0),
        ({"reserved_percentage": 100}, None),
    ],
)
def test_what_may_be_promised(told: dict[str, Any], expected: float | None) -> None:
    made = pool(total_capacity_gb=100, free_capacity_gb=60, provisioned_capacity_gb=200, **told)
    assert made.promised_percent == expected
    full = expected is not None and expected >= 100
    words = "takes no more volumes: 200 GiB promised, all that it may"
    assert verdict(made, "volume-pools") == (("warning", words) if full else ("ok", ""))
