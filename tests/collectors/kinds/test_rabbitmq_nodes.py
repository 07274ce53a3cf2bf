"""Broker nodes: healthy, cut off, alarmed, partitioned, silent."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.snapshot import OddRow
from tests.collectors.kinds.cluster_recordings import decoded, listed, one, verdict

KIND = "rabbitmq-nodes"
HEALTHY: dict[str, Any] = {
    "name": "rabbit@ctl01",
    "running": True,
    "partitions": [],
    "mem_used": 100 << 20,
    "mem_limit": 1000 << 20,
    "mem_alarm": False,
    "disk_free": 50 << 30,
    "disk_free_alarm": False,
    "sockets_used": 100,
    "sockets_total": 1000,
    "fd_used": 100,
    "fd_total": 1000,
    "answers": True,
    "running_for": ["rabbit@ctl01", "rabbit@ctl02"],
    "missing_for": [],
}


def test_the_recorded_nodes() -> None:
    found = listed(KIND, "healthy-ctl01-nodes.json")
    assert [row.name for row in found] == ["rabbit@ctl01", "rabbit@ctl02", "rabbit@ctl03"]
    assert [row.host for row in found] == ["ctl01", "ctl02", "ctl03"]
    first = found[0]
    assert (first.memory_used, first.mem_limit, first.net_ticktime) == (27.7, 512_000_000, 15)
    assert first.partitions_known
    assert first.partitions is None
    assert {verdict(KIND, row) for row in found} == {("ok", "")}


def test_the_recorded_cut() -> None:
    found = listed(KIND, "cut-seen-from-ctl01-nodes.json")
    assert [verdict(KIND, row)[0] for row in found] == ["ok", "ok", "critical"]
    assert verdict(KIND, found[2]) == ("critical", "not running")
    assert not found[2].partitions_known


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"running": False, "partitions": None}, ("critical", "not running")),
        ({"running": False, "trouble": "Connection refused"}, ("critical", "not running (Connection refused)")),
        ({"running": None}, ("unknown", "nobody says whether it runs")),
        (
            {"partitions": ["rabbit@ctl03"]},
            ("critical", "partitioned from rabbit@ctl03: both sides ran on; restart the smaller one"),
        ),
        ({"partitions": None}, ("unknown", "does not say yet whether it is partitioned")),
        (
            {"missing_for": ["rabbit@ctl03"]},
            ("critical", "runs, but rabbit@ctl03 cannot see it: the cluster is cut"),
        ),
        (
            {"running_for": ["rabbit@ctl01"], "unknown_to": ["rabbit@ctl02", "rabbit@ctl03"]},
            (
                "critical",
                "runs as a cluster of its own: rabbit@ctl02, rabbit@ctl03 do not know it; rabbitmq-node.join",
            ),
        ),
        ({"running_for": ["rabbit@ctl01", "rabbit@ctl02"], "unknown_to": ["rabbit@ctl03"]}, ("ok", "")),
        (
            {"mem_alarm": True, "mem_used": 1020 << 20},
            ("critical", "memory alarm, 1020 MiB of 1000 MiB: publishers are blocked on all nodes"),
        ),
        (
            {"disk_free_alarm": True, "disk_free": 100 << 20},
            ("critical", "disk alarm, 100 MiB left: publishers are blocked on all nodes"),
        ),
        ({"mem_used": 900 << 20}, ("warning", "memory 90 % of the watermark that blocks publishers")),
        ({"sockets_used": 950}, ("warning", "95 % of its sockets are used")),
        ({"fd_used": 900}, ("warning", "90 % of its file descriptors are used")),
        ({"being_drained": True}, ("warning", "in maintenance: it takes no clients")),
        (
            {"trouble": "401 Login failed", "answers": True},
            ("warning", "runs, but its management API does not answer: 401 Login failed"),
        ),
    ],
)
def test_health(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **(HEALTHY | changes))) == expected


def test_two_alarms_are_both_told() -> None:
    found = one(KIND, **(HEALTHY | {"mem_alarm": True, "disk_free_alarm": True}))
    assert verdict(KIND, found)[1].count("publishers are blocked") == 2


@pytest.mark.parametrize("changes", [{"running": "yes"}, {"partitions": "none"}, {"mem_used": "much"}, {"name": None}])
def test_odd_nodes(changes: dict[str, Any]) -> None:
    (found,) = decoded(KIND, [HEALTHY | changes])
    assert isinstance(found, OddRow)


def test_a_full_host_name() -> None:
    assert one(KIND, name="rabbit@ctl01.lab.example", running=True).host == "ctl01"
    assert one(KIND, name="strange").host == "strange"
