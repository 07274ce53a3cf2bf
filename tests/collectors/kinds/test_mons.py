"""Monitors: their own word, their peers' and the cluster's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.ceph_recordings import one, verdict

PEON: dict[str, Any] = {
    "name": "ceph02", "host": "ceph02", "rank": 1, "asked": True, "runs": True, "state": "peon", "quorum": True,
    "by_peers": True, "by_cluster": True, "quorum_age": 600, "skew": 0.0006, "skew_health": "HEALTH_OK",
    "ceph_version": "ceph version 16.2.15 (618f440892089921c3e944a991122ddc44e60516) pacific (stable)",
    "address": "10.78.0.42:6789/0",
}  # fmt: skip


def test_a_monitor_in_the_quorum() -> None:
    found = one("mons", **PEON)
    assert (found.in_quorum, found.version, found.address) == (True, "16.2.15 pacific", "10.78.0.42:6789")
    assert verdict("mons", found) == ("ok", "")


@pytest.mark.parametrize(
    ("changes", "in_quorum", "expected"),
    [
        (
            {"runs": False, "state": None, "quorum": None, "why": "no monitor runs on ceph02"},
            False,
            ("critical", "no monitor runs on ceph02"),
        ),
        ({"state": "probing", "quorum": False}, False, ("critical", "probing: out of the quorum")),
        ({"state": "electing", "quorum": False}, False, ("critical", "electing: out of the quorum")),
        (
            {"runs": None, "state": None, "quorum": None, "by_peers": False, "by_cluster": True, "why": "no route"},
            False,
            ("critical", "out of the quorum; no route"),
        ),
        (
            {"runs": None, "state": None, "quorum": None, "why": "no route"},
            True,
            ("ok", "in the quorum, say the others; not asked itself: no route"),
        ),
        (
            {"runs": None, "state": None, "quorum": None, "by_peers": None, "by_cluster": None, "why": "no route"},
            None,
            ("unknown", "no route"),
        ),
        (
            {"skew": 0.999, "skew_health": "HEALTH_WARN"},
            True,
            ("warning", "its clock is 0.999 s off the leader's"),
        ),
        ({"disk": "has 12% avail"}, True, ("warning", "its disk is nearly full: has 12% avail")),
    ],
)
def test_who_says_what(changes: dict[str, Any], in_quorum: bool | None, expected: tuple[str, str]) -> None:
    found = one("mons", **(PEON | changes))
    assert found.in_quorum is in_quorum
    assert verdict("mons", found) == expected
