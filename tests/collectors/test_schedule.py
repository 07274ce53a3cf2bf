"""The schedule: visible first, no overlap, back-off, budget; the clock is a number."""

from __future__ import annotations

import pytest

from collectors.schedule import BACKGROUND, CEILING, EARLY, HASTE, Schedule
from collectors.store import Subject

SERVERS, AGENTS = Subject("servers"), Subject("agents")


def schedule() -> Schedule:
    plan = Schedule(limit=60)
    plan.watch(SERVERS, 10.0, "compute", 0.0, visible=False)
    plan.watch(AGENTS, 10.0, "network", 0.0, visible=True)
    return plan


def test_everything_is_due_at_once_and_what_is_visible_comes_first() -> None:
    assert list(schedule().due(0.0)) == [AGENTS, SERVERS]


def test_a_read_under_way_is_not_started_again() -> None:
    plan = schedule()
    plan.started(AGENTS)
    assert list(plan.due(1000.0)) == [SERVERS]


def test_visible_ones_go_at_their_period_and_others_slower() -> None:
    plan = schedule()
    for subject in (AGENTS, SERVERS):
        plan.started(subject)
        plan.finished(subject, 1.0, failed=False, calls=1)
    assert list(plan.due(1.0 + 10.0 * 1.06)) == [AGENTS]
    assert set(plan.due(1.0 + 10.0 * BACKGROUND * 1.06)) == {AGENTS, SERVERS}


@pytest.mark.parametrize(("failures", "pause"), [(1, 20.0), (2, 40.0), (3, 80.0), (9, CEILING)])
def test_the_pause_doubles_after_failures_up_to_a_ceiling(failures: int, pause: float) -> None:
    assert Schedule().pause(True, 10.0, failures, 1) == pause


def test_a_success_ends_the_back_off() -> None:
    plan = schedule()
    for failed in (True, True, False):
        plan.started(AGENTS)
        plan.finished(AGENTS, 0.0, failed=failed, calls=1)
    assert plan.failures(AGENTS) == 0
    assert AGENTS in plan.due(11.0)


def test_a_costly_read_is_spread_over_the_budget() -> None:
    plan = Schedule(limit=60)
    assert plan.pause(True, 10.0, 0, 260) == 260.0
    plan.watch(SERVERS, 10.0, "compute", 0.0, visible=True)
    plan.started(SERVERS)
    plan.finished(SERVERS, 5.0, failed=False, calls=260)
    assert [(s.service, s.calls, s.limit) for s in plan.spent(6.0)] == [("compute", 260, 60)]
    assert plan.spent(66.0)[0].calls == 0


def test_refresh_reads_now_and_once_more_when_a_read_is_under_way() -> None:
    plan = schedule()
    plan.started(AGENTS)
    plan.refresh(AGENTS, 3.0)
    plan.finished(AGENTS, 4.0, failed=False, calls=1)
    assert AGENTS in plan.due(4.0)


def test_events_bring_a_read_forward_where_somebody_looks() -> None:
    plan = schedule()
    for subject in (AGENTS, SERVERS):
        plan.started(subject)
        plan.finished(subject, 1.0, failed=False, calls=1)
    assert plan.hasten("agents", 5.0)
    assert list(plan.due(5.0)) == [AGENTS]
    assert not plan.hasten("servers", 5.0), "nobody looks at them"
    assert not plan.hasten("volumes", 5.0)
    assert list(plan.due(5.0)) == [AGENTS]


def test_many_events_do_not_make_many_reads() -> None:
    plan = schedule()
    plan.started(AGENTS)
    plan.finished(AGENTS, 10.0, failed=False, calls=1)
    for moment in (10.1, 10.2, 10.3):
        plan.hasten("agents", moment)
    assert AGENTS not in plan.due(10.0 + HASTE - 0.1)
    assert AGENTS in plan.due(10.0 + HASTE)


def test_an_event_during_a_read_brings_another_one() -> None:
    plan = schedule()
    plan.started(AGENTS)
    plan.hasten("agents", 1.0)
    assert AGENTS not in plan.due(1.5)
    plan.finished(AGENTS, 2.0, failed=False, calls=1)
    assert AGENTS not in plan.due(2.0 + HASTE - 0.1)
    assert AGENTS in plan.due(2.0 + HASTE)
    plan.started(AGENTS)
    plan.finished(AGENTS, 5.0, failed=False, calls=1)
    assert AGENTS not in plan.due(5.0 + HASTE), "once"


