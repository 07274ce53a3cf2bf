"""Alarms of the broker: on, near, unknown, and since when."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.snapshot import OddRow
from tests.collectors.kinds.cluster_recordings import NOW, decoded, one, verdict

KIND = "broker-alarms"
MEMORY: dict[str, Any] = {
    "node": "rabbit@ctl02",
    "resource": "memory",
    "running": True,
    "used": 100 << 20,
    "limit": 1000 << 20,
    "alarm": False,
}
DISK = MEMORY | {"resource": "disk", "used": 50 << 30, "limit": 1 << 30}
FILES = MEMORY | {"resource": "file-descriptors", "used": 100, "limit": 1000}


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        (MEMORY, ("ok", "")),
        (MEMORY | {"used": 900 << 20}, ("warning", "memory close to the limit, 900 MiB of 1000 MiB")),
        (
            MEMORY | {"used": 1010 << 20, "alarm": True, "since": NOW - 240, "blocked": 41},
            (
                "critical",
                "memory alarm for 4 min, 1010 MiB of 1000 MiB: publishers are blocked on all nodes, 41 wait now",
            ),
        ),
        (
            MEMORY | {"used": 1010 << 20, "alarm": True, "blocked": 0},
            ("critical", "memory alarm, 1010 MiB of 1000 MiB: publishers are blocked on all nodes"),
        ),
        (DISK, ("ok", "")),
        (
            DISK | {"used": int(1.1 * (1 << 30))},
            ("warning", "disk close to its alarm, 1.1 GiB left of the 1.0 GiB that must be free"),
        ),
        (
            DISK | {"used": 100 << 20, "alarm": True},
            (
                "critical",
                "disk alarm, 100 MiB left of the 1.0 GiB that must be free: publishers are blocked on all nodes",
            ),
        ),
        (FILES | {"used": 900}, ("warning", "file descriptors close to the limit, 900 of 1,000")),
        (
            FILES | {"used": 1000, "alarm": True},
            ("critical", "no file descriptors left, 1,000 of 1,000: it takes no new connections"),
        ),
        (FILES | {"used": None, "limit": None, "alarm": None}, ("ok", "")),
        (MEMORY | {"used": None, "alarm": None}, ("unknown", "the node does not say")),
        (MEMORY | {"running": False, "alarm": None, "used": None}, ("unknown", "the node is not running")),
    ],
)
def test_health(wire: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **wire)) == expected


def test_what_a_row_says() -> None:
    found = one(KIND, **(DISK | {"blocked": 3}))
    assert (found.id, found.host, found.share, found.held) == ("rabbit@ctl02/disk", "ctl02", 2.0, "blocked")
    assert found.blocks == "publishers on all nodes"
    assert one(KIND, **FILES).blocks == "new connections to it"
    assert one(KIND, **(DISK | {"used": 0})).share is None


@pytest.mark.parametrize("changes", [{"used": "much"}, {"node": None}, {"alarm": "on"}, {"since": "long"}])
def test_odd_alarms(changes: dict[str, Any]) -> None:
    (found,) = decoded(KIND, [MEMORY | changes])
    assert isinstance(found, OddRow)
