"""Locks: one winner whatever happens, what was left behind is taken over, and everything is said in words."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from collectors.errors import BadConfiguration
from collectors.site import Site
from console.cli.exits import Exit, exit_of
from runbooks import lock_dir
from runbooks.lock_dir import made, mounted
from runbooks.locks import Held, Lock, Locked, everything, held, shared, take
from runbooks.machine import Process, me, users

NOW = 1_800_000_000.0


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site("prod", "RegionOne", lock_dir=tmp_path / "locks")


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(site: Site, clock: Clock, scope: str = "galera", run: str = "r1", **more: str) -> Held:
    return take(site, "RegionOne", scope, "galera-member.restart", run, 600.0, clock, **more)


def files(site: Site) -> list[str]:
    return sorted(path.name for path in site.lock_dir.iterdir())


def other_process(site: Site, **changed: object) -> None:
    """The one lock as if another process had made it."""
    (path,) = site.lock_dir.glob("*.lock")
    found = json.loads(path.read_text())
    found.update(changed)
    path.write_text(json.dumps(found))


def test_it_keeps_others_out_and_names_its_owner(site: Site, clock: Clock) -> None:
    with taken(site, clock, user="ana"):
        clock.now += 120
        with pytest.raises(Locked) as raised:
            taken(site, clock, run="r2")
    error = raised.value
    assert error.what == "galera"
    assert error.why.startswith(f"ana on {os.uname().nodename} works on galera: galera-member.restart, run r1, since ")
    assert "(2 min), at most until 2027-01-15T08:10:00Z" in error.why
    assert "ask ana" in error.hint
    assert error.lock is not None
    assert error.lock.run == "r1"
    assert exit_of(error) is Exit.REFUSED
    assert files(site) == [], "it was given back"


def test_what_it_says(site: Site, clock: Clock) -> None:
    with taken(site, clock, user="ana"):
        (path,) = site.lock_dir.glob("*.lock")
        found = json.loads(path.read_text())
        expected = {
            "scope": "galera", "cloud": "prod", "region": "RegionOne", "operation": "galera-member.restart",
            "run": "r1", "user": "ana", "since": NOW, "until": NOW + 600,
        }  # fmt: skip
        assert found | expected == found
        assert (found["host"], found["pid"]) == (os.uname().nodename, os.getpid())
        assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_other_scopes_clouds_and_regions_are_other_locks(site: Site, clock: Clock) -> None:
    test = Site("test", "RegionOne", lock_dir=site.lock_dir)
    with (
        taken(site, clock), taken(site, clock, "rabbitmq"), taken(test, clock),
        take(site, "West", "galera", "x.y", "r1", 600.0, clock),
    ):  # fmt: skip
        assert len(files(site)) == 4
        assert [lock.scope for lock in held(site.lock_dir, "prod", "RegionOne", NOW)] == ["galera", "rabbitmq"]
        assert len(everything(site.lock_dir)) == 4
    assert held(site.lock_dir, "prod", "RegionOne", NOW) == []


NASTY = ["../../etc/passwd", "a/b", ".", "..", "", "x" * 5000, "ä\n\x1b", "a.1", "a.1.lock", "%2F", "host:cmp01", "~"]


def test_any_scope_is_a_safe_name_of_its_own(site: Site, clock: Clock) -> None:
    locks = [taken(site, clock, scope) for scope in NASTY]
    assert len(files(site)) == len(NASTY)
    assert all(name.isascii() and len(name) < 200 and name.startswith("prod+") for name in files(site))
    assert {lock.scope for lock in everything(site.lock_dir)} == set(NASTY)
    for scope in NASTY:
        with pytest.raises(Locked):
            taken(site, clock, scope)
    for lock in locks:
        lock.release()
    assert files(site) == []


def test_the_beginning_of_a_scope_is_another_scope(site: Site, clock: Clock) -> None:
    with taken(site, clock, "a"), taken(site, clock, "a.1"), taken(site, clock, "a+b"):
        assert len(files(site)) == 3


def test_one_whose_time_is_over_is_taken_over(site: Site, clock: Clock) -> None:
    first = taken(site, clock, user="ana")
    clock.now += 600
    assert held(site.lock_dir, "prod", "RegionOne", clock()) == []
    assert everything(site.lock_dir)[0].left(clock()) == "it was valid until 2027-01-15T08:10:00Z"
    second = taken(site, clock, run="r2", user="eve")
    assert [lock.user for lock in held(site.lock_dir, "prod", "RegionOne", clock())] == ["eve"]
    with pytest.raises(Locked, match="gone"):
        first.renew()
    first.release()
    assert [lock.user for lock in everything(site.lock_dir)] == ["eve"], "only one's own is given back"
    second.release()
    assert everything(site.lock_dir) == []


def test_renewing_moves_the_end(site: Site, clock: Clock) -> None:
    with taken(site, clock) as lock:
        clock.now += 500
        lock.renew()
        assert everything(site.lock_dir)[0].until == NOW + 1100
        lock.renew(60)
        assert everything(site.lock_dir)[0].until == NOW + 560
        clock.now += 100
        lock.renew()
        assert lock.lock.until == clock.now + 600, "nobody wanted it meanwhile"
        assert len(files(site)) == 1
    assert files(site) == []


def test_one_that_was_removed_by_hand_is_lost(site: Site, clock: Clock) -> None:
    lock = taken(site, clock)
    (site.lock_dir / files(site)[0]).unlink()
    with pytest.raises(Locked, match="our lock is gone"):
        lock.renew()
    second = taken(site, clock, run="r2")
    with pytest.raises(Locked, match="our lock is gone"):
        lock.renew()
    lock.release()
    assert [found.run for found in everything(site.lock_dir)] == ["r2"]
    second.release()


def test_an_error_gives_it_back(site: Site, clock: Clock) -> None:
    with pytest.raises(ZeroDivisionError), taken(site, clock):
        raise ZeroDivisionError
    assert files(site) == []


# -- processes that are gone --------------------------------------------------------------------------------------


def gone_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_one_of_a_process_that_is_gone_is_taken_over(site: Site, clock: Clock) -> None:
    taken(site, clock)
    process = msgspec.structs.replace(me(), pid=gone_pid(), started="1")
    other_process(site, pid=process.pid, process=msgspec.to_builtins(process))
    (lock,) = everything(site.lock_dir)
    assert lock.left(NOW) == f"its process {process.pid} is gone"
    assert "left behind: its process" in lock.words(NOW)
    with taken(site, clock, run="r2"):
        assert [found.run for found in held(site.lock_dir, "prod", "RegionOne", NOW)] == ["r2"]


@pytest.mark.parametrize(
    ("changed", "gone"),
    [
        ({}, False),
        ({"started": "1"}, True),  # the pid was used again
        ({"boot": "another boot"}, True),
        ({"boot": ""}, False),  # not known
        ({"host": "elsewhere", "boot": "another boot"}, False),  # nobody here can tell
        ({"space": "pid:[1]", "started": "1"}, False),  # another container
        ({"pid": 2**22 + 1}, True),
        ({"pid": 2**22 + 1, "host": "elsewhere"}, False),
    ],
)
def test_when_a_process_is_surely_gone(changed: dict[str, object], gone: bool) -> None:
    assert msgspec.structs.replace(me(), **changed).gone is gone


def test_one_that_is_only_waited_for_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert Process(me().host, process.pid, me().boot, me().space, "12").gone
    process.wait()


def test_a_killed_console_leaves_a_lock_that_is_taken_over(site: Site, clock: Clock) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from collectors.site import Site
from runbooks.locks import take
take(Site("prod", lock_dir=Path(sys.argv[1])), "RegionOne", "galera", "x.y", "dead", 3600.0, lambda: 1.8e9)
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", script, str(site.lock_dir)], check=False)
    assert [lock.run for lock in everything(site.lock_dir)] == ["dead"]
    with taken(site, clock):
        assert [lock.run for lock in held(site.lock_dir, "prod", "RegionOne", NOW)] == ["r1"]


RACE = """
import sys
from pathlib import Path
from collectors.site import Site
from runbooks.locks import Locked, take
site = Site("prod", lock_dir=Path(sys.argv[1]))
print("ready", flush=True)
for line in sys.stdin:
    now = float(line)
    try:
        lock = take(site, "RegionOne", "galera", "x.y", sys.argv[2], 10.0, lambda: now)
        print("won", flush=True)
    except Locked:
        print("lost", flush=True)
