"""Connections that keep their deadline: what a read holds on to, ways through proxies and channels, odd addresses."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest
import requests

from collectors.deadline import Deadline, working
from collectors.sources.http import address_of, cause, guarded_session, server_time
from tests.wire_server import DRIP, WireServer, json_reply


@pytest.fixture
def server() -> Iterator[WireServer]:
    """A scripted server."""
    with WireServer() as running:
        running.on("/", json_reply({"ok": True}))
        yield running


def descriptors() -> int:
    """Open descriptors of this process."""
    return len(os.listdir("/proc/self/fd"))


def test_many_requests_of_one_read_hold_one_duplicate_of_the_connection(server: WireServer) -> None:
    with guarded_session() as session, working(Deadline(30)):
        session.get(server.url)
        before = descriptors()
        for _ in range(50):
            session.get(server.url)
        assert descriptors() <= before + 1


def test_a_read_that_is_over_holds_nothing(server: WireServer) -> None:
    with guarded_session() as session:
        session.get(server.url)
        before = descriptors()
        for _ in range(5):
            with working(Deadline(30)):
                session.get(server.url)
        assert descriptors() == before


def test_without_a_deadline_it_is_an_ordinary_session(server: WireServer) -> None:
    with guarded_session() as session:
        assert session.get(server.url).json() == {"ok": True}


def test_the_way_through_a_proxy_is_guarded_too(server: WireServer) -> None:
    server.on("/behind", DRIP)
    with guarded_session() as session, working(Deadline(0.4)):
        session.proxies = {"http": server.url}
        with pytest.raises(requests.RequestException):
            session.get("http://far.invalid/behind", timeout=30)
    assert server.seen[0].path == "/behind"


def test_a_dial_of_our_own_reaches_what_only_another_host_can_reach(server: WireServer) -> None:
    dialled: list[tuple[str, int]] = []

    def dial(host: str, port: int, seconds: float) -> socket.socket:
        dialled.append((host, port))
        return socket.create_connection(("127.0.0.1", server.port), seconds)

    with guarded_session(dial) as session, working(Deadline(10)):
        assert session.get("http://inside:8774/").json() == {"ok": True}
    assert dialled == [("inside", 8774)]


def test_the_cap_counts_what_is_decompressed(server: WireServer) -> None:
    import gzip

    from collectors.sources.http import BodyTooLarge
    from tests.wire_server import Reply

    packed = gzip.compress(b" " * (8 << 20))
    server.on("/", Reply(200, packed, (("Content-Encoding", "gzip"),)))
    with guarded_session(cap=1 << 20) as session, working(Deadline(10)), pytest.raises(BodyTooLarge, match="1 MiB"):
        session.get(server.url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://user:secret@vip:5000/v3?token=x#y", "http://vip:5000/v3"),
        ("https://[2001:db8::1]:8774/v2.1", "https://[2001:db8::1]:8774/v2.1"),
        ("http://vip", "http://vip"),
        ("http://vip:notaport/x", "http://vip:notaport/x"),
        ("http://[::1", "an address that is none"),
    ],
)
def test_an_address_is_safe_to_show(url: str, expected: str) -> None:
    assert address_of(url) == expected


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Sat, 21 Nov 2026 03:47:19 GMT", 1795232839.0),
        ("Sat, 21 Nov 2026 03:47:19 -0000", 1795232839.0),
        ("Sat, 21 Nov 2026 03:47:19", 1795232839.0),
        ("yesterday", None),
        ("", None),
    ],
)
def test_the_services_clock(date: str, expected: float | None) -> None:
    made = requests.Response()
    made.headers["Date"] = date
    assert server_time(made) == expected


def test_the_innermost_cause_in_the_systems_words() -> None:
    inner = ConnectionRefusedError(111, "Connection refused")
    assert cause(requests.ConnectionError(inner)) == "Connection refused"
    assert cause(TimeoutError("x")) == "no answer in time"
    assert cause(ValueError()) == "ValueError"
    circular = ValueError("loop")
    circular.__cause__ = circular
    assert cause(circular) == "loop"
