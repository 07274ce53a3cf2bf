"""Broken inventories: each is told the file, the line, what is wrong there and what to try."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from collectors.errors import BadConfiguration
from collectors.inventory import read_inventory


@contextmanager
def nobody() -> Iterator[None]:
    """Root may read everything, so be somebody else for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def refused(tmp_path: Path, text: str, name: str = "hosts") -> BadConfiguration:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(BadConfiguration) as caught:
        read_inventory([path])
    assert str(path) in caught.value.what
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("[control]\nctl[01:03\n", 2, "brackets"),
        ("[control]\nctl[3:1]\n", 2, "backwards"),
        ("[control]\nctl01:\n", 2, "wants a port"),
        ("[control]\nctl01 ansible_host = 10.0.0.1\n", 2, "no name=value"),
        ("[control]\nctl01 ctl02\n", 2, "no name=value"),
        ("[control]\nctl01 note='open\n", 2, "quotes"),
        ("[control]\n---\n", 2, "YAML in a file read as INI"),
        ("[control group]\nctl01\n", 1, "no section header"),
        ("[control\nctl01\n", 1, "no section header"),
        ("[]\nctl01\n", 1, "no section header"),
        ("[control:hosts:x]\nctl01\n", 1, "no section header"),
        ("[control:variables]\na=1\n", 1, "no section"),
        ("[control]\nctl01\n[control:vars]\nansible_user kolla\n", 4, "name=value"),
        ("[all]\nctl01\n[mariadb:vars]\na=1\n", 3, "does not exist"),
        ("[mariadb:children]\ncontrol\n[contol]\nctl01\n", 2, "no group control"),
        ("[mariadb:children]\n:x\n", 2, "no name of a group"),
        ("[a:children]\nb\n[b:children]\na\n", 4, "inside itself"),
        ("[a:children]\na\n", 2, "inside itself"),
        ("[a]\nx\n[a:children]\nall\n", 4, "inside itself"),
        ("[a:children]\nb\n[b:children]\nc\n[c:children]\nb\n", 6, "inside itself: "),
    ],
)
def test_ini(tmp_path: Path, text: str, line: int, why: str) -> None:
    error = refused(tmp_path, text)
    assert error.what.endswith(f"line {line}")
    assert why in error.why


def test_an_undefined_child_is_told_what_is_near(tmp_path: Path) -> None:
    error = refused(tmp_path, "[mariadb:children]\ncontrol\n[contol]\nctl01\n")
    assert error.hint == "did you mean contol?"


def test_a_cycle_is_shown_whole(tmp_path: Path) -> None:
    error = refused(tmp_path, "[a:children]\nb\n[b:children]\nc\n[c:children]\na\n")
    assert "a > b > c > a" in error.why or "b > c > a > b" in error.why or "c > a > b > c" in error.why


def test_a_password_on_a_host_line_is_not_repeated(tmp_path: Path) -> None:
    error = refused(tmp_path, "[control]\nctl01 =hunter2\n")
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", 0, "empty"),
        ("# nothing\n", 0, "empty"),
        ("- ctl01\n- ctl02\n", 1, "must be a mapping, it is a list"),
        ("control:\n  hosts:\n    - ctl01\n", 3, "must be a mapping, it is a list"),
        ("control:\n  - ctl01\n", 2, "must be a mapping, it is a list"),
        ("control: ctl01\n", 1, "must be a mapping, it is plain text"),
        ("control:\n  host:\n    ctl01:\n", 2, "group control has host"),
        ("control:\n  hosts:\n    ctl01: 10.0.0.1\n", 3, "must be a mapping, it is plain text"),
        ("control:\n  hosts:\n    ctl[1:]:\n", 3, "no end"),
        ("control:\n  hosts:\n    ctl01:\n    ctl01:\n", 4, "ctl01 is written twice in hosts of group control"),
        ("control:\n  hosts:\n    ctl01:\n  hosts:\n    ctl02:\n", 4, "written twice"),
        ("control:\n  hosts:\n\tctl01:\n", 3, "not valid YAML"),
        ("control:\n  vars:\n    a: {{ b }}\n", 3, "not valid YAML"),
        ("control:\n  vars:\n    a: 'open\n", 4, "not valid YAML"),
        ("control:\n  vars:\n    a: !!python/object:os.system {}\n", 3, "not valid YAML"),
        ("plugin: openstack.cloud.openstack\n", 1, "plugin"),
        ("a:\n  children:\n    b:\n      children:\n        a:\n", 5, "inside itself"),
        ("[1, 2]: x\n", 1, "must be text"),
        ("a: {}\n---\nb: {}\n", 2, "not valid YAML"),
    ],
)
def test_yaml(tmp_path: Path, text: str, line: int, why: str) -> None:
    error = refused(tmp_path, text, "hosts.yml")
    assert why in error.why
    if line:
        assert error.what.endswith(f"line {line}")


