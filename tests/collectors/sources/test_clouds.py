"""clouds.yaml as operators have it: several clouds, environment variables, broken files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from collectors.errors import BadConfiguration
from collectors.sources.clouds import cloud_names, region_of
from tests.ground import ROOT

TWO = """
clouds:
  one: {auth: {auth_url: http://one:5000/v3, username: u, password: p, project_name: x}, region_name: RegionOne}
  two:
    auth: {auth_url: http://two:5000/v3, username: u, password: p, project_name: x}
    regions: [North, {name: South, values: {interface: internal}}]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clouds.yaml that OS_CLIENT_CONFIG_FILE names; nothing else is configured."""
    for name in [name for name in os.environ if name.startswith("OS_")]:
        monkeypatch.delenv(name)
    path = tmp_path / "clouds.yaml"
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    monkeypatch.setenv("OS_CLIENT_SECURE_FILE", str(tmp_path / "secure.yaml"))
    monkeypatch.chdir(tmp_path)
    path.write_text(TWO)
    return path


def failure(cloud: str = "one", region: str = "") -> BadConfiguration:
    """Why a cloud cannot be used."""
    with pytest.raises(BadConfiguration) as caught:
        region_of(cloud, region)
    return caught.value


def test_the_names_of_the_clouds(file: Path) -> None:
    assert cloud_names() == ["one", "two"]


def test_a_cloud_by_name(file: Path) -> None:
    found = region_of("one", "")
    assert found.config["auth"]["auth_url"] == "http://one:5000/v3"
    assert found.config["region_name"] == "RegionOne"


def test_a_region_by_name(file: Path) -> None:
    assert region_of("two", "South").get_interface() == "internal"
    assert region_of("two", "North").config["region_name"] == "North"


def test_a_region_that_the_cloud_does_not_have(file: Path) -> None:
    assert "East" in failure("two", "East").why


def test_a_cloud_that_is_not_there(file: Path) -> None:
    error = failure("three")
    assert (error.what, error.why) == ("cloud three", f"not in {file}")
    assert error.hint.startswith("one of: one, two")


def test_a_named_file_that_is_not_there(file: Path) -> None:
    file.unlink()
    error = failure()
    assert (error.what, error.why) == (str(file), "does not exist")
    assert "OS_CLIENT_CONFIG_FILE" in error.hint


def test_no_file_at_all(tmp_path: Path) -> None:
    # A process of its own: openstacksdk looks for the folders once, when it is imported.
    command = [sys.executable, "-m", "console", "--cloud", "one", "get", "servers"]
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert "cloud one: no clouds.yaml was found to look it up in. Try: write ~/.config/openstack" in done.stderr


def test_environment_variables_are_a_cloud(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.unlink()
    monkeypatch.setenv("OS_AUTH_URL", "http://env:5000/v3")
    monkeypatch.setenv("OS_USERNAME", "u")
    monkeypatch.setenv("OS_PASSWORD", "p")
    monkeypatch.setenv("OS_PROJECT_NAME", "x")
    assert region_of("", "").config["auth"]["auth_url"] == "http://env:5000/v3"


def test_os_cloud_chooses(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLOUD", "two")
    assert region_of("", "North").config["auth"]["auth_url"] == "http://two:5000/v3"


def test_passwords_may_be_in_a_file_of_their_own(file: Path) -> None:
    file.with_name("secure.yaml").write_text("clouds: {one: {auth: {password: secret}}}\n")
    assert region_of("one", "").config["auth"]["password"] == "secret"


@pytest.mark.parametrize("name", ["clouds.yaml", "secure.yaml"])
@pytest.mark.parametrize(
    "text",
    ["clouds:\n  one: {auth: {password: 'hunter2}\n", "clouds:\n\tone: hunter2\n", "clouds: [hunter2\n", "\x00hunter2"],
    ids=["open quote", "tab", "open bracket", "NUL"],
)
def test_a_broken_file_is_named_and_not_quoted(file: Path, name: str, text: str) -> None:
    file.with_name(name).write_text(text)
    error = failure()
    assert error.what == str(file.with_name(name))
    assert error.why.startswith("cannot be understood: ")
    assert "hunter2" not in f"{error} {error.args}"


@pytest.mark.parametrize(
    "text", ["", "clouds: 7\n", "clouds: {one: 7}\n", "[]\n", "clouds: {one: {profile: nowhere}}\n"]
)
def test_a_file_that_holds_something_else(file: Path, text: str) -> None:
    file.write_text(text)
    assert str(failure())


def test_a_file_that_is_no_text(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00clouds")
    assert failure().what == str(file)


def test_a_folder_where_the_file_should_be(file: Path) -> None:
    file.unlink()
    file.mkdir()
    assert failure().why == "cannot be read: Is a directory"


def test_the_real_sdk_can_still_be_imported_afterwards() -> None:
    code = """
import sys
from collectors.sources.clouds import cloud_names
cloud_names()
assert "openstack.compute" not in sys.modules
import openstack
assert openstack.connection.Connection
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[3], timeout=60)


def test_reading_a_configuration_prints_nothing(file: Path, capfd: Any) -> None:
    region_of("one", "")
    assert capfd.readouterr() == ("", "")


def test_the_sdk_is_whole_for_who_imports_it_later(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from collectors.sources import clouds\n"
        "assert clouds.cloud_names() == ['x']\n"
        "assert not [name for name in sys.modules if name.startswith('openstack')]\n"
        "import openstack\n"
        "region = openstack.config.get_cloud_region(cloud='x')\n"
        "assert region.get_session_client('compute').service_type == 'compute'\n"
        "early = clouds.region_of('x', '')\n"
        "print(type(early.get_session_client('compute')).__name__)\n"
    )
    file = tmp_path / "clouds.yaml"
    file.write_text("clouds: {x: {auth: {auth_url: 'http://127.0.0.1:1', username: u, password: p, project_name: p}}}")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OS_CLIENT_CONFIG_FILE": str(file)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.stdout == "Proxy\n", done.stderr


def test_other_threads_may_import_meanwhile() -> None:
    code = (
        "import sys, threading, types\n"
        "from collectors.sources import clouds\n"
        "sys.setswitchinterval(1e-6)\n"
        "stop = threading.Event()\n"
        "def imports():\n"
        "    for number in range(200_000):\n"
        "        if stop.is_set(): break\n"
        "        sys.modules[f'imported_{number}'] = types.ModuleType('imported')\n"
        "threading.Thread(target=imports, daemon=True).start()\n"
        "clouds._loader()\n"
        "stop.set()\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
