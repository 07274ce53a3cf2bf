"""Several requests to one host in one batch: shared commands, separate answers, and what a bad one costs the others."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from collectors.deadline import Deadline
from collectors.errors import SourceError, TooLate, Unreachable, UsageError
from collectors.request import HostCommands
from collectors.sources import exchange
from collectors.sources.base import Asked, Where
from collectors.sources.ssh import SshSource
from tests.scripted_ssh import ScriptedHost, scripted_host

LOAD, KERNEL, BOTH = HostCommands(("load",)), HostCommands(("kernel",)), HostCommands(("cpus", "kernel"))
DOCKER = HostCommands(("docker-containers",))
LINE = '{"Names":"nova_api","State":"running","Status":"Up 2 hours","Image":"a/b:1","ID":"ab"}'


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ScriptedHost]:
    with scripted_host(tmp_path) as running:
        running.program("nproc", "echo 4")
        yield running


@pytest.fixture
def source(host: ScriptedHost, monkeypatch: pytest.MonkeyPatch) -> Iterator[SshSource]:
    """Connected already; who waits behind a command that hangs is soon impatient."""
    monkeypatch.setattr(exchange, "PATIENCE", 0.3)
    made = SshSource(host.site(), environment={})
    with made.connections.using(made.hop("ctl01"), Deadline(20)):
        pass
    yield made
    made.close()


class Answer:
    """What one request got, and when."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.calls = 0
        self.error: Exception | None = None
        self.after = 0.0


def asked(source: SshSource, requests: Sequence[HostCommands], seconds: Sequence[float] | float = 10.0) -> list[Answer]:
    """The answers in the order of the requests; every request is answered once."""
    each = [seconds] * len(requests) if isinstance(seconds, float) else seconds
    wanted = [Asked(r, Where(), Deadline(s)) for r, s in zip(requests, each, strict=True)]
    found: dict[int, Answer] = {}
    began = time.monotonic()
    for index, pages in source.read_together("ctl01", wanted, Deadline(max(each))):
        assert index not in found
        answer = found[index] = Answer()
        answer.after = time.monotonic() - began
        try:
            for page in pages:
                answer.items += page.items
                answer.calls += page.calls
        except (SourceError, UsageError) as error:
            answer.error = error
    return [found[index] for index in range(len(requests))]


def test_one_round_trip_answers_all_and_shared_commands_run_once(source: SshSource, host: ScriptedHost) -> None:
    host.program("uname", f"echo x >> {host.folder}/ran; echo 6.1")
    load, kernel, both = asked(source, [LOAD, KERNEL, BOTH])
    assert len(host.lines) == 1
    assert (host.folder / "ran").read_text() == "x\n"
    assert load.items[0]["load_1"] >= 0
    assert "kernel" not in load.items[0]
    assert (kernel.items[0]["kernel"], both.items[0]["kernel"], both.items[0]["cpus"]) == ("6.1", "6.1", 4)
    assert load.calls + kernel.calls + both.calls == 1


def test_a_command_that_fails_is_an_error_of_those_that_need_it(source: SshSource, host: ScriptedHost) -> None:
    host.program("docker", "echo 'Cannot connect to the Docker daemon.' >&2; exit 1")
    docker, kernel = asked(source, [DOCKER, KERNEL])
    assert isinstance(docker.error, Unreachable)
    assert kernel.error is None
    assert len(host.lines) == 1


def test_a_command_that_hangs_costs_only_those_that_need_it(source: SshSource, host: ScriptedHost) -> None:
    host.program("uname", "sleep 60")
    kernel, load, both = asked(source, [KERNEL, LOAD, BOTH], 3.0)
    assert isinstance(kernel.error, TooLate)
    assert kernel.error.why == "did not finish within 3 s (at `kernel`)"
    assert load.error is None
    assert load.after < 2.5, "it waited for nobody's deadline"
    assert both.items[0]["cpus"] == 4
    assert both.items[0]["failed"] == {"kernel": "did not finish in time"}
    assert len(host.lines) == 2, "the rest was run in a second session"


