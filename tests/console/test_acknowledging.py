"""Acknowledging rows in a list, in the real app on a hand-made cloud."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from collectors.kinds.compute_services import KIND as SERVICES
from console.acknowledgements import load
from console.app import Console
from console.known import KnownOnDisk
from tests.views.fakes import Clock, FakeFeed, session
from tests.views.made import service, services
from tests.views.screens import lines_of
from views.acknowledge import AcknowledgeScreen
from views.place import Place


class Ground:
    """A console on one list with one service down."""

    def __init__(self, folder: Path, *, keeps: bool = True) -> None:
        self.feed, clock = FakeFeed(), Clock()
        made = session(self.feed, clock, [SERVICES], start=Place(SERVICES.name))
        keeper = KnownOnDisk(folder, "prod", "RegionOne", "ana", made.board, clock) if keeps else None
        made = replace(made, known_problems=keeper)
        self.app = Console(made)
        down = service(2, state="down", updated_at=clock.now - 400)
        self.snapshot = services(3, down)


async def test_a_row_becomes_a_known_problem_and_leaves_the_headline(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    async with ground.app.run_test(size=(80, 24)) as pilot:
        ground.feed.put(ground.snapshot)
        await pilot.pause()
        assert "▲ compute" in lines_of(ground.app)[0]
        await pilot.press("A")
        assert isinstance(ground.app.screen, AcknowledgeScreen)
        assert lines_of(ground.app)[22].startswith("acknowledge cmp0002")
        await pilot.press(*"2h RAM", "enter")
        await pilot.pause()
        assert "1 system ok, 1 known" in lines_of(ground.app)[0]
        assert "acknowledged: cmp0002" in "\n".join(lines_of(ground.app)[-2:])
        assert [(a.name, a.level, a.reason, a.by) for a in load(tmp_path)] == [("cmp0002", "critical", "RAM", "ana")]
        await pilot.press("A")
        await pilot.pause()
        assert "▲ compute" in lines_of(ground.app)[0]
        assert "taken back: cmp0002" in "\n".join(lines_of(ground.app)[-2:])
    assert load(tmp_path) == []


async def test_leaving_the_question_changes_nothing(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    async with ground.app.run_test(size=(80, 24)) as pilot:
        ground.feed.put(ground.snapshot)
        await pilot.pause()
        await pilot.press("A", "escape")
        await pilot.pause()
        assert not isinstance(ground.app.screen, AcknowledgeScreen)
    assert load(tmp_path) == []


async def test_what_is_well_is_not_acknowledged(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    async with ground.app.run_test(size=(80, 24)) as pilot:
        ground.feed.put(ground.snapshot)
        await pilot.pause()
        await pilot.press("G", "A")
        await pilot.pause()
        assert "what is well needs no acknowledgement" in "\n".join(lines_of(ground.app)[-2:])


async def test_without_a_state_folder_it_says_so(tmp_path: Path) -> None:
    ground = Ground(tmp_path, keeps=False)
    async with ground.app.run_test(size=(80, 24)) as pilot:
        ground.feed.put(ground.snapshot)
        await pilot.pause()
        await pilot.press("A")
        await pilot.pause()
        assert "no state folder" in "\n".join(lines_of(ground.app)[-2:])


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ground = Ground(tmp_path / "file")
    async with ground.app.run_test(size=(80, 24)) as pilot:
        ground.feed.put(ground.snapshot)
        await pilot.pause()
        await pilot.press("A", *"2h RAM", "enter")
        await pilot.pause()
        assert "not acknowledged" in "\n".join(lines_of(ground.app)[-2:])
