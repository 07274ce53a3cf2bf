"""The poller on a scripted cloud: reads what is watched, one service's silence costs only itself, it ends at once."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.connections import Connections
from collectors.errors import OurBug, Unreachable
from collectors.poller import Poller
from collectors.request import Request
from collectors.schedule import HASTE
from collectors.snapshot import Snapshot
from collectors.sources import exchange
from collectors.sources.base import Source, Where
from collectors.store import Store, Subject
from tests.scripted_ssh import ScriptedHost, scripted_host
from tests.wire_cloud import WireCloud, wire_cloud
from tests.wire_server import HANG, Reply, json_reply

PATIENCE = 15.0
SERVICES = "/compute/v2.1/os-services"
AGENTS = "/network/v2.0/agents"


class Told:
    """Swaps in the order they came."""

    def __init__(self) -> None:
        self._swaps: queue.SimpleQueue[tuple[Subject, Snapshot]] = queue.SimpleQueue()

    def __call__(self, subject: Subject, snapshot: Snapshot) -> None:
        self._swaps.put((subject, snapshot))

    def next(self, kind: str, patience: float = PATIENCE) -> Snapshot:
        """The next finished swap of `kind`; `queue.Empty` when none comes."""
        while True:
            subject, snapshot = self._swaps.get(timeout=patience)
            if subject.kind_name == kind and (snapshot.complete or snapshot.errors):
                return snapshot


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WireCloud]:
    with wire_cloud(tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def poller(cloud: WireCloud, told: Told) -> Iterator[Poller]:
    made = Poller(cloud.connections(), Store(), told, clock=time.time)
    made.start()
    yield made
    made.stop()


def services(*hosts: str) -> Reply:
    rows = [{"id": h, "binary": "nova-compute", "host": h, "status": "enabled", "state": "up"} for h in hosts]
    return json_reply({"services": rows})


def test_what_is_watched_is_read_and_kept(cloud: WireCloud, poller: Poller, told: Told) -> None:
    cloud.on(SERVICES, services("cmp01"))
    subject = Subject("compute-services")
    poller.watch(subject)
    assert [row.host for row in told.next("compute-services").rows] == ["cmp01"]  # type: ignore[union-attr]
    found = poller.store.get(subject)
    assert found is not None
    assert len(found.rows) == 1
    assert [(s.service, s.calls) for s in poller.spent()] == [("compute", 1)]


def test_refresh_reads_again_now(cloud: WireCloud, poller: Poller, told: Told) -> None:
    cloud.on(SERVICES, services("cmp01"), services("cmp01", "cmp02"))
    subject = Subject("compute-services")
    poller.watch(subject)
    assert len(told.next("compute-services").rows) == 1
    poller.refresh(subject)
    assert len(told.next("compute-services").rows) == 2


def test_an_event_brings_the_read_of_what_it_names_forward(cloud: WireCloud, poller: Poller, told: Told) -> None:
    cloud.on(SERVICES, services("cmp01"), services("cmp01", "cmp02"))
    subject = Subject("compute-services")
    poller.watch(subject)
    assert len(told.next("compute-services").rows) == 1
    while poller.next_try(subject)[1] <= HASTE:  # the read is told before it is over
        assert not poller._stopped
    poller.hasten("agents")
    assert poller.next_try(subject)[1] > HASTE
    poller.hasten("compute-services")
    assert poller.next_try(subject)[1] <= HASTE
    assert len(told.next("compute-services").rows) == 2


def test_a_hanging_service_holds_up_no_other_and_not_the_end(cloud: WireCloud, poller: Poller, told: Told) -> None:
    cloud.on(SERVICES, HANG)
    cloud.on(AGENTS, json_reply({"agents": []}))
    poller.watch(Subject("compute-services"))
    poller.watch(Subject("agents"))
    assert told.next("agents").complete
    began = time.monotonic()
    poller.stop()
    assert time.monotonic() - began < 2


def test_a_failure_keeps_the_rows_with_their_age(cloud: WireCloud, poller: Poller, told: Told) -> None:
    cloud.on(SERVICES, services("cmp01"), Reply(status=503))
    subject = Subject("compute-services")
    poller.watch(subject)
    before = told.next("compute-services")
    poller.refresh(subject)
    after = told.next("compute-services")
    assert [row.host for row in after.rows] == ["cmp01"]  # type: ignore[union-attr]
    assert isinstance(after.errors[0], Unreachable)
    assert after.at == before.at
    failures, seconds = poller.next_try(subject)
    assert failures == 1
    assert seconds > 0


def test_a_system_that_the_site_does_not_have_is_told(poller: Poller, told: Told) -> None:
    poller.watch(Subject("galera-members"))
    found = told.next("galera-members")
    assert "says nothing about galera" in str(found.errors[0])


def test_parts_of_a_kind_are_forgotten_and_whole_kinds_stay(cloud: WireCloud, poller: Poller, told: Told) -> None:
    cloud.on(SERVICES, services("cmp01"))
    whole, part = Subject("compute-services"), Subject("compute-services", Where(query=(("host", "cmp01"),)))
    for subject in (whole, part):
        poller.watch(subject)
        told.next("compute-services")
        poller.unwatch(subject)
    assert poller.store.get(whole) is not None
    assert poller.store.get(part) is None


def test_a_frozen_poller_starts_no_reads(cloud: WireCloud, poller: Poller, told: Told) -> None:
    cloud.on(SERVICES, services("cmp01"))
    cloud.on(AGENTS, json_reply({"agents": []}))
    poller.watch(Subject("agents"))
    told.next("agents")  # it reads, so the deciding thread runs
    poller.freeze(True)
    poller.watch(Subject("compute-services"))
    with pytest.raises(queue.Empty):
        told.next("compute-services", 0.5)
    poller.freeze(False)
    assert told.next("compute-services").complete


def test_a_bug_before_anything_is_asked_is_told_and_read_again(
    cloud: WireCloud, poller: Poller, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.on(SERVICES, services("cmp01"))
    source = poller.connections.source

    def broken(request: Request) -> Source:
        monkeypatch.setattr(poller.connections, "source", source)
        raise RuntimeError("dictionary changed size during iteration")

    monkeypatch.setattr(poller.connections, "source", broken)
    subject = Subject("compute-services")
    poller.watch(subject)
    found = told.next("compute-services")
    assert isinstance(found.errors[0], OurBug)
    assert str(found.errors[0]).startswith("compute-services: this is a bug of ours: RuntimeError at ")
    poller.refresh(subject)
    assert told.next("compute-services").complete


HOST_KINDS = ("hosts", "units", "clocks", "versions")
UNITS = '[{"unit":"ssh.service","load":"loaded","active":"active","sub":"running","description":"sshd"}]'


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ScriptedHost]:
    with scripted_host(tmp_path) as running:
        running.program("systemctl", f"[ $1 = list-units ] && echo '{UNITS}'; exit 0")
        running.program("docker", "exit 0")
        running.program("podman", "echo '[]'")
        running.program("sudo", 'shift; exec "$@"')
        yield running


@pytest.fixture
def of_hosts(host: ScriptedHost, told: Told) -> Iterator[Poller]:
    """Not started: all that is watched before `start` is due at the same moment."""
    made = Poller(Connections(host.site()), Store(), told, clock=time.time)
    yield made
    made.stop()


def test_all_that_is_due_on_a_host_takes_one_round_trip(host: ScriptedHost, of_hosts: Poller, told: Told) -> None:
    for name in HOST_KINDS:
        of_hosts.watch(Subject(name))
    of_hosts.start()
    seen: set[str] = set()
    while seen < set(HOST_KINDS):
        subject, snapshot = told._swaps.get(timeout=PATIENCE)
        if snapshot.complete:
            seen.add(subject.kind_name)
    assert len(host.lines) == 1
    found = of_hosts.store.whole("units")
    assert found is not None
    assert [row.name for row in found.rows] == ["ssh"]  # type: ignore[union-attr]
    assert [(spent.service, spent.calls) for spent in of_hosts.spent()] == [("ssh", 1)]


def test_a_kind_that_is_opened_is_read_at_once(host: ScriptedHost, of_hosts: Poller, told: Told) -> None:
    for name in ("hosts", "units"):
        of_hosts.watch(Subject(name), visible=False)
    of_hosts.start()
    told.next("units")
    of_hosts.watch(Subject("clocks"))
    assert told.next("clocks", 5.0).rows


def test_one_kinds_hanging_command_leaves_the_others_their_pace(
    host: ScriptedHost, of_hosts: Poller, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "PATIENCE", 0.3)
    host.program("systemctl", "sleep 60")
    for name in ("units", "hosts"):
        of_hosts.watch(Subject(name))
    of_hosts.start()
    assert told.next("hosts").rows
    while of_hosts.next_try(Subject("hosts"))[1] == 0.0:  # it is told just before it is planned again
        assert not of_hosts._stopped
    assert of_hosts.store.whole("units") is None
    of_hosts.refresh(Subject("hosts"))
    assert told.next("hosts").complete


def test_one_kinds_failure_is_not_the_others(host: ScriptedHost, of_hosts: Poller, told: Told) -> None:
    host.program("systemctl", "echo 'Failed to connect to bus' >&2; exit 1")
    for name in ("units", "hosts"):
        of_hosts.watch(Subject(name))
    of_hosts.start()
    assert not told.next("hosts").errors
    failed = of_hosts.store.whole("units") or told.next("units")
    assert "Failed to connect to bus" in str(failed.errors[0])
    assert len(host.lines) == 1
