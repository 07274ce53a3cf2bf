"""Acknowledgements on disk: whole, atomic, under a lock, and never lost by a broken file."""

from __future__ import annotations

import stat
from pathlib import Path

from collectors.acknowledge import Acknowledgement
from console.acknowledgements import FILE, add, load, read, take_back

NOW = 1_800_000_000.0


def one(row: str = "cmp17", **changed: object) -> Acknowledgement:
    values: dict[str, object] = {
        "cloud": "prod", "region": "RegionOne", "kind": "compute-services", "row": row, "name": row,
        "level": "critical",         "reason": "RAM on order", "by": "ana", "at": NOW, "until": NOW + 3600,
    }  # fmt: skip
    return Acknowledgement(**(values | changed))  # type: ignore[arg-type]


def test_nothing_kept_is_nothing_known(tmp_path: Path) -> None:
    assert read(tmp_path / "never") == ([], "")


def test_what_is_added_comes_back(tmp_path: Path) -> None:
    add(tmp_path / "state", [one("cmp17"), one("cmp31")], NOW)
    assert load(tmp_path / "state") == [one("cmp17"), one("cmp31")]


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    add(tmp_path, [one()], NOW)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_a_second_one_for_the_same_row_replaces_the_first(tmp_path: Path) -> None:
    add(tmp_path, [one(reason="first")], NOW)
    add(tmp_path, [one(reason="second"), one("cmp31")], NOW)
    assert [a.reason for a in load(tmp_path)] == ["second", "RAM on order"]


def test_the_same_row_of_another_cloud_is_another_row(tmp_path: Path) -> None:
    add(tmp_path, [one(), one(cloud="test")], NOW)
    assert len(load(tmp_path)) == 2


def test_one_can_be_taken_back(tmp_path: Path) -> None:
    add(tmp_path, [one("cmp17"), one("cmp31"), one("cmp17", region="RegionTwo")], NOW)
    take_back(tmp_path, "prod", "RegionOne", [("compute-services", "cmp17")], NOW)
    assert [(a.row, a.region) for a in load(tmp_path)] == [("cmp31", "RegionOne"), ("cmp17", "RegionTwo")]


def test_lapsed_ones_leave_with_the_next_change(tmp_path: Path) -> None:
    add(tmp_path, [one("cmp17")], NOW)
    add(tmp_path, [one("cmp31", until=NOW + 90000)], NOW + 7200)
    assert [a.row for a in load(tmp_path)] == ["cmp31"]


def test_a_broken_file_is_told_and_set_aside(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('[{"cloud": "prod"')
    found, complaint = read(tmp_path)
    assert found == []
    assert "cannot be understood" in complaint
    assert str(tmp_path / FILE) in complaint
    add(tmp_path, [one()], NOW)
    assert (tmp_path / f"{FILE}.broken").read_text() == '[{"cloud": "prod"'
    assert load(tmp_path) == [one()]


def test_a_file_of_another_shape_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('[{"cloud": 3}]')
    assert "cannot be understood" in read(tmp_path)[1]


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b'[{"cloud": "\xff\xfe"}]')
    assert "cannot be understood" in read(tmp_path)[1]


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    assert "acknowledgements" in read(tmp_path)[1]


def test_nothing_unfinished_stays_behind(tmp_path: Path) -> None:
    add(tmp_path, [one()], NOW)
    assert sorted(p.name for p in tmp_path.iterdir()) == [FILE, f"{FILE}.lock"]
