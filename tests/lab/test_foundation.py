"""What the lab is built from: its folder, its passwords, its programs, paths inside hosts, what is looked at first."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from runbooks.lab import debian, disk, packages, preflight, serve, shell
from runbooks.lab import up as life
from runbooks.lab.lab import MARK, Lab, check_folder, open_lab, take
from runbooks.lab.layout import PROFILES, Layout
from runbooks.lab.secret_store import Secrets
from runbooks.lab.services import galera
from runbooks.lab.shell import Done, LabError, run
from runbooks.lab.steps import STEPS, of


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(LabError, match="holds no lab"):
        check_folder(tmp_path)
    with pytest.raises(LabError, match="holds no lab"):
        take(tmp_path)
    assert (tmp_path / "thesis.tex").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may destroy")
def test_destroy_refuses_a_folder_without_the_mark(tmp_path: Path) -> None:
    (tmp_path / "lab.json").write_text('{"number": 78, "profile": "core", "id": "x"}')
    with pytest.raises(LabError, match="holds no lab"):
        life.destroy(tmp_path)
    assert (tmp_path / "lab.json").exists()
    assert life.destroy(tmp_path / "nothing") is False


@pytest.mark.parametrize("name", ["a:b", "a,b", 'a"b', "a b", "a\\b"])
def test_a_name_that_mount_would_misunderstand_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LabError, match="name that does not work"):
        check_folder(tmp_path / name)


def test_a_lab_is_found_again(tmp_path: Path) -> None:
    state = tmp_path / "lab"
    take(state)
    assert (state / MARK).is_file()
    assert state.stat().st_mode & 0o777 == 0o700
    assert open_lab(state) is None
    (state / "lab.json").write_text(json.dumps({"number": 81, "profile": "full", "id": "abc"}))
    found = open_lab(state)
    assert found is not None
    assert (found.layout, found.id) == (Layout(81, "full"), "abc")
    (state / "lab.json").write_text("{")
    with pytest.raises(LabError, match="damaged"):
        open_lab(state)


def test_passwords_stay_the_same_and_are_ours_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first, second = Secrets(path), Secrets(path)
    password = first["admin"]
    assert len(password) == 40
    assert second["admin"] == first["admin"] == password
    assert second["other"] not in ("", password)
    assert Secrets(path)["other"] == second["other"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_passwords_of_many_threads_are_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    stores = [Secrets(path) for _ in range(8)]
    threads = [threading.Thread(target=lambda s=store, n=n: s[f"name{n}"]) for n, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(json.loads(path.read_text())) == 8


def test_once_is_once_and_only_when_it_went_well(tmp_path: Path) -> None:
    lab = Lab(tmp_path, Layout(99, "core"), "test")
    calls: list[int] = []

    def fail() -> None:
        calls.append(0)
        raise LabError("no")

    with pytest.raises(LabError):
        lab.once("thing", fail)
    lab.once("thing", lambda: calls.append(1))
    lab.once("thing", lambda: calls.append(2))
    assert calls == [0, 1]


def test_each_does_all_and_tells_the_first_trouble(tmp_path: Path) -> None:
    lab = Lab(tmp_path, Layout(99, "core"), "test")
    seen: list[str] = []

    def act(machine: object) -> None:
        name = getattr(machine, "name", "")
        seen.append(name)
        if name == "ctl02":
            raise LabError("ctl02 is broken")

    with pytest.raises(LabError, match="ctl02 is broken"):
        lab.each(lab.machines.values(), act)
    assert sorted(seen) == sorted(lab.machines)


def test_a_program_tells_what_it_said_and_why_it_failed() -> None:
    assert run(("cat",), input="words") == Done(0, "words", "")
    assert not run(("false",), check=False).ok
    with pytest.raises(LabError, match="exit status 1"):
        run(("false",))
    with pytest.raises(LabError, match="No such file"):
        run(("no-such-program-anywhere",))
    with pytest.raises(LabError, match="not done after"):
        run(("sleep", "60"), seconds=0.05)


def test_a_programs_environment_is_what_we_say() -> None:
    said = run(("env",), env={"SECRET": "x"}).out.splitlines()
    assert "SECRET=x" in said
    assert f"PATH={shell.PATH}" in said
    assert not [line for line in said if line.startswith(("PYTEST", "OS_"))]


def test_a_process_is_known_by_when_it_began() -> None:
    assert shell.began(os.getpid())
    assert shell.began(0) == ""
    assert shell.alive(os.getpid())
    assert not shell.alive(0)


def test_links_in_a_hosts_files_never_lead_out_of_it(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "run").mkdir()
    (root / "etc/resolv.conf").symlink_to("/run/resolv.conf")
    (root / "etc/up").symlink_to("../../../../etc")
    (root / "loop").symlink_to("loop")
    assert disk.inside(root, "/etc/resolv.conf") == root / "run/resolv.conf"
    assert disk.inside(root, "/etc/up/passwd") == root / "etc/passwd"
    assert disk.inside(root, "/../../etc/passwd") == root / "etc/passwd"
    with pytest.raises(LabError, match="too many links"):
        disk.inside(root, "/loop")


def test_a_tree_is_removed_and_what_a_link_names_is_not(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").touch()
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "link").symlink_to(tmp_path / "kept")
    disk.remove_tree(tree)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "kept")
    disk.remove_tree(link)
    disk.remove_tree(tmp_path / "nothing")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["kept"]
    assert (tmp_path / "kept/file").exists()


def test_every_profile_has_its_steps_in_order() -> None:
    names = [step.name for step in STEPS]
    assert len(set(names)) == len(names)
    for profile in PROFILES:
        mine = [step.name for step in of(profile)]
        assert mine == [name for name in names if name in mine]
        assert {"image", "hosts", "platform", "openstack"} <= set(mine)
    assert "ceph" in [step.name for step in of("storage")]
    assert "ceph" not in [step.name for step in of("network")]


def test_the_image_has_what_the_services_name() -> None:
    for profile in PROFILES:
        found = packages.image_packages(profile)
        assert len(set(found)) == len(found)
        assert set(galera.PACKAGES) <= set(found)
        assert {"systemd", "openssh-server"} <= set(found)
    assert "ceph-mon" in packages.image_packages("storage")
    assert "ceph-mon" not in packages.image_packages("core")


def test_missing_room_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(preflight.NEEDED, "core", 1e6)
    assert preflight.missing_bytes(tmp_path / "not/yet", "core") > 1e14
    monkeypatch.setitem(preflight.NEEDED, "core", 0.0)
    assert preflight.missing_bytes(tmp_path / "not/yet", "core") <= 0


def test_too_little_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "kernel_troubles", list)
    monkeypatch.setattr(preflight, "root", lambda: None)
    monkeypatch.setattr(preflight, "available_memory", lambda: 2.0)
    with pytest.raises(LabError, match=r"the profile full takes 12\.5 GiB, 10\.5 GiB more must be free"):
        preflight.check(tmp_path / "lab", "full")
    monkeypatch.setattr(preflight, "used_memory", lambda state: 10.5)
    preflight.check(tmp_path / "lab", "full")


def test_packages_without_a_candidate_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    said = (
        "bash:\n  Installed: 5.2\n  Candidate: 5.2\n  Version table:\n"
        "galera-4:\n  Installed: (none)\n  Candidate: (none)\n"
    )
    monkeypatch.setattr(debian, "run", lambda *words, **more: Done(0, said, ""))
    assert debian.unknown(["bash", "galera-4", "no-such"]) == ["galera-4", "no-such"]


def test_without_root_nothing_is_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for action in (lambda: life.up(tmp_path / "lab", "core"), lambda: life.destroy(tmp_path / "lab")):
        with pytest.raises(preflight.NotRootError, match="needs root"):
            action()
    assert not (tmp_path / "lab").exists()


def test_the_machines_sources_and_release_are_found() -> None:
    if not Path("/etc/debian_version").exists():
        pytest.skip("no Debian")
    assert debian.release().isalpha()
    assert debian.sources()


DEB822 = (
    "Types: deb\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n"
)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (DEB822, True),
        ("deb http://mirror.example/debian bookworm main contrib\n", True),
        ("deb [signed-by=/usr/share/keyrings/x.gpg] http://mirror.example/debian bookworm main\n", True),
        ("# deb http://mirror.example/debian bookworm main\n", False),
        ("deb http://vendor.example/engine bookworm stable\n", False),
        ("deb http://mirror.example/debian trixie main\n", False),
        ("deb-src http://mirror.example/debian bookworm main\n", False),
        (DEB822.replace("main", "stable"), False),
        ("", False),
    ],
)
def test_sources_of_the_release_are_known(text: str, good: bool) -> None:
    assert debian.offers(text, "bookworm") is good


def test_the_usual_files_come_before_others(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (folder / "0000company.sources").write_text(DEB822)
    (folder / "vendor.list").write_text("deb http://vendor.example/engine bookworm stable\n")
    assert debian.sources(tmp_path, "bookworm") == [str(folder / "0000company.sources")]
    (folder / "debian.sources").write_text(DEB822)
    assert debian.sources(tmp_path, "bookworm") == [str(folder / "debian.sources")]
    with pytest.raises(LabError, match="names no source"):
        debian.sources(tmp_path, "trixie")


def test_another_program_with_our_old_id_is_not_ours(tmp_path: Path) -> None:
    assert serve.pid_of(tmp_path) == 0
    (tmp_path / "pid").write_text(f"{os.getpid()}\n")
    assert serve.pid_of(tmp_path) == 0
