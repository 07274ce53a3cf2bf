"""OSDs from recorded maps: healthy, down, full, and what is missing without a manager."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.errors import TooLate
from tests.collectors.kinds.ceph_recordings import one, rows, verdict

HEALTHY: dict[str, Any] = {"osd_dump": "osd-dump", "osd_tree": "osd-tree", "osd_df": "osd-df", "osd_perf": "osd-perf"}
DOWN: dict[str, Any] = {
    "osd_dump": "fault-osd-down-dump",
    "osd_tree": "fault-osd-down-tree",
    "osd_df": "fault-osd-down-df",
}
UP: dict[str, Any] = {"osd": 7, "up": 1, "in": 1, "weight": 1.0, "state": ["exists", "up"]}


def test_a_healthy_cluster() -> None:
    found = rows("osds", **HEALTHY, osd_metadata="osd-metadata", health="health")
    assert [(row.name, row.host, row.up, row.in_cluster) for row in found] == [
        ("osd.0", "node1", True, True),
        ("osd.1", "node2", True, True),
        ("osd.2", "node3", True, True),
    ]
    first = found[0]
    assert (first.used, first.size, first.pgs, first.latency) == (9.2, 4 << 30, 40, 0.0)
    assert (first.version, first.device, first.objectstore) == ("16.2.15 pacific", "vda", "bluestore")
    assert first.down_since is None
    assert {verdict("osds", row) for row in found} == {("ok", "")}


def test_one_that_is_down() -> None:
    *others, third = rows("osds", **DOWN)
    assert (third.name, third.host, third.up, third.in_cluster) == ("osd.2", "ceph03", False, True)
    assert third.down_since is not None
    level, reason = verdict("osds", third, third.down_since + 240)
    assert (level, reason) == ("critical", "down 4 min ago, still in: its data has a copy less")
    assert {verdict("osds", row)[0] for row in others} == {"ok"}


def test_full_ones() -> None:
    found = rows("osds", osd_dump="fault-full-dump", osd_tree="fault-osd-down-tree")
    told = {"full" in str(row.state).split(", "): verdict("osds", row) for row in found}
    assert told == {
        True: ("critical", "full: clients cannot write"),
        False: ("warning", "backfillfull: it takes no more data from others"),
    }


def test_without_a_manager_the_map_is_told_and_the_rest_is_unknown() -> None:
    nobody = TooLate("osd df", "no answer within 5 s")
    found = rows("osds", osd_dump="osd-dump", osd_tree="osd-tree", osd_df=nobody, osd_perf=nobody)
    assert [(row.used, row.pgs, row.latency) for row in found] == [(None, None, None)] * 3
    assert {row.trouble for row in found} == {"no answer within 5 s"}
    assert {verdict("osds", row)[0] for row in found} == {"ok"}


def test_those_that_wait_are_named_by_slow_ops() -> None:
    words = "4 slow ops, oldest one blocked for 10 sec, daemons [osd.0,osd.12] have slow ops."
    health = {"checks": {"SLOW_OPS": {"summary": {"message": words}}}}
    found = rows("osds", osd_dump="osd-dump", osd_tree="osd-tree", health=health)
    assert [verdict("osds", row)[0] for row in found] == ["warning", "ok", "ok"], "osd.1 is no part of osd.12"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"up": 0, "state": ["exists"]}, ("critical", "down, still in: its data has a copy less")),
        ({"up": 0, "in": 0, "state": ["exists"]}, ("warning", "down, and out: its data belongs to others now")),
        (
            {"up": 0, "in": 0, "state": ["destroyed", "exists"]},
            ("warning", "destroyed: its id is kept for its successor"),
        ),
        ({"up": 0, "in": 0, "state": ["exists", "new"]}, ("warning", "new, and never started")),
        ({"in": 0, "weight": 0.0}, ("warning", "up, but out: no data belongs to it")),
        ({"state": ["exists", "nearfull", "up"], "df": {"utilization": 86.2}}, ("warning", "nearfull at 86 %")),
        (
            {"state": ["backfillfull", "exists", "up"]},
            ("warning", "backfillfull: it takes no more data from others"),
        ),
        ({"up": None}, ("unknown", "the map does not say whether it is up")),
    ],
)
def test_states(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict("osds", one("osds", **(UP | changes))) == expected


def test_flags_of_one_osd_stand_apart_from_its_states() -> None:
    found = one("osds", **(UP | {"state": ["exists", "noout", "up"]}))
    assert (found.flags, found.state) == ("noout", "exists, up")
