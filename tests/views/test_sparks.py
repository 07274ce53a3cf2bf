"""Sparklines: bars in Unicode and ASCII, their place in a list and on the overview, when they are worth it."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import registry
from collectors.board import Board
from collectors.health import critical
from collectors.kind import AnyKind
from collectors.kinds.compute_services import KIND as SERVICES
from collectors.kinds.hosts import KIND as HOSTS
from collectors.kinds.queues import KIND as QUEUES
from collectors.recent import Recent
from tests.rows import NOW as THEN
from tests.systems import COMPUTE, rows, seen
from tests.views.made import snapshot
from tests.views.pilots import running
from tests.views.screens import Around, lines_of
from tests.views.test_overview_bytes import count_into
from views.columns import TREND, Measures, plan, shown_names
from views.glyphs import ASCII, UNICODE
from views.overview import OverviewScreen
from views.place import Place
from views.sparks import BARS, row_spark, system_spark
from views.systems import system_texts

NOW = 1_795_214_400.0


def queue(name: str, messages: int | None) -> Any:
    values: dict[str, Any] = dict.fromkeys(QUEUES.fields.__struct_fields__)
    told = {"id": name, "name": name, "vhost": "/", "state": "running", "consumers": 1, "messages": messages}
    return QUEUES.fields(**values | told)


def fed(*messages: int, step: float = 60.0) -> Recent:
    recent = Recent()
    for place, found in enumerate(messages):
        recent.note(snapshot([queue("q", found)], QUEUES, at=NOW + place * step))
    return recent


def test_bars_of_the_stretches_that_are_over() -> None:
    recent = fed(0, 5, 10, 20, 7)
    assert row_spark(recent, QUEUES, "q", UNICODE) == "      ▁▃▅█"
    assert row_spark(recent, QUEUES, "q", ASCII) == "      _-+@"
    assert row_spark(recent, QUEUES, "unknown", UNICODE) == " " * BARS


def test_the_scale_reaches_to_the_ceiling() -> None:
    assert row_spark(fed(1, 1, 1), QUEUES, "q", UNICODE).strip() == "▁▁"
    assert row_spark(fed(10, 10, 1), QUEUES, "q", UNICODE).strip() == "██"


def test_a_missing_stretch_is_a_blank() -> None:
    recent = fed(20)
    recent.note(snapshot([queue("q", 20)], QUEUES, at=NOW + 180))
    recent.note(snapshot([queue("q", 20)], QUEUES, at=NOW + 240))
    assert row_spark(recent, QUEUES, "q", UNICODE) == "      █  █"


def test_a_system_shows_it_only_when_something_changed() -> None:
    recent = Recent()
    for step, problems in enumerate((0, 0, 3, 3)):
        recent.note_system("galera", problems, NOW + 120 * step)
    assert system_spark(recent, "galera", UNICODE).strip() == "▁▁▇"
    recent.note_system("ceph", 2, NOW)
    recent.note_system("ceph", 2, NOW + 120)
    assert system_spark(recent, "ceph", UNICODE) == ""
    assert system_spark(recent, "nobody", UNICODE) == ""


# -- in a list


@pytest.mark.parametrize("kind", [kind for kind in registry.kinds() if kind.trends], ids=lambda kind: kind.name)
def test_it_stands_beside_its_column(kind: AnyKind) -> None:
    names = shown_names(kind, False)
    if kind.column(kind.trends[0].field).wide:  # type: ignore[union-attr]
        assert TREND not in names
        names = shown_names(kind, True)
    assert TREND not in {column.name for column in kind.columns}
    if TREND in names:
        assert names[names.index(TREND) - 1] == kind.trends[0].field


def test_a_kind_without_trends_has_none() -> None:
    assert TREND not in shown_names(SERVICES, True)


def test_it_leaves_a_narrow_screen_first() -> None:
    natural = {"name": 6, "roles": 10, "load_1": 4, "load_per_cpu": 4, "memory_used": 4, "disk_used": 4, "booted": 5}
    measures = Measures({**natural, TREND: BARS, "reason": 40})
    wide = [slot.name for slot in plan(HOSTS, measures, 200)]
    narrow = [slot.name for slot in plan(HOSTS, measures, 80)]
    assert TREND in wide
    assert TREND not in narrow
    assert {"load_1", "memory_used", "disk_used"} <= set(narrow)


async def test_in_a_list_it_changes_only_when_a_stretch_is_over() -> None:
    def read(messages: int, at: float) -> Any:
        return snapshot([queue("q", messages)], QUEUES, at=at)

    async with running(read(20, NOW), place=Place("queues"), kinds=(QUEUES,), size=(120, 20)) as r:
        r.clock.now = NOW
        await r.put(read(20, NOW + 60))
        line = next(line for line in r.lines if " q " in line)
        assert "█" in line
        assert "TREND" in r.lines[2]
        for at, messages in ((70, 20), (100, 20), (119, 20)):
            await r.put(read(messages, NOW + at))
            assert next(line for line in r.lines if " q " in line) == line
        await r.put(read(20, NOW + 120))
        assert next(line for line in r.lines if " q " in line) != line


async def test_bytes_of_a_stretch_that_ends_are_few_and_within_it_there_are_none() -> None:
    def read(at: float) -> Any:
        return snapshot([queue(f"q{n:02}", 10 + n) for n in range(20)], QUEUES, at=at)

    sizes: list[int] = []
    async with running(read(NOW), place=Place("queues"), kinds=(QUEUES,), size=(120, 24)) as r:
        await r.put(read(NOW + 60))
        count_into(sizes, r.app)
        for at in (61, 75, 90, 119):
            await r.put(read(NOW + at))
        assert sizes == []
        await r.put(read(NOW + 120))
        assert 0 < sum(sizes) <= 1500


async def test_sorting_goes_past_it() -> None:
    async with running(snapshot([queue("q", 1)], QUEUES), place=Place("queues"), kinds=(QUEUES,), size=(120, 20)) as r:
        seen_orders = []
        for _ in range(len(r.grid.slots)):
            await r.press("greater_than_sign")
            assert r.screen.listing is not None
            seen_orders.append(r.screen.listing.order.columns[0])
        assert TREND not in seen_orders
        assert "messages" in seen_orders


# -- on the overview


def overview(recent: Recent) -> OverviewScreen:
    board = Board([COMPUTE], THEN)
    board.note(seen(COMPUTE, rows("cmp01", "cmp02")), THEN)
    return OverviewScreen(board, lambda: THEN, recent=recent)


@pytest.mark.parametrize(("size", "glyphs"), [((80, 24), UNICODE), ((80, 24), ASCII), ((200, 60), UNICODE)])
async def test_on_the_overview_it_stands_at_the_end_of_the_line(size: tuple[int, int], glyphs: Any) -> None:
    recent = Recent()
    for step, problems in enumerate((0, 0, 3, 0)):
        recent.note_system("compute", problems, NOW + 120 * step)
    app = Around(overview(recent), glyphs=glyphs)
    async with app.run_test(size=size):
        line = next(line for line in lines_of(app) if " compute " in line)
        assert glyphs.text("▁▁▇") in line
        assert "2 of 2 compute services up" in line


def test_of_a_folded_sentence_the_first_line_with_room_has_it() -> None:
    recent = Recent()
    for step, problems in enumerate((0, 0, 3, 0)):
        recent.note_system("compute", problems, NOW + 120 * step)
    board = Board([COMPUTE], THEN)
    bad = {f"cmp0{n}": critical(f"no heartbeat for {n} min, and nobody knows why") for n in range(1, 4)}
    board.note(seen(COMPUTE, rows(*bad), bad), THEN)
    lines = system_texts(board.overview(THEN), 60, 20, UNICODE, recent)
    assert len(lines) > 1
    assert [line.text.right != () for line in lines].count(True) == 1
    assert lines[-1].text.right[0][0].strip() == "▁▁▇"


async def test_a_sentence_that_needs_the_room_has_it() -> None:
    recent = Recent()
    for step, problems in enumerate((0, 0, 3, 0)):
        recent.note_system("compute", problems, NOW + 120 * step)
    app = Around(overview(recent))
    async with app.run_test(size=(46, 24)):
        line = next(line for line in lines_of(app) if " compute " in line)
        assert "▇" not in line
        assert "2 of 2 compute services up" in line
