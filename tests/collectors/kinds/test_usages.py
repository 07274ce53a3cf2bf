"""Usage by project: hours and averages."""

from __future__ import annotations

from typing import Any

from tests.collectors.kinds.recordings import row, rows


def test_the_recorded_usage() -> None:
    (found,) = rows("usages")
    made: Any = found
    assert (made.server_hours, made.vcpu_hours, made.memory_gib_hours, made.disk_gib_hours) == (0.1, 0.1, 0.03, 0.1)
    assert made.until - made.since > 26 * 86400


def test_the_average_is_over_the_period_that_nova_says() -> None:
    made = row(
        "usages", tenant_id="p", total_vcpus_usage=240.0, start="2026-11-01T00:00:00.000000", stop="2026-11-02T00:00:00"
    )
    assert made.average_vcpus == 10.0


def test_a_period_of_nothing_has_no_average() -> None:
    made = row("usages", tenant_id="p", total_vcpus_usage=0.0, start="2026-11-01T00:00:00", stop="2026-11-01T00:00:00")
    assert (made.average_vcpus, made.vcpu_hours) == (None, 0.0)
