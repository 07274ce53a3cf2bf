"""Name lookups that answer, fail, or hang."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from collectors.deadline import Deadline, working
from collectors.sources.http import cause, guarded_session
from collectors.sources.names import lookup
from collectors.sources.version_probe import probe
from tests.wire_server import WireServer, closed_port, json_reply


@pytest.fixture
def mute_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A resolver that does not answer before the test is over."""
    over = threading.Event()

    def hang(*arguments: Any, **more: Any) -> Any:
        over.wait(60)
        raise socket.gaierror(socket.EAI_AGAIN, "late")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield
    over.set()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "fe80::1%eth0"])
def test_an_address_needs_no_lookup(host: str, mute_resolver: None) -> None:
    assert lookup(host, 80, 0.01) == [host]


def test_a_name_has_its_addresses_each_once() -> None:
    found = lookup("localhost", 80, 10)
    assert "127.0.0.1" in found or "::1" in found
    assert len(found) == len(set(found))


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 300, "a..b"])
def test_a_name_that_is_none(host: str) -> None:
    with pytest.raises(socket.gaierror):
        lookup(host, 80, 10)


def test_a_resolver_that_hangs_is_left_at_the_limit(mute_resolver: None) -> None:
    began = time.monotonic()
    with pytest.raises(socket.gaierror, match="was not looked up within 0 s: do the name servers answer"):
        lookup("vip.example.org", 80, 0.2)
    assert time.monotonic() - began < 2


def test_a_request_keeps_its_deadline_in_the_lookup(mute_resolver: None) -> None:
    began = time.monotonic()
    with guarded_session() as session, working(Deadline(0.3)), pytest.raises(requests.ConnectionError) as caught:
        session.get("http://vip.example.org:8774/")
    assert time.monotonic() - began < 2
    assert "was not looked up within" in cause(caught.value)


def test_a_probe_says_that_the_name_servers_are_silent(mute_resolver: None) -> None:
    found = probe("http://vip.example.org:5000/v3", guarded_session, 0.3)
    assert found.answer == "unreachable"


def test_the_next_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with WireServer() as server:
        server.on("/", json_reply({"ok": True}))
        monkeypatch.setattr("collectors.sources.http.lookup", lambda *_: ["127.0.0.2", "127.0.0.1"])
        with guarded_session() as session, working(Deadline(10)):
            # Nothing listens on 127.0.0.2.
            assert session.get(f"http://vip.example.org:{server.port}/").json() == {"ok": True}
        assert server.seen[0].headers["host"] == f"vip.example.org:{server.port}"


def test_when_no_address_accepts_the_last_refusal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.sources.http.lookup", lambda *_: ["127.0.0.2", "127.0.0.1"])
    with guarded_session() as session, working(Deadline(10)), pytest.raises(requests.ConnectionError) as caught:
        session.get(f"http://vip.example.org:{closed_port()}/")
    assert cause(caught.value) == "Connection refused"
