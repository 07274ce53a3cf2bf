"""Charts, really run: the key opens one, Prometheus is asked on a thread, the memory steps in, and why is told."""

from __future__ import annotations

import math
import threading
from typing import Any

import pytest

from collectors.curve import Curve
from collectors.errors import NoSuchObject, Unreachable
from collectors.kind import AnyKind
from collectors.kinds.galera_members import KIND as MEMBERS
from collectors.kinds.hosts import KIND as HOSTS
from collectors.kinds.pools import KIND as POOLS
from collectors.snapshot import Snapshot
from collectors.trend import Trend
from tests.views.made import NOW, services, snapshot
from tests.views.pilots import Painting, Running, running
from views.chart import ChartAsk, Thing, figure_texts, of_rows
from views.chart_screen import ChartScreen
from views.glyphs import ASCII
from views.lines import Lines
from views.place import OVERVIEW, Place

NAMES = [f"cmp{n:02}" for n in range(1, 10)]


def empty(kind: AnyKind) -> dict[str, Any]:
    return dict.fromkeys(kind.fields.__struct_fields__)


def hosts(at: float = NOW, load: float = 1.0, names: list[str] = NAMES) -> Snapshot:
    rows = [
        HOSTS.fields(**empty(HOSTS) | {"name": n, "load_1": load, "memory_used": 40, "disk_used": 7, "disk": "/"})
        for n in names
    ]
    return snapshot(rows, HOSTS, at=at)


class Prometheus:
    """Answers questions about the past, or fails."""

    def __init__(self, *errors: Exception) -> None:
        self.asked: list[tuple[str, str, float]] = []
        self.errors = errors
        self.threads: set[int] = set()
        self.without: set[str] = set()

    def __call__(self, trend: Trend, row: Any, name: str, span: float) -> Curve:
        self.asked.append((trend.title, name, span))
        self.threads.add(threading.get_ident())
        if self.errors:
            raise self.errors[0]
        if name in self.without:
            raise NoSuchObject("Prometheus", "it has no such values")
        points = tuple((NOW - span + n * span / 60, 2 + math.sin(n / 5)) for n in range(61))
        return Curve(name, points, span / 60)


def at_hosts(past: Any = None, **more: Any) -> Any:
    return running(hosts(), place=Place("hosts"), kinds=(HOSTS,), past=past, **more)


def chart(r: Running) -> ChartScreen:
    screen = r.app.screen
    assert isinstance(screen, ChartScreen)
    return screen


async def test_the_key_opens_a_chart_of_the_row_and_esc_goes_back() -> None:
    prometheus = Prometheus()
    async with at_hosts(prometheus) as r:
        await r.press("j", "p")
        assert r.lines[0].startswith("chart  hosts › load of the last minute  1 of 3")
        assert r.lines[0].endswith("last hour")
        assert r.lines[1] == "cmp02  last 1.46  least 1  mean 2.01  most 3"
        assert r.foot.startswith("from Prometheus at ")
        assert prometheus.asked == [("load of the last minute", "cmp02", 3600.0)]
        assert threading.get_ident() not in prometheus.threads
        assert "esc back" in r.hints
        await r.press("escape")
        assert r.crumb.startswith("hosts")
        assert r.grid.cursor_id == "cmp02"


async def test_marked_rows_are_drawn_together_six_at_most() -> None:
    prometheus = Prometheus()
    async with at_hosts(prometheus) as r:
        await r.press(*["space"] * 8, "p")
        assert [name for _, name, _ in prometheus.asked] == NAMES[:6]
        assert [line[:7] for line in r.lines[1:7]] == [f"{a} {n}" for a, n in zip("abcdef", NAMES, strict=False)]
        assert "2 more rows are not drawn" in r.foot


