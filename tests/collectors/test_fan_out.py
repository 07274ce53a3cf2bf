"""Reading many targets side by side: who hangs holds up the end of the read, not the sight of the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.deadline import Deadline
from collectors.errors import OurBug, Unreachable
from collectors.health import unknown
from collectors.kind import Scope
from collectors.kind_health import kind_health
from collectors.read import read
from collectors.request import HostCommands, Request
from collectors.rollup import Quorum
from collectors.site import Site
from collectors.snapshot import Snapshot
from collectors.sources.base import Fact, Page, Where
from tests.rows import NOW
from tests.systems import COMPUTE

HOSTS = replace(COMPUTE, name="hosts", scope=Scope("host"), read=HostCommands(("uptime",)))


class Hosts:
    """A source of three hosts; the last one answers when it is let."""

    system = "ssh"
    workers = 3

    def __init__(self) -> None:
        self.let = threading.Event()

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        return ("cmp01", "cmp02", "cmp03")

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        if target == "cmp03":
            assert self.let.wait(20)
            raise Unreachable("ssh at cmp03", "no route to host")
        yield Page(items=[{"id": target, "binary": "nova-compute", "host": target, "state": "up", "status": "enabled"}])

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        yield from ()

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def hosts() -> Hosts:
    return Hosts()


@pytest.fixture
def connections(hosts: Hosts) -> Iterator[Connections]:
    made = Connections(Site("prod"))
    made._sources["ssh"] = hosts
    yield made
    made.close()


def test_a_first_read_shows_who_answered_while_one_hangs(hosts: Hosts, connections: Connections) -> None:
    seen: list[Snapshot] = []

    def told(growing: Snapshot) -> None:
        seen.append(growing)
        if len(growing.rows) == 2:
            hosts.let.set()

    last = read(HOSTS, connections, clock=lambda: NOW, partial=told)
    assert [t.target for t in seen[-1].targets] == ["cmp01", "cmp02"]
    assert not seen[-1].complete
    assert [t.target for t in last.targets] == ["cmp01", "cmp02", "cmp03"]
    assert last.targets[2].error is not None
    assert len(last.rows) == 2


def test_a_refresh_swaps_once(hosts: Hosts, connections: Connections) -> None:
    hosts.let.set()
    first = read(HOSTS, connections, clock=lambda: NOW)
    seen: list[Snapshot] = []
    read(HOSTS, connections, clock=lambda: NOW, previous=first, partial=seen.append)
    assert seen == []


def test_a_cluster_does_not_shrink_while_a_member_is_waited_for(hosts: Hosts, connections: Connections) -> None:
    kind = replace(HOSTS, rollup=Quorum("members", "up", well="state=up"))
    seen: list[Snapshot] = []

    def told(growing: Snapshot) -> None:
        seen.append(growing)
        if len(growing.rows) == 2:
            hosts.let.set()

    read(kind, connections, clock=lambda: NOW, partial=told)
    assert seen[-1].waiting == ("cmp03",)
    assert kind_health(seen[-1], NOW).health == unknown("2 of 3 members up; cmp03: no answer yet")


def test_a_bug_in_reading_one_target_is_told_and_costs_only_that_one(
    hosts: Hosts, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = hosts.read

    def broken(request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        if target == "cmp03":
            raise RuntimeError("password=s3" + "cret")
        yield from pages(request, target, deadline, where)

    monkeypatch.setattr(hosts, "read", broken)
    found = read(HOSTS, connections, clock=lambda: NOW)
    assert len(found.rows) == 2
    error = found.targets[2].error
    assert isinstance(error, OurBug)
    assert str(error).startswith("hosts of cmp03: this is a bug of ours: RuntimeError at ")
    assert "s3cret" not in str(error) + error.details
    assert "test_fan_out.py" in error.details
