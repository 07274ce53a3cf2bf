"""Rows as texts and runs, and which moment their ages count to."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from collectors.kinds.compute_services import KIND
from collectors.snapshot import OddRow, TargetRead
from collectors.table import Order, Table
from tests.views.made import NOW, service, snapshot
from views.columns import Measures, plan, shown_names
from views.glyphs import ASCII, UNICODE
from views.rows import heading_runs, row_runs, texts_of
from views.when import ago, hour, reading_clock, service_now

NAMES = shown_names(KIND, False)


def texts(row: object, known: str = "") -> dict[str, str]:
    table = Table(snapshot([row]))
    return dict(zip(NAMES, texts_of(table, 0, NAMES, NOW, UNICODE, known), strict=True))


def line(row: object, width: int = 80, *, cursor: bool = False, marked: bool = False) -> str:
    table = Table(snapshot([row]))
    found = texts_of(table, 0, NAMES, NOW, UNICODE)
    measures = Measures()
    for name, text in zip(NAMES, found, strict=True):
        measures.see(name, [text])
    slots = plan(KIND, measures, width)
    level = table.snapshot.healths[0].level
    runs = row_runs(found, NAMES, slots, level, width, UNICODE, cursor=cursor, marked=marked)
    return "".join(text for text, _ in runs)


def test_a_well_row_is_quiet() -> None:
    found = texts(service(1))
    assert found["health"] == "● ok"
    assert found["updated_at"] == ""
    assert found["reason"] == ""


def test_a_sick_row_says_why() -> None:
    found = texts(service(1, state="down", updated_at=NOW - 360))
    assert found["health"] == "✖ critical"
    assert found["updated_at"] == "6 min"
    assert found["reason"] == "no heartbeat for 6 min"


def test_an_odd_row_says_what_it_does_not_know() -> None:
    found = texts(OddRow("7", "x", "size is no number"))
    assert found["health"] == "? unknown"
    assert found["status"] == "?"
    assert found["host"] == "x"
    assert found["reason"] == "size is no number"


def test_a_known_problem_says_by_whom() -> None:
    found = texts(service(1, state="down", updated_at=NOW - 360), "“RAM on order” (ana, 2 d left)")
    assert found["health"] == "○ critical"
    assert found["reason"].startswith("“RAM on order” (ana, 2 d left)")


@pytest.mark.parametrize("width", [40, 60, 80, 132, 200])
@pytest.mark.parametrize("host", ["cmp1", "x" * 300, "数据库" * 40, "\x1b[31m", ""])
def test_a_line_has_exactly_its_width(width: int, host: str) -> None:
    assert cell_len(line(service(1, host=host), width)) == width


def test_cursor_and_mark_stand_at_the_left() -> None:
    assert line(service(1), cursor=True, marked=True).startswith("▌+● ok")
    assert line(service(1)).startswith("  ● ok")


def test_a_line_has_few_runs() -> None:
    table = Table(snapshot([service(1, state="down", updated_at=NOW - 360)]))
    found = texts_of(table, 0, NAMES, NOW, UNICODE)
    slots = plan(KIND, Measures(), 80)
    runs = row_runs(found, NAMES, slots, "critical", 80, UNICODE, cursor=True, marked=False)
    assert [role for _, role in runs] == ["critical", "text"]


def heading(order: Order, ascii_only: bool = False) -> str:
    glyphs = ASCII if ascii_only else UNICODE
    slots = plan(KIND, Measures({"host": 8}), 80, sort=order.columns[0])
    return "".join(text for text, _ in heading_runs(slots, order, 80, glyphs))


def test_titles_stand_over_their_columns() -> None:
    assert heading(Order()).startswith("  HEALTH     BINARY HOST     STATUS")


def test_the_order_has_an_arrow_unless_it_is_the_usual_one() -> None:
    assert "↑" not in heading(Order())
    assert "HOST↑" in heading(Order(("host",)))
    assert "HOST↓" in heading(Order(("host",), True))
    assert "HOSTv" in heading(Order(("host",), True), ascii_only=True)
    assert "HEALTH↓" in heading(Order(("health",), True))


def test_ages_count_to_the_reading_on_the_services_clock() -> None:
    found = snapshot([service(1)])
    skewed = replace(found, targets=(TargetRead("nova", NOW, 1, skew=30.0),))
    assert reading_clock(skewed)(skewed.rows[0]) == NOW + 30
    assert service_now(skewed) == NOW + 30


def test_each_host_has_its_own_reading() -> None:
    kind = replace(KIND, scope=replace(KIND.scope, per="host"))
    found = snapshot([service(1), service(2), OddRow("x", "x", "odd", "cmp0002")], kind)
    targets = (TargetRead("cmp0001", NOW, 1), TargetRead("cmp0002", NOW - 90, 2, skew=5.0))
    clock = reading_clock(replace(found, targets=targets))
    assert [clock(row) for row in found.rows] == [NOW, NOW - 85, NOW - 85]


def test_moments_in_words() -> None:
    from datetime import UTC

    assert hour(NOW, UTC) == "04:40:00"
    assert ago(NOW - 300, NOW) == "5 min ago"
    assert ago(NOW, NOW) == "just now"
