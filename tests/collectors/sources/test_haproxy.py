"""HAProxy at the wire: its socket over SSH, where and as whom it is found, and its statistics page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.errors import BadConfiguration, NotUnderstood, Refused, SourceError, TooLate, Unreachable, UsageError
from collectors.kind import Scope
from collectors.request import BalancerStats
from collectors.site import HaproxySite, Secret, Site, WebSite
from collectors.sources.base import Where
from collectors.sources.haproxy import SOCKETS, HaproxySource
from tests.collectors.kinds.host_recordings import RECORDINGS, printed
from tests.scripted_ssh import ScriptedHost, scripted_host
from tests.wire_server import HANG, Reply, WireServer, closed_port, html_reply

SOCAT = f"""\
read -r question
case "$*" in *"UNIX-CONNECT:{{path}}") ;; *)
  echo "2026/11/20 22:42:37 socat[7] E connect(5, AF=1 \\"x\\", 9): No such file or directory" >&2; exit 1;;
esac
case $question in
  "show stat") sed '1d;$d' {RECORDINGS}/ctl01/haproxy-stat.txt;;
  "show info") sed '1d;$d' {RECORDINGS}/ctl01/haproxy-info.txt;;
esac"""
DENIED = 'echo "2026/11/20 22:42:37 socat[7] E connect(5, AF=1 \\"x\\", 9): Permission denied" >&2; exit 1'


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ScriptedHost]:
    with scripted_host(tmp_path) as running:
        yield running


def over_ssh(host: ScriptedHost, **more: Any) -> tuple[HaproxySource, Connections]:
    site = replace(host.site(), haproxy=HaproxySite(("ctl01",), **more))
    ways = Connections(site)
    found = ways.source(BalancerStats())
    assert isinstance(found, HaproxySource)
    return found, ways


def items(source: HaproxySource, seconds: float = 10.0) -> list[dict[str, Any]]:
    with working(Deadline(seconds)) as deadline:
        return [item for page in source.read(BalancerStats(), "ctl01", deadline, Where()) for item in page.items]


def failed(source: HaproxySource, seconds: float = 10.0) -> tuple[list[dict[str, Any]], SourceError]:
    found: list[dict[str, Any]] = []

    def read() -> None:
        with working(Deadline(seconds)) as deadline:
            for page in source.read(BalancerStats(), "ctl01", deadline, Where()):
                found.extend(page.items)

    with pytest.raises(SourceError) as caught:
        read()
    return found, caught.value


def test_the_socket_is_asked_in_one_round_trip(host: ScriptedHost) -> None:
    host.program("socat", SOCAT.replace("{path}", "/srv/my.sock"))
    source, ways = over_ssh(host, socket="/srv/my.sock")
    process, *rows = items(source)
    assert (process["type"], process["host"], process["version"]) == ("process", "ctl01", "2.6.12-1+deb12u4")
    assert len(rows) == 42
    assert {row["host"] for row in rows} == {"ctl01"}
    assert len(host.lines) == 1
    assert "show stat" in host.lines[0]
    ways.close()


def test_a_usual_socket_is_found_and_remembered(host: ScriptedHost) -> None:
    host.program("socat", SOCAT.replace("{path}", SOCKETS[1]))
    source, ways = over_ssh(host)
    assert len(items(source)) == 43
    assert len(host.lines) == 2
    items(source)
    assert len(host.lines) == 3
    ways.close()


def test_a_socket_for_root_is_asked_with_sudo(host: ScriptedHost) -> None:
    host.program("socat", f'[ "$AS" = root ] || {{ {DENIED}; }}\n' + SOCAT.replace("{path}", SOCKETS[0]))
    host.program("sudo", '[ "$1" = -n ] && shift\nAS=root exec "$@"')
    source, ways = over_ssh(host)
    assert len(items(source)) == 43
    ways.close()


def test_a_socket_that_nobody_may_use(host: ScriptedHost) -> None:
    host.program("socat", DENIED)
    host.program("sudo", 'echo "sudo: a password is required" >&2; exit 1')
    source, ways = over_ssh(host)
    found, error = failed(source)
    assert isinstance(error, Refused)
    assert "Permission denied" in error.why
    assert "socat" in error.hint
    assert [(row["type"], row["answers"]) for row in found] == [("process", True)]
    ways.close()


@pytest.mark.parametrize(
    ("script", "why", "hint"),
    [
        (SOCAT.replace("{path}", "/none"), "no socket at /run/haproxy/admin.sock", "does it run?"),
        (
            'echo "socat[7] E connect(5, AF=1 \\"x\\", 9): Connection refused" >&2; exit 1',
            "Connection refused: nobody serves its socket",
            "nephoscope get units host=ctl01",
        ),
        ("exit 127", "the socket is read by it", "install socat there"),
    ],
)
def test_nobody_at_the_socket(host: ScriptedHost, script: str, why: str, hint: str) -> None:
    host.program("socat", script if "127" not in script else 'echo "sh: 1: socat: not found" >&2; exit 127')
    source, ways = over_ssh(host)
    found, error = failed(source)
    assert type(error) is Unreachable
    assert why in error.why
    assert hint in error.hint
    assert found[0]["answers"] is False
    ways.close()


def test_something_else_at_the_socket(host: ScriptedHost) -> None:
    host.program("socat", "echo hello")
    source, ways = over_ssh(host)
    _, error = failed(source)
    assert isinstance(error, NotUnderstood)
    ways.close()


def test_one_that_hangs(host: ScriptedHost) -> None:
    host.program("socat", "exit 0")  # after its patience, with nothing
    source, ways = over_ssh(host)
    found, error = failed(source)
    assert (type(error), error.why) == (Unreachable, "accepts the question and does not answer: it hangs")
    assert found[0]["answers"] is False
    ways.close()


def test_only_its_own_hosts() -> None:
    source = HaproxySource(Site("t", haproxy=HaproxySite(("ctl01", "ctl02"))))
    assert source.targets(Scope("host"), Where()) == ("ctl01", "ctl02")
    assert source.targets(Scope("host"), Where(targets=("ctl02",))) == ("ctl02",)
    with pytest.raises(UsageError, match="cmp01 runs no HAProxy"):
        source.targets(Scope("host"), Where(targets=("cmp01",)))
    with pytest.raises(BadConfiguration):
        HaproxySource(Site("t"))
    with pytest.raises(BadConfiguration, match="no SSH is at hand"):
        source.stats("ctl01", Deadline(1))


# -- the statistics page ----------------------------------------------------------------------------------------------


def page(url: str, **more: Any) -> HaproxySource:
    password = Secret(lambda: "geheim", "a test")
    site = WebSite((("ctl01", url),), "openstack", password, **more)
    return HaproxySource(Site("t", haproxy=HaproxySite(("ctl01",), pages=site)))


CSV = Reply(body=printed("ctl01", "haproxy-stat"), headers=(("Content-Type", "text/plain"),))


@pytest.mark.parametrize(("base", "path"), [("", "/;csv"), ("/stats", "/stats;csv")])
def test_the_page_as_csv_with_its_account(base: str, path: str) -> None:
    with WireServer() as server:
        server.on(path, CSV)
        source = page(server.url + base)
        process, *rows = items(source)
        assert (process["type"], process["status"], len(rows)) == ("process", "running", 42)
        sent = server.seen[0].headers["authorization"]
        assert sent == "Basic " + b64encode(b"openstack:geheim").decode()
        source.close()


@pytest.mark.parametrize(
    ("reply", "kind", "why"),
    [
        (html_reply("<html>", 401), Refused, "401"),
        (html_reply(), NotUnderstood, "no statistics of HAProxy there"),
        (HANG, TooLate, "no answer within"),
        (html_reply("<html>", 503), Unreachable, "503"),
    ],
)
def test_a_page_that_gives_nothing(reply: Reply, kind: type[SourceError], why: str) -> None:
    with WireServer() as server:
        server.on("/;csv", reply)
        source = page(server.url)
        found, error = failed(source, 0.5)
        assert type(error) is kind
        assert why in error.why
        assert "geheim" not in str(error)
        assert found[0]["trouble"] == error.why
        source.close()


def test_a_page_that_is_not_there() -> None:
    source = page(f"http://127.0.0.1:{closed_port()}")
    found, error = failed(source)
    assert (type(error), error.why) == (Unreachable, "Connection refused")
    assert found[0]["answers"] is False
    for _ in range(2):
        failed(source)
    assert "left alone for a while" in failed(source)[1].why
    source.close()


# -- doctor -----------------------------------------------------------------------------------------------------------


def test_doctor(host: ScriptedHost) -> None:
    host.program("socat", SOCAT.replace("{path}", SOCKETS[0]))
    source, ways = over_ssh(host)
    (fact,) = source.doctor(Deadline(10))
    assert (fact.level, fact.version, fact.detail) == ("ok", "2.6.12-1+deb12u4", "24 servers")
    ways.close()
    with WireServer() as server:
        server.on("/;csv", html_reply("<html>", 401))
        asked = page(server.url)
        (fact,) = asked.doctor(Deadline(5))
        assert (fact.level, fact.refused[:3]) == ("critical", "401")
        assert fact.next_step
        asked.close()
