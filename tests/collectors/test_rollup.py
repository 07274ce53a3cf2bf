"""How rows make the health of their system: levels and sentences, member by member."""

from __future__ import annotations

import pytest

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.rollup import Complaints, Count, Member, Quorum, Share, Worst, clause, names, roll_up
from collectors.rollup_words import in_words

MEMBERS = Quorum("members", "Synced")
COMPUTES = Share("compute services", "up", by="binary")
ENDPOINTS = Worst("endpoints", "answer")


def some(count: int, group: str = "", **bad: Health) -> list[Member]:
    """`n1` … and the bad ones by name."""
    well = [Member(f"n{i}", OK, group) for i in range(1, count + 1)]
    return [*well, *(Member(name, health, group) for name, health in bad.items())]


# -- worst


def test_all_endpoints_answer() -> None:
    assert roll_up(ENDPOINTS, some(14)) == ok("14 of 14 endpoints answer")


def test_the_worst_endpoint_gives_level_and_reason() -> None:
    found = roll_up(ENDPOINTS, some(12, glance=warning("slow, 3.1 s"), nova=critical("connection refused")))
    assert found == critical("13 of 14 endpoints answer; nova: connection refused; also glance")


def test_one_unknown_endpoint_is_unknown() -> None:
    assert roll_up(ENDPOINTS, some(1, nova=unknown("not probed"))).level == "unknown"


# -- quorum


def test_all_members_are_there() -> None:
    assert roll_up(MEMBERS, some(3)) == ok("3 of 3 members Synced")


def test_one_member_lost_is_redundancy_lost() -> None:
    found = roll_up(MEMBERS, some(2, ctl03=critical("left 4 min ago")))
    assert found == warning("2 of 3 members Synced; ctl03: left 4 min ago; redundancy lost")


def test_two_of_three_lost_is_majority_lost() -> None:
    found = roll_up(MEMBERS, some(1, ctl02=critical("no route"), ctl03=critical("left")))
    assert found.level == "critical"
    assert found.reason == "1 of 3 members Synced; ctl02: no route; also ctl03; majority lost"


def test_half_of_a_cluster_is_no_majority() -> None:
    assert roll_up(MEMBERS, some(1, ctl02=critical("left"))).level == "critical"
    assert roll_up(MEMBERS, some(2, a=critical("left"), b=critical("left"))).level == "critical"


def test_a_cluster_of_one_that_is_well_is_ok() -> None:
    assert roll_up(MEMBERS, some(1)).level == "ok"


def test_a_cluster_of_one_that_is_lost_is_critical() -> None:
    assert roll_up(MEMBERS, some(0, ctl01=critical("gone"))).level == "critical"


def test_a_member_that_we_cannot_judge_makes_it_unknown_not_lost() -> None:
    found = roll_up(MEMBERS, some(2, ctl03=unknown("password refused")))
    assert found == unknown("2 of 3 members Synced; ctl03: password refused")


def test_a_majority_that_we_cannot_judge_is_unknown() -> None:
    found = roll_up(MEMBERS, some(1, a=unknown("timed out"), b=unknown("timed out")))
    assert found.level == "unknown"
    assert "majority lost" not in found.reason


def test_a_warned_member_is_still_a_member() -> None:
    found = roll_up(MEMBERS, some(2, ctl03=warning("flow control 12 %")))
    assert found == warning("3 of 3 members Synced; ctl03: flow control 12 %")


def test_an_alarm_of_a_member_is_no_loss_of_it() -> None:
    alarm = Member("ctl02", critical("memory alarm: publishers are blocked on all nodes"), felt=True)
    found = roll_up(MEMBERS, [*some(2), alarm])
    assert found == critical("2 of 3 members Synced; ctl02: memory alarm: publishers are blocked on all nodes")


def test_an_alarm_beside_a_lost_member_is_critical_but_no_lost_majority() -> None:
    alarm = Member("ctl02", critical("memory alarm"), felt=True)
    found = roll_up(MEMBERS, [*some(1, ctl03=critical("not running")), alarm])
    assert found.level == "critical"
    assert found.reason == "1 of 3 members Synced; ctl03: not running; also ctl02; redundancy lost"


def test_members_that_say_too_little_are_no_lost_majority() -> None:
    quiet = [Member(name, unknown("does not say yet"), felt=True) for name in ("ctl02", "ctl03")]
    assert roll_up(MEMBERS, [*some(1), *quiet]).level == "unknown"
    assert roll_up(MEMBERS, [*some(2), quiet[0]]).level == "unknown"


# -- share


def test_everything_up() -> None:
    assert roll_up(COMPUTES, some(48, "nova-compute")) == ok("48 of 48 compute services up")


def test_one_down_names_it_with_its_reason() -> None:
    found = roll_up(COMPUTES, some(47, "nova-compute", cmp17=critical("no heartbeat for 6 min")))
    assert found == warning("47 of 48 nova-compute up; cmp17: no heartbeat for 6 min")


