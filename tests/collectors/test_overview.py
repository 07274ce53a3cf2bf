"""The health of systems from made-up snapshots: silence, age, deliberate states, known problems, order."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from collectors.acknowledge import Acknowledgement, Known, known
from collectors.board import Board
from collectors.errors import NotUnderstood, Refused, TooLate, Unreachable
from collectors.health import Level, critical, ok, unknown, warning
from collectors.kind_health import Judge, acknowledge, bad_rows, kind_health
from collectors.overview import Overview, overview, watched
from collectors.rollup import Worst
from collectors.snapshot import OddRow, Snapshot, TargetRead
from tests.rows import NOW, service
from tests.systems import (
    AGENTS,
    ALL,
    COMPUTE,
    ENDPOINTS,
    IMAGES,
    MEMBERS,
    NODES,
    REFUSED,
    SERVERS,
    kind,
    members,
    rows,
    seen,
)

DOWN = {"cmp17": critical("no heartbeat for 6 min")}


def known_row(snapshot: Snapshot, row: str, level: Level = "critical", until: float = NOW + 3600) -> Known:
    made = Acknowledgement(
        "prod",
        "RegionOne",
        snapshot.kind.name,
        row,
        row,
        level,
        "RAM on order",
        "ana",
        NOW,
        until,
    )
    return known([made], "prod", "RegionOne", NOW)


# -- one kind


@pytest.mark.parametrize(
    ("witnesses", "text"),
    [(False, "nova-compute on one: DOWN; also nova-compute on two"), (True, "nova-compute: DOWN")],
)
def test_what_several_hosts_tell_of_is_named_once(witnesses: bool, text: str) -> None:
    rule = Worst("servers", "up", witnesses=witnesses)
    told = replace(kind("told", "haproxy", rule, per="host"), name_field="binary")
    found = rows("one", "two")
    targets = tuple(TargetRead(row.host, NOW, 1) for row in found)
    keys = {row.id: place for place, row in enumerate(found)}
    both = [warning("DOWN"), warning("DOWN")]
    snapshot = Snapshot(told, list(found), both, targets, NOW, NOW, True, "prod", "RegionOne", keys)
    assert kind_health(snapshot, NOW).health == warning(f"2 of 2 servers up; {text}")


def test_all_rows_well() -> None:
    found = kind_health(seen(COMPUTE, rows("cmp01", "cmp02")), NOW)
    assert found.health == ok("2 of 2 compute services up")
    assert (found.rows, found.problems, found.notes) == (2, 0, ())


def test_a_problem_is_counted() -> None:
    found = kind_health(seen(COMPUTE, rows("cmp01", "cmp02", "cmp17"), DOWN), NOW)
    assert found.health.level == "warning"
    assert found.problems == 1


def test_no_row_at_all_is_unknown() -> None:
    assert kind_health(seen(COMPUTE), NOW).health == unknown("no compute services seen")


def test_nobody_to_ask_is_unknown() -> None:
    nothing = Snapshot(MEMBERS, (), (), (), NOW)
    assert kind_health(nothing, NOW).health == unknown("galera-members: nobody to ask")


def test_disabled_on_purpose_is_a_note() -> None:
    found = kind_health(seen(COMPUTE, rows("cmp01", "cmp09"), {"cmp09": ok("disabled: RAM swap")}), NOW)
    assert found.health.level == "ok"
    assert found.notes == ("1 disabled on purpose: cmp09, “RAM swap”",)


def test_several_disabled_for_one_reason_are_one_note() -> None:
    bad = {f"cmp0{i}": ok("disabled: firmware") for i in range(1, 6)} | {"cmp09": ok("disabled: RAM swap")}
    found = kind_health(seen(COMPUTE, rows(*bad), bad), NOW)
    assert found.notes == ("6 disabled on purpose: cmp01, cmp02, cmp03 and 2 more, “firmware”; cmp09, “RAM swap”",)


def test_an_ok_with_a_mere_remark_is_no_note() -> None:
    found = kind_health(seen(ENDPOINTS, rows("keystone"), {"keystone": ok("31 ms")}), NOW)
    assert found.notes == ()


def test_an_odd_row_is_unknown() -> None:
    odd = OddRow("7f3c", "7f3c", "size is no number")
    snapshot = replace(seen(COMPUTE, rows("cmp01")), rows=[*rows("cmp01"), odd], healths=[ok(""), unknown(odd.reason)])
    found = kind_health(snapshot, NOW)
    assert found.health.level == "unknown"
    assert "7f3c: size is no number" in found.health.reason


def test_a_growing_list_is_not_ok_yet() -> None:
    found = kind_health(seen(COMPUTE, rows("cmp01"), complete=False), NOW)
    assert found.health == unknown("compute-services: reading, 1 so far")


def test_a_problem_in_a_growing_list_is_told_at_once() -> None:
    found = kind_health(seen(COMPUTE, rows("cmp01", "cmp17"), DOWN, complete=False), NOW)
    assert found.health.level == "critical"


# -- silence


def test_never_read_says_who_and_why() -> None:
    found = kind_health(seen(COMPUTE, at=0.0, error=REFUSED), NOW)
    assert found.health == unknown("10.0.0.10:8774: connection refused; never read")


def test_an_answer_that_is_an_error_says_its_number_first() -> None:
    error = Unreachable("compute at http://10.0.0.10:8774/v2.1/os-services", "500 Internal error", status=500)
    found = kind_health(seen(COMPUTE, rows("cmp01"), at=NOW - 20, error=error), NOW)
    assert found.health.reason == "10.0.0.10:8774 answers 500; last read 20 s ago: Internal error"


def test_an_error_of_another_service_keeps_its_name() -> None:
    error = Refused("identity at 10.0.0.10:5000", "401 wrong password", status=401)
    found = kind_health(seen(COMPUTE, at=0.0, error=error), NOW)
    assert found.health.reason == "identity at 10.0.0.10:5000 answers 401; never read: wrong password"


def test_a_failed_read_is_news_at_once() -> None:
    found = kind_health(seen(COMPUTE, rows("cmp01"), at=NOW - 10, error=REFUSED), NOW)
    assert found.health == unknown("10.0.0.10:8774: connection refused; last read 10 s ago")
    assert found.notes == ("before: 1 of 1 compute services up",)


def test_a_failed_read_does_not_hide_a_young_problem() -> None:
    found = kind_health(seen(COMPUTE, rows("cmp01", "cmp02", "cmp17"), DOWN, at=NOW - 10, error=REFUSED), NOW)
    assert found.health.level == "warning"
    assert found.notes == ("10.0.0.10:8774: connection refused; last read 10 s ago",)


def test_an_old_problem_is_no_longer_known() -> None:
    found = kind_health(seen(COMPUTE, rows("cmp01", "cmp02", "cmp17"), DOWN, at=NOW - 300, error=REFUSED), NOW)
    assert found.health == unknown("10.0.0.10:8774: connection refused; last read 5 min ago")
    assert found.notes == ("was warning: 2 of 3 nova-compute up; cmp17: no heartbeat for 6 min",)


def test_rows_that_nobody_reads_any_more_become_unknown() -> None:
    found = kind_health(seen(COMPUTE, rows("cmp01"), at=NOW - 3600), NOW)
    assert found.health.level == "unknown"
    assert "was ok, 60 min ago" in found.health.reason


def test_a_count_that_answers_is_ok_and_one_that_does_not_is_unknown() -> None:
    assert kind_health(seen(IMAGES, rows("a", "b")), NOW).health == ok("2 images")
    found = kind_health(seen(IMAGES, rows("a"), at=NOW - 5, error=REFUSED), NOW)
    assert found.health.level == "unknown"
    assert found.notes == ("before: 1 image",)


# -- members


def test_a_refusing_member_is_lost_while_others_answer() -> None:
    gone = Unreachable("galera at ctl03:3306", "connection refused")
    found = kind_health(members(MEMBERS, {"ctl01": None, "ctl02": None, "ctl03": gone}), NOW)
    assert found.health == warning("2 of 3 members Synced; ctl03: connection refused; redundancy lost")


@pytest.mark.parametrize(
    "error",
    [
        TooLate("galera at ctl03:3306", "did not finish within 5 s"),
        Refused("galera at ctl03:3306", "access denied for monitor"),
        NotUnderstood("galera at ctl03:3306", "no MySQL greeting"),
    ],
)
def test_a_member_that_may_be_well_is_unknown(error: TooLate | Refused | NotUnderstood) -> None:
    found = kind_health(members(MEMBERS, {"ctl01": None, "ctl02": None, "ctl03": error}), NOW)
    assert found.health == unknown(f"2 of 3 members Synced; ctl03: {error.why}")


def test_when_nobody_answers_it_is_unknown_not_lost() -> None:
    gone = Unreachable("galera at ctl01:3306", "no route to host")
    found = kind_health(members(MEMBERS, dict.fromkeys(("ctl01", "ctl02", "ctl03"), gone)), NOW)
    assert found.health == unknown("none of 3 answers; ctl01:3306: no route to host; never read")


def test_a_lost_member_with_an_old_row_says_when_it_was_read() -> None:
    gone = Unreachable("galera at ctl02:3306", "connection refused")
    found = [service("ctl01"), service("ctl02")]
    targets = (TargetRead("ctl01", NOW, 1), TargetRead("ctl02", NOW - 240, 1, error=gone))
    snapshot = Snapshot(MEMBERS, found, [ok("")] * 2, targets, NOW - 240)
    assert "ctl02: connection refused, last read 4 min ago" in kind_health(snapshot, NOW).health.reason


def test_a_silent_host_with_many_rows_keeps_them_until_they_are_stale() -> None:
    units = kind("units", "hosts", COMPUTE.rollup, per="host")
    gone = Unreachable("ssh at cmp02", "no route to host")
    found = [service("a", "x"), service("b", "x"), service("c", "x")]

    def at(moment: float) -> Snapshot:
        targets = (TargetRead("cmp01", NOW, 1), TargetRead("cmp02", moment, 2, error=gone))
        return Snapshot(units, found, [ok("")] * 3, targets, moment)

    assert kind_health(at(NOW - 10), NOW).health.level == "ok"
    stale = kind_health(at(NOW - 120), NOW)
    assert stale.health == unknown("1 of 3 x up; b on cmp02, c on cmp02: was ok, 2 min ago")


# -- known problems


def test_a_known_problem_leaves_the_headline_but_is_told() -> None:
    snapshot = seen(COMPUTE, rows("cmp01", "cmp02", "cmp17"), DOWN)
    found = kind_health(snapshot, NOW, known_row(snapshot, "nova-compute-cmp17"))
    assert found.health.level == "ok"
    assert "cmp17: no heartbeat" in found.health.reason
    assert found.notes == ("1 known: cmp17 “RAM on order” (ana, 60 min left)",)
    assert (found.problems, found.acknowledged) == (0, 1)


def test_it_ends_when_the_problem_gets_worse() -> None:
    snapshot = seen(COMPUTE, rows("cmp01", "cmp02", "cmp17"), DOWN)
    found = kind_health(snapshot, NOW, known_row(snapshot, "nova-compute-cmp17", "warning"))
    assert found.health.level == "warning"
    assert found.problems == 1


def test_it_stays_when_the_problem_gets_better_or_can_no_longer_be_seen() -> None:
    snapshot = seen(COMPUTE, rows("cmp01", "cmp17"), {"cmp17": warning("disabled, no reason given")})
    found = kind_health(snapshot, NOW, known_row(snapshot, "nova-compute-cmp17"))
    assert found.health.level == "ok"


def test_it_ends_with_its_expiry() -> None:
    snapshot = seen(COMPUTE, rows("cmp01", "cmp02", "cmp17"), DOWN)
    told = known_row(snapshot, "nova-compute-cmp17", until=NOW + 60)
    assert kind_health(snapshot, NOW + 59, told).health.level == "ok"
    assert kind_health(replace(snapshot, at=NOW + 61), NOW + 61, told).health.level == "warning"


def test_every_problem_of_a_snapshot_can_be_acknowledged_at_once() -> None:
    snapshot = seen(COMPUTE, rows("cmp01", "cmp17", "cmp31"), DOWN | {"cmp31": warning("slow")})
    made = acknowledge(snapshot, 7200.0, "RAM on order", "ana", NOW)
    assert [(a.row, a.level, a.until) for a in made] == [
        ("nova-compute-cmp17", "critical", NOW + 7200),
        ("nova-compute-cmp31", "warning", NOW + 7200),
    ]
    told = known(made, "prod", "RegionOne", NOW)
    assert kind_health(snapshot, NOW, told).health.level == "ok"
    assert bad_rows(snapshot, NOW, told) == []


def test_the_silence_of_a_system_can_be_acknowledged() -> None:
    snapshot = seen(COMPUTE, at=0.0, error=REFUSED)
    told = known(acknowledge(snapshot, 7200.0, "migration", "ana", NOW), "prod", "RegionOne", NOW)
    found = kind_health(snapshot, NOW, told)
    assert found.health.level == "ok"
    assert found.notes == ("known: does not answer, “migration” (ana, 2 h left)",)
    assert found.acknowledged == 1


def test_the_silence_of_one_member_can_be_acknowledged() -> None:
    gone = Unreachable("galera at ctl03:3306", "connection refused")
    snapshot = members(MEMBERS, {"ctl01": None, "ctl02": None, "ctl03": gone})
    told = known(acknowledge(snapshot, 7200.0, "new disk", "ana", NOW), "prod", "RegionOne", NOW)
    assert kind_health(snapshot, NOW, told).health.level == "ok"
    worse = members(MEMBERS, {"ctl01": None, "ctl02": gone, "ctl03": gone})
    assert kind_health(worse, NOW, told).health.level == "critical"


# -- systems


def made(*snapshots: Snapshot) -> Overview:
    return overview(ALL, {s.kind.name: s for s in snapshots}, NOW)


def test_what_was_never_read_is_unknown() -> None:
    found = made()
    assert [s.system for s in found.systems] == ["api", "compute", "network", "galera", "rabbitmq"]
    assert found.count("unknown") == 5
    assert found.systems[0].text == "endpoints not read yet"


def test_worst_first_and_equals_in_their_order() -> None:
    gone = Unreachable("x", "connection refused")
    found = made(
        seen(ENDPOINTS, rows("a")),
        seen(COMPUTE, rows("cmp01", "cmp02", "cmp17"), DOWN),
        seen(AGENTS, rows("net01", binary="L3 agent"), {"net01": critical("dead")}),
        members(MEMBERS, {"ctl01": None}),
        members(NODES, {"ctl01": None, "ctl02": None, "ctl03": gone}),
    )
    assert [s.system for s in found.systems] == ["network", "compute", "rabbitmq", "api", "galera"]
    assert (found.level, found.count("warning"), found.count("ok")) == ("critical", 2, 2)


def test_a_system_is_as_bad_as_its_worst_kind_and_tells_only_what_is_wrong() -> None:
    usage = kind("hypervisors", "compute", COMPUTE.rollup)
    both = (COMPUTE, usage)
    snapshots = {
        "compute-services": seen(COMPUTE, rows("cmp01")),
        "hypervisors": seen(usage, rows("cmp01", "cmp02", "cmp17"), DOWN),
    }
    (found,) = overview(both, snapshots, NOW).systems
    assert found.text == "2 of 3 nova-compute up; cmp17: no heartbeat for 6 min"
    assert [k.kind.name for k in found.kinds] == ["hypervisors", "compute-services"]


def test_a_system_that_is_well_tells_all_its_facts() -> None:
    snapshots = {"compute-services": seen(COMPUTE, rows("cmp01")), "servers": seen(SERVERS, rows("web", "db"))}
    (found,) = overview((COMPUTE, SERVERS), snapshots, NOW).systems
    assert found.health == ok("1 of 1 compute services up; 2 servers")


def test_one_silent_service_is_told_once_for_all_its_kinds() -> None:
    usage = kind("hypervisors", "compute", COMPUTE.rollup)
    snapshots = {
        "compute-services": seen(COMPUTE, rows("cmp01"), at=NOW - 10, error=REFUSED),
        "hypervisors": seen(usage, rows("cmp01"), at=NOW - 20, error=REFUSED),
    }
    (found,) = overview((COMPUTE, usage), snapshots, NOW).systems
    assert found.text == "10.0.0.10:8774: connection refused; last read 10 s ago"


def test_a_host_that_several_kinds_miss_is_told_once() -> None:
    usage = kind("hypervisors", "compute", COMPUTE.rollup)
    snapshots = {
        "compute-services": seen(COMPUTE, rows("cmp01", "cmp02", "cmp17"), DOWN),
        "hypervisors": seen(usage, rows("cmp01", "cmp02", "cmp17"), {"cmp17": critical("down")}),
    }
    (found,) = overview((COMPUTE, usage), snapshots, NOW).systems
    assert found.text == "2 of 3 nova-compute up; cmp17: no heartbeat for 6 min"


def test_another_host_in_another_kind_is_told_too() -> None:
    usage = kind("hypervisors", "compute", COMPUTE.rollup)
    snapshots = {
        "compute-services": seen(COMPUTE, rows("cmp01", "cmp02", "cmp17"), DOWN),
        "hypervisors": seen(usage, rows("cmp01", "cmp02", "cmp17"), {"cmp02": critical("down")}),
    }
    (found,) = overview((COMPUTE, usage), snapshots, NOW).systems
    assert found.text.endswith("; 2 of 3 nova-compute up; cmp02: down")


def test_nothing_watched_is_unknown() -> None:
    assert overview((), {}, NOW).level == "unknown"
    assert overview((), {}, NOW).worst is None


# -- what is watched


def test_counted_lists_are_not_read_for_the_overview_unless_there_is_nothing_else() -> None:
    found = watched((COMPUTE, SERVERS, IMAGES), lambda _: True)
    assert found == [COMPUTE, IMAGES]


def test_what_cannot_be_asked_is_not_watched() -> None:
    assert watched(ALL, lambda k: k.system != "galera") == [ENDPOINTS, COMPUTE, AGENTS, NODES]


def test_rows_below_a_parent_are_not_watched() -> None:
    below = kind("server-actions", "compute", COMPUTE.rollup, per="parent")
    assert watched((below,), lambda _: True) == []


# -- memory


def test_the_judge_judges_a_snapshot_once() -> None:
    judge, snapshot = Judge(), seen(COMPUTE, rows("cmp01"))
    assert judge.kind(snapshot, NOW, {}) is judge.kind(snapshot, NOW + 1, {})


def test_the_judge_looks_again_when_time_makes_it_stale() -> None:
    judge, snapshot = Judge(), seen(COMPUTE, rows("cmp01"))
    assert judge.kind(snapshot, NOW, {}).health.level == "ok"
    assert judge.kind(snapshot, NOW + 3600, {}).health.level == "unknown"


def test_the_judge_looks_again_when_something_was_acknowledged() -> None:
    judge, snapshot = Judge(), seen(COMPUTE, rows("cmp01", "cmp02", "cmp17"), DOWN)
    assert judge.kind(snapshot, NOW, {}).health.level == "warning"
    assert judge.kind(snapshot, NOW, known_row(snapshot, "nova-compute-cmp17")).health.level == "ok"
    assert judge.kind(snapshot, NOW + 3601, {}).health.level == "unknown"


# -- the board


def test_a_list_that_somebody_opens_joins_its_system() -> None:
    board = Board([COMPUTE], NOW)
    board.note(seen(COMPUTE, rows("cmp01")), NOW)
    board.note(seen(SERVERS, rows("web")), NOW)
    assert board.overview(NOW).systems[0].text == "1 of 1 compute services up; 1 server"


def test_rows_below_a_parent_do_not_join() -> None:
    board = Board([COMPUTE], NOW)
    board.note(seen(kind("server-actions", "compute", COMPUTE.rollup, per="parent"), rows("a")), NOW)
    assert board.snapshot("server-actions") is None


def test_the_board_notes_what_changed() -> None:
    board = Board([COMPUTE], NOW)
    board.note(seen(COMPUTE, rows("cmp01", "cmp17")), NOW)
    board.note(seen(COMPUTE, rows("cmp01", "cmp17"), DOWN), NOW + 10)
    assert [(t.at, t.text) for t in board.transitions] == [(NOW + 10, "cmp17 critical")]


def test_one_silent_host_is_noted_once_for_all_its_kinds() -> None:
    gone = Unreachable("ssh at cmp02", "no route to host")
    units = kind("units", "hosts", COMPUTE.rollup, per="host")
    hosts = kind("hosts", "hosts", COMPUTE.rollup, per="host")
    board = Board([hosts, units], NOW)
    for moment, error in ((NOW, None), (NOW + 10, gone)):
        for of in (hosts, units):
            board.note(members(of, {"cmp01": None, "cmp02": error}), moment)
    assert [(t.kind, t.text) for t in board.transitions] == [("hosts", "cmp02: no route to host")]
