"""Logs read from simulated hosts over SSH: containers, files behind sudo, journals; following, cancelling, refusals."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from collectors.connections import Connections
from collectors.errors import NoSuchObject, Refused, Unreachable
from collectors.logs.line import LogLine
from collectors.logs.reading import LogReading, Wanted
from runbooks.simulator.model.cloud import Cloud
from tests.collectors.sources.ssh.test_simulated_site import site
from tests.ssh_ground import SshGround


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshGround]:
    with SshGround(tmp_path_factory.mktemp("state")) as running:
        yield running


class Read:
    """A reading and what it told."""

    def __init__(self, connections: Connections, **wanted: object) -> None:
        self.lines: list[LogLine] = []
        self.changed = threading.Event()
        values: dict[str, object] = {"hosts": tuple(connections.site.hosts), "since": time.time() - 600}
        asked = Wanted(**(values | wanted))  # type: ignore[arg-type]
        self.reading = LogReading(connections.ssh(), asked, self._told, lambda: None, connections.deadline)
        self.reading.start()

    def _told(self, lines: Sequence[LogLine]) -> None:
        self.lines += lines
        self.changed.set()

    def until(self, wanted: Callable[[], bool], seconds: float = 10.0) -> None:
        end = time.monotonic() + seconds
        while not wanted():
            left = end - time.monotonic()
            assert left > 0, (self.reading.heard, self.lines[-3:])
            self.changed.wait(min(left, 0.5))
            self.changed.clear()


@contextmanager
def reading(ground: SshGround, user: str = "", **wanted: object) -> Iterator[Read]:
    settings: dict[str, object] = {}
    if user:
        settings["config"] = ground.folder / user
        (ground.folder / user).write_text(ground.config.read_text().replace("User kolla", f"User {user}"))
    connections = Connections(site(ground, **settings))
    try:
        yield Read(connections, **wanted)
    finally:
        connections.close()


def test_a_kolla_service_is_read_from_its_file_behind_sudo_and_its_container(ground: SshGround) -> None:
    with reading(ground, units=("nova-compute",), since=time.time() - 3600) as read:
        assert read.reading.wait(20)
        heard = read.reading.heard
        assert heard.troubles == ()
        assert set(heard.sources) == {
            f"cmp0{n}: {place}"
            for n in range(1, 5)
            for place in ("docker nova_compute", "/var/log/kolla/nova/nova-compute.log")
        }
        assert {line.host for line in read.lines} == {"cmp01", "cmp02", "cmp03", "cmp04"}
        assert {line.service for line in read.lines} == {"nova-compute"}
        assert all(line.request_id and line.time and line.level == "info" for line in read.lines)


def test_systemds_services_are_read_from_the_journal(ground: SshGround) -> None:
    with reading(ground, units=("ssh",), hosts=("ctl01",), since=0.0) as read:
        assert read.reading.wait(20)
        assert read.reading.heard.sources == ("ctl01: journald",)
        assert any("Started ssh.service" in line.message for line in read.lines)


def test_a_request_is_found_in_all_logs(ground: SshGround) -> None:
    def happened(cloud: Cloud) -> tuple[str, str]:
        compute = cloud.compute
        server = next(s for s in compute.servers.newest() if s.host)
        assert server.host is not None
        action = compute.actions.start("reboot", server, "req-" + "0" * 7 + "1-0000-0000-0000-000000000001", "u", "p",
                                       cloud.now())  # fmt: skip
        event = action.begin("compute_reboot_instance", server.host, cloud.now())
        action.end(event, cloud.now() + 0.01)
        return action.request_id, server.host

    request, host = ground.change(happened)
    with reading(ground, request=request) as read:
        assert read.reading.wait(20)
        assert read.reading.heard.troubles == ()
        assert {line.request_id for line in read.lines} == {request}
        found = {(line.host, line.service) for line in read.lines}
        assert (host, "nova-compute") in found
        assert any(service == "nova-api" for _, service in found)
        assert any("seconds to reboot instance" in line.message for line in read.lines)


def test_following_shows_what_is_logged_from_now_on_and_a_cancel_ends_it(ground: SshGround) -> None:
    with reading(ground, units=("chrony", "nova-compute"), hosts=("cmp01",), follow=True, since=time.time()) as read:
        read.until(lambda: len(read.reading.heard.sources) == 3)

        def restarts(cloud: Cloud) -> None:
            for state in ("stopped", "running"):
                cloud.hosts.set_unit("cmp01", "chrony", state, cloud.now() + 0.1)

        ground.change(restarts)
        read.until(lambda: any("Started chrony.service" in line.message for line in read.lines))
        assert not read.reading.heard.done
        read.reading.stop()
        assert read.reading.wait(10)
        assert read.reading.heard.troubles == ()


def test_who_may_not_read_is_told_what_to_allow(ground: SshGround) -> None:
    with reading(ground, user="guest", units=("ssh",), hosts=("ctl01",)) as read:
        assert read.reading.wait(20)
        errors = [error for _, error in read.reading.heard.troubles]
        assert any(isinstance(error, Refused) and "NOPASSWD" in error.hint for error in errors), errors
        assert read.lines == []


def test_an_unknown_service_names_those_that_are_near(ground: SshGround) -> None:
    with reading(ground, units=("nova-conpute",)) as read:
        assert read.reading.wait(20)
        ((host, error),) = read.reading.heard.troubles
        assert (host, type(error)) == ("", NoSuchObject)
        assert "nova-compute" in error.hint


def test_a_host_that_is_down_costs_only_its_own_lines(tmp_path: Path) -> None:
    with SshGround(tmp_path, computes=2) as ground:
        ground.change(lambda cloud: cloud.hosts.power_off("cmp02", cloud.now()))
        with reading(ground, units=("nova-compute",), hosts=("cmp01", "cmp02")) as read:
            assert read.reading.wait(30)
            ((host, error),) = read.reading.heard.troubles
            assert (host, isinstance(error, Unreachable)) == ("cmp02", True)
            assert {line.host for line in read.lines} == {"cmp01"}


def test_a_broker_that_is_gone_is_in_the_logs_of_who_needs_it(tmp_path: Path) -> None:
    with SshGround(tmp_path, computes=2) as ground:

        def fail(cloud: Cloud) -> None:
            for host in ("ctl01", "ctl02", "ctl03"):
                cloud.hosts.set_unit(host, "rabbitmq", "failed", cloud.now() - 60, 1)

        ground.change(fail)
        with reading(ground, units=("nova-*",)) as read:
            assert read.reading.wait(30)
            errors = [line for line in read.lines if line.level == "error"]
            assert errors
            assert all("AMQP server on" in line.message for line in errors)