def test_several_down_are_named() -> None:
    bad = {"cmp17": critical("no heartbeat for 6 min"), "cmp31": critical("no heartbeat for 4 min")}
    assert roll_up(COMPUTES, some(46, "nova-compute", **bad)) == warning("46 of 48 nova-compute up; cmp17, cmp31 down")


def test_many_down_are_counted() -> None:
    bad = {f"cmp{i:02}": critical("no heartbeat") for i in range(1, 8)}
    found = roll_up(COMPUTES, some(41, "nova-compute", **bad))
    assert found.reason == "41 of 48 nova-compute up; cmp01, cmp02, cmp03 and 4 more down"


def test_half_down_is_critical() -> None:
    bad = {f"cmp{i}": critical("gone") for i in range(4)}
    assert roll_up(COMPUTES, some(4, "nova-compute", **bad)).level == "critical"


def test_a_small_group_is_not_lost_among_many_others() -> None:
    agents = Share("agents", "alive", by="binary", bad="dead")
    found = roll_up(agents, [*some(50, "Open vSwitch agent"), *some(1, "L3 agent", net02=critical("dead for 3 min"))])
    assert found == critical("1 of 2 L3 agents alive; net02: dead for 3 min")


def test_a_group_of_a_plain_noun_is_told_with_it() -> None:
    hosts = Share("hosts", "up", by="role")
    assert roll_up(hosts, [*some(3, "control"), *some(3, "compute", cmp02=warning("rebooted"))]) == warning(
        "4 of 4 compute hosts up; cmp02: rebooted"
    )


def test_a_whole_group_down_is_critical_and_named() -> None:
    members = [*some(48, "nova-compute"), *some(0, "nova-scheduler", ctl01=critical("x"), ctl02=critical("x"))]
    found = roll_up(COMPUTES, members)
    assert found == critical("no nova-scheduler up (ctl01, ctl02 down); 48 of 50 compute services up")


def test_several_groups_touched_are_counted_together_and_named_once() -> None:
    members = [
        *some(2, "nova-scheduler", ctl03=critical("x")),
        *some(2, "nova-conductor", ctl03=critical("x")),
    ]
    found = roll_up(COMPUTES, members)
    assert found == warning("4 of 6 compute services up; ctl03: x")


def test_a_tolerated_share_is_ok_only_when_declared() -> None:
    patient = Share("osds", "up", warning=0.1)
    assert roll_up(patient, some(19, osd7=critical("down"))).level == "ok"
    assert roll_up(COMPUTES, some(19, osd7=critical("down"))).level == "warning"


def test_a_warning_row_warns_the_system() -> None:
    found = roll_up(COMPUTES, some(3, cmp09=warning("disabled, no reason given")))
    assert found == warning("4 of 4 compute services up; cmp09: disabled, no reason given")


def test_the_kinds_own_word_for_good_counts_in_the_sentence() -> None:
    down = Member("cmp09", warning("no heartbeat for 2 d; disabled: RAM"), "nova-compute", well=False)
    found = roll_up(COMPUTES, [*some(3, "nova-compute"), down])
    assert found.reason == "3 of 4 nova-compute up; cmp09: no heartbeat for 2 d; disabled: RAM"


def test_same_warnings_are_told_once() -> None:
    bad = {"a": warning("disabled, no reason given"), "b": warning("disabled, no reason given")}
    assert roll_up(COMPUTES, some(2, "", **bad)).reason.endswith("a, b: disabled, no reason given")


def test_unknown_rows_make_it_unknown() -> None:
    assert roll_up(COMPUTES, some(3, cmp17=unknown("was ok, 4 min ago"))).level == "unknown"


# -- count


def test_tenants_rows_are_counted_and_never_colour() -> None:
    assert roll_up(Count("servers"), some(2, a=critical("ERROR"))) == ok("3 servers, 1 in error")
    assert roll_up(Count("servers"), []) == ok("0 servers")


# -- no data


@pytest.mark.parametrize("rule", [ENDPOINTS, MEMBERS, COMPUTES])
def test_no_rows_are_unknown_never_ok(rule: Worst | Quorum | Share) -> None:
    assert roll_up(rule, []) == unknown(f"no {rule.noun} seen")


# -- known problems


def known(name: str, health: Health, group: str = "") -> Member:
    return Member(name, health, group, known=True)


def test_a_known_problem_does_not_make_the_level_but_stays_in_the_sentence() -> None:
    found = roll_up(COMPUTES, [*some(3, "nova-compute"), known("cmp17", critical("x"), "nova-compute")])
    assert found == ok("3 of 4 nova-compute up; cmp17: x")


def test_a_new_loss_beside_a_known_one_is_judged_with_it() -> None:
    found = roll_up(MEMBERS, [*some(1), known("ctl02", critical("left")), Member("ctl03", critical("left"))])
    assert found.level == "critical"
    assert found.reason.startswith("1 of 3 members Synced; ctl03: left; also ctl02")


