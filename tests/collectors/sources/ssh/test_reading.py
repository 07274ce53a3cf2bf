"""What commands on a host give: good output, odd output, too much, none, refused, late."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, NotUnderstood, Refused, SourceError, TooLate, Unreachable, UsageError
from collectors.kind import Scope
from collectors.request import HostCommands
from collectors.sources.base import Where
from collectors.sources.ssh import SshSource
from tests.scripted_ssh import ScriptedHost, scripted_host

FACTS = HostCommands(("load", "kernel", "cpus"))
DOCKER = HostCommands(("docker-containers",))
LINE = '{"Names":"nova_api","State":"running","Status":"Up 2 hours (healthy)","Image":"a/b:1","ID":"ab"}'


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ScriptedHost]:
    with scripted_host(tmp_path) as running:
        yield running


@pytest.fixture
def source(host: ScriptedHost) -> Iterator[SshSource]:
    """A source that is connected already, so that short deadlines are spent on the commands."""
    made = SshSource(host.site(), environment={})
    with made.connections.using(made.hop("ctl01"), Deadline(20)):
        pass
    yield made
    made.close()


def items(source: SshSource, request: HostCommands, seconds: float = 10.0) -> list[dict[str, Any]]:
    return [item for page in source.read(request, "ctl01", Deadline(seconds), Where()) for item in page.items]


def failed(source: SshSource, request: HostCommands, seconds: float = 10.0) -> tuple[list[dict[str, Any]], SourceError]:
    """What arrived, and the error after it."""
    found: list[dict[str, Any]] = []

    def read() -> None:
        for page in source.read(request, "ctl01", Deadline(seconds), Where()):
            found.extend(page.items)

    with pytest.raises(SourceError) as caught:
        read()
    return found, caught.value


def test_facts_come_as_one_item_in_one_round_trip(source: SshSource, host: ScriptedHost) -> None:
    host.program("nproc", "echo 12")
    (found,) = items(source, FACTS)
    assert (found["host"], found["address"], found["roles"], found["cpus"]) == ("ctl01", "127.0.0.1", "control", 12)
    assert found["load_1"] >= 0
    assert found["failed"] == {}
    assert len(host.lines) == 1


def test_the_connection_is_kept(source: SshSource, host: ScriptedHost) -> None:
    for _ in range(3):
        items(source, FACTS)
    assert (host.logins, len(host.lines)) == (1, 3)


def test_a_connection_that_died_is_made_again_once(source: SshSource, host: ScriptedHost) -> None:
    items(source, FACTS)
    host.drop_all()
    assert items(source, FACTS)[0]["failed"] == {}
    assert host.logins == 2


def test_the_hosts_clock_comes_with_its_facts(source: SshSource) -> None:
    (page,) = source.read(HostCommands(("clock", "load")), "ctl01", Deadline(10), Where())
    assert page.server_time == pytest.approx(time.time(), abs=5)


def test_one_fact_that_fails_leaves_the_others(source: SshSource, host: ScriptedHost) -> None:
    host.program("nproc", "echo many processors")
    host.program("uname", "echo oops >&2; exit 3")
    (found,) = items(source, FACTS)
    assert "load_1" in found
    assert set(found["failed"]) == {"cpus", "kernel"}
    assert found["failed"]["kernel"] == "oops"


def test_a_missing_command(source: SshSource, host: ScriptedHost) -> None:
    host.program("nproc", "exit 127")
    (found,) = items(source, FACTS)
    assert found["failed"] == {"cpus": "command not found"}


def test_rows_of_containers(source: SshSource, host: ScriptedHost) -> None:
    host.program("docker", f"echo '{LINE}'")
    (row,) = items(source, DOCKER)
    assert (row["host"], row["name"], row["detail"], row["age"]) == ("ctl01", "nova_api", "healthy", 7200.0)


def test_an_engine_that_is_not_there_has_no_rows(source: SshSource) -> None:
    assert items(source, HostCommands(("podman-containers",))) == []


def test_details_complete_the_rows_of_the_same_name(source: SshSource, host: ScriptedHost) -> None:
    host.program(
        "systemctl",
        r"""
case $1 in
  list-units) echo '[{"unit":"a.service","load":"loaded","active":"failed"},{"unit":"b.service","load":"loaded"}]';;
  show) printf 'Id=a.service\nStateChangeTimestamp=Fri 2026-11-20 22:28:54 UTC\nResult=signal\n';;
