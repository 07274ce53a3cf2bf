"""From what Galera's members say and have on disk to the next step; every end of a cluster leads to a cluster."""

from __future__ import annotations

import pytest

from runbooks.lab.services.galera_state import (
    JOIN_SECONDS,
    NOBODY,
    VIEW_SECONDS,
    Member,
    Plan,
    parse_grastate,
    parse_position,
    parse_status,
    plan,
)

HISTORY = "6f5c8c2e-1f2b-11f0-9a53-0242ac120002"
NAMES = ("ctl01", "ctl02", "ctl03")


def says(status: str, ready: str, state: str = "Synced", size: int = 3, committed: int = 10, evs: str = "") -> Member:
    """A member that answers."""
    found = {
        "wsrep_cluster_status": status,
        "wsrep_ready": ready,
        "wsrep_local_state_comment": state,
        "wsrep_cluster_size": str(size),
        "wsrep_last_committed": str(committed),
        "wsrep_evs_state": evs or "OPERATIONAL",
    }
    return Member("active", status=found)


SYNCED = says("Primary", "ON")
LOST = says("non-Primary", "OFF", "Initialized", 1)
OFF = Member("off")


def stopped(seqno: int = -1, *, safe: bool = False, view: bool = False, state: str = "inactive") -> Member:
    """A member that does not answer."""
    return Member(state, uuid=HISTORY, seqno=seqno, safe=safe, view=view)


def of(*members: Member) -> Plan:
    """The plan for ctl01, ctl02, …"""
    return plan(dict(zip(NAMES, members, strict=False)))


def test_a_whole_cluster_needs_nothing() -> None:
    assert of(SYNCED, SYNCED, SYNCED).done


def test_a_host_that_is_off_does_not_count() -> None:
    two = says("Primary", "ON", size=2)
    assert of(two, two, OFF).done


@pytest.mark.parametrize("state", ["inactive", "failed"])
def test_who_is_down_joins_the_primary_component(state: str) -> None:
    two = says("Primary", "ON", size=2)
    assert of(two, stopped(state=state), two) == Plan("start", ("ctl02",))


def test_a_joiner_that_lost_the_others_on_the_way_begins_again() -> None:
    members = dict(zip(NAMES, (LOST, SYNCED, says("Primary", "ON", "Donor/Desynced")), strict=True))
    assert plan(members, JOIN_SECONDS - 1) == Plan("wait")
    assert plan(members, JOIN_SECONDS) == Plan("stop", ("ctl01",))


def test_a_joiner_is_waited_for() -> None:
    assert of(SYNCED, stopped(state="activating"), SYNCED) == Plan("wait")
    assert of(SYNCED, SYNCED, says("Primary", "ON", "Donor/Desynced")) == Plan("wait")
    assert of(SYNCED, SYNCED, says("Primary", "OFF", "Joined")) == Plan("wait")


def test_two_clusters_of_one_name_are_not_done() -> None:
    alone = says("Primary", "ON", size=1)
    assert of(SYNCED, SYNCED, alone) == Plan("wait")


def test_the_first_start_is_that_of_the_one_that_may() -> None:
    assert of(stopped(5, safe=True), stopped(5), stopped(5)) == Plan("bootstrap", ("ctl01",))


def test_after_power_loss_of_all_their_views_bring_them_together() -> None:
    views = stopped(view=True)
    assert of(views, views, views) == Plan("start", NAMES)
    starting = stopped(view=True, state="activating")
    assert of(starting, starting, starting) == Plan("wait")
    assert of(views, starting, starting) == Plan("start", ("ctl01",))


def test_who_looks_for_a_cluster_that_is_not_there_is_ended_first() -> None:
    waiting = stopped(7, state="activating")
    assert of(waiting, waiting, stopped(9)) == Plan("stop", ("ctl01", "ctl02"))


def test_nobody_may_begin_so_the_furthest_does() -> None:
    assert of(stopped(7), stopped(9), stopped(8)) == Plan("bootstrap", ("ctl02",))


def test_positions_that_are_not_on_disk_are_asked_for() -> None:
    assert of(stopped(7), stopped(-1), stopped(8)) == Plan("compare", NAMES)


def test_views_that_do_not_fit_each_other_are_given_up() -> None:
    looking = stopped(view=True, state="activating")
    assert of(looking, looking, looking) == Plan("wait")
    members = dict.fromkeys(NAMES, looking)
    assert plan(members, VIEW_SECONDS) == Plan("forget", NAMES)


def test_a_lost_majority_that_still_has_its_views_comes_back() -> None:
    assert of(LOST, stopped(view=True), stopped(view=True)) == Plan("start", ("ctl02", "ctl03"))


def test_a_lost_majority_without_views_leaves_the_furthest_to_go_ahead() -> None:
    ahead = says("non-Primary", "OFF", "Initialized", 1, committed=12)
    assert of(LOST, ahead, stopped(3)) == Plan("promote", ("ctl02",))


def test_three_that_have_each_other_but_no_quorum_are_promoted_once_they_are_settled() -> None:
    settling = says("non-Primary", "OFF", "Initialized", 1, evs="GATHER")
    assert of(LOST, LOST, settling) == Plan("wait")
    assert of(LOST, LOST, LOST) == Plan("promote", ("ctl01",))


def test_what_the_server_says() -> None:
    assert parse_status("wsrep_ready\tON\nwsrep_evs_delayed\t\n") == {"wsrep_ready": "ON", "wsrep_evs_delayed": ""}
    assert parse_status("ERROR 2002 (HY000): Can't connect") == {}


def test_grastate_dat() -> None:
    text = f"# GALERA saved state\nversion: 2.1\nuuid:    {HISTORY}\nseqno:   345\nsafe_to_bootstrap: 1\n"
    assert parse_grastate(text) == (HISTORY, 345, True)
    assert parse_grastate("") == (NOBODY, -1, False)
    assert parse_grastate("uuid: x\nseqno: what\n") == ("x", -1, False)


def test_the_recovered_position() -> None:
    assert parse_position(f"--wsrep_start_position={HISTORY}:345\n") == (HISTORY, 345)
    assert parse_position(f" --wsrep_start_position={HISTORY}:345,0-1-2") == (HISTORY, 345)
    assert parse_position("") == (NOBODY, 0)