def test_braces_without_quotes_are_explained(tmp_path: Path) -> None:
    error = refused(tmp_path, "control:\n  vars:\n    a: {{ b }}\n", "hosts.yml")
    assert '"{{ name }}"' in error.hint


def test_tabs_are_explained(tmp_path: Path) -> None:
    error = refused(tmp_path, "control:\n  hosts:\n\tctl01:\n", "hosts.yml")
    assert "spaces" in error.hint


def test_an_excerpt_of_the_file_is_never_in_the_error(tmp_path: Path) -> None:
    error = refused(tmp_path, "control:\n  vars:\n    password: hunter2 : x\n", "hosts.yml")
    assert "hunter2" not in str(error)


def test_a_missing_file_is_told_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "multinode").write_text("ctl01\n")
    with pytest.raises(BadConfiguration) as caught:
        read_inventory([tmp_path / "inventory"])
    assert caught.value.why == "there is no such inventory"
    assert "holds: multinode" in caught.value.hint


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="there is no folder"):
        read_inventory([tmp_path / "none" / "hosts"])


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing here")
    with pytest.raises(BadConfiguration, match="holds no inventory"):
        read_inventory([tmp_path])


def test_an_unreadable_file_is_refused() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hosts"
        Path(folder).chmod(0o755)
        path.write_text("ctl01\n")
        path.chmod(0)
        with nobody(), pytest.raises(BadConfiguration, match="may not read"):
            read_inventory([path])


def test_a_program_is_not_run(tmp_path: Path) -> None:
    error = refused(tmp_path, "#!/bin/sh\ntouch ran\n")
    assert "ansible-inventory -i" in error.hint
    assert not (tmp_path / "ran").exists()


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(b"[control]\nctl\xff\n")
    with pytest.raises(BadConfiguration, match="line 2: not UTF-8"):
        read_inventory([path])


def test_an_encrypted_inventory(tmp_path: Path) -> None:
    error = refused(tmp_path, "$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    assert "encrypted" in error.why


def test_broken_group_vars_name_their_own_file(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("[control]\nctl01\n")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "control.yml").write_text("a: 1\nb: [\n")
    with pytest.raises(BadConfiguration, match=r"control\.yml, line 3: not valid YAML"):
        read_inventory([tmp_path / "hosts"])


def test_group_vars_that_are_a_list(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("[control]\nctl01\n")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all").write_text("- a\n")
    with pytest.raises(BadConfiguration, match="must be a mapping of variables, it is a list"):
        read_inventory([tmp_path / "hosts"])


def test_encrypted_variables_are_left_alone_and_noted(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("[control]\nctl01\n")
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / "ctl01.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    found = read_inventory([tmp_path / "hosts"])
    assert dict(found.hosts["ctl01"].variables) == {}
    assert [note.subject for note in found.notes] == [str(tmp_path / "host_vars" / "ctl01.yml")]


def test_a_host_named_like_a_group_is_noted(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("[control]\ncontrol\n")
    found = read_inventory([tmp_path / "hosts"])
    assert [note.text for note in found.notes] == ["control is both a host and a group"]


def test_a_host_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.yml").write_text("leaked: true\n")
    (tmp_path / "in" / "host_vars").mkdir(parents=True)
    (tmp_path / "in" / "hosts").write_text("[control]\n../../secret\n")
    found = read_inventory([tmp_path / "in" / "hosts"])
    assert dict(found.hosts["../../secret"].variables) == {}