esac""",
    )
    a, b = items(source, HostCommands(("services", "service-states")))
    assert (a["name"], a["state"], a["since"], a["result"]) == ("a", "failed", 1795213734.0, "signal")
    assert (b["name"], b.get("since")) == ("b", None)


def test_permission_denied_is_tried_again_with_sudo_and_remembered(source: SshSource, host: ScriptedHost) -> None:
    host.program("docker", "echo 'permission denied while trying to connect to the Docker daemon socket' >&2; exit 1")
    host.program("sudo", f"[ \"$1 $2\" = '-n docker' ] && echo '{LINE}'")
    assert [row["name"] for row in items(source, DOCKER)] == ["nova_api"]
    assert len(host.lines) == 2
    assert [row["name"] for row in items(source, DOCKER)] == ["nova_api"]
    assert len(host.lines) == 3


def test_refused_sudo_is_its_own_error(source: SshSource, host: ScriptedHost) -> None:
    host.program("podman", "echo '[]'")
    host.program("sudo", "echo 'sudo: a password is required' >&2; exit 1")
    _, error = failed(source, HostCommands(("podman-containers",)))
    assert isinstance(error, Refused)
    assert error.what == f"sudo on ctl01 (127.0.0.1 port {host.port})"
    assert error.why == "a password is required"
    assert "kolla ALL=(root) NOPASSWD: podman ps --all --format json" in error.hint


def test_what_is_denied_to_us_and_to_sudo_is_told_in_the_hosts_words(source: SshSource, host: ScriptedHost) -> None:
    host.program("docker", "echo 'permission denied: docker.sock' >&2; exit 1")
    host.program("sudo", "echo 'sudo: a password is required' >&2; exit 1")
    _, error = failed(source, DOCKER)
    assert isinstance(error, Refused)
    assert error.why == "permission denied: docker.sock"


def test_the_other_engines_rows_arrive_before_the_refusal(source: SshSource, host: ScriptedHost) -> None:
    host.program("docker", f"echo '{LINE}'")
    host.program("podman", "echo '[]'")
    host.program("sudo", "echo 'kolla is not in the sudoers file.' >&2; exit 1")
    found, error = failed(source, HostCommands(("docker-containers", "podman-containers")))
    assert [row["name"] for row in found] == ["nova_api"]
    assert isinstance(error, Refused)


def test_ten_megabytes_of_output_cost_only_that_command(source: SshSource, host: ScriptedHost) -> None:
    host.program("uname", "head -c 10000000 /dev/zero")
    host.program("nproc", "echo 4")
    (found,) = items(source, FACTS)
    assert found["cpus"] == 4
    assert set(found["failed"]) == {"kernel"}
    assert "more than the 1,024 it may" in found["failed"]["kernel"]


def test_output_without_an_end_is_cut_off(source: SshSource, host: ScriptedHost) -> None:
    host.program("uname", "exec cat /dev/zero")
    began = time.monotonic()
    (found,) = items(source, FACTS, seconds=30)
    assert time.monotonic() - began < 15
    assert "more than the 1,024 it may" in found["failed"]["kernel"]
    assert "load_1" in found
    assert "cpus" in found


def test_somewhat_too_much_output_is_dropped_and_the_rest_is_read(source: SshSource, host: ScriptedHost) -> None:
    host.program("uname", "head -c 200000 /dev/zero")
    host.program("nproc", "echo 4")
    (found,) = items(source, FACTS)
    assert found["cpus"] == 4
    assert found["failed"] == {"kernel": "printed 200,000 bytes, more than the 1,024 it may"}


def test_too_many_complaints_do_not_block(source: SshSource, host: ScriptedHost) -> None:
    host.program("uname", "head -c 3000000 /dev/zero >&2; echo 6.1")
    host.program("nproc", "echo 4")
    (found,) = items(source, FACTS)
    assert found["cpus"] == 4
    assert "more than the 1,024 it may" in found["failed"]["kernel"]


def test_control_characters_and_garbage_never_reach_a_message(source: SshSource, host: ScriptedHost) -> None:
    host.program("uname", r"printf '\033[31mred\007\n' >&2; exit 1")
    host.program("nproc", r"printf '\377\376\000\033]0;title\007'")
    (found,) = items(source, FACTS)
    assert found["failed"]["kernel"] == "\\x1b[31mred\\x07"
    assert all(why.isprintable() for why in found["failed"].values())


def test_a_command_that_hangs_costs_itself_and_those_after_it(source: SshSource, host: ScriptedHost) -> None:
    host.program("uname", "sleep 30")
    began = time.monotonic()
    (found,) = items(source, FACTS, seconds=1.5)
    assert time.monotonic() - began < 5
    assert "load_1" in found
    assert found["failed"] == {"kernel": "did not finish in time", "cpus": "did not finish in time"}


def test_a_host_where_nothing_finishes_is_too_late(source: SshSource, host: ScriptedHost) -> None:
    host.program("cat", "sleep 30")
    found, error = failed(source, FACTS, seconds=1.2)
    assert isinstance(error, TooLate)
    assert error.why == "did not finish within 1.2 s (at `load`)"
    assert found[0]["answers"] is None


def test_after_a_late_read_the_next_one_has_a_connection_of_its_own(source: SshSource, host: ScriptedHost) -> None:
    host.program("cat", "sleep 30")
    failed(source, FACTS, seconds=1.2)
    (host.bin / "cat").unlink()
    assert items(source, FACTS)[0]["failed"] == {}
    assert host.logins == 2


def test_a_login_shell_that_does_something_else(source: SshSource, host: ScriptedHost) -> None:
    host.instead = "echo This account is currently not available.; exit 1"
    _, error = failed(source, FACTS)
    assert isinstance(error, NotUnderstood)
    assert error.why == "the login shell ended before our commands did: This account is currently not available."


def test_what_a_profile_prints_is_passed_over(source: SshSource, host: ScriptedHost) -> None:
    items(source, FACTS)
    host.instead = f"echo Welcome; printf 'and more'; {host.lines[0]}"
    found, error = failed(source, FACTS)
    assert isinstance(error, NotUnderstood)  # the mark is another one each time: the old line is not ours
    assert "Welcome" in error.why
    assert found[0]["answers"] is True


def test_a_cancelled_read_ends_at_once(source: SshSource, host: ScriptedHost) -> None:
    host.program("cat", "sleep 30")
    deadline = Deadline(30)
    errors: list[SourceError] = []

    def read() -> None:
        try:
            list(source.read(FACTS, "ctl01", deadline, Where()))
        except SourceError as error:
            errors.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    while not host.lines:
        time.sleep(0.01)
    deadline.end()
    thread.join(3)
    assert not thread.is_alive()
    assert isinstance(errors[0], TooLate)


def test_hosts_are_chosen_by_role_and_name(source: SshSource) -> None:
    assert source.targets(Scope("host"), Where()) == ["ctl01"]
    with pytest.raises(BadConfiguration, match="none of test has the role compute"):
        source.targets(Scope("host", ("compute",)), Where())
    assert list(source.targets(Scope("host"), Where(targets=("ctl01",)))) == ["ctl01"]
    assert source.targets(Scope("host"), Where(query=(("host", "CTL01"),))) == ["ctl01"]
    assert source.targets(Scope("host"), Where(query=(("host", "cmp99"),))) == []
    with pytest.raises(UsageError, match=r"cmp99 is no host of test\. Hosts: ctl01"):
        source.targets(Scope("host"), Where(targets=("cmp99",)))
    with pytest.raises(UsageError, match="ctl01 has none of the roles compute"):
        source.targets(Scope("host", ("compute",)), Where(targets=("ctl01",)))


def test_root_needs_no_sudo(host: ScriptedHost) -> None:
    host.user = "root"
    host.program("podman", "echo '[]'")
    host.program("sudo", "exit 1")
    source = SshSource(host.site(), environment={})
    assert items(source, HostCommands(("podman-containers",))) == []
    source.close()


def test_a_host_without_sudo_says_so(source: SshSource, host: ScriptedHost) -> None:
    host.program("podman", "echo '[]'")
    host.program("sudo", "echo 'sh: 1: exec: sudo: not found' >&2; exit 127")
    _, error = failed(source, HostCommands(("podman-containers",)))
    assert isinstance(error, Refused)


def test_a_failing_engine_is_an_error_with_its_words(source: SshSource, host: ScriptedHost) -> None:
    host.program("docker", "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1")
    _, error = failed(source, DOCKER)
    assert type(error) is Unreachable
    assert error.why.startswith("Cannot connect to the Docker daemon")


def test_a_client_without_its_service_is_no_failure(source: SshSource, host: ScriptedHost) -> None:
    host.program("docker", "echo 'Cannot connect to the Docker daemon.' >&2; exit 1")
    listed = '{"unit":"%s.service","load":"loaded","active":"inactive"}'
    both = HostCommands(("services", "docker-containers"))
    host.program("systemctl", f"echo '[{listed % 'ssh'}]'")
    assert [row["name"] for row in items(source, both)] == ["ssh"]
    host.program("systemctl", f"echo '[{listed % 'docker'}]'")
    found, error = failed(source, both)
    assert [row["name"] for row in found] == ["docker"]
    assert error.why == "Cannot connect to the Docker daemon."
