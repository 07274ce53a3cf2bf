"""A small region for the hosts' shells, with a clock that stands still."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from runbooks.simulator.clock import Clock
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.model.cloud import Cloud, build
from runbooks.simulator.ssh.program import ACCOUNTS, Place
from runbooks.simulator.ssh.shell import Shell

NOW = 1_795_214_536.25
"""2026-11-20 22:42:16 UTC."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What one line did."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def cloud() -> Cloud:
    return build(Layout(net=211, computes=2), Seed(), Clock(lambda: NOW), servers=4)


@pytest.fixture
def run(cloud: Cloud) -> Run:
    """Run a line on a host (ctl01 unless said) as somebody (kolla unless said)."""

    def on(line: str, host: str = "ctl01", user: str = "kolla", stdin: bytes = b"") -> Ran:
        out, err = io.BytesIO(), io.BytesIO()
        shell = Shell(Place(cloud, cloud.hosts[host], ACCOUNTS[user]))
        status = shell.run_to_end(line, out, err, stdin)
        return Ran(status, out.getvalue().decode("utf-8", "surrogateescape"), err.getvalue().decode())

    return on
