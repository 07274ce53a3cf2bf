"""The first screen, really run: it fits, the keys do what they say, nothing is painted twice, no colour is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from rich.cells import cell_len

from collectors.acknowledge import known
from collectors.board import Board
from collectors.errors import Unreachable
from collectors.health import critical, ok
from collectors.kind_health import acknowledge
from collectors.rollup import Member
from collectors.snapshot import Snapshot
from tests.rows import NOW, service
from tests.systems import AGENTS, COMPUTE, ENDPOINTS, MEMBERS, NODES, members, rows, seen
from tests.views.screens import Around, lines_of
from views.acknowledge import AcknowledgeScreen
from views.glyphs import ASCII, UNICODE, Glyphs
from views.header import Identity
from views.keys import Keys
from views.overview import OverviewScreen

DOWN = {"cmp17": critical("no heartbeat for 6 min"), "cmp09": ok("disabled: RAM swap")}
COMPUTES = [*rows(*(f"cmp{i:02}" for i in range(1, 17))), service("cmp17", state="down")]


def board() -> Board:
    found = Board([ENDPOINTS, COMPUTE, AGENTS, MEMBERS, NODES], NOW)
    found.note(seen(ENDPOINTS, rows("keystone", "nova")), NOW)
    found.note(seen(COMPUTE, COMPUTES, DOWN), NOW)
    found.note(seen(AGENTS, rows("net01", binary="L3 agent"), {"net01": critical("dead for 3 min")}), NOW)
    found.note(members(MEMBERS, {"ctl01": None, "ctl02": None, "ctl03": None}), NOW)
    gone = Unreachable("rabbitmq at ctl03:15672", "connection refused")
    found.note(members(NODES, {"ctl01": None, "ctl02": None, "ctl03": gone}), NOW)
    return found


@dataclass
class Keeper:
    """Keeps acknowledgements in the board."""

    board: Board
    broken: bool = False
    calls: list[str] = field(default_factory=list)

    def add(self, snapshot: Snapshot, problems: Sequence[Member], seconds: float, reason: str) -> None:
        if self.broken:
            raise OSError(28, "No space left on device")
        self.calls.append(f"{snapshot.kind.name}: {', '.join(m.name for m in problems)} {seconds:g} {reason}")
        made = known(acknowledge(snapshot, seconds, reason, "ana", NOW), "prod", "RegionOne", NOW)
        self.board.known = {**self.board.known, **made}

    def take_back(self, kind_name: str, taken: Sequence[str]) -> None:
        self.calls.append(f"back {kind_name}: {len(taken)}")
        self.board.known = {k: a for k, a in self.board.known.items() if k[0] != kind_name}


def screen(of: Board | None = None, keeper: Keeper | None = None, keys: Keys | None = None) -> OverviewScreen:
    found = of or board()
    identity = Identity("prod", "RegionOne", "admin", "admin", "READ-ONLY")
    return OverviewScreen(found, lambda: NOW, identity=identity, keys=keys, problems=keeper)


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (120, 30), (60, 16)])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
async def test_every_line_fits(size: tuple[int, int], glyphs: Glyphs) -> None:
    app = Around(screen(), glyphs=glyphs)
    async with app.run_test(size=size):
        lines = lines_of(app)
    assert len(lines) == size[1]
    assert all(cell_len(line) == size[0] for line in lines)
    assert lines[-1].rstrip().endswith("? help")
    assert lines[0].startswith("prod/RegionOne")
    if glyphs.ascii:
        assert all(line.isascii() for line in lines)


async def test_at_80x24_it_says_what_matters() -> None:
    app = Around(screen())
    async with app.run_test(size=(80, 24)):
        lines = [line.rstrip() for line in lines_of(app)]
    assert lines[0].startswith("prod/RegionOne  admin  READ-ONLY")
    assert "✖ network: no L3 agents alive (net01: de" in lines[0]
    assert lines[1].endswith("1 critical  2 warning  2 ok")
    assert lines[3].startswith("▌✖ network")
    assert " ▲ compute  16 of 17 nova-compute up; cmp17: no heartbeat for 6 min" in lines
    assert any("1 disabled on purpose: cmp09, “RAM swap”" in line for line in lines)
    assert " ● galera   3 of 3 members Synced" in lines
    assert any(line.startswith("since ") and "nothing changed" in line for line in lines)


async def test_without_colour_everything_is_still_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Around(screen(), theme="mono", glyphs=ASCII, ansi_color=True)
    async with app.run_test(size=(80, 24)):
        text = "\n".join(lines_of(app))
        strips = app.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.style is not None]
    assert "x network" in text
    assert "! compute" in text
    # The cursor must be seen without any colour.
    assert any(style.reverse for style in styles)


async def test_the_cursor_moves_by_systems_and_stays_inside() -> None:
    app = Around(screen())
    async with app.run_test(size=(80, 24)) as pilot:
        first = app.first
        assert isinstance(first, OverviewScreen)
        await pilot.press("j", "down")
        assert first.systems.at == "rabbitmq"
        await pilot.press("k")
        assert first.systems.at == "compute"
        await pilot.press("G")
        assert first.systems.at == "galera"
        await pilot.press("j", "g", "k")
        assert first.systems.at == "network"


async def test_enter_opens_the_worst_kind_filtered_to_its_problems() -> None:
    app = Around(screen())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "enter", "G", "enter")
    assert [(m.kind_name, m.problems) for m in app.opened] == [("compute-services", True), ("galera-members", False)]


async def test_the_cursor_stays_on_its_system_when_the_order_changes() -> None:
    found = board()
    app = Around(screen(found))
    async with app.run_test(size=(80, 24)) as pilot:
        first = app.first
        assert isinstance(first, OverviewScreen)
        await pilot.press("j")
        found.note(seen(COMPUTE, COMPUTES), NOW)
        first.look()
        await pilot.pause()
        assert first.systems.at == "compute"
        assert [s.system for s in first.found.systems][-1] != "network"
        assert any("compute-services cmp17 ok" in line for line in lines_of(app))


async def test_the_cursor_is_on_the_worst_until_somebody_moves_it() -> None:
    found = board()
    app = Around(screen(found))
    async with app.run_test(size=(80, 24)):
        first = app.first
        assert isinstance(first, OverviewScreen)
        bad = dict.fromkeys((row.host for row in COMPUTES), critical("gone"))
        found.note(seen(COMPUTE, COMPUTES, bad), NOW)
        found.note(seen(AGENTS, rows("net01", binary="L3 agent")), NOW)
        first.look()
        assert first.systems.at == "compute"


async def test_looking_again_at_the_same_paints_nothing() -> None:
    app = Around(screen())
    async with app.run_test(size=(80, 24)) as pilot:
        first = app.first
        assert isinstance(first, OverviewScreen)
        await pilot.pause()
        painted: list[object] = []
        for widget in first.walk_children():
            widget.refresh = lambda *args, **_: painted.append(args)  # type: ignore[method-assign, assignment]
        first.look()
        await pilot.pause()
    assert painted == []


async def test_problems_only() -> None:
    app = Around(screen())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("z")
        assert not any("galera" in line for line in lines_of(app))
        assert "problems only" in lines_of(app)[1]
        await pilot.press("z")
        assert any("galera" in line for line in lines_of(app))


async def test_acknowledging_asks_and_keeps() -> None:
    found = board()
    keeper = Keeper(found)
    app = Around(screen(found, keeper))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "A")
        assert isinstance(app.screen, AcknowledgeScreen)
        assert lines_of(app)[22].startswith("acknowledge cmp17: for how long, and why?")
        await pilot.press(*"2h RAM", "enter")
        await pilot.pause()
        assert keeper.calls == ["compute-services: cmp17 7200 RAM"]
        lines = lines_of(app)
        assert any(line[1:].startswith("○ compute") for line in lines)
        assert any("1 known: cmp17 “RAM” (ana, 2 h left)" in line for line in lines)
        assert lines[1].rstrip().endswith("1 critical  1 warning  3 ok")
        await pilot.press("A")
        await pilot.pause()
        assert keeper.calls[1:] == ["back compute-services: 1"]
        assert any(line[1:].startswith("▲ compute") for line in lines_of(app))


async def test_a_bad_answer_is_told_and_can_be_mended() -> None:
    found = board()
    keeper = Keeper(found)
    app = Around(screen(found, keeper))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "A", *"RAM", "enter")
        assert "“RAM” is no time. Say how long and why: 2h RAM on order" in lines_of(app)[22]
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is app.first
    assert keeper.calls == []


async def test_a_full_disk_is_told() -> None:
    found = board()
    app = Around(screen(found, Keeper(found, broken=True)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "A", *"2h x", "enter")
        await pilot.pause()
        assert "not acknowledged: [Errno 28] No space left on device" in lines_of(app)[-1]


async def test_without_a_keeper_the_key_is_absent_not_dead() -> None:
    app = Around(screen())
    async with app.run_test(size=(80, 24)) as pilot:
        assert "acknowledge" not in lines_of(app)[-1]
        await pilot.press("A")
        assert app.screen is app.first


async def test_keys_can_be_overridden() -> None:
    keys = Keys({"nav.open": ("x",)})
    app = Around(screen(keys=keys), keys=keys)
    async with app.run_test(size=(80, 24)) as pilot:
        assert lines_of(app)[-1].startswith("x open")
        await pilot.press("enter")
        assert app.opened == []
        await pilot.press("x")
    assert len(app.opened) == 1


async def test_keys_of_the_app_reach_it() -> None:
    app = Around(screen())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark", "q")
    assert app.did == ["app.help", "nav.close"]


async def test_wide_screens_show_the_system_in_detail() -> None:
    app = Around(screen())
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.press("j")
        text = "\n".join(lines_of(app))
    assert "▲ compute-services" in text
    assert "✖ cmp17  nova-compute  no heartbeat for 6 min" in text


async def test_a_low_screen_says_what_is_below() -> None:
    app = Around(screen())
    async with app.run_test(size=(80, 12)) as pilot:
        assert "lines below" in lines_of(app)[1]
        await pilot.press("G")
        assert "lines below" not in lines_of(app)[1]
        assert any("galera" in line for line in lines_of(app))


async def test_the_mouse_chooses_and_opens() -> None:
    app = Around(screen())
    async with app.run_test(size=(80, 24)) as pilot:
        first = app.first
        assert isinstance(first, OverviewScreen)
        await pilot.click(first.systems, offset=(5, 1))
        assert first.systems.at == "compute"
        await pilot.click(first.systems, offset=(5, 1))
        await pilot.pause()
    assert [m.kind_name for m in app.opened] == ["compute-services"]


async def test_nothing_read_yet_is_unknown_in_every_line() -> None:
    app = Around(screen(Board([ENDPOINTS, COMPUTE], NOW)))
    async with app.run_test(size=(80, 24)):
        lines = lines_of(app)
    assert lines[3].rstrip() == "▌? api     endpoints not read yet"
    assert lines[1].rstrip().endswith("2 unknown")


@pytest.mark.parametrize("theme", ["dark", "ansi", "mono", "light", "high-contrast"])
async def test_the_theme_can_be_changed_while_it_runs(theme: str) -> None:
    app = Around(screen())
    async with app.run_test(size=(80, 24)) as pilot:
        app.theme = theme
        await pilot.pause()
        assert lines_of(app)[3].startswith("▌✖ network")