def test_a_new_warning_beside_a_known_loss_is_a_warning() -> None:
    found = roll_up(ENDPOINTS, [*some(3), known("nova", critical("refused")), Member("glance", warning("slow"))])
    assert found.level == "warning"
    assert "glance: slow" in found.reason


def test_a_new_unknown_beside_a_known_loss_is_unknown() -> None:
    found = roll_up(COMPUTES, [*some(3), known("a", critical("x")), Member("b", unknown("was ok"))])
    assert found.level == "unknown"


# -- words


def test_names_are_told_once_and_cut() -> None:
    members = [Member(n, OK) for n in ("a", "a", "b", "c", "d", "e")]
    assert names(members) == "a, b, c and 2 more"


def test_a_reason_that_names_the_member_is_not_told_twice() -> None:
    assert clause(Member("ctl03", critical("ctl03 left"))) == "ctl03 left"


def test_a_member_without_reason_is_told_by_its_level() -> None:
    assert clause(Member("ctl03", Health("critical"))) == "ctl03 critical"


def test_an_endless_reason_is_cut() -> None:
    assert len(clause(Member("x", critical("y" * 4000)))) < 200


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (ENDPOINTS, "as bad as the worst of its endpoints"),
        (MEMBERS, "critical when a majority of the members is lost, warning when one is"),
        (
            Quorum("nodes", felt="running=true"),
            "critical when a majority of the nodes is lost or one holds up all, warning when one is lost",
        ),
        (Count("servers"), "servers are counted and never colour the system"),
    ],
)
def test_the_rule_in_words(rule: Worst | Quorum | Count, words: str) -> None:
    assert in_words(rule) == words


def test_the_rule_of_a_share_in_words() -> None:
    assert in_words(COMPUTES) == (
        "warning when any of the compute services are down, critical from 50 % on or when none is left, "
        "judged for each binary by itself"
    )


def test_no_rows_are_unknown_unless_the_kind_says_that_they_may_be_missing() -> None:
    assert roll_up(Worst("endpoints"), []).level == "unknown"
    assert roll_up(Worst("queues", none="ok"), []) == Health("ok", "no queues")


def test_a_silent_member_that_the_others_miss_is_a_loss_that_is_known() -> None:
    told = roll_up(
        Quorum("members", "Synced"),
        [
            Member("ctl01", Health("warning", "sees 2 of 3 members")),
            Member("ctl02", Health("warning", "sees 2 of 3 members")),
            Member("ctl03", Health("unknown", "did not finish within 8 s")),
        ],
    )
    assert told.level == "warning"
    assert "ctl03: did not finish within 8 s" in told.reason
    assert "sees 2 of 3 members" in told.reason


CHECKS = Complaints("health checks", "HEALTH_OK", told=True)


def test_no_complaints_are_well() -> None:
    assert roll_up(CHECKS, []) == ok("HEALTH_OK")
    assert roll_up(CHECKS, [Member("OSDMAP_FLAGS", ok("muted: noout"))]) == ok("HEALTH_OK")


def test_complaints_are_as_bad_as_the_worst_and_not_counted() -> None:
    found = roll_up(CHECKS, [Member("OSD_DOWN", warning("1 osds down")), Member("PG_DAMAGED", critical("damage"))])
    assert found == critical("PG_DAMAGED: damage; also OSD_DOWN")
    assert in_words(CHECKS) == "as bad as the worst of its health checks; without any it is well"


def test_what_is_there_and_suffers_is_not_called_down() -> None:
    osds = Share("OSDs", "up", felt="up=true")
    full = [Member(f"osd.{n}", critical("full"), well=True, felt=True) for n in range(3)]
    assert roll_up(osds, full) == critical("3 of 3 OSDs up; osd.0, osd.1, osd.2: full")
    gone = Member("osd.3", critical("down, still in"), well=False)
    assert roll_up(osds, [*full, gone]) == critical("3 of 4 OSDs up; osd.3 down")


def test_a_brief_rule_names_the_worst_and_leaves_their_reasons_to_others() -> None:
    alerts = Worst("alerts", "muted", none="ok", brief=True)
    bad = {
        "HostDown": critical("cmp03 does not answer"),
        "Slow": warning("a"),
        "Full": warning("b"),
        "Old": warning("c"),
    }
    assert roll_up(alerts, some(1, HostDown=bad["HostDown"])) == critical("HostDown critical (1 alert)")
    found = roll_up(alerts, [*some(2), *(Member(name, health) for name, health in bad.items())])
    assert found == critical("HostDown critical, Slow warning, Full warning and 1 more (4 alerts)")
    assert roll_up(alerts, some(2)) == ok("2 of 2 alerts muted")
    assert roll_up(alerts, []) == ok("no alerts")


@pytest.mark.parametrize(("rows", "text"), [(1, "1 policy"), (2, "2 policies"), (1200, "1,200 policies")])
def test_one_of_many_is_said_in_the_singular(rows: int, text: str) -> None:
    assert roll_up(Count("policies"), some(rows)) == ok(text)
