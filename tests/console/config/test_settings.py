"""Settings of the person at the keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.errors import BadConfiguration
from console.config import Settings, load_settings, state_dir
from tests.console.config.files import toml


def test_without_a_file_all_is_default(tmp_path: Path) -> None:
    found = load_settings({"HOME": str(tmp_path)})
    assert found == Settings(state_dir=tmp_path / ".local/state/nephoscope")


def test_everything(tmp_path: Path) -> None:
    environ = toml(
        tmp_path,
        'cloud = "prod"\nregion = "West"\nread_only = true\ntheme = "mono"\nascii = true\nrefresh = "30s"\n'
        '[keys]\nlist.mark = "x"\nlist.up = ["k", "up"]\n',
    )
    found = load_settings(environ | {"XDG_STATE_HOME": "/state"})
    assert found == Settings(
        "prod",
        "West",
        True,
        "mono",
        True,
        30.0,
        {"list": {"mark": "x", "up": ["k", "up"]}},
        Path("/state/nephoscope"),
        environ["NEPHOSCOPE_CONFIG"],
    )


@pytest.mark.parametrize(
    ("told", "read_only"),
    [
        ("", False),
        ("0", False),
        ("no", False),
        ("False", False),
        ("off", False),
        ("1", True),
        ("yes", True),
        ("x", True),
    ],
)
def test_read_only_from_the_environment(tmp_path: Path, told: str, read_only: bool) -> None:
    assert load_settings({"HOME": str(tmp_path), "NEPHOSCOPE_READ_ONLY": told}).read_only is read_only


def test_the_environment_does_not_lift_read_only(tmp_path: Path) -> None:
    environ = toml(tmp_path, "read_only = true\n") | {"NEPHOSCOPE_READ_ONLY": "0"}
    assert load_settings(environ).read_only


@pytest.mark.parametrize(("told", "seconds"), [('"2m"', 120.0), ("5", 5.0), ("2.5", 2.5), ("0", 0.0), ('"10"', 10.0)])
def test_refresh(tmp_path: Path, told: str, seconds: float) -> None:
    assert load_settings(toml(tmp_path, f"refresh = {told}\n")).refresh == seconds


@pytest.mark.parametrize("told", ['"often"', "1", '"500ms"', '"-5s"', "-3", "1e9", "nan", "inf", '""'])
def test_refresh_that_is_none(tmp_path: Path, told: str) -> None:
    with pytest.raises(BadConfiguration, match="refresh"):
        load_settings(toml(tmp_path, f"refresh = {told}\n"))


def test_the_state_folder() -> None:
    assert state_dir({"HOME": "/home/ana"}) == Path("/home/ana/.local/state/nephoscope")
    assert state_dir({"HOME": "/home/ana", "XDG_STATE_HOME": "/s"}) == Path("/s/nephoscope")
