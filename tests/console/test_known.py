"""Known problems between disk and board."""

from __future__ import annotations

from pathlib import Path

from collectors.board import Board
from collectors.health import critical
from collectors.kind_health import bad_rows
from console.acknowledgements import FILE
from console.known import KnownOnDisk
from tests.rows import NOW
from tests.systems import COMPUTE, rows, seen

SNAPSHOT = seen(COMPUTE, rows("cmp01", "cmp02", "cmp17"), {"cmp17": critical("no heartbeat")})


def kept(folder: Path) -> tuple[Board, KnownOnDisk]:
    board = Board([COMPUTE], NOW)
    board.note(SNAPSHOT, NOW)
    return board, KnownOnDisk(folder, "prod", "RegionOne", "ana", board, lambda: NOW)


def test_what_is_added_counts_at_once_and_after_a_restart(tmp_path: Path) -> None:
    board, problems = kept(tmp_path)
    problems.add(SNAPSHOT, bad_rows(SNAPSHOT, NOW), 7200, "RAM on order")
    assert board.overview(NOW).level == "ok"
    later, again = kept(tmp_path)
    assert later.overview(NOW).level == "warning"
    assert again.load() == ""
    assert later.overview(NOW).level == "ok"


def test_what_is_taken_back_counts_again(tmp_path: Path) -> None:
    board, problems = kept(tmp_path)
    problems.add(SNAPSHOT, bad_rows(SNAPSHOT, NOW), 7200, "RAM on order")
    problems.take_back("compute-services", ["nova-compute-cmp17"])
    assert board.overview(NOW).level == "warning"


def test_another_region_does_not_see_it(tmp_path: Path) -> None:
    _, problems = kept(tmp_path)
    problems.add(SNAPSHOT, bad_rows(SNAPSHOT, NOW), 7200, "RAM on order")
    board = Board([COMPUTE], NOW)
    board.note(SNAPSHOT, NOW)
    KnownOnDisk(tmp_path, "prod", "RegionTwo", "ana", board, lambda: NOW).load()
    assert board.overview(NOW).level == "warning"


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    assert "cannot be understood" in kept(tmp_path)[1].load()
