"""The throw-away copy of a system: what is shown in it, and that nothing is written through what is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbooks.lab.inside import outermost, place


def test_what_is_below_another_path_is_not_shown_twice() -> None:
    paths = ["/etc/ssl", "/etc/ssl/certs/ca-certificates.crt", "/proc", "/etc/ssl/", "/etc/sslx"]
    assert outermost(paths) == ["/etc/ssl", "/proc", "/etc/sslx"]


def test_a_file_gets_an_empty_place_even_where_a_link_is(tmp_path: Path) -> None:
    shown, outside = tmp_path / "shown.conf", tmp_path / "outside"
    shown.write_text("of the machine")
    outside.write_text("untouched")
    system = tmp_path / "system"
    link = system / str(shown).lstrip("/")
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    assert place(system, str(shown)) == link
    assert not link.is_symlink()
    assert link.read_text() == ""
    assert outside.read_text() == "untouched"


def test_a_link_on_the_way_is_refused(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "file").write_text("of the machine")
    system = tmp_path / "system"
    way = system / str(real).lstrip("/")
    way.parent.mkdir(parents=True)
    way.symlink_to(real)
    with pytest.raises(ValueError, match="is a link"):
        place(system, str(real / "file"))
    assert (real / "file").read_text() == "of the machine"
