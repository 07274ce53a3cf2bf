"""Galera members: healthy, cut off, and every state of which a cluster says less than it seems to."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.rollup import Member, roll_up
from collectors.snapshot import OddRow
from tests.collectors.kinds.cluster_recordings import decoded, member, one, verdict

KIND = "galera-members"
HEALTHY: dict[str, Any] = {
    "member": "ctl01",
    "wsrep_local_state": "4",
    "wsrep_local_state_comment": "Synced",
    "wsrep_cluster_status": "Primary",
    "wsrep_cluster_size": "3",
    "wsrep_cluster_address": "gcomm://10.0.0.11,10.0.0.12,10.0.0.13",
    "wsrep_connected": "ON",
    "wsrep_ready": "ON",
    "wsrep_desync": "OFF",
    "wsrep_flow_control_active": "false",
    "wsrep_flow_control_requested": "false",
    "wsrep_local_recv_queue": "0",
}


@pytest.mark.parametrize("name", ["ctl01", "ctl02", "ctl03"])
def test_the_recorded_healthy_members(name: str) -> None:
    found = member(f"healthy-status-{name}.tsv", name)
    assert (found.state, found.status, found.size, found.expected, found.ready) == ("Synced", "Primary", 3, 3, True)
    assert (found.last_committed, found.conf_id, found.recv_queue, found.flow_control) == (10, 3, 0, False)
    assert found.host == name
    assert verdict(KIND, found) == ("ok", "")


def test_the_recorded_majority_while_ctl03_is_cut_off() -> None:
    found = member("ctl03-cut-status-ctl01.tsv", "ctl01")
    assert (found.size, found.state) == (2, "Synced")
    assert verdict(KIND, found) == ("warning", "sees 2 of 3 members")


def test_the_recorded_member_that_is_cut_off() -> None:
    found = member("ctl03-cut-status-ctl03.tsv", "ctl03")
    assert found.conf_id is None
    assert (found.state, found.status, found.ready) == ("Initialized", "non-Primary", False)
    assert verdict(KIND, found) == ("critical", "non-Primary: sees only itself and refuses queries (error 1047)")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"wsrep_cluster_size": "1", "wsrep_cluster_address": "gcomm://10.0.0.11"}, ("ok", "")),
        ({"wsrep_cluster_size": "1", "wsrep_cluster_address": "gcomm://"}, ("ok", "")),
        ({"wsrep_cluster_size": "2"}, ("warning", "sees 2 of 3 members")),
        (
            {"wsrep_cluster_status": "non-Primary", "wsrep_cluster_size": "2", "wsrep_ready": "OFF"},
            ("critical", "non-Primary: sees 2 members and refuses queries (error 1047)"),
        ),
        (
            {
                "wsrep_cluster_status": "Disconnected",
                "wsrep_local_state_comment": "Inconsistent",
                "wsrep_connected": "OFF",
            },
            ("critical", "Inconsistent: voted out of the cluster, its data differs; it needs a full state transfer"),
        ),
        ({"wsrep_connected": "OFF"}, ("critical", "Disconnected: it is in no cluster")),
        ({"wsrep_ready": "OFF"}, ("critical", "not ready: refuses queries (error 1047)")),
        (
            {"wsrep_local_state_comment": "Joining: receiving State Transfer", "wsrep_ready": "OFF"},
            ("warning", "Joining: receiving State Transfer: it is catching up"),
        ),
        ({"wsrep_local_state_comment": "Joined"}, ("warning", "Joined: it is catching up")),
        (
            {"wsrep_local_state_comment": "Donor/Desynced"},
            ("warning", "Donor/Desynced: gives a state transfer, or somebody holds a global read lock"),
        ),
        (
            {"wsrep_local_state_comment": "Donor/Desynced", "wsrep_desync": "ON", "wsrep_local_recv_queue": "298"},
            ("warning", "desynced on purpose (wsrep_desync=ON), 298 write sets behind"),
        ),
        (
            {
                "wsrep_flow_control_active": "true",
                "wsrep_flow_control_requested": "true",
                "wsrep_local_recv_queue": "29",
            },
            ("critical", "holds up all writes: 29 write sets wait to be applied (flow control)"),
        ),
        ({"wsrep_flow_control_active": "true"}, ("warning", "writes are paused by flow control of another member")),
        ({"wsrep_flow_control_paused": "0.95"}, ("ok", "")),
        ({"wsrep_local_recv_queue": "1500"}, ("warning", "1,500 write sets wait to be applied")),
        ({"wsrep_reject_queries": "ALL"}, ("critical", "rejects all queries (wsrep_reject_queries=ALL)")),
        (
            {"threads_connected": "1900", "max_connections": "2000"},
            ("warning", "1,900 of 2,000 connections used"),
        ),
        (
            {"wsrep_cluster_size": "2", "wsrep_flow_control_active": "true"},
            ("warning", "writes are paused by flow control of another member; sees 2 of 3 members"),
        ),
        ({"wsrep_cluster_status": "Primary!"}, ("unknown", "cluster status is Primary!")),
        ({"wsrep_local_state_comment": "Undefined"}, ("unknown", "state is Undefined")),
    ],
)
def test_health(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **(HEALTHY | changes))) == expected


@pytest.mark.parametrize(("answers", "level"), [(False, "critical"), (True, "unknown"), (None, "unknown")])
def test_a_member_that_could_not_be_read(answers: bool | None, level: str) -> None:
    found = one(KIND, member="ctl03", trouble="Connection refused", answers=answers)
    assert verdict(KIND, found) == (level, "Connection refused")


def test_a_server_without_galera() -> None:
    found = one(KIND, member="ctl01", version="8.0.36", uptime="7")
    assert verdict(KIND, found) == ("unknown", "says nothing about replication: is this a Galera member?")


def test_minus_one_in_both_spellings_is_nothing() -> None:
    for text in ("18446744073709551615", "-1"):
        found = one(KIND, **(HEALTHY | {"wsrep_last_committed": text, "wsrep_cluster_conf_id": text}))
        assert (found.last_committed, found.conf_id) == (None, None)


def test_started_does_not_flicker() -> None:
    assert one(KIND, **(HEALTHY | {"uptime": "507"})).started == one(KIND, **(HEALTHY | {"uptime": "506"})).started


@pytest.mark.parametrize(
    "changes",
    [{"wsrep_cluster_size": "many"}, {"wsrep_flow_control_active": "maybe"}, {"uptime": [1]}],
)
def test_odd_values_make_an_odd_row(changes: dict[str, Any]) -> None:
    (found,) = decoded(KIND, [HEALTHY | changes])
    assert isinstance(found, OddRow)


def test_the_sentence_of_a_cluster_that_lost_one() -> None:
    from collectors import registry

    kind = registry.kind(KIND)
    rows = [
        one(KIND, **(HEALTHY | {"wsrep_cluster_size": "2"})),
        one(KIND, **(HEALTHY | {"member": "ctl02", "wsrep_cluster_size": "2"})),
        one(KIND, member="ctl03", trouble="Connection refused", answers=False),
    ]
    members = [Member(row.member, kind.health(row, 0.0), well=row.state == "Synced") for row in rows]
    health = roll_up(kind.rollup, members)
    assert (health.level, health.reason) == (
        "warning",
        "2 of 3 members Synced; ctl03: Connection refused; redundancy lost",
    )
