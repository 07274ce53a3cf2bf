"""What changed between two readings of one kind, in sentences."""

from __future__ import annotations

from msgspec.structs import replace

from collectors.errors import Unreachable
from collectors.health import OK, Health, critical, unknown, warning
from collectors.snapshot import OddRow, Snapshot, TargetRead
from collectors.transitions import transitions
from tests.rows import NOW, service
from tests.systems import COMPUTE, MEMBERS, REFUSED, SERVERS, members, rows, seen

HOSTS = ("cmp01", "cmp02", "cmp17")
DOWN = {"cmp17": critical("no heartbeat for 6 min")}


def told(old: Snapshot, new: Snapshot) -> list[str]:
    return [t.text for t in transitions(old, new, NOW)]


def test_nothing_changed() -> None:
    assert told(seen(COMPUTE, rows(*HOSTS), DOWN), seen(COMPUTE, rows(*HOSTS), DOWN)) == []


def test_another_reason_is_no_transition() -> None:
    later = {"cmp17": critical("no heartbeat for 7 min")}
    assert told(seen(COMPUTE, rows(*HOSTS), DOWN), seen(COMPUTE, rows(*HOSTS), later)) == []


def test_a_row_fails() -> None:
    (found,) = transitions(seen(COMPUTE, rows(*HOSTS)), seen(COMPUTE, rows(*HOSTS), DOWN), NOW)
    assert (found.at, found.system, found.kind, found.level) == (NOW, "compute", "compute-services", "critical")
    assert found.text == "cmp17 critical"


def test_a_row_recovers() -> None:
    assert told(seen(COMPUTE, rows(*HOSTS), DOWN), seen(COMPUTE, rows(*HOSTS))) == ["cmp17 ok"]


def test_a_row_gets_better_but_not_well() -> None:
    assert told(
        seen(COMPUTE, rows(*HOSTS), DOWN), seen(COMPUTE, rows(*HOSTS), {"cmp17": warning("disabled, no reason given")})
    ) == ["cmp17 warning"]


def test_many_rows_are_one_sentence_worst_first() -> None:
    names = [f"cmp{i:02}" for i in range(1, 8)]
    bad: dict[str, Health] = {name: critical("x") for name in names[:5]} | {names[5]: warning("y")}
    assert told(seen(COMPUTE, rows(*names)), seen(COMPUTE, rows(*names), bad)) == [
        "cmp01, cmp02, cmp03 and 2 more critical",
        "cmp06 warning",
    ]


def test_a_new_row_that_is_bad_from_the_start_is_not_a_change_that_we_saw() -> None:
    assert told(seen(COMPUTE, rows("cmp01")), seen(COMPUTE, rows("cmp01", "cmp17"), DOWN)) == []


def test_a_bad_row_that_leaves_did_not_recover() -> None:
    assert told(seen(COMPUTE, rows(*HOSTS), DOWN), seen(COMPUTE, rows("cmp01", "cmp02"))) == []


def test_a_system_falls_silent_and_answers_again() -> None:
    well, silent = seen(COMPUTE, rows(*HOSTS)), seen(COMPUTE, rows(*HOSTS), error=REFUSED)
    assert told(well, silent) == ["not read: connection refused"]
    assert told(silent, silent) == []
    assert told(silent, well) == ["read again"]


def test_a_member_leaves_and_comes_back() -> None:
    gone = Unreachable("galera at ctl03:3306", "connection refused")
    all_there = members(MEMBERS, {"ctl01": None, "ctl02": None, "ctl03": None})
    without = members(MEMBERS, {"ctl01": None, "ctl02": None, "ctl03": gone})
    assert told(all_there, without) == ["ctl03: connection refused"]
    assert told(without, all_there) == ["ctl03 answers again"]


def test_tenants_rows_are_not_compared() -> None:
    assert told(seen(SERVERS, rows("web")), seen(SERVERS, rows("web"), {"web": critical("ERROR")})) == []


def test_a_growing_first_read_is_not_compared() -> None:
    growing = seen(COMPUTE, rows("cmp01"), complete=False)
    assert told(growing, seen(COMPUTE, rows("cmp01"), {"cmp01": critical("x")})) == []


def test_an_odd_row_is_told_by_its_name() -> None:
    odd = OddRow("nova-compute-cmp01", "cmp01", "size is no number")
    new = replace(seen(COMPUTE, rows("cmp01")), rows=[odd], healths=[unknown(odd.reason)])
    assert told(seen(COMPUTE, [service("cmp01")]), new) == ["cmp01 unknown"]


def test_a_row_whose_host_fell_silent_is_not_told_twice() -> None:
    gone = Unreachable("ssh at cmp02", "no route to host")
    well = [service("cmp01"), service("cmp02")]
    ids = {row.id: index for index, row in enumerate(well)}
    targets = (TargetRead("cmp01", NOW, 1), TargetRead("cmp02", NOW, 1))
    old = Snapshot(MEMBERS, well, [OK, OK], targets, NOW, keys=ids)
    new = replace(old, healths=[OK, critical("no route")], targets=(targets[0], replace(targets[1], error=gone)))
    assert told(old, new) == ["cmp02: no route to host"]
    assert told(new, old) == ["cmp02 answers again"]


def test_a_host_that_was_silent_from_the_start_is_not_a_change_that_we_saw() -> None:
    gone = Unreachable("ssh at cmp02", "no route to host")
    growing = members(MEMBERS, {"cmp01": None})
    assert told(growing, members(MEMBERS, {"cmp01": None, "cmp02": gone})) == []
