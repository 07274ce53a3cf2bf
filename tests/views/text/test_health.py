"""The overview in words: the same lines for the screen and for `nephoscope health`."""

from __future__ import annotations

import pytest

from collectors.health import Health, critical, ok, unknown, warning
from collectors.overview import Overview, SystemHealth, overview
from tests.rows import NOW
from tests.systems import COMPUTE, rows, seen
from views.glyphs import ASCII
from views.text.health import headline, health_lines, summary
from views.text.width import cells

FOUND = Overview(
    (
        SystemHealth("rabbitmq", critical("1 of 3 nodes running; ctl02: no route; also ctl03; majority lost")),
        SystemHealth(
            "compute", warning("46 of 48 nova-compute up; cmp17, cmp31 down"), "1 disabled on purpose: cmp09, “RAM”"
        ),
        SystemHealth("block-storage", unknown("10.0.0.10:8776: did not finish within 20 s; last read 5 min ago")),
        SystemHealth("galera", ok("3 of 3 members Synced")),
    )
)


def test_one_line_per_system_and_a_second_one_where_needed() -> None:
    assert [str(line) for line in health_lines(FOUND)] == [
        "✖ rabbitmq      1 of 3 nodes running; ctl02: no route; also ctl03; majority lost",
        "▲ compute       46 of 48 nova-compute up; cmp17, cmp31 down",
        "                1 disabled on purpose: cmp09, “RAM”",
        "? block-storage 10.0.0.10:8776: did not finish within 20 s; last read 5 min ago",
        "● galera        3 of 3 members Synced",
    ]


def test_in_ascii() -> None:
    lines = [str(line) for line in health_lines(FOUND, glyphs=ASCII)]
    assert [line[0] for line in lines] == ["x", "!", " ", "?", "."]
    assert lines[2].endswith('cmp09, "RAM"')
    assert all(line.isascii() for line in lines)


@pytest.mark.parametrize("width", [40, 60, 79, 80, 200])
@pytest.mark.parametrize("fold", [1, 2, 3])
def test_no_line_is_wider_than_asked(width: int, fold: int) -> None:
    assert all(cells(str(line)) <= width for line in health_lines(FOUND, width=width, fold=fold))


def test_a_sentence_that_is_cut_says_so() -> None:
    assert str(health_lines(FOUND, width=60)[0]).endswith("…")


def test_a_sentence_that_is_folded_is_not_cut() -> None:
    lines = health_lines(FOUND, width=60, fold=2)
    assert str(lines[0]) == "✖ rabbitmq      1 of 3 nodes running; ctl02: no route; also"
    assert str(lines[1]) == "                ctl03; majority lost"
    assert lines[1].system == "rabbitmq"


def test_what_is_well_is_never_folded() -> None:
    found = Overview((SystemHealth("api", ok("word " * 40)),))
    assert len(health_lines(found, width=60, fold=3)) == 1


def test_wide_characters_are_measured() -> None:
    found = Overview((SystemHealth("compute", warning("主机 " * 30)),))
    assert all(cells(str(line)) <= 50 for line in health_lines(found, width=50, fold=3))


def test_an_endless_word_is_cut() -> None:
    found = Overview((SystemHealth("compute", warning("x" * 4000)),))
    lines = health_lines(found, width=80, fold=2)
    assert all(cells(str(line)) <= 80 for line in lines)
    assert len(lines) <= 2


def test_second_lines_can_be_left_out() -> None:
    assert not any(line.second for line in health_lines(FOUND, second=False))


def test_what_tenants_wrote_is_neutral() -> None:
    found = Overview((SystemHealth("compute", warning("a\x1b[2Jb\nc"), "d\u202ee"),))
    text = "".join(str(line) for line in health_lines(found))
    assert text.isprintable()


def test_nothing_watched_gives_no_line() -> None:
    assert health_lines(Overview(())) == []


def test_the_summary_counts_systems() -> None:
    assert summary(FOUND) == "1 critical  1 warning  1 unknown  1 ok"
    assert summary(Overview(FOUND.systems[3:])) == "1 ok"
    assert summary(Overview(())) == "nothing is watched"


def test_the_headline_is_the_worst() -> None:
    assert headline(FOUND).startswith("rabbitmq: 1 of 3 nodes running")
    assert headline(Overview(FOUND.systems[3:])) == "1 system ok"
    assert headline(Overview(())) == "nothing is watched"


def test_known_problems_have_a_sign_of_their_own_and_are_counted() -> None:
    from collectors.acknowledge import known
    from collectors.kind_health import acknowledge

    snapshot = seen(COMPUTE, rows("cmp01", "cmp02", "cmp17"), {"cmp17": Health("critical", "no heartbeat")})
    told = known(acknowledge(snapshot, 7200, "RAM", "ana", NOW), "prod", "RegionOne", NOW)
    found = overview((COMPUTE,), {"compute-services": snapshot}, NOW, told)
    first, second = health_lines(found)
    assert str(first).startswith("○ compute")
    assert "1 known: cmp17 “RAM” (ana, 2 h left)" in str(second)
    assert headline(found) == "1 system ok, 1 known"
