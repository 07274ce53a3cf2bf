"""Secrets: every place they may come from, when they are fetched, and that they are never shown."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from collectors.errors import BadConfiguration
from collectors.site import Secret
from console.config import load_site
from tests.console.config.files import program, said, toml


def secret(folder: Path, password: str, **environ: str) -> Secret:
    text = f"[site.prod.galera]\nuser = 'monitor'\nmembers = ['ctl01']\npassword = {password}\n"
    site = load_site("prod", "", toml(folder, text) | environ)
    assert site.galera is not None
    return site.galera.password


def refused(found: Secret) -> str:
    with pytest.raises(BadConfiguration) as caught:
        found.reveal()
    return said(caught.value)


def secret_file(folder: Path, data: bytes = b"s3cret\n", mode: int = 0o600) -> Path:
    path = folder / "galera.secret"
    path.write_bytes(data)
    path.chmod(mode)
    return path


# files


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"s3cret", "s3cret"),
        (b"s3cret\n", "s3cret"),
        (b"s3cret\r\n", "s3cret"),
        (b"two\nlines\n", "two\nlines"),
        (b" spaced ", " spaced "),
        ("pässwörd\n".encode(), "pässwörd"),
    ],
)
def test_a_file(tmp_path: Path, data: bytes, text: str) -> None:
    secret_file(tmp_path, data)
    assert secret(tmp_path, "{file = 'galera.secret'}").reveal() == text


def test_a_file_is_read_when_it_is_needed_and_each_time(tmp_path: Path) -> None:
    found = secret(tmp_path, "{file = 'galera.secret'}")
    assert "no such secret file" in refused(found)
    secret_file(tmp_path, b"first")
    assert found.reveal() == "first"
    secret_file(tmp_path, b"second")
    assert found.reveal() == "second"


@pytest.mark.parametrize("mode", [0o640, 0o644, 0o604, 0o660, 0o610])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = secret_file(tmp_path, mode=mode)
    message = refused(secret(tmp_path, "{file = 'galera.secret'}"))
    assert f"mode {mode:04o}" in message
    assert f"chmod 600 {path}" in message
    assert "s3cret" not in message


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_is_used(tmp_path: Path, mode: int) -> None:
    secret_file(tmp_path, mode=mode)
    assert secret(tmp_path, "{file = 'galera.secret'}").reveal() == "s3cret"


def test_a_link_counts_as_what_it_points_to(tmp_path: Path) -> None:
    path = secret_file(tmp_path, mode=0o644)
    (tmp_path / "link").symlink_to(path)
    assert "mode 0644" in refused(secret(tmp_path, "{file = 'link'}"))


def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(secret_file(tmp_path), 65534, -1)
    assert "belongs to another user (uid 65534)" in refused(secret(tmp_path, "{file = 'galera.secret'}"))


def test_a_pipe_is_no_secret_file_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "no plain file" in refused(secret(tmp_path, "{file = 'pipe'}"))


def test_a_folder_is_no_secret_file(tmp_path: Path) -> None:
    (tmp_path / "dir").mkdir(mode=0o700)
    assert "no plain file" in refused(secret(tmp_path, "{file = 'dir'}"))


@pytest.mark.parametrize(
    ("data", "why"), [(b"", "is empty"), (b"\n", "is empty"), (b"\xff\xfe", "not UTF-8"), (b"x" * 70000, "no password")]
)
def test_a_file_that_holds_none(tmp_path: Path, data: bytes, why: str) -> None:
    secret_file(tmp_path, data)
    assert why in refused(secret(tmp_path, "{file = 'galera.secret'}"))


# the environment


def test_a_variable(tmp_path: Path) -> None:
    assert secret(tmp_path, "{env = 'PW'}", PW="s3cret").reveal() == "s3cret"


def test_a_variable_that_is_not_set(tmp_path: Path) -> None:
    assert "variable PW: holds the password, but is not set" in refused(secret(tmp_path, "{env = 'PW'}"))


def test_an_empty_variable(tmp_path: Path) -> None:
    assert "is empty" in refused(secret(tmp_path, "{env = 'PW'}", PW=""))


# commands


def test_a_command(tmp_path: Path) -> None:
    assert secret(tmp_path, "{command = ['printf', '%s', 's3cret']}").reveal() == "s3cret"


def test_a_command_is_run_without_a_shell(tmp_path: Path) -> None:
    assert secret(tmp_path, "{command = ['echo', '$HOME; id | cat *']}").reveal() == "$HOME; id | cat *"


def test_a_command_runs_in_the_folder_of_the_file(tmp_path: Path) -> None:
    program(tmp_path / "get", "pwd -P")
    assert secret(tmp_path, "{command = ['./get']}").reveal() == str(tmp_path.resolve())


def test_a_command_is_run_once_and_late(tmp_path: Path) -> None:
    program(tmp_path / "get", "echo ran >> count; echo s3cret")
    found = secret(tmp_path, "{command = ['./get']}")
    assert not (tmp_path / "count").exists()
    assert [found.reveal(), found.reveal()] == ["s3cret", "s3cret"]
    assert (tmp_path / "count").read_text() == "ran\n"


def test_a_failure_of_a_command_is_not_remembered(tmp_path: Path) -> None:
    program(tmp_path / "get", "test -e unlocked || { echo 'the store is locked' >&2; exit 2; }; echo s3cret")
    found = secret(tmp_path, "{command = ['./get']}")
    assert "./get ended with 2: the store is locked" in refused(found)
    (tmp_path / "unlocked").touch()
    assert found.reveal() == "s3cret"


def test_a_command_that_prints_and_fails_does_not_leak(tmp_path: Path) -> None:
    program(tmp_path / "get", "echo hunter2; exit 1")
    message = refused(secret(tmp_path, "{command = ['./get', '--for', 'hunter3']}"))
    assert "it said nothing" in message
    assert "hunter" not in message


def test_a_command_that_prints_nothing(tmp_path: Path) -> None:
    assert "the secret is empty" in refused(secret(tmp_path, "{command = ['true']}"))


def test_a_command_that_does_not_exist(tmp_path: Path) -> None:
    assert "no program nephoscope-nothing on PATH" in refused(secret(tmp_path, "{command = ['nephoscope-nothing']}"))


def test_a_command_that_may_not_run(tmp_path: Path) -> None:
    (tmp_path / "get").write_text("echo s3cret")
    assert "cannot be started: Permission denied" in refused(secret(tmp_path, "{command = ['./get']}"))


def test_a_command_gets_no_terminal(tmp_path: Path) -> None:
    program(tmp_path / "get", "read line || echo no-input")
    assert secret(tmp_path, "{command = ['./get']}").reveal() == "no-input"


def test_a_complaint_of_a_command_is_harmless(tmp_path: Path) -> None:
    program(tmp_path / "get", r"printf '\033[2Jred\nsecond' >&2; exit 1")
    message = refused(secret(tmp_path, "{command = ['./get']}"))
    assert "\\x1b[2Jred" in message
    assert "second" not in message


# the keyring


def keyring(monkeypatch: pytest.MonkeyPatch, entries: dict[tuple[str, str], str] | Exception) -> None:
    """A package `keyring` that knows `entries`."""
    module = ModuleType("keyring")

    def get_password(service: str, user: str) -> str | None:
        if isinstance(entries, Exception):
            raise entries
        return entries.get((service, user))

    module.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)


def test_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring(monkeypatch, {("prod/db", "monitor"): "s3cret", ("nephoscope", "galera"): "other"})
    assert secret(tmp_path, "{keyring = 'prod/db/monitor'}").reveal() == "s3cret"
    assert secret(tmp_path, "{keyring = 'galera'}").reveal() == "other"


def test_the_keyring_without_the_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring(monkeypatch, {})
    assert "keyring set db monitor" in refused(secret(tmp_path, "{keyring = 'db/monitor'}"))


def test_a_keyring_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring(monkeypatch, PermissionError("hunter2"))
    message = refused(secret(tmp_path, "{keyring = 'db/monitor'}"))
    assert "cannot be read: PermissionError" in message
    assert "hunter2" not in message


def test_without_the_package_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "pip install keyring" in refused(secret(tmp_path, "{keyring = 'db/monitor'}"))


# all of them


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("{}", "says not where the password is"),
        ("{file = 'a', env = 'b'}", "file and env are given, one is wanted"),
        ("{kolla = 'database_password'}", "needs Kolla's folder"),
    ],
)
def test_one_place_is_wanted(tmp_path: Path, password: str, why: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        secret(tmp_path, password)
    assert why in said(caught.value)


@pytest.mark.parametrize(
    ("password", "origin"),
    [
        ("{file = 'galera.secret'}", "file galera.secret"),
        ("{env = 'PW'}", "variable PW"),
        ("{command = ['pass', 'show', 'db']}", "command pass"),
        ("{keyring = 'db/monitor'}", "keyring db/monitor"),
    ],
)
def test_a_secret_tells_where_it_comes_from_and_nothing_else(tmp_path: Path, password: str, origin: str) -> None:
    found = secret(tmp_path, password)
    assert repr(found) == str(found) == f"<secret from {origin}>"
