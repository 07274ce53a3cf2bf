"""`nephoscope doctor` as a command: parts, formats, exit codes."""

from __future__ import annotations

import json
import socket
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from console.__main__ import main
from tests.console.config.files import toml


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cloud, no configuration, no terminal."""
    for name in ("OS_CLOUD", "OS_AUTH_URL", "OS_REGION_NAME", "NEPHOSCOPE_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "clouds.yaml"
    path.write_text("clouds: {}\n")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    monkeypatch.setenv("HOME", str(tmp_path))


def configured(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("NEPHOSCOPE_CONFIG", toml(folder, text)["NEPHOSCOPE_CONFIG"])


def test_without_a_cloud_everything_else_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 2
    out = capsys.readouterr().out
    assert "configuration\n● nephoscope.toml" in out
    assert "openstack\n✖ cloud" in out
    assert "galera\n● the site says nothing about it" in out


def test_only_what_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "galera", "ssh"]) == 0
    out = capsys.readouterr().out
    assert "galera\n" in out
    assert "ssh\n" in out
    assert "configuration" not in out
    assert "openstack" not in out


def test_an_unknown_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "galara"]) == 64
    error = capsys.readouterr().err
    assert "galara" in error
    assert "galera" in error


def test_a_broken_configuration_is_told_as_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(tmp_path, monkeypatch, "[site.prod]\nkola = 'x'\n")
    assert main(["doctor"]) == 78
    assert "did you mean kolla?" in capsys.readouterr().err


def test_a_warning_is_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(tmp_path, monkeypatch, "[site.prod.hosts.spare]\n")
    assert main(["doctor", "configuration"]) == 1


def test_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    configured(tmp_path, monkeypatch, "[site.prod.hosts.spare]\n")
    main(["doctor", "-o", "json", "configuration", "galera"])
    found = json.loads(capsys.readouterr().out)
    assert {record["source"] for record in found} == {"configuration", "galera"}
    assert all(list(record)[:5] == ["id", "health", "reason", "cloud", "region"] for record in found)
    assert any("no role is known of spare" in (record["reason"] or "") for record in found)


def test_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "-o", "yaml", "galera"])
    (found,) = yaml.safe_load(capsys.readouterr().out)
    assert (found["source"], found["health"]) == ("galera", "ok")


def test_a_cloud_that_refuses_connections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    auth = "{auth_url: 'http://127.0.0.1:9', username: a, password: hunter2, project_name: a}"
    (tmp_path / "clouds.yaml").write_text(f"clouds:\n  gone:\n    auth: {auth}\n")
    configured(tmp_path, monkeypatch, "[site.gone]\n")
    assert main(["doctor", "openstack", "ssh"]) == 2
    out = capsys.readouterr().out
    assert "127.0.0.1:9" in out
    assert "next:" in out
    assert "hunter2" not in out
    assert "ssh\n● the site says nothing about it" in out


def test_the_example_in_a_next_step_is_toml() -> None:
    assert tomllib.loads("[site.NAME.hosts.HOST]\n") == {"site": {"NAME": {"hosts": {"HOST": {}}}}}


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def test_a_system_that_hangs_delays_nobody(
    tmp_path: Path, silent: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "clouds.yaml").write_text("clouds:\n  prod:\n    auth_type: none\n")
    configured(
        tmp_path,
        monkeypatch,
        "[site.prod.galera]\nuser = 'monitor'\npassword = {env = 'PW'}\n"
        f"members = [{{host = 'ctl01', address = '127.0.0.1', port = {silent}}}]\n"
        "[site.prod.rabbitmq]\nuser = 'monitor'\npassword = {env = 'PW'}\nurls = ['http://127.0.0.1:9']\n",
    )
    monkeypatch.setenv("PW", "hunter2")
    begin = time.monotonic()
    assert main(["doctor", "galera", "rabbitmq", "--timeout", "1"]) == 2
    assert time.monotonic() - begin < 8
    out = capsys.readouterr().out
    assert out.index("rabbitmq\n✖") < out.index("galera\n✖")
    assert "hunter2" not in out
    assert out.count("next:") == 2
