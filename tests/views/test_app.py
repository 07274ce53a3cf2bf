"""The console as a whole: going places, the `:` bar, freezing, and what it does when something is wrong."""

from __future__ import annotations

from collectors import registry
from collectors.kind import Reading
from collectors.kinds.compute_services import KIND
from collectors.snapshot import Snapshot
from collectors.sources.base import Where
from collectors.store import Subject
from console.session import Switch
from tests.views.made import NOW, service, services, snapshot
from tests.views.pilots import running
from views.glyphs import ASCII
from views.header import Identity
from views.keys import Keys
from views.overview import OverviewScreen
from views.page import Page
from views.place import OVERVIEW, Place
from views.recall import Recall
from views.theme import Choice

DOWN = service(17, state="down", updated_at=NOW - 360)
SERVERS = registry.kind("servers")
ACTIONS = registry.kind("server-actions")


def servers(*names: str) -> Snapshot:
    rows = [
        SERVERS.row(SERVERS.wire(id=f"s{n}", name=name, status="ACTIVE", host="cmp0001"), Reading("nova", NOW))
        for n, name in enumerate(names, 1)
    ]
    return snapshot(rows, SERVERS)


async def test_it_begins_on_the_overview_and_then_reads() -> None:
    async with running(services(52, DOWN), place=OVERVIEW) as r:
        assert isinstance(r.app.screen, OverviewScreen)
        assert r.feed.running
        assert "compute" in "\n".join(r.lines)
    assert not r.feed.running


async def test_enter_on_the_overview_opens_the_problems() -> None:
    async with running(services(52, DOWN), place=OVERVIEW) as r:
        await r.press("enter")
        assert "compute-services  1 of 52  problems only" in r.crumb
        await r.press("q")
        assert isinstance(r.app.screen, OverviewScreen)


async def test_a_command_goes_to_a_list() -> None:
    async with running(services(52), place=OVERVIEW) as r:
        await r.press("colon")
        await r.type("cs host=cmp000*")
        await r.press("enter")
        assert "compute-services  9 of 52  / host=cmp000*" in r.crumb


async def test_half_a_word_goes_to_the_first_proposal() -> None:
    async with running(services(52), place=OVERVIEW) as r:
        await r.press("colon")
        await r.type("compute-s")
        assert r.lines[2].startswith(" compute-services")
        await r.press("enter")
        assert "compute-services  52" in r.crumb


async def test_tab_completes_and_goes_on() -> None:
    async with running(services(52)) as r:
        await r.press("colon")
        await r.type("cs ho")
        await r.press("tab")
        await r.type("cmp0007")
        await r.press("enter")
        assert r.hosts == ["cmp0007"]


async def test_a_mistake_is_told_and_nothing_moves() -> None:
    async with running(services(52)) as r:
        await r.press("colon")
        await r.type("xyzzy")
        await r.press("enter")
        assert "no kind or command “xyzzy”" in r.foot
        assert r.grid.has_focus
        await r.press("colon")
        await r.type("cs hst=x")
        await r.press("enter")
        assert "no column “hst”" in r.foot
        assert r.app.journey.at == 0


async def test_escape_leaves_the_bar_and_the_keys_go_back() -> None:
    async with running(services(52)) as r:
        before = r.lines
        await r.press("colon", "c", "s", "escape", "j")
        assert r.grid.window.at == 1
        assert r.lines[2] == before[2]


async def test_commands_are_remembered_and_recalled() -> None:
    kept: list[str] = []
    async with running(services(52), commands=Recall([], kept.append)) as r:
        for text in ("cs cmp0001", "cs cmp0002"):
            await r.press("colon")
            await r.type(text)
            await r.press("enter")
        await r.press("colon", "up", "up", "enter")
        assert kept == ["cs cmp0001", "cs cmp0002", "cs cmp0001"]
        assert r.hosts == ["cmp0001"]


async def test_words_of_actions() -> None:
    async with running(services(52, DOWN)) as r:
        for text in ("problems", "sort -host"):
            await r.press("colon")
            await r.type(text)
            await r.press("enter")
        assert "problems only" in r.crumb
        assert "by host, reversed" in r.crumb


async def test_moving_by_word() -> None:
    async with running(services(52)) as r:
        await r.press("colon")
        await r.type("bottom")
        await r.press("enter")
        assert r.grid.window.at == 51


async def test_an_action_that_does_nothing_here_says_so() -> None:
    async with running(services(52), place=OVERVIEW) as r:
        await r.press("colon")
        await r.type("wide")
        await r.press("enter")
        assert "does nothing here" in "\n".join(r.lines)


async def test_go_to_a_row_and_describe_it() -> None:
    async with running(services(52)) as r:
        await r.press("colon")
        await r.type("describe cs cmp0040")
        await r.press("enter")
        assert r.lines[2].startswith("cmp0040")


async def test_below_a_parent_that_was_read() -> None:
    async with running(services(3), servers("web-1", "web-2")) as r:
        await r.press("colon")
        await r.type("server-actions server=web-2")
        await r.press("enter")
        await r.settle()
        assert r.feed.watched == [Subject("server-actions", Where(parent="s2"))]
        assert "web-2 › server-actions" in r.crumb


async def test_below_a_parent_that_has_to_be_asked_for() -> None:
    async with running(services(3)) as r:
        r.feed.parents["web-9"] = "s9"
        await r.press("colon")
        await r.type("server-actions server=web-9")
        await r.press("enter")
        await r.settle()
        assert r.feed.watched == [Subject("server-actions", Where(parent="s9"))]