"""


@pytest.fixture
def racers(site: Site) -> Iterator[list[subprocess.Popen[str]]]:
    found = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(site.lock_dir), f"p{n}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )
        for n in range(4)
    ]  # fmt: skip
    yield found
    for process in found:
        process.communicate(timeout=30)


def test_of_several_takers_at_once_exactly_one_wins(site: Site, racers: list[subprocess.Popen[str]]) -> None:
    """First there is no lock, then each time one whose time is just over."""
    for process in racers:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for turn in range(150):
        for process in racers:
            assert process.stdin is not None
            process.stdin.write(f"{NOW + turn * 10}\n")
            process.stdin.flush()
        answers = [process.stdout.readline() for process in racers if process.stdout is not None]
        assert sorted(answers) == ["lost\n"] * 3 + ["won\n"], turn
        assert len(held(site.lock_dir, "prod", "RegionOne", NOW + turn * 10 + 1)) == 1


def test_where_left_files_cannot_be_removed_they_are_outbid(
    site: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a folder with the sticky bit, where the file is somebody else's."""
    taken(site, clock)
    (left,) = files(site)
    clock.now += 600
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name == left:
            raise PermissionError
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with taken(site, clock, run="r2"):
        assert len(files(site)) == 2
        assert [lock.run for lock in held(site.lock_dir, "prod", "RegionOne", clock())] == ["r2"]
        with pytest.raises(Locked, match="run r2"):
            taken(site, clock, run="r3")
    assert files(site) == [left]
    assert [lock.run for lock in everything(site.lock_dir)] == ["r1"]
    with taken(site, clock, run="r4"):
        assert [lock.run for lock in held(site.lock_dir, "prod", "RegionOne", clock())] == ["r4"]


