"""Hosts: rows from recorded output, and what makes a host ill."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from collectors.health import Health
from collectors.kinds.hosts import KIND, Host, health
from collectors.snapshot import OddRow
from tests.collectors.kinds.host_recordings import NOW, findings, rows

MEMINFO = b"MemTotal:  24684084 kB\nMemAvailable:  16563516 kB\nSwapTotal:  1000 kB\nSwapFree:  900 kB\n"


def host(**fields: Any) -> Host:
    """A host that is well, unless told otherwise."""
    (row,) = rows(KIND, [{"host": "cmp01", "cpus": 8, "load_5": 1.0, "booted": NOW - 86400.0, "failed": {}} | fields])
    assert isinstance(row, Host), row
    return row


def test_a_recorded_host() -> None:
    found = findings(
        "ctl01", KIND, memory=MEMINFO, cpus=b"8\n", kernel=b"6.1.0-28-amd64\n", boot_time=b"btime 1795209334\n",
        boot_id=b"d393ad60-0ee8-4d02-b015-05c9d35f5ee9\n", clock=b"1795214536.5\n",
    )  # fmt: skip
    assert found.failed == {}
    about = {"host": "ctl01", "address": "10.77.0.11", "roles": "control", "failed": {}}
    (row,) = rows(KIND, [about | found.facts])
    assert isinstance(row, Host)
    assert msgspec.structs.asdict(row) == {
        "name": "ctl01",
        "address": "10.77.0.11",
        "roles": "control",
        "answers": True,
        "load_1": 0.37,
        "load_5": 1.03,
        "load_15": 1.81,
        "load_per_cpu": 0.13,
        "cpus": 8,
        "memory_used": 33,
        "memory_total": 24684084 * 1024,
        "memory_available": 16563516 * 1024,
        "swap_used": 10,
        "disk_used": 27,
        "disk": "/",
        "disk_available": 78073184 * 1024,
        "disks": "/ 27% of 252 GiB",
        "booted": 1795209334.0,
        "boot_id": "d393ad60-0ee8-4d02-b015-05c9d35f5ee9",
        "os": "Debian GNU/Linux 12 (bookworm)",
        "kernel": "6.1.0-28-amd64",
        "trouble": None,
        "not_read": None,
    }
    assert health(row, NOW).level == "ok"


def disk(share: int, mount: str = "/var") -> dict[str, Any]:
    return {"mount": mount, "size": 100 << 30, "available": (100 - share) << 30, "share": share}


@pytest.mark.parametrize(
    ("fields", "level", "reason"),
    [
        ({}, "ok", ""),
        ({"disks": [disk(85)]}, "ok", ""),
        ({"disks": [disk(86)]}, "warning", "/var is 86 % full, 14.0 GiB left"),
        ({"disks": [disk(95)]}, "warning", "/var is 95 % full, 5.0 GiB left"),
        ({"disks": [disk(20, "/"), disk(96)]}, "critical", "/var is 96 % full, 4.0 GiB left"),
        ({"memory_total": 100, "memory_available": 6}, "ok", ""),
        ({"memory_total": 100, "memory_available": 5}, "warning", "memory 95 % used"),
        ({"memory_total": 100, "memory_available": 1}, "critical", "memory 99 % used"),
        ({"load_5": 15.9}, "ok", ""),
        ({"load_5": 16.0}, "warning", "load 16 on 8 processors"),
        ({"booted": NOW - 14 * 60}, "warning", "rebooted 14 min ago"),
        ({"booted": NOW - 16 * 60}, "ok", ""),
        ({"failed": {"disks": "did not finish in time"}}, "unknown", "not read: disks: did not finish in time"),
        (
            {"booted": NOW - 60, "load_5": 80.0, "failed": {"os": "odd"}},
            "warning",
            "load 80 on 8 processors; rebooted 1 min ago",
        ),
        ({"trouble": "connection refused", "answers": False}, "critical", "connection refused"),
        ({"trouble": "is not known: …", "answers": True}, "unknown", "is not known: …"),
        ({"trouble": "did not finish within 20 s", "answers": None}, "unknown", "did not finish within 20 s"),
    ],
)
def test_health(fields: dict[str, Any], level: str, reason: str) -> None:
    assert health(host(**fields), NOW) == Health(level, reason)  # type: ignore[arg-type]


def test_a_host_that_only_says_why_it_cannot_be_read_is_a_row() -> None:
    (row,) = rows(KIND, [{"host": "cmp01", "address": "", "roles": "", "trouble": "no route", "answers": False}])
    assert isinstance(row, Host)
    assert (row.name, row.answers, row.load_1, row.disk_used) == ("cmp01", False, None, None)


@pytest.mark.parametrize(
    "fields", [{"load_1": "much"}, {"disks": [{"mount": "/"}]}, {"cpus": None, "booted": "yesterday"}]
)
def test_odd_facts_make_an_odd_row(fields: dict[str, Any]) -> None:
    (row,) = rows(KIND, [{"host": "cmp01"} | fields])
    assert isinstance(row, OddRow)
    assert row.name == "cmp01"


def test_every_column_is_a_field_of_the_row() -> None:
    assert {column.name for column in KIND.columns} == {field.name for field in msgspec.structs.fields(Host)}
