"""The palette, really opened: kinds, actions and rows; nothing that tenants wrote is read as markup."""

from __future__ import annotations

from textual.command import CommandList

from collectors.board import Board
from console.palette import Palette
from tests.rows import NOW, service
from tests.systems import COMPUTE, rows, seen
from tests.views.screens import Around, lines_of
from views.overview import OverviewScreen

EVIL = "[@click=app.quit]web[/]"


def board() -> Board:
    found = Board([COMPUTE], NOW)
    found.note(seen(COMPUTE, [*rows("cmp01", "cmp02"), service(EVIL), service("we\x1bird")]), NOW)
    return found


class Console(Around):
    """With a board, as the console has one."""

    def __init__(self) -> None:
        self.board = board()
        super().__init__(OverviewScreen(self.board, lambda: NOW))

    def action_app_palette(self) -> None:
        self.push_screen(Palette())


async def offered(words: str) -> tuple[Console, list[str]]:
    """What is offered for `words`."""
    app = Console()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.press(*words)
        await app.workers.wait_for_complete()
        await pilot.pause()
        found = [str(option.hit.text) for option in app.screen.query_one(CommandList)._options]  # type: ignore[attr-defined]
        assert all(len(line) == 80 for line in lines_of(app))
    return app, found


async def chosen(words: str) -> Console:
    """What happens when the first hit for `words` is chosen."""
    app = Console()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.press(*words)
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
    return app


async def test_kinds_are_found_by_letters() -> None:
    assert "compute-services" in (await offered("comser"))[1]


async def test_a_kind_is_found_by_its_alias_and_offered_once() -> None:
    found = (await offered("nova-services"))[1]
    assert found.count("compute-services") == 1


async def test_before_anything_is_typed_every_kind_is_offered() -> None:
    from collectors.registry import entries

    found = (await offered(""))[1]
    assert {e.name for e in entries().values()} <= set(found)


async def test_actions_are_those_of_the_screen_below() -> None:
    found = (await offered("problems"))[1]
    assert "Problems only" in found
    assert "Mark the row" not in (await offered("mark"))[1]


async def test_rows_are_found_by_a_part_of_their_name() -> None:
    assert (await offered("mp0"))[1][:2] == ["cmp01", "cmp02"]


async def test_one_letter_is_not_enough_for_rows() -> None:
    assert "cmp01" not in (await offered("m"))[1]


async def test_names_are_shown_as_they_are() -> None:
    assert EVIL in (await offered("click"))[1]
    assert "we\\x1bird" in (await offered("ird"))[1]


async def test_choosing_a_kind_opens_it() -> None:
    app = await chosen("nova-services")
    assert [m.kind_name for m in app.opened] == ["compute-services"]


async def test_choosing_a_row_opens_its_list_at_it() -> None:
    app = await chosen("cmp02")
    assert [(m.kind_name, m.row) for m in app.opened] == [("compute-services", "nova-compute-cmp02")]


async def test_choosing_an_action_does_it() -> None:
    app = await chosen("problems only")
    assert isinstance(app.first, OverviewScreen)
    assert app.first.problems_only


async def test_an_evil_name_does_nothing_when_it_is_chosen() -> None:
    app = await chosen("click=app")
    assert [m.kind_name for m in app.opened] == ["compute-services"]
    assert app.return_value is None
