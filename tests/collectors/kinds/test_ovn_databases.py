"""OVN's databases and northd: recordings of two versions, healthy and broken, and what is said of each state."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import registry
from collectors.rollup import Member, roll_up
from collectors.sources import ovn_views
from collectors.sources.ovn_views import NORTHD, SOUTHBOUND, Told
from tests.collectors.kinds.ovn_recordings import MEMBERS, VERSIONS, databases, recorded_at, rows, told, verdict

NOW = 1_795_814_905.0
every_version = pytest.mark.parametrize("version", VERSIONS)


def members(version: str, when: str = "") -> dict[str, Any]:
    return {row.id: row for row in rows("ovn-databases", databases(version, when), recorded_at(version))}


def levels(version: str, when: str = "") -> dict[str, str]:
    now = recorded_at(version)
    return {name: verdict("ovn-databases", row, now)[0] for name, row in members(version, when).items()}


@every_version
def test_databases_that_are_well(version: str) -> None:
    found = members(version)
    assert set(levels(version).values()) == {"ok"}
    leader = next(row for row in found.values() if row.database == SOUTHBOUND and row.role == "leader")
    assert {row.leader for row in found.values() if row.database == SOUTHBOUND} == {leader.host}
    assert all(row.members == 3 and row.behind == 0 for row in found.values() if row.database != NORTHD)
    assert leader.silent is None
    assert leader.elected == pytest.approx(recorded_at(version), abs=60)
    active = next(row for row in found.values() if row.role == "active")
    assert (active.nb_cfg, active.sb_cfg, active.hv_cfg) == (1, 1, 1)


@every_version
def test_a_member_that_does_not_run(version: str) -> None:
    found = levels(version, "-member-lost")
    assert found.pop("OVN_Southbound@ctl02") == "critical"
    assert set(found.values()) == {"ok"}
    row = members(version, "-member-lost")["OVN_Southbound@ctl02"]
    assert row.silent > 5
    assert row.leader == "ctl01"
    assert verdict("ovn-databases", row, NOW)[1] == "does not run: connection refused"


@every_version
def test_a_majority_that_is_lost(version: str) -> None:
    found = levels(version, "-no-quorum")
    assert {found[f"OVN_Southbound@{name}"] for name in MEMBERS} == {"critical"}
    assert {found[f"OVN_Northbound@{name}"] for name in MEMBERS} == {"ok"}
    last = members(version, "-no-quorum")["OVN_Southbound@ctl01"]
    level, reason = verdict("ovn-databases", last, NOW)
    assert reason.startswith("disconnected from the cluster (election timeout): it has no majority")
    assert level == "critical"
    northd = members(version, "-no-quorum")["ovn-northd@ctl03"]
    assert verdict("ovn-databases", northd, NOW) == (
        "critical",
        "none is active: no change reaches the hosts; does the southbound database have a leader?",
    )


@pytest.mark.parametrize(("when", "level"), [("", "ok"), ("-member-lost", "warning"), ("-no-quorum", "critical")])
def test_the_clusters_together(when: str, level: str) -> None:
    kind = registry.kind("ovn-databases")
    found = [Member(row.host, kind.health(row, NOW), row.database) for row in members("23.03", when).values()]
    assert roll_up(kind.rollup, found).level == level


def replaced(version: str, database: str, host: str, **changes: Any) -> list[Told]:
    """What was recorded, but for one member."""
    return [
        Told(one.database, one.host, **changes) if (one.database, one.host) == (database, host) else one
        for one in told(version)
    ]


def row_of(found: list[Told], name: str) -> Any:
    items = list(ovn_views.databases(found, {}))
    return next(row for row in rows("ovn-databases", items, NOW) if row.id == name)


def test_one_that_only_we_cannot_reach_still_takes_part() -> None:
    found = replaced("23.03", SOUTHBOUND, "ctl03", facts=None, trouble="no route to host", answers=None)
    row = row_of(found, "OVN_Southbound@ctl03")
    assert verdict("ovn-databases", row, NOW) == ("unknown", "no route to host; ctl01 hears it")


def test_one_whose_host_is_down() -> None:
    """Only the leader knows that its member is gone, too."""
    found = [
        Told(one.database, one.host, None, "no route to host", None)
        if (one.database, one.host) == (SOUTHBOUND, "ctl02") else one
        for one in told("23.03", "-member-lost")
    ]  # fmt: skip
    level, reason = verdict("ovn-databases", row_of(found, "OVN_Southbound@ctl02"), NOW)
    assert level == "critical"
    assert reason.startswith("no route to host; ctl01 has not heard it for ")


def test_a_server_that_is_none_of_our_hosts() -> None:
    ours = [one for one in told("23.03", "-member-lost") if one.host != "ctl02" or one.database != SOUTHBOUND]
    (row,) = (row for row in rows("ovn-databases", list(ovn_views.databases(ours, {})), NOW) if row.stranger)
    assert (row.database, row.host) == (SOUTHBOUND, row.address)
    assert "cluster/kick it?" in verdict("ovn-databases", row, NOW)[1]
    alive = [one for one in told("23.03") if one.host != "ctl02" or one.database != SOUTHBOUND]
    (row,) = (row for row in rows("ovn-databases", list(ovn_views.databases(alive, {})), NOW) if row.stranger)
    assert verdict("ovn-databases", row, NOW)[0] == "warning"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"role": "standalone", "status": "not clustered"}, ("ok", "")),
        ({"status": "joining cluster", "role": "follower"}, ("critical", "joining cluster")),
        ({"leader": "unknown"}, ("critical", "it knows no leader: nothing can be written")),
        ({"unapplied": 5000}, ("warning", "5,000 entries of the log are not applied yet")),
        ({"uncommitted": 101}, ("warning", "101 entries are not committed yet: are the other members slow?")),
        ({"last_index": 10, "leader_index": 1010}, ("warning", "1,000 entries behind its leader")),
        ({"silent": 2.9}, ("ok", "")),
        ({"silent": 40.0}, ("warning", "ctl02, its leader, has not heard it for 40 s")),
    ],
)
def test_what_is_said_of_a_member(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    well = {"database": SOUTHBOUND, "host": "ctl01", "status": "cluster member", "role": "follower",
            "leader": "ctl02", "election_timer": 1.0}  # fmt: skip
    (row,) = rows("ovn-databases", [well | changes], NOW)
    assert verdict("ovn-databases", row, NOW) == expected


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({"role": "active", "active": ["ctl01"], "nb_cfg": 9, "sb_cfg": 9, "counted": NOW - 999}, "ok"),
        ({"role": "active", "active": ["ctl01"], "nb_cfg": 9, "sb_cfg": 8, "counted": NOW - 5}, "ok"),
        ({"role": "active", "active": ["ctl01"], "nb_cfg": 9, "sb_cfg": 8, "counted": NOW - 90}, "warning"),
        ({"role": "paused", "active": ["ctl02"]}, "warning"),
        ({"role": "standby", "active": ["ctl02"]}, "ok"),
        ({"role": "standby", "active": []}, "critical"),
        ({"role": "standby", "active": [], "not_asked": ["ctl02"]}, "unknown"),
    ],
)
def test_what_is_said_of_northd(changes: dict[str, Any], level: str) -> None:
    (row,) = rows("ovn-databases", [{"database": NORTHD, "host": "ctl01"} | changes], NOW)
    assert verdict("ovn-databases", row, NOW)[0] == level
