"""What one URL says when it is asked for its versions, in every way in which URLs fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from collectors.deadline import Deadline
from collectors.sources.http import guarded_session
from collectors.sources.version_probe import Answer, addresses, probe
from tests.wire_cloud import recorded
from tests.wire_server import CLOSE, DRIP, HANG, RESET, Reply, Script, WireServer, closed_port, html_reply, json_reply


@pytest.fixture
def server() -> Iterator[WireServer]:
    """A scripted server."""
    with WireServer() as running:
        yield running


def asked(server: WireServer, *replies: Script, path: str = "", seconds: float = 5) -> Answer:
    """What the probe says when the root answers so."""
    server.on("/", *replies)
    return probe(server.url + path, guarded_session, seconds)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://vip:9292", ["http://vip:9292/"]),
        ("http://vip:9696/", ["http://vip:9696/"]),
        ("http://vip:8774/v2.1", ["http://vip:8774/", "http://vip:8774/v2.1/"]),
        ("http://vip/compute/v2.1/", ["http://vip/compute/", "http://vip/compute/v2.1/"]),
        ("http://vip:8776/v3/abc", ["http://vip:8776/", "http://vip:8776/v3/", "http://vip:8776/v3/abc/"]),
        ("http://vip:8080/v1/AUTH_abc", ["http://vip:8080/", "http://vip:8080/v1/", "http://vip:8080/v1/AUTH_abc/"]),
        ("http://[::1]:5000/v3", ["http://[::1]:5000/", "http://[::1]:5000/v3/"]),
        ("http://vip/placement", ["http://vip/placement/"]),
    ],
)
def test_where_it_asks(url: str, expected: list[str]) -> None:
    assert addresses(url) == expected


@pytest.mark.parametrize(
    ("service", "path", "version", "oldest", "newest"),
    [
        ("compute", "/v2.1", "v2.1", "2.1", "2.104"),
        ("block-storage", "/v3/abc", "v3.0", "3.0", "3.71"),
        ("placement", "", "v1.0", "1.0", "1.39"),
        ("image", "", "v2.17", "2.0", "2.17"),
        ("network", "", "v2.0", "2.0", "2.0"),
    ],
)
def test_recorded_version_documents(
    server: WireServer, service: str, path: str, version: str, oldest: str, newest: str
) -> None:
    found = asked(server, json_reply(recorded(f"{service}/versions"), 300), path=path)
    assert (found.answer, found.version, found.min_version, found.max_version) == ("answers", version, oldest, newest)
    assert found.status == 300
    assert found.round_trip is not None
    assert 0 < found.round_trip < 5


@pytest.mark.parametrize(
    "document",
    [
        {"versions": {"values": [{"id": "v3.14", "status": "stable"}]}},
        {"version": {"id": "v3.14", "status": "stable"}},
        {"versions": [{"id": "v3.14", "status": "CURRENT"}, {"id": "v2.0", "status": "DEPRECATED"}]},
    ],
    ids=["keystone's root", "keystone's v3", "list"],
)
def test_the_shapes_of_version_documents(server: WireServer, document: Any) -> None:
    found = asked(server, json_reply(document), path="/v3")
    assert (found.version, found.max_version) == ("v3.14", "3.14")


@pytest.mark.parametrize("document", [[], {}, {"versions": None}, {"versions": [1]}, "text", {"version": 3}, None])
def test_a_living_service_without_a_version_document(server: WireServer, document: Any) -> None:
    found = asked(server, json_reply(document))
    assert (found.answer, found.version, found.detail) == ("answers", None, "no version document")


def test_no_token_and_no_other_secret_goes_along(server: WireServer, tmp_path: Any, monkeypatch: Any) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    asked(server, json_reply({}))
    (seen,) = server.seen
    assert "x-auth-token" not in seen.headers
    assert "authorization" not in seen.headers


def test_a_root_that_is_not_there_is_asked_at_its_version(server: WireServer) -> None:
    server.on("/v3/", json_reply({"version": {"id": "v3.14", "status": "stable"}}))
    assert asked(server, json_reply({}, 404), path="/v3").version == "v3.14"
    assert server.paths() == ["/", "/v3/"]


def test_a_service_that_wants_a_token_is_alive(server: WireServer) -> None:
    server.on("/v1/", json_reply({}, 412))
    server.on("/v1/AUTH_abc/", json_reply({"error": "Unauthorized"}, 401))
    found = asked(server, json_reply({}, 404), path="/v1/AUTH_abc")
    assert (found.answer, found.status) == ("answers", 401)


@pytest.mark.parametrize(
    ("reply", "answer", "detail"),
    [
        (html_reply(), "html", "HTML instead of JSON (HTTP 200)"),
        (html_reply("<!DOCTYPE html><title>Dashboard"), "html", "HTML instead of JSON (HTTP 200)"),
        (html_reply("<html>503</html>", 503), "error", "HTML instead of JSON (HTTP 503)"),
        (json_reply({"message": "x"}, 503), "error", "503"),
        (json_reply({}, 404), "error", "404"),
        (RESET, "closed", "accepted the connection and closed it without an answer"),
        (CLOSE, "closed", "accepted the connection and closed it without an answer"),
        (Reply(then="garbage"), "closed", "accepted the connection and closed it without an answer"),
        (Reply(body=b" " * (2 << 20)), "error", "the answer is larger than 1 MiB"),
        (Reply(302, b"", (("Location", "/"),)), "error", "redirects in circles"),
    ],
    ids=["html", "doctype", "html 503", "503", "404", "reset", "close", "garbage", "large", "circle"],
)
def test_answers_that_are_none(server: WireServer, reply: Reply, answer: str, detail: str) -> None:
    server.on("/", reply)

    def small() -> Any:
        return guarded_session(cap=1 << 20)

    found = probe(server.url, small, 5)
    assert found.answer == answer
    assert detail in found.detail


@pytest.mark.parametrize(
    "reply", [HANG, DRIP, Reply(then="drip headers"), Reply(then="hang in body")], ids=lambda reply: reply.then
)
def test_an_open_port_that_does_not_answer(server: WireServer, reply: Reply) -> None:
    began = time.monotonic()
    found = asked(server, reply, seconds=0.4)
    assert (found.answer, found.detail) == ("silent", "accepted the connection but did not answer within 0.4 s")
    assert time.monotonic() - began < 2


def test_nothing_listens() -> None:
    found = probe(f"http://127.0.0.1:{closed_port()}", guarded_session, 5)
    assert (found.answer, found.detail) == ("refused", "connection refused: nothing listens there")


def test_a_name_that_nobody_knows() -> None:
    found = probe("http://no-such-host.invalid:5000/v3", guarded_session, 5)
    assert found.answer == "unreachable"
    assert found.detail


@pytest.mark.parametrize("url", ["http://", "nonsense", "http://[::1", "http://x:99999/", "ftp://127.0.0.1/"])
def test_a_url_that_is_none(url: str) -> None:
    assert probe(url, guarded_session, 5).answer == "unreachable"


def test_tls_spoken_to_a_plain_port(server: WireServer) -> None:
    found = probe(server.url.replace("http:", "https:"), guarded_session, 5)
    assert found.answer == "tls"
    assert "speaks no TLS" in found.detail


def test_a_port_that_stays_silent_in_the_middle_of_tls_is_silent() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as mute:
        found = probe(f"https://127.0.0.1:{mute.getsockname()[1]}", guarded_session, 0.4)
    assert found.answer == "silent"


def test_a_probe_ends_with_the_read_that_it_is_for(server: WireServer) -> None:
    arrived = threading.Event()

    def hang(seen: object) -> Reply:
        arrived.set()
        return HANG

    outer = Deadline(60)
    found: list[Answer] = []
    server.on("/", hang)
    asking = threading.Thread(target=lambda: found.append(probe(server.url, guarded_session, 60, outer)))
    asking.start()
    assert arrived.wait(10)
    outer.end()
    asking.join(5)
    assert found[0].answer == "silent"


def test_the_services_clock_is_kept(server: WireServer) -> None:
    assert asked(server, json_reply({}, Date="Sat, 21 Nov 2026 03:47:19 GMT")).server_time == 1795232839.0
