"""Many targets side by side, and kinds together: who hangs holds up its own end, not the sight of the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.deadline import Deadline
from collectors.errors import OurBug, Unreachable, UsageError
from collectors.health import unknown
from collectors.kind import Scope
from collectors.kind_health import kind_health
from collectors.read import read, read_together
from collectors.reader import Ask
from collectors.request import HostCommands, Request
from collectors.rollup import Quorum
from collectors.site import Site
from collectors.snapshot import Snapshot
from collectors.sources.base import Asked, Fact, Page, Where
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


class Batches(Hosts):
    """The same hosts, asked for several kinds at once; `slow` ones are answered when `let` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.trips: list[tuple[str, int]] = []

    def read_together(
        self, target: str, asked: Sequence[Asked], deadline: Deadline
    ) -> Iterator[tuple[int, Iterator[Page]]]:
        self.trips.append((target, len(asked)))
        order = sorted(range(len(asked)), key=lambda i: asked[i].request == SLOW.read)
        for index in order:
            if asked[index].request == SLOW.read and target == "cmp03":
                assert self.let.wait(20)
            yield index, self._answer(asked[index], target)

    def _answer(self, asked: Asked, target: str) -> Iterator[Page]:
        if asked.request == ODD.read and target == "cmp02":
            raise UsageError("cmp02 cannot be asked that")
        yield Page(items=[{"id": target, "binary": "nova-compute", "host": target, "state": "up", "status": "enabled"}])


QUICK = replace(HOSTS, name="quick")
SLOW = replace(HOSTS, name="slow", read=HostCommands(("flows",)))
ODD = replace(HOSTS, name="odd", read=HostCommands(("odd",)))


@pytest.fixture
def batches(connections: Connections) -> Batches:
    made = Batches()
    connections._sources["ssh"] = made
    return made


def test_kinds_read_together_take_one_trip_and_each_is_there_when_its_own_rows_are(
    batches: Batches, connections: Connections
) -> None:
    order = []
    for index, found in read_together([Ask(SLOW), Ask(QUICK)], connections, clock=lambda: NOW):
        order.append(index)
        assert isinstance(found, Snapshot)
        assert (found.complete, len(found.rows)) == (True, 3)
        batches.let.set()
    assert order == [1, 0]
    assert sorted(batches.trips) == [("cmp01", 2), ("cmp02", 2), ("cmp03", 2)]


def test_what_is_asked_of_fewer_hosts_is_asked_only_there(
    batches: Batches, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches.let.set()
    all_of_them = batches.targets
    monkeypatch.setattr(batches, "targets", lambda scope, where: where.targets or all_of_them(scope, where))
    asks = [Ask(QUICK), Ask(SLOW, Where(targets=("cmp02",)))]
    found = dict(read_together(asks, connections, clock=lambda: NOW))
    assert [len(found[i].rows) for i in (0, 1)] == [3, 1]  # type: ignore[union-attr]
    assert sorted(batches.trips) == [("cmp01", 1), ("cmp02", 2), ("cmp03", 1)]


def test_a_kind_that_cannot_be_asked_costs_the_others_nothing(batches: Batches, connections: Connections) -> None:
    batches.let.set()
    found = dict(read_together([Ask(ODD), Ask(QUICK), Ask(SLOW)], connections, clock=lambda: NOW))
    assert isinstance(found[0], UsageError)
    assert all(isinstance(found[i], Snapshot) and found[i].complete for i in (1, 2))  # type: ignore[union-attr]


def test_a_kind_whose_hosts_are_unknown_costs_the_others_nothing(
    batches: Batches, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    def targets(scope: Scope, where: Where) -> Sequence[str]:
        if where.targets:
            raise UsageError("no such host")
        return ("cmp01",)

    monkeypatch.setattr(batches, "targets", targets)
    found = dict(read_together([Ask(QUICK, Where(targets=("x",))), Ask(QUICK)], connections, clock=lambda: NOW))
    assert isinstance(found[0], UsageError)
    assert isinstance(found[1], Snapshot)


def test_kinds_of_a_source_that_knows_no_batches_are_read_one_by_one(hosts: Hosts, connections: Connections) -> None:
    hosts.let.set()
    found = dict(read_together([Ask(HOSTS), Ask(HOSTS)], connections, clock=lambda: NOW))
    assert [len(found[i].rows) for i in (0, 1)] == [2, 2]  # type: ignore[union-attr]


def test_a_bug_of_a_batch_is_told_to_every_kind_that_waits(
    batches: Batches, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(target: str, asked: Sequence[Asked], deadline: Deadline) -> Iterator[tuple[int, Iterator[Page]]]:
        yield 1, iter((Page(items=[]),))
        raise RuntimeError("oops")

    monkeypatch.setattr(batches, "read_together", broken)
    found = dict(read_together([Ask(QUICK), Ask(HOSTS)], connections, clock=lambda: NOW))
    assert isinstance(found[0], RuntimeError)
    assert isinstance(found[1], Snapshot)


def test_kinds_read_together_grow_each_on_its_own(batches: Batches, connections: Connections) -> None:
    seen: dict[str, list[Snapshot]] = {"quick": [], "slow": []}

    def told(growing: Snapshot) -> None:
        seen[growing.kind.name].append(growing)
        batches.let.set()

    asks = [Ask(SLOW, partial=told), Ask(QUICK, partial=told)]
    found = dict(read_together(asks, connections, clock=lambda: NOW))
    assert all(isinstance(each, Snapshot) and each.complete for each in found.values())
    assert seen["quick"] == [], "it was whole at once"
    assert [t.target for t in seen["slow"][0].targets] == ["cmp01", "cmp02"]
    assert seen["slow"][0].waiting == ("cmp03",)
