"""The console as a person meets it: its own process on a pseudo-terminal of 80x24, on a simulated cloud."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from collectors.registry import entries
from collectors.registry import kind as registered
from collectors.rollup import Complaints
from tests.ground import Ground, simulator
from tests.terminal import Terminal

PATIENCE = 40.0
EMPTY = ("alerts", "changes", "silences")
"""Kinds of which a healthy cloud has none, besides those that list complaints."""
COMMAND = [str(Path(sys.executable).with_name("nephoscope"))]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with simulator(tmp_path_factory.mktemp("cloud")) as ground:
        yield ground


def environment(cloud: Ground, home: Path, **more: str) -> dict[str, str]:
    plain = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    mine = {k: v for k, v in cloud.environment().items() if k.startswith(("OS_", "NEPHOSCOPE_"))}
    return {**plain, **mine, **more}


@pytest.fixture
def console(cloud: Ground, tmp_path: Path) -> Iterator[Terminal]:
    with Terminal(COMMAND, environment(cloud, tmp_path)) as terminal:
        terminal.until(lambda: terminal.shows("compute services up"), PATIENCE)
        yield terminal


def test_the_overview_comes_first_and_says_who_and_where(console: Terminal) -> None:
    console.until(lambda: console.shows("admin"), PATIENCE)
    assert console.text[0].startswith("simulator/RegionOne  admin")
    assert console.text[1].startswith("overview")
    for system in ("identity", "compute", "network", "galera", "rabbitmq", "hosts"):
        assert console.shows(system)


def test_keys_typed_ahead_land_where_they_were_meant(console: Terminal) -> None:
    console.press(":servers\r/web\r:agents\rjjjd")
    console.until(lambda: console.text[1].startswith("agents"), PATIENCE)
    console.until(lambda: console.shows("heartbeat") or console.shows("where else"), PATIENCE)


def opened(console: Terminal, name: str) -> bool:
    """The list of that kind is there, with rows."""
    return console.text[1].startswith(name) and " of " in console.text[22]


def may_be_empty(name: str) -> bool:
    """Of a cloud that is well and was just made: lists of what is wrong, and of what has changed."""
    return name in EMPTY or isinstance(registered(name).rollup, Complaints)


def openstack(cloud: Ground, *words: str) -> None:
    """A command of the real client."""
    command = [str(Path(sys.executable).with_name("openstack")), *words]
    subprocess.run(command, env=cloud.environment(), check=True, capture_output=True, timeout=60)


def test_what_happens_is_in_the_list_of_events_and_refreshes_what_it_names(cloud: Ground, console: Terminal) -> None:
    console.press(":events\r")
    console.until(lambda: console.shows("No events.") or " of " in console.text[22], PATIENCE)
    console.press(":compute-services\r")
    console.until(lambda: console.shows("nova-compute"), PATIENCE)
    try:
        openstack(
            cloud, *("compute", "service", "set", "--disable", "--disable-reason", "by-a-test", "cmp03", "nova-compute")
        )
        console.until(lambda: console.shows("by-a-test"), PATIENCE)
        console.press(":events\r")
        console.until(lambda: console.shows("service.update") and console.shows("nova-compute@cmp03"), PATIENCE)
    finally:
        openstack(cloud, "compute", "service", "set", "--enable", "cmp03", "nova-compute")


@pytest.mark.timeout(300)  # more than a hundred kinds
def test_every_kind_opens_filters_sorts_and_describes(cloud: Ground, console: Terminal) -> None:
    console.press(":events\r")
    console.until(lambda: console.shows("No events.") or " of " in console.text[22], PATIENCE)
    openstack(cloud, "compute", "service", "set", "--enable", "cmp03", "nova-compute")  # that there is one
    offered = (e for e in entries().values() if e.system == "orchestration" or not registered(e.name).optional)
    for name in (e.name for e in offered if e.scope != "parent"):
        console.press(f":{name}\r", 0.05)
        if may_be_empty(name):
            console.until(lambda name=name: opened(console, name) or console.shows("an empty list"), PATIENCE)  # type: ignore[misc]
            if not opened(console, name):
                continue
        console.until(lambda name=name: opened(console, name), PATIENCE)  # type: ignore[misc]
        console.press("/health=ok\r", 0.05)
        console.until(lambda: "/ health=ok" in console.text[1], PATIENCE)
        console.press(":sort health\r", 0.05)
        console.insist("gd", lambda: console.shows("esc close"), PATIENCE)
        assert max(len(line) for line in console.text) <= 80, name
        console.press("qG", 0.05)  # not esc: with a key right behind it, a terminal cannot tell it from Alt
        console.until(lambda: not console.shows("esc close"), PATIENCE)


def test_a_fault_shows_on_the_overview_with_its_reason(cloud: Ground, tmp_path: Path) -> None:
    with Terminal(COMMAND, environment(cloud, tmp_path)) as console:
        console.until(lambda: console.shows("3 of 3 members"), PATIENCE)
        fault = cloud.inject("galera-member-out", host="ctl02")
        try:
            console.until(lambda: console.shows("2 of 3 members"), 30)
            assert console.shows("ctl02")
            assert console.shows("▲ galera") or console.shows("✖ galera"), console.text
        finally:
            cloud.ask("undo", id=fault)


def test_ascii_only_is_ascii(cloud: Ground, tmp_path: Path) -> None:
    with Terminal([*COMMAND, "--ascii"], environment(cloud, tmp_path, NO_COLOR="1")) as console:
        console.until(lambda: console.shows("compute services up"), PATIENCE)
        console.press(":cs\r")
        assert all(line.isascii() for line in console.text), console.text


def test_an_idle_screen_writes_nothing(console: Terminal) -> None:
    console.press(":flavors\r")
    console.until(lambda: console.shows("m1.tiny"), PATIENCE)
    console.until(lambda: "systems ok" in console.text[0], PATIENCE)  # the first reads of all of them are done
    # What still arrives is news; once there is none, nothing is written.
    console.until(lambda: console.listen(3.0, 3.0).size == 0, PATIENCE)


def test_the_demo_needs_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    # Not below tmp_path, whose name is too long for the socket in it when tests run side by side.
    with TemporaryDirectory(prefix="n", dir="/tmp") as temporary:
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": temporary, "TERM": "xterm"}
        with Terminal([*COMMAND, "demo"], environ | {"LANG": "C.UTF-8"}) as console:
            console.until(lambda: re.search(r"all \d+ systems ok", "\n".join(console.text)) is not None, 60)
            assert os.listdir(temporary) != []
            console.press(":q\r")
            assert console.ended(20) == 0
        assert os.listdir(temporary) == []


def test_leaving_ends_the_process_and_restores_the_terminal(console: Terminal) -> None:
    console.press(":q\r")
    assert console.ended(10) == 0
    assert b"\x1b[?1049l" in console.latest  # the alternate screen is left, what was there before is back