def test_a_costly_list_keeps_to_its_budget_whatever_happens() -> None:
    plan = schedule()
    plan.started(AGENTS)
    plan.finished(AGENTS, 0.0, failed=False, calls=20)
    plan.hasten("agents", 1.0)
    assert AGENTS not in plan.due(19.0)
    assert AGENTS in plan.due(20.5)


def test_what_failed_is_not_hastened() -> None:
    plan = schedule()
    plan.started(AGENTS)
    plan.finished(AGENTS, 0.0, failed=True, calls=1)
    assert not plan.hasten("agents", 3.0)
    assert AGENTS not in plan.due(5.0)


def test_a_subject_stays_until_its_last_watcher_is_gone() -> None:
    plan = schedule()
    plan.watch(AGENTS, 10.0, "network", 0.0, visible=False)
    assert not plan.unwatch(AGENTS, visible=True)
    assert plan.unwatch(AGENTS, visible=False)
    assert AGENTS not in list(plan.due(1e9))


def test_a_read_that_ends_after_nobody_watches_is_ignored() -> None:
    plan = schedule()
    plan.started(AGENTS)
    plan.unwatch(AGENTS, visible=True)
    plan.finished(AGENTS, 1.0, failed=False, calls=1)
    assert plan.next_due() == 0.0


def test_the_background_keeps_pace_while_the_overview_is_in_front() -> None:
    plan = schedule()
    plan.started(SERVERS)
    plan.finished(SERVERS, 0.0, failed=False, calls=1)
    assert SERVERS not in plan.due(11.0)
    plan.pace(1.0, 1.0)
    assert SERVERS in plan.due(11.0)
    plan.pace(BACKGROUND, 11.0)
    plan.started(SERVERS)
    plan.finished(SERVERS, 12.0, failed=False, calls=1)
    assert SERVERS not in plan.due(25.0)


HOSTS, UNITS, CLOCKS = Subject("hosts"), Subject("units"), Subject("clocks")


def of_hosts() -> Schedule:
    """Kinds of hosts with periods of 15, 30 and 60 seconds, beside a list of Nova."""
    plan = Schedule()
    for subject, period in ((HOSTS, 15.0), (UNITS, 30.0), (CLOCKS, 60.0)):
        plan.watch(subject, period, "ssh", 0.0, visible=True, batch="ssh")
    plan.watch(SERVERS, 10.0, "compute", 0.0, visible=True)
    return plan


def read(plan: Schedule, subjects: list[Subject], now: float, *, failed: bool = False) -> None:
    for subject in subjects:
        plan.started(subject)
        plan.finished(subject, now, failed=failed, calls=1)


def test_what_is_due_on_hosts_is_read_together() -> None:
    assert of_hosts().batches(0.0) == [[HOSTS, UNITS, CLOCKS], [SERVERS]]


def test_a_batch_takes_along_what_would_soon_be_due() -> None:
    plan = of_hosts()
    read(plan, [HOSTS, UNITS, CLOCKS], 0.0)
    read(plan, [SERVERS], 60.0)
    assert plan.batches(14.0) == []
    assert plan.batches(16.0) == [[HOSTS]], "the others have half of their period to go"
    read(plan, [HOSTS], 16.0)
    due = plan.when(UNITS)
    assert due is not None
    early = due - EARLY * 30.0 + 0.1
    assert plan.batches(early) == [], "nothing is early for its own sake"
    read(plan, [HOSTS], early - 16.0)
    assert [set(batch) for batch in plan.batches(early)] == [{HOSTS, UNITS}]


def test_in_an_hour_kinds_of_one_batch_stay_together() -> None:
    plan = of_hosts()
    trips, reads, now = 0, 0, 0.0
    while now < 3600.0:
        for batch in plan.batches(now):
            if SERVERS not in batch:
                trips += 1
                reads += len(batch)
            read(plan, batch, now + 0.5)
        now = plan.next_due() or now
    assert trips <= 3600 / 15 * 1.25, "no more round trips than the most frequent kind needs by itself"
    assert reads >= 3600 / 15 + 3600 / 30 + 3600 / 60 - 20


def test_what_failed_waits_for_its_own_time_and_what_is_read_is_not_read_twice() -> None:
    plan = of_hosts()
    read(plan, [UNITS], 0.0, failed=True)
    plan.started(CLOCKS)
    read(plan, [SERVERS], 60.0)
    assert plan.batches(0.5) == [[HOSTS]]
    read(plan, [HOSTS], 40.0)
    hosts, units = plan.when(HOSTS), plan.when(UNITS)
    assert hosts is not None
    assert units is not None
    assert hosts < units <= hosts + EARLY * 60.0
    assert plan.batches(hosts) == [[HOSTS]]