def test_what_hung_is_not_left_behind_on_the_connection(source: SshSource, host: ScriptedHost) -> None:
    host.program("uname", "sleep 60")
    asked(source, [KERNEL, LOAD], 1.0)
    (host.bin / "uname").unlink()
    assert asked(source, [KERNEL])[0].error is None
    assert host.logins == 2


def test_two_commands_that_hang_cost_only_themselves(source: SshSource, host: ScriptedHost) -> None:
    host.program("uname", "sleep 60")
    host.program("docker", "sleep 60")
    kernel, docker, load = asked(source, [KERNEL, DOCKER, LOAD], 3.0)
    assert isinstance(kernel.error, TooLate)
    assert isinstance(docker.error, TooLate)
    assert load.error is None
    assert load.after < 2.5


def test_each_request_keeps_its_own_deadline(source: SshSource, host: ScriptedHost) -> None:
    host.program("uname", "sleep 1.5; echo 6.1")
    short, patient = asked(source, [BOTH, KERNEL], [0.8, 10.0])
    assert short.items[0]["failed"] == {"kernel": "did not finish in time"}
    assert short.after < 1.4
    assert patient.items[0]["kernel"] == "6.1"


def test_output_without_an_end_costs_only_that_command(source: SshSource, host: ScriptedHost) -> None:
    host.program("docker", "exec cat /dev/zero")
    docker, kernel = asked(source, [DOCKER, KERNEL], 30.0)
    assert docker.error is not None
    assert "more than the 1,048,576 it may" in str(docker.error)
    assert docker.after < 15
    assert kernel.error is None


def test_what_is_denied_is_asked_again_while_the_others_are_answered(source: SshSource, host: ScriptedHost) -> None:
    host.program("docker", "echo 'permission denied' >&2; exit 1")
    host.program("sudo", f"[ \"$1 $2\" = '-n docker' ] && sleep 0.1 && echo '{LINE}'")
    docker, kernel = asked(source, [DOCKER, KERNEL])
    assert [item["name"] for item in docker.items] == ["nova_api"]
    assert kernel.after < docker.after
    assert len(host.lines) == 2
    asked(source, [DOCKER, KERNEL])
    assert len(host.lines) == 3


def test_what_cannot_be_asked_costs_nobody_else(source: SshSource, host: ScriptedHost) -> None:
    odd, kernel = asked(source, [HostCommands(("ovs-flows bridge=-x",)), KERNEL])
    assert isinstance(odd.error, UsageError)
    assert kernel.error is None


def test_a_host_that_cannot_be_asked_is_an_error_of_all(source: SshSource, host: ScriptedHost) -> None:
    host.instead = "echo This account is currently not available.; exit 1"
    kernel, docker = asked(source, [KERNEL, DOCKER])
    assert kernel.items[0]["trouble"] == kernel.error.why  # type: ignore[union-attr]
    assert docker.items == []
    assert str(docker.error) == str(kernel.error)


def test_the_clock_is_asked_first_whatever_else_is_slow(source: SshSource, host: ScriptedHost) -> None:
    host.program("uname", "sleep 0.2; echo 6.1")
    kernel, clock = asked(source, [KERNEL, HostCommands(("clock", "load"))])
    told = clock.items[0]
    assert told["heard"] - told["asked"] < 0.2
    assert abs(told["clock"] - told["asked"]) < 0.2
    assert kernel.error is None


def test_the_hosts_time_is_that_of_the_answer_not_of_the_asking(source: SshSource, host: ScriptedHost) -> None:
    host.program("nproc", "sleep 1; echo 4")
    request = HostCommands(("clock", "cpus"))
    deadline = Deadline(10)
    ((_, pages),) = source.read_together("ctl01", [Asked(request, Where(), deadline)], deadline)
    (page,) = pages
    assert page.server_time == pytest.approx(time.time(), abs=0.5)