def test_one_that_is_renewed_while_it_is_outbid_has_one_owner_at_most(
    site: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = taken(site, clock)
    clock.now += 600
    link, renewed = os.link, []

    def late(source: Path, target: Path) -> None:
        first.renew()  # after the other has seen that its time is over
        renewed.append(first.lock.until)
        link(source, target)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(Locked, match="run r1"):
        taken(site, clock, run="r2")
    assert renewed == [clock.now + 600]
    assert [lock.run for lock in held(site.lock_dir, "prod", "RegionOne", clock())] == ["r1"]
    assert len(files(site)) == 1


# -- odd files, odd folders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "{}", "garbage", '{"scope": 3}'])
def test_a_lock_that_cannot_be_understood_keeps_everybody_out(site: Site, clock: Clock, text: str) -> None:
    taken(site, clock)
    (name,) = files(site)
    (site.lock_dir / name).write_text(text)
    with pytest.raises(Locked, match="cannot be understood"):
        taken(site, clock, run="r2")
    assert everything(site.lock_dir) == []
    assert taken(site, clock, "rabbitmq").lock.scope == "rabbitmq"


def test_other_files_are_none_of_ours(site: Site, clock: Clock) -> None:
    made(site.lock_dir)
    for name in ("README", "x.lock", ".hidden.1.lock", "a.b.lock"):
        (site.lock_dir / name).write_text("x")
    (site.lock_dir / "dir.1.lock").mkdir()
    with taken(site, clock):
        assert len(everything(site.lock_dir)) == 1


def test_the_folder_is_made_for_everybody(site: Site, clock: Clock) -> None:
    before = os.umask(0o077)
    try:
        with taken(site, clock):
            (path,) = site.lock_dir.glob("*.lock")
            assert stat.S_IMODE(path.stat().st_mode) == 0o644
    finally:
        os.umask(before)
    assert stat.S_IMODE(site.lock_dir.stat().st_mode) == 0o1777


def test_one_that_cannot_be_made_gives_way_to_ones_own(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "file").write_text("")
    site = Site("prod", lock_dir=tmp_path / "file" / "locks")
    own = tmp_path / "state" / "nephoscope" / "locks"
    told = f"only your own consoles on this machine: {site.lock_dir} cannot be made, so locks are in {own}"
    assert shared(site.lock_dir) == told
    assert not own.exists(), "saying it makes nothing"
    with taken(site, clock):
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
        assert [lock.scope for lock in held(site.lock_dir, "prod", "RegionOne", NOW)] == ["galera"]
        assert len(list(own.iterdir())) == 1
        with pytest.raises(Locked):
            taken(site, clock)


def test_without_any_folder_nothing_can_be_locked(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(BadConfiguration, match="no folder for locks"):
        taken(Site("prod", lock_dir=tmp_path / "file" / "locks"), clock)


def test_others_locks_count_where_we_may_only_read(site: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    taken(site, clock, user="ana")
    monkeypatch.setattr(lock_dir, "_usable", lambda folder, make, mode=0: folder != site.lock_dir)
    own = site.lock_dir.with_name("own")
    own.mkdir()
    monkeypatch.setattr(lock_dir, "fallback", lambda environ: own)
    assert [lock.user for lock in held(site.lock_dir, "prod", "RegionOne", NOW)] == ["ana"]
    with pytest.raises(Locked, match="ana"):
        taken(site, clock)
    assert "cannot be written, so locks are in" in shared(site.lock_dir)


MOUNTS = """\
/dev/vda1 / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
filer:/ops /mnt/ops\\040locks nfs4 rw 0 0
/dev/vdb /mnt/ops\\040locks/local xfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind", "word"),
    [
        ("/run/lock/nephoscope", "tmpfs", "only this machine"),
        ("/mnt/ops locks/nephoscope", "nfs4", "shared"),
        ("/mnt/ops locks/local/x", "xfs", "only this machine"),
        ("/mnt/ops locks2", "ext4", "only this machine"),
        ("/", "ext4", "only this machine"),
    ],
)
def test_whom_it_reaches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, kind: str, word: str) -> None:
    (tmp_path / "mounts").write_text(MOUNTS)
    monkeypatch.setattr(lock_dir, "made", lambda folder, make: folder)
    assert mounted(Path(folder), tmp_path / "mounts")[1] == kind
    words = lock_dir.shared(Path(folder), tmp_path / "mounts")
    assert words.startswith(word)
    assert kind in words


def test_here_and_now(tmp_path: Path) -> None:
    assert mounted(tmp_path)[1] not in ("", "proc")


def test_users_are_the_account_and_who_became_it() -> None:
    (own,) = users({"USER": "forged", "LOGNAME": "forged"})
    assert own != "forged"
    assert users({"SUDO_USER": "ana"}) == ("ana", own)


def test_words_of_a_lock(clock: Clock) -> None:
    lock = Lock("galera", "prod", "", "x.y", "r1", "ana", "ops01", 1, NOW, NOW + 60)
    assert lock.words(NOW + 30) == (
        "ana on ops01 works on galera: x.y, run r1, since 2027-01-15T08:00:00Z (30 s), "
        "at most until 2027-01-15T08:01:00Z"
    )
