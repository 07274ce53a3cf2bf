"""What `doctor` says about files: which are in use, who can read or change them, what is odd."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.sources.base import Fact
from console.checkup.configuration import facts
from console.config import load
from tests.console.config.files import kolla, toml

CLOUDS = "clouds:\n  prod:\n    auth: {auth_url: 'http://127.0.0.1:1', username: a, password: hunter2}\n"


@pytest.fixture(autouse=True)
def clouds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clouds.yaml of our own, and no other."""
    for name in ("OS_CLOUD", "OS_AUTH_URL", "OS_REGION_NAME", "OS_CLIENT_SECURE_FILE"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "clouds.yaml"
    path.write_text(CLOUDS)
    path.chmod(0o600)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    monkeypatch.setenv("HOME", str(tmp_path))
    return path


def told(environ: dict[str, str]) -> list[Fact]:
    return list(facts(load("prod", "", environ), environ))


def test_the_files_in_use(tmp_path: Path, clouds: Path) -> None:
    environ = toml(tmp_path, "[site.prod]\n")
    assert told(environ) == [
        Fact("nephoscope.toml", environ["NEPHOSCOPE_CONFIG"], "ok", detail="named by NEPHOSCOPE_CONFIG"),
        Fact("clouds.yaml", str(clouds), "ok"),
    ]


def test_without_a_file_of_ours(tmp_path: Path) -> None:
    first = told({"HOME": str(tmp_path)})[0]
    assert (first.level, first.address) == ("ok", str(tmp_path / ".config/nephoscope/nephoscope.toml"))
    assert "only the APIs" in first.detail


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_change(tmp_path: Path, mode: int) -> None:
    first = told(toml(tmp_path, "[site.prod]\n", mode))[0]
    assert first.level == "warning"
    assert "chmod go-w" in first.next_step


@pytest.mark.parametrize("mode", [0o640, 0o644, 0o604])
def test_passwords_in_a_readable_clouds_yaml(tmp_path: Path, clouds: Path, mode: int) -> None:
    clouds.chmod(mode)
    last = told(toml(tmp_path, ""))[-1]
    assert (last.system, last.level) == ("clouds.yaml", "warning")
    assert f"mode {mode:04o}" in last.detail
    assert "hunter2" not in repr(last)


def test_a_readable_clouds_yaml_without_passwords(tmp_path: Path, clouds: Path) -> None:
    clouds.write_text("clouds:\n  prod:\n    auth_type: none\n")
    clouds.chmod(0o644)
    assert told(toml(tmp_path, ""))[-1].level == "ok"


def test_a_broken_clouds_yaml(tmp_path: Path, clouds: Path) -> None:
    clouds.write_text("clouds: [\n")
    last = told(toml(tmp_path, ""))[-1]
    assert (last.system, last.level) == ("clouds.yaml", "critical")
    assert "line 2" in last.detail


def test_a_site_that_is_no_cloud(tmp_path: Path) -> None:
    last = told(toml(tmp_path, '[site.prdo]\n[site."prod/West"]\n'))[-1]
    assert last.level == "warning"
    assert "prdo: no such cloud" in last.detail
    assert "prod" in last.detail.rpartition("has:")[2]


def test_remarks_about_the_site_are_told(tmp_path: Path) -> None:
    kolla(tmp_path)
    found = told(toml(tmp_path, "[site.prod]\nkolla = 'kolla'\n[site.prod.hosts.spare]\n"))
    assert any(fact.level == "warning" and "no role is known of spare" in fact.detail for fact in found)
    assert any("these names are looked up" in fact.detail for fact in found)
