"""Life of the hosts of a lab: interrupted, repeated, half dead, side by side, gone. OpenStack is tested elsewhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ground import ROOT
from tests.lab.real import impossible

pytestmark = [
    pytest.mark.lab,
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(impossible()), reason=impossible() or "it can be done"),
]

STATE = Path("/var/lib/nephoscope-lab-life")
OTHER = Path("/var/lib/nephoscope-lab-life-2")


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "runbooks.lab", *words]


def lab(action: str, state: Path = STATE, *more: str) -> subprocess.CompletedProcess[str]:
    """A command of the lab, to its end."""
    words = command(action, "--state", str(state), *more)
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)


def up(state: Path = STATE) -> None:
    done = lab("up", state, "--until", "clients")
    assert done.returncode == 0, done.stderr


def left(state: Path, number: int) -> list[str]:
    """What is still there of a lab, outside and inside of its folder."""
    found = [str(state)] * state.exists()
    for words in (("ip", "-o", "link"), ("ip", "netns", "list"), ("losetup", "-a"), ("ps", "-eo", "args")):
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        found += [line for line in said.splitlines() if f"nl{number}-" in line or f"{state}/" in line]
    found += [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if f"{state}/" in line]
    return found + [str(group) for group in Path("/sys/fs/cgroup").glob(f"**/nl{number}-*")]


def number_of(state: Path) -> int:
    return int(json.loads((state / "lab.json").read_text())["number"])


@pytest.fixture(scope="module", autouse=True)
def gone() -> Iterator[None]:
    """Whatever a test leaves is destroyed."""
    yield
    for state in (STATE, OTHER):
        lab("destroy", state)


@pytest.mark.parametrize("seconds", [0.1, 0.5, 1.0, 4.0, 15.0])
def test_it_can_be_interrupted_while_it_makes_the_image(seconds: float) -> None:
    _interrupted_after(seconds)
    assert not (STATE / "image.new").exists() or not list((STATE / "image.new").glob("proc/1"))


@pytest.mark.long
def test_it_goes_on_where_it_was_interrupted() -> None:
    done = lab("up", STATE, "--until", "image")
    assert done.returncode == 0, done.stderr
    assert (STATE / "image").is_dir()


@pytest.mark.parametrize("seconds", [0.8, 1.1, 1.4, 1.8, 2.3, 3.0])
def test_it_can_be_interrupted_while_it_makes_the_hosts(seconds: float) -> None:
    _interrupted_after(seconds)


def _interrupted_after(seconds: float) -> None:
    words = command("up", "--state", str(STATE), "--until", "clients")
    process = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, said = process.communicate(timeout=60)
    # The first moments belong to Python's own start, the last ones may be after the end.
    assert process.returncode in (0, 130, -signal.SIGINT), said
    assert time.monotonic() - began < 10
    assert "Traceback" not in said or process.returncode == -signal.SIGINT, said


def test_after_all_that_it_comes_up_and_lets_people_in() -> None:
    up()
    for host in ("ctl01", "ctl02", "ctl03"):
        words = ["ssh", "-F", str(STATE / "ssh_config"), host, "hostname"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
        assert (done.returncode, done.stdout) == (0, f"{host}\n"), done.stderr


def test_half_dead_it_is_mended() -> None:
    up()
    space = f"nl{number_of(STATE)}-"
    leader = int((STATE / "hosts/ctl01/leader").read_text().split()[0])
    os.kill(leader, signal.SIGKILL)
    os.kill(int((STATE / "pid").read_text()), signal.SIGKILL)
    subprocess.run(["ip", "link", "delete", f"{space}ctl02-e0"], check=True)
    subprocess.run(["ip", "link", "set", f"{space}ctl03-e0", "down"], check=True)
    up()
    said = lab("status").stdout
    assert "control socket answers" in said
    assert [line.split()[2] for line in said.splitlines() if line.startswith("ctl")] == ["running"] * 3
    test_after_all_that_it_comes_up_and_lets_people_in()


def test_a_reboot_of_the_machine_is_survived() -> None:
    up()
    # What a reboot leaves: files that speak of processes and devices that are not there.
    kept = {each: each.read_text() for each in STATE.glob("hosts/*/leader")} | {STATE / "pid": "1\n"}
    assert lab("down").returncode == 0
    for path, text in kept.items():
        path.write_text(text)
    up()
    test_after_all_that_it_comes_up_and_lets_people_in()


@pytest.mark.long
def test_two_labs_live_side_by_side() -> None:
    up()
    OTHER.mkdir()
    done = lab("up", OTHER, "--until", "image")
    assert done.returncode == 0, done.stderr
    up(OTHER)
    assert number_of(OTHER) != number_of(STATE)
    number = number_of(OTHER)
    assert lab("destroy", OTHER).returncode == 0
    assert left(OTHER, number) == []
    assert "ctl01   10." in lab("status").stdout
    test_after_all_that_it_comes_up_and_lets_people_in()


def test_only_one_command_at_a_time_changes_it() -> None:
    first = subprocess.Popen(command("down", "--state", str(STATE)), cwd=ROOT, stderr=subprocess.PIPE, text=True)
    time.sleep(0.3)
    second = lab("up", STATE, "--until", "clients")
    first.communicate(timeout=60)
    assert second.returncode in (0, 69)
    assert second.returncode == 0 or "another command" in second.stderr
    up()


def test_down_is_quick_and_leaves_only_the_folder() -> None:
    up()
    number = number_of(STATE)
    began = time.monotonic()
    assert lab("down").returncode == 0
    assert time.monotonic() - began < 15
    assert left(STATE, number) == [str(STATE)]
    assert lab("down").returncode == 0


def test_a_disk_that_is_too_small_is_told_before_anything_is_made(tmp_path: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", str(tmp_path)], check=True)
    try:
        done = lab("up", tmp_path / "lab")
        assert done.returncode == 69
        assert "GiB more must be free" in done.stderr
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_destroy_leaves_nothing_and_touches_nothing_else() -> None:
    up()
    number = number_of(STATE)
    before = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    others = {line.split(": ")[1] for line in before.splitlines() if f"nl{number}-" not in line}
    assert lab("destroy").returncode == 0
    assert left(STATE, number) == []
    after = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    assert others <= {line.split(": ")[1] for line in after.splitlines()}
    assert lab("destroy").returncode == 0
