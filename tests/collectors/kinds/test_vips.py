"""Virtual addresses: one holder, two, none, and what cannot be known while a host is silent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.cluster_recordings import NOW, one, verdict

KIND = "vips"
HOSTS = ("ctl01", "ctl02", "ctl03")


def configured(router_id: int = 51, host: str = "") -> list[dict[str, Any]]:
    """All three hosts agree, but for `host`, which has another router id."""
    return [
        {"host": name, "instance": "api", "state": "BACKUP", "interface": "eth0", "priority": 150 - place,
         "virtual_router_id": router_id if name == host else 51, "nopreempt": True}
        for place, name in enumerate(HOSTS)
    ]  # fmt: skip


WELL: dict[str, Any] = {
    "address": "10.0.0.10", "holders": ["ctl01"], "configured": configured(), "hosts": list(HOSTS),
    "running": list(HOSTS), "stopped": [], "balancing": list(HOSTS), "silent": {}, "blind": {}, "shared_ids": [],
}  # fmt: skip


def says(*words: str) -> dict[str, Any]:
    """`ctl01 MASTER 5`: entered five seconds before `NOW`."""
    found = [word.split() for word in words]
    return {"states": [{"host": host, "state": state, "since": NOW - float(ago)} for host, state, ago in found]}


def test_who_says_what_since_when() -> None:
    row = one(KIND, **WELL, **says("ctl01 MASTER 500", "ctl02 BACKUP 700", "ctl03 BACKUP 90"))
    assert (row.states, row.held_since) == ("ctl01 MASTER, ctl02 BACKUP, ctl03 BACKUP", NOW - 500)
    assert (row.changed_at, row.settles_in) == (NOW - 90, 6.0)
    assert verdict(KIND, row) == ("ok", "")
    slow = one(KIND, **WELL | {"configured": [each | {"advert_int": 5.0} for each in configured()]})
    assert slow.settles_in == 18.0


@pytest.mark.parametrize(
    ("words", "holders", "expected"),
    [
        (
            ("ctl01 MASTER 900", "ctl02 MASTER 2"),
            ["ctl01", "ctl02"],
            ("warning", "a failover is in progress: held by ctl01 and ctl02 (ctl01 MASTER, ctl02 MASTER)"),
        ),
        (
            ("ctl01 MASTER 900", "ctl02 MASTER 240"),
            ["ctl01", "ctl02"],
            ("critical", "2 masters for 4 min do not hear each other: ctl01 and ctl02"),
        ),
        (
            ("ctl01 BACKUP 60", "ctl02 MASTER 60"),
            ["ctl01", "ctl02"],
            ("critical", "held by ctl01 and ctl02; ctl01 says BACKUP, and has it still"),
        ),
        (
            ("ctl01 BACKUP 2", "ctl02 BACKUP 600"),
            [],
            ("warning", "a failover is in progress: held by no host (ctl01 BACKUP, ctl02 BACKUP)"),
        ),
        (
            ("ctl01 BACKUP 60", "ctl02 BACKUP 60"),
            ["ctl01"],
            ("warning", "on ctl01, whose Keepalived says BACKUP: who sends the adverts?"),
        ),
        (
            ("ctl01 MASTER 60", "ctl02 FAULT 60"),
            ["ctl01"],
            ("warning", "on ctl01; ctl02 cannot take over: its check fails there (FAULT)"),
        ),
    ],
)
def test_a_failover_is_told_from_two_masters(
    words: tuple[str, ...], holders: list[str], expected: tuple[str, str]
) -> None:
    assert verdict(KIND, one(KIND, **WELL | {"holders": holders}, **says(*words))) == expected


def test_an_orphan_is_no_failover() -> None:
    found = WELL | {"holders": ["ctl01", "ctl02"], "running": ["ctl02", "ctl03"], "stopped": ["ctl01"]}
    row = one(KIND, **found, **says("ctl02 MASTER 2"))
    assert verdict(KIND, row) == ("critical", "held by ctl01 and ctl02; Keepalived does not run on ctl01")


def test_a_row() -> None:
    row = one(KIND, **WELL)
    assert (row.address, row.holders, row.held_by, row.router_id) == ("10.0.0.10", "ctl01", 1, "51")
    assert row.priorities == "ctl01 150, ctl02 149, ctl03 148"
    assert (row.instance, row.state, row.interface, row.preempts) == ("api", "BACKUP", "eth0", False)
    assert verdict(KIND, row) == ("ok", "")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"holders": ["ctl03"]}, ("ok", "")),  # not the highest priority: without preemption that is right
        ({"holders": ["ctl01", "ctl02"]}, ("critical", "held by ctl01 and ctl02")),
        ({"holders": list(HOSTS)}, ("critical", "held by ctl01, ctl02 and ctl03")),
        (
            {"holders": ["ctl01", "ctl02"], "running": ["ctl02", "ctl03"], "stopped": ["ctl01"]},
            ("critical", "held by ctl01 and ctl02; Keepalived does not run on ctl01"),
        ),
        (
            {"holders": [], "running": [], "stopped": list(HOSTS)},
            ("critical", "held by no host: Keepalived runs on none of ctl01, ctl02, ctl03"),
        ),
        (
            {"holders": [], "balancing": []},
            ("critical", "held by no host: Keepalived runs on ctl01, ctl02 and ctl03, HAProxy on none of them"),
        ),
        (
            {"holders": []},
            (
                "critical",
                "held by no host: Keepalived runs on ctl01, ctl02 and ctl03; does a stranger use router id 51, or does "
                "its check fail everywhere?",
            ),
        ),
        (
            {"holders": [], "strangers": {"ctl02": "6a:01:02:03:04:05", "ctl03": "6a:01:02:03:04:05"}},
            (
                "critical",
                "held by no host: a stranger answers for it, 6a:01:02:03:04:05: a Keepalived with router id 51 that "
                "is none of ours?",
            ),
        ),
        (
            {"strangers": {"ctl02": "6a:01:02:03:04:05"}, "configured": []},
            (
                "critical",
                "on ctl01, and a stranger answers for it, 6a:01:02:03:04:05: a Keepalived that is none of ours?",
            ),
        ),
        (
            {"holders": [], "silent": {"ctl01": "no route"}, "running": ["ctl02", "ctl03"]},
            ("unknown", "none of those that answer holds it; not read: ctl01 (no route)"),
        ),
        (
            {"holders": ["ctl02"], "silent": {"ctl01": "no route"}, "running": ["ctl02", "ctl03"]},
            ("warning", "on ctl02; not read: ctl01 (no route)"),
        ),
        (
            {"running": ["ctl02", "ctl03"], "stopped": ["ctl01"]},
            ("critical", "on ctl01, where Keepalived does not run: nobody moves it when ctl01 fails"),
        ),
        (
            {"running": ["ctl01"], "stopped": ["ctl02", "ctl03"]},
            ("warning", "on ctl01; Keepalived does not run on ctl02 and ctl03: it cannot take over"),
        ),
        (
            {"configured": configured(52, "ctl02")},
            (
                "critical",
                "the hosts disagree on the router id, so they do not hear each other: 51 (ctl01 ctl03), 52 (ctl02)",
            ),
        ),
        (
            {"shared_ids": ["10.0.0.20"]},
            ("warning", "its router id 51 is also that of 10.0.0.20 on the same interface"),
        ),
        ({"running": [], "stopped": []}, ("unknown", "whether Keepalived runs could not be read")),
    ],
)
def test_health(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **(WELL | changes))) == expected


def test_an_address_that_only_the_site_names() -> None:
    row = one(KIND, address="10.0.0.10", holders=["ctl01"], running=["ctl01"], blind={"ctl01": "Permission denied"})
    assert (row.router_id, row.preempts, row.not_read) == (None, None, "ctl01 (Permission denied)")
    assert verdict(KIND, row) == ("ok", "")
