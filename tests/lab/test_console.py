"""The console on a pseudo-terminal of 80x24, on real services: what a person sees, healthy and broken."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from collectors.registry import entries
from collectors.registry import kind as registered
from tests.lab.real import COMMAND, POLLS, RealLab
from tests.terminal import Terminal

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]
SETTLED = 240.0
"""Seconds after which a cloud that has just come up is at rest."""


@pytest.fixture
def console(lab: RealLab, tmp_path: Path) -> Iterator[Terminal]:
    mine = {k: v for k, v in lab.environment().items() if k.startswith(("OS_", "NEPHOSCOPE_"))}
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TERM": "xterm-256color", "LANG": "C.UTF-8", **mine}
    with Terminal([COMMAND], environ) as terminal:
        terminal.until(lambda: terminal.shows("compute services up"), POLLS)
        yield terminal


def test_a_healthy_cloud_is_told_as_one(console: Terminal) -> None:
    """It may have to settle first: just after it came up, Neutron's agents have messages that nobody is bound for."""
    console.until(lambda: console.shows("● galera") and console.shows("● rabbitmq"), SETTLED)
    assert console.text[0].startswith("lab/RegionOne  admin")
    for words in ("3 of 3 members Synced", "3 of 3 nodes well", "endpoints answer", "agents alive"):
        console.until(partial(console.shows, words), POLLS)


def test_every_kind_opens_and_describes(lab: RealLab, console: Terminal) -> None:
    for name in (e.name for e in entries().values() if e.scope != "parent"):
        if registered(name).optional:
            continue
        console.press(f":{name}\r", 0.05)
        console.until(partial(opened, console, name), POLLS)
        if console.shows("an empty list"):
            assert lab.get(name) == [], name
            continue
        console.insist("gd", lambda: console.shows("esc close"), POLLS)
        assert max(len(line) for line in console.text) <= 80, name
        console.press("qG", 0.05)
        console.until(lambda: not console.shows("esc close"), POLLS)


def opened(console: Terminal, name: str) -> bool:
    """The list of that kind is there, be it with rows or as an empty one."""
    return console.text[1].startswith(name) and (" of " in console.text[22] or console.shows("an empty list"))


def test_a_fault_shows_within_two_polls_and_goes(lab: RealLab, console: Terminal) -> None:
    console.until(lambda: console.shows("3 of 3 members"), POLLS)
    with lab.broken("galera-member-out", host="ctl02"):
        console.until(lambda: console.shows("2 of 3 members"), POLLS)
        assert console.shows("ctl02")
    console.until(lambda: console.shows("3 of 3 members"), POLLS)