async def test_digits_choose_how_far_back_and_tab_what() -> None:
    prometheus = Prometheus()
    async with at_hosts(prometheus) as r:
        await r.press("p", "1", "3", "4", "2", "2", "tab", "tab", "tab", "shift+tab")
        assert [span for _, _, span in prometheus.asked] == [
            3600.0, 900.0, 21600.0, 86400.0, 3600.0, 3600.0, 3600.0, 3600.0, 3600.0,
        ]  # fmt: skip
        assert [title for title, _, _ in prometheus.asked][-4:] == [
            "memory used", "use of the file system that is the fullest now", "load of the last minute",
            "use of the file system that is the fullest now",
        ]  # fmt: skip
        await r.press("B")
        assert r.lines[0].endswith("last 6 hours")
        await r.press("B", "B")
        assert "last 24 hours is as far as this goes" in r.foot


async def test_words_do_the_same() -> None:
    async with at_hosts(Prometheus()) as r:
        await r.press("colon")
        await r.type("chart")
        await r.press("enter")
        assert chart(r).ask.things[0].name == "cmp01"
        await r.press("colon")
        await r.type("24h")
        await r.press("enter")
        assert r.lines[0].endswith("last 24 hours")


async def test_where_prometheus_has_nothing_the_memory_is_shown_and_why() -> None:
    async with at_hosts(Prometheus(NoSuchObject("Prometheus", "it has no such values"))) as r:
        r.clock.now = NOW + 60
        await r.put(hosts(NOW + 60, load=3.0))
        await r.press("p")
        assert r.foot.startswith("Prometheus has no such values; seen by this console since ")
        assert r.lines[1] == "cmp01  last 3  least 1  mean 2  most 3"


async def test_one_that_does_not_answer_is_asked_once_and_told() -> None:
    prometheus = Prometheus(Unreachable("Prometheus at mon01", "connection refused", "start it"))
    async with at_hosts(prometheus) as r:
        await r.press("space", "space", "p")
        assert len(prometheus.asked) == 1
        assert r.foot.startswith("Prometheus: connection refused; seen by this console")
        assert r.lines[2].startswith("b cmp02  last 1")


async def test_a_row_that_prometheus_does_not_know_is_told_beside_the_others() -> None:
    prometheus = Prometheus()
    prometheus.without = {"cmp01"}
    async with at_hosts(prometheus) as r:
        await r.press("space", "space", "p")
        assert r.lines[1] == "a cmp01  nothing known"
        assert r.lines[2].startswith("b cmp02  last ")


async def test_without_prometheus_the_memory_is_all_there_is() -> None:
    async with at_hosts() as r:
        await r.press("p")
        assert r.foot.startswith("seen by this console since ")
        assert "last 1" in r.lines[1]


async def test_what_only_prometheus_knows_is_left_out_without_one() -> None:
    row = POOLS.fields(**empty(POOLS) | {"id": "1", "name": "volumes", "used": 3.0, "stored": 5, "own": False})
    for past, count in ((None, "1 of 2"), (Prometheus(), "1 of 4")):
        found = snapshot([row], POOLS)
        async with running(found, place=Place("pools"), kinds=(POOLS,), past=past) as r:
            await r.press("p")
            assert count in r.lines[0]


async def test_an_answer_to_an_older_question_is_dropped() -> None:
    first, second = threading.Event(), threading.Event()

    def slow(trend: Trend, row: Any, name: str, span: float) -> Curve:
        (first if span == 3600.0 else second).wait(10)
        return Curve(name, ((NOW - 10, span),), 15.0)

    async with at_hosts(slow) as r:
        await r.pilot.press("p")
        await r.pilot.pause()
        assert "asking Prometheus" in r.foot
        await r.pilot.press("1")
        second.set()
        first.set()
        await r.settle()
        assert "last 900" in r.lines[1]


async def test_a_kind_that_follows_nothing_says_so() -> None:
    async with running(services(3)) as r:
        assert "p chart" not in r.hints
        await r.press("p")
        assert not isinstance(r.app.screen, ChartScreen)
        assert "nothing of compute-services is followed over time" in r.foot