async def test_below_a_parent_that_is_nowhere() -> None:
    async with running(services(3), servers("web-1")) as r:
        await r.press("colon")
        await r.type("server-actions server=web-9")
        await r.press("enter")
        await r.settle()
        assert "none is called web-9" in r.foot


async def test_another_cloud_ends_this_console() -> None:
    async with running(services(3)) as r:
        await r.press("colon")
        await r.type("servers on cloud test/RegionTwo")
        await r.press("enter")
        assert r.app.return_value == Switch("test/RegionTwo", Place("servers"))


async def test_a_cloud_that_is_not_there_is_told() -> None:
    async with running(services(3), clouds=lambda: ["prod", "test"]) as r:
        await r.press("colon")
        await r.type("servers on cloud tset")
        await r.press("enter")
        assert r.foot.startswith("no cloud “tset” in clouds.yaml. Clouds: prod, test")
        assert not r.app._exit


async def test_quitting() -> None:
    async with running(services(3), place=OVERVIEW) as r:
        await r.press("colon", "q", "enter")
        assert r.app._exit


async def test_q_at_the_first_screen_leaves() -> None:
    async with running(services(3), place=OVERVIEW) as r:
        await r.press("q")
        assert r.app._exit


async def test_q_goes_back_first() -> None:
    async with running(services(3), place=OVERVIEW) as r:
        await r.press("enter", "d", "q")
        assert not r.screen.pane.is_open
        await r.press("q")
        assert isinstance(r.app.screen, OverviewScreen)
        assert not r.app._exit


async def test_no_further() -> None:
    async with running(services(3)) as r:
        await r.press("left_square_bracket")
        assert r.foot.startswith("no further")


async def test_help_of_a_list_and_back() -> None:
    async with running(services(3)) as r:
        await r.press("question_mark")
        assert isinstance(r.app.screen, Page)
        seen = list(r.lines)
        for _ in range(6):
            await r.press("pagedown")
            seen += r.lines
        assert any("Mark the row" in line for line in seen)
        await r.press("escape")
        assert r.grid.has_focus


async def test_help_of_a_kind() -> None:
    async with running(services(3), place=OVERVIEW) as r:
        await r.press("colon")
        await r.type("help servers")
        await r.press("enter")
        assert isinstance(r.app.screen, Page)


async def test_frozen_nothing_new_shows() -> None:
    async with running(services(52)) as r:
        await r.press("Z")
        assert r.feed.frozen
        assert "FROZEN" in r.lines[0]
        before = r.lines
        await r.put(services(52, DOWN))
        assert r.lines == before
        await r.press("Z")
        assert not r.feed.frozen
        assert "✖ critical" in "\n".join(r.lines)
        assert "FROZEN" not in r.lines[0]


async def test_reading_again_now() -> None:
    async with running(services(52)) as r:
        await r.press("ctrl+r")
        assert r.feed.refreshed == [Subject(KIND.name)]
        assert r.foot.startswith("asked to be read again")


async def test_a_theme_by_word() -> None:
    async with running(services(3)) as r:
        await r.press("colon")
        await r.type("theme mono")
        await r.press("enter")
        assert r.app.theme == "mono"
        await r.press("colon")
        await r.type("theme pink")
        await r.press("enter")
        assert "no theme “pink”" in r.foot


async def test_who_we_are_is_told_when_it_is_known() -> None:
    who = Identity("prod", "RegionOne", "ana", "ops")
    async with running(services(3), identity=Identity("prod"), identify=lambda: who) as r:
        assert r.lines[0].startswith("prod/RegionOne  ana")


async def test_complaints_about_settings_are_told() -> None:
    async with running(services(3), complaints=["[keys] list.mrk: no such action"]) as r:
        assert "no such action" in r.foot


async def test_rebound_keys_work_and_are_shown() -> None:
    keys = Keys({"row.describe": ("x",)})
    async with running(services(3), keys=keys) as r:
        assert "x describe" in r.hints
        await r.press("x")
        assert r.screen.pane.is_open


async def test_ascii_only() -> None:
    async with running(services(52, DOWN), glyphs=ASCII) as r:
        await r.press("d", "escape", "slash", "x", "escape", "colon", "c", "escape", "o", "escape")
        assert all(line.isascii() for line in r.lines)
        assert "x critical" in "\n".join(r.lines)


async def test_without_colour_the_cursor_is_still_seen() -> None:
    async with running(services(3), theme=Choice("mono", "NO_COLOR", True)) as r:
        styles = [s.style for s in r.grid.render_line(1)]
        assert any(style is not None and style.reverse for style in styles)


async def test_the_list_of_a_place_that_no_longer_fits_is_told() -> None:
    async with running(services(3), place=OVERVIEW) as r:
        await r.app.go(Place("no-such-kind"))
        await r.settle()
        assert isinstance(r.app.screen, OverviewScreen)
        assert "unknown kind" in "\n".join(r.lines)


async def test_the_way_back_keeps_filter_order_and_cursor() -> None:
    async with running(services(52)) as r:
        await r.press("slash")
        await r.type("cmp00")
        await r.press("enter", "greater_than_sign", "greater_than_sign", "j", "j", "exclamation_mark")
        assert isinstance(r.app.screen, OverviewScreen)
        await r.press("left_square_bracket")
        assert "/ cmp00" in r.crumb
        assert "by host" in r.crumb
        assert r.grid.window.at == 2


async def test_two_hundred_places_later() -> None:
    async with running(services(3), servers("web-1")) as r:
        for _ in range(5):
            await r.app.go(Place("servers"))
            await r.app.go(Place(KIND.name))
        await r.settle()
        assert r.feed.watched == [Subject(KIND.name)]


def test_actions_are_below_servers() -> None:
    assert ACTIONS.scope.parent == SERVERS.name
