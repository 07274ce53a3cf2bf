"""Hypervisors: usage in bytes, states, and what a disabled one says."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import registry
from collectors.request import Rest
from tests.collectors.kinds.recordings import row, rows, verdict


def test_the_recorded_hypervisors() -> None:
    found = {hypervisor.name: hypervisor for hypervisor in rows("hypervisors")}  # type: ignore[union-attr]
    assert set(found) == {"cmp01", "cmp02", "cmp03"}
    first: Any = found["cmp01"]
    assert first.id == "e0edd954-8abe-528a-8373-5e51c3107c93"
    assert (first.memory, first.memory_used, first.memory_percent) == (64 * 2**30, 768 * 2**20, 1.2)
    assert (first.disk, first.disk_used, first.vcpus, first.vcpus_used) == (1000 * 2**30, 2**30, 16, 1)
    assert (first.running_vms, first.host, first.host_ip) == (1, "cmp01", "10.66.0.11")
    assert verdict(first, "hypervisors") == ("ok", "")


def test_the_oldest_microversion_has_numbers_for_ids_and_text_for_cpus() -> None:
    assert [found.id for found in rows("hypervisors", "compute/os-hypervisors_detail@2.1")] == ["1", "2", "3"]  # type: ignore[union-attr]


def test_later_microversions_lack_the_usage_and_are_still_rows() -> None:
    found: list[Any] = rows("hypervisors", "compute/os-hypervisors_detail@2.96")
    assert [(h.vcpus_used, h.memory, h.memory_percent) for h in found] == [(None, None, None)] * 3
    assert verdict(found[0], "hypervisors") == ("ok", "")


def test_it_is_read_at_the_last_microversion_that_carries_usage() -> None:
    kind = registry.kind("hypervisors")
    assert isinstance(kind.read, Rest)
    assert (kind.read.microversion, kind.read.page) == ("2.87", 1000)
    assert isinstance(kind.describe, Rest)
    assert kind.describe.service == "placement"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": "down"}, ("critical", "down: its nova-compute is not heard")),
        (
            {"state": "down", "running_vms": 23},
            ("critical", "down: its nova-compute is not heard; 23 servers on it"),
        ),
        ({"state": "down", "running_vms": 1}, ("critical", "down: its nova-compute is not heard; 1 server on it")),
        ({"state": "down", "status": "disabled"}, ("warning", "down; disabled, no reason given")),
        (
            {"state": "up", "status": "disabled", "service": {"disabled_reason": "RAM swap"}},
            ("ok", "disabled: RAM swap"),
        ),
        ({"state": "up", "status": "disabled"}, ("warning", "disabled, no reason given")),
        (
            {"state": "up", "status": "enabled", "disk_available_least": -120},
            ("warning", "its disks are promised 120 GiB more than there is"),
        ),
        ({"state": "up", "disk_available_least": 0, "memory_mb": 0, "memory_mb_used": 0}, ("ok", "")),
        ({}, ("unknown", "state is missing")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("hypervisors", id="h", **fields), "hypervisors") == expected