async def test_on_the_overview_a_system_is_charted_by_what_is_not_ok() -> None:
    found = hosts()
    async with running(found, place=OVERVIEW, kinds=(HOSTS,), past=Prometheus()) as r:
        await r.put(hosts(NOW + 30))
        await r.press("p")
        assert r.lines[0].startswith("chart  systems › rows that are not ok")
        assert r.lines[1].startswith("hosts  last 0")
        assert r.foot.startswith("seen by this console since")


async def test_help_explains_its_keys() -> None:
    async with at_hosts() as r:
        await r.press("p", "question_mark")
        text = "\n".join(r.lines)
        assert "In a chart" in text
        assert "The last 6 hours" in text
        await r.press("escape")
        assert isinstance(r.app.screen, ChartScreen)


async def test_ctrl_r_asks_again_and_frozen_it_is_not_asked_by_time() -> None:
    prometheus = Prometheus()
    async with at_hosts(prometheus) as r:
        await r.press("p", "ctrl+r")
        assert len(prometheus.asked) == 2
        await r.press("Z")
        r.clock.now += 600
        chart(r).tick()
        await r.settle()
        assert len(prometheus.asked) == 2
        await r.press("Z")
        chart(r).tick()
        await r.settle()
        assert len(prometheus.asked) == 3


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (40, 12), (20, 6)])
async def test_it_fits_any_size_and_resizes(size: tuple[int, int]) -> None:
    async with at_hosts(Prometheus(), size=size) as r:
        await r.press("space", "space", "p")
        assert len(r.lines) == size[1]
        assert all(len(line) <= size[0] for line in r.lines)
        await r.pilot.resize_terminal(100, 30)
        await r.settle()
        assert len(r.lines) == 30
        assert any("┤" in line for line in r.lines)


@pytest.mark.parametrize("theme", ["mono", "ansi"])
async def test_in_ascii_every_cell_is(theme: str) -> None:
    from views.theme import Choice

    async with at_hosts(Prometheus(), glyphs=ASCII, theme=Choice(theme, "test")) as r:
        await r.press("space", "space", "p")
        assert "\n".join(r.lines).isascii()


async def test_looking_again_paints_nothing() -> None:
    async with at_hosts(Prometheus()) as r:
        await r.press("p")
        painting = Painting()
        for widget in chart(r).query(Lines):
            painting.watch(widget)
        chart(r).look()
        await r.put(hosts(NOW + 1))
        assert painting.take() == []


async def test_beyond_what_is_remembered_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.recent.ROWS", 3)
    async with at_hosts() as r:
        await r.press("G", "p")
        assert "there are more rows than this console remembers" in r.foot


# -- what is asked


def test_rows_that_are_odd_or_not_followed_cannot_be_charted() -> None:
    from collectors.snapshot import OddRow
    from collectors.table import Table

    assert of_rows(Table(services(2)), [0]) is None
    assert of_rows(Table(snapshot([OddRow("x", "x", "why")], HOSTS)), [0]) is None
    found = of_rows(Table(hosts()), [1, 0])
    assert found is not None
    assert [thing.name for thing in found.things] == ["cmp02", "cmp01"]


def test_a_last_value_that_is_old_tells_its_age() -> None:
    ask = ChartAsk("hosts", (Thing("a", "a"),), ((HOSTS.trends[0], "number"),))
    (line,) = figure_texts(ask, [Curve("a", ((NOW - 600, 1.0),), 30.0)], NOW, 80)
    assert "last 1 (10 min ago)" in "".join(text for text, _ in line.left)


def test_hostile_names_do_not_reach_the_terminal() -> None:
    from collectors.table import Table

    values = empty(MEMBERS) | {"member": "ctl\x1b[31m\u202e01", "recv_queue": 1}
    found = of_rows(Table(snapshot([MEMBERS.fields(**values)], MEMBERS)), [0])
    assert found is not None
    assert "\x1b" not in found.things[0].name
    assert "\u202e" not in found.things[0].name
