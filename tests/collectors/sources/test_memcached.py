"""memcached at the wire: what is asked, what else may be at the port, and servers that do not answer."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.errors import BadConfiguration, NotUnderstood, Refused, SourceError, TooLate, Unreachable, UsageError
from collectors.kind import Scope
from collectors.request import CacheStats
from collectors.site import Endpoint, MemcachedSite, Site
from collectors.sources import memcached
from collectors.sources.base import Where
from collectors.sources.memcached import MemcachedSource
from tests.collectors.kinds.host_recordings import printed
from tests.scripted_ssh import bare_server, garbage, mute, resetting, scripted_host, web_server
from tests.wire_server import closed_port

STATS = printed("ctl01", "memcached-stats").split(b"\n", 1)[1]
SETTINGS = b"STAT inter 10.0.0.11\r\nSTAT auth_enabled_sasl no\r\nEND\r\n"
QUESTIONS: list[bytes] = []


def answering(*parts: bytes) -> Callable[[socket.socket], None]:
    """A server that says these parts and hangs up."""

    def behave(sock: socket.socket) -> None:
        QUESTIONS.append(sock.recv(4096))
        for part in parts:
            sock.sendall(part)
        sock.close()

    return behave


def source_of(port: int, **more: Any) -> MemcachedSource:
    servers = (Endpoint("ctl01", "127.0.0.1", port),)
    return MemcachedSource(Site("t", memcached=MemcachedSite(servers, **more)))


def item(source: MemcachedSource, seconds: float = 5.0) -> dict[str, Any]:
    with working(Deadline(seconds)) as deadline:
        ((found,),) = [page.items for page in source.read(CacheStats(), "ctl01", deadline, Where())]
    return dict(found)


def failed(source: MemcachedSource, seconds: float = 5.0) -> tuple[dict[str, Any], SourceError]:
    found: list[Any] = []

    def read() -> None:
        with working(Deadline(seconds)) as deadline:
            for page in source.read(CacheStats(), "ctl01", deadline, Where()):
                found.extend(page.items)

    with pytest.raises(SourceError) as caught:
        read()
    return found[0], caught.value


def test_three_questions_in_one_connection() -> None:
    QUESTIONS.clear()
    with bare_server(answering(b"VERSION 1.6.18\r\n" + STATS[:100], STATS[100:] + SETTINGS)) as port:
        found = item(source_of(port))
    assert QUESTIONS == [b"version\r\nstats\r\nstats settings\r\nquit\r\n"]
    assert (found["version"], found["uptime"], found["curr_items"]) == ("1.6.18", 771, 0)
    assert found["settings"] == {"inter": "10.0.0.11", "auth_enabled_sasl": "no"}
    assert (found["member"], found["address"], found["port"]) == ("ctl01", "127.0.0.1", port)


def test_an_old_one_has_no_settings() -> None:
    old = b"VERSION 1.4.4\r\nSTAT pid 7\r\nSTAT version 1.4.4\r\nSTAT curr_items 12\r\nEND\r\nERROR\r\n"
    with bare_server(answering(old)) as port:
        found = item(source_of(port))
    assert (found["version"], found["curr_items"], found["settings"]) == ("1.4.4", 12, {})


@pytest.mark.parametrize(
    ("behave", "kind", "why"),
    [
        (answering(b"ERROR\r\nERROR\r\n"), Refused, "wants an account"),
        (answering(b"CLIENT_ERROR unauthenticated\r\n"), Refused, "wants an account"),
        (answering(b"-ERR unknown command 'version'\r\n"), NotUnderstood, "something else answers there: -ERR"),
        (web_server, NotUnderstood, "something else answers there: HTTP/1.1 400"),
        (garbage, NotUnderstood, "something else answers there: SSH-2.0"),
        (answering(b"STAT a 1\r\n" * 40_000), NotUnderstood, "larger than"),
        (answering(), Unreachable, "hangs up at once"),
        (resetting, Unreachable, ""),
    ],
)
def test_what_else_may_be_there(behave: Callable[[socket.socket], None], kind: type[SourceError], why: str) -> None:
    with bare_server(behave) as port:
        found, error = failed(source_of(port))
    assert type(error) is kind
    assert why in error.why
    assert error.hint
    assert found["trouble"] == error.why
    assert found["answers"] is (kind is not Unreachable)


def test_a_mute_one_is_given_up_and_counts_as_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memcached, "PATIENCE", 0.2)
    with bare_server(mute) as port:
        found, error = failed(source_of(port))
    assert (type(error), found["answers"]) == (Unreachable, False)
    assert error.why.startswith("accepts connections, but does not answer")


def test_a_read_that_had_no_time_says_nothing_about_the_server() -> None:
    with bare_server(mute) as port:
        found, error = failed(source_of(port), 0.2)
    assert (type(error), found["answers"]) == (TooLate, None)


def test_nobody_is_there_and_it_is_left_alone_after_three_tries() -> None:
    source = source_of(closed_port())
    for _ in range(3):
        found, error = failed(source)
        assert (type(error), error.why, found["answers"]) == (Unreachable, "Connection refused", False)
    found, error = failed(source)
    assert "left alone for a while" in error.why
    assert found["answers"] is False


def test_by_way_of_a_host(tmp_path: Path) -> None:
    with scripted_host(tmp_path) as host, bare_server(answering(b"VERSION 1.6.18\r\n" + STATS + SETTINGS)) as port:
        servers = (Endpoint("ctl01", "127.0.0.1", port),)
        ways = Connections(replace(host.site(), memcached=MemcachedSite(servers, "ssh:ctl01")))
        source = ways.source(CacheStats())
        assert isinstance(source, MemcachedSource)
        assert item(source, 10)["version"] == "1.6.18"
        assert host.logins == 1
        ways.close()


def test_its_own_servers_only() -> None:
    source = source_of(1)
    assert source.targets(Scope("member"), Where()) == ["ctl01"]
    with pytest.raises(UsageError, match="cmp01 runs no memcached"):
        source.targets(Scope("member"), Where(targets=("cmp01",)))
    with pytest.raises(BadConfiguration):
        MemcachedSource(Site("t"))


def test_doctor() -> None:
    with bare_server(answering(b"VERSION 1.6.18\r\n" + STATS + SETTINGS)) as port:
        (fact,) = source_of(port).doctor(Deadline(5))
    assert (fact.level, fact.version, fact.address) == ("ok", "1.6.18", f"ctl01 127.0.0.1:{port}")
    with bare_server(answering(b"ERROR\r\n")) as port:
        (fact,) = source_of(port).doctor(Deadline(5))
    assert fact.refused.startswith("wants an account")
    (fact,) = source_of(closed_port()).doctor(Deadline(5))
    assert (fact.level, "Connection refused" in fact.detail) == ("critical", True)
