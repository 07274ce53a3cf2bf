"""The RabbitMQ source at the wire: what it asks, what it makes of answers, and of every way in which nodes fail."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.errors import (
    CircuitOpen,
    NoSuchObject,
    NotUnderstood,
    Refused,
    SourceError,
    TooLate,
    Unreachable,
    UsageError,
)
from collectors.kind import Scope
from collectors.request import Management
from collectors.site import RabbitmqSite, Secret, Site
from collectors.sources.base import Page, Where
from collectors.sources.rabbitmq import RabbitmqSource
from tests.wire_server import CLOSE, DRIP, HANG, RESET, Reply, Seen, WireServer, closed_port, html_reply, json_reply
from tests.wire_tls import self_signed

PASSWORD = "correct hörse"
QUEUES = "/api/queues"
LIST = Management("queues")
PAGED = Management("queues", (("columns", "name"),), page=2)
NODES = Management("nodes", everyone=True)


@pytest.fixture
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        running.on("/api/whoami", json_reply({"name": "monitor", "tags": ["monitoring"]}))
        yield running


def source_of(*urls: str, **more: Any) -> RabbitmqSource:
    listed = tuple((f"ctl{n:02}", url) for n, url in enumerate(urls, 1))
    return RabbitmqSource(
        Site("wire", rabbitmq=RabbitmqSite(listed, "monitor", Secret(lambda: PASSWORD, "a test"), **more))
    )


def dead() -> str:
    return f"http://127.0.0.1:{closed_port()}"


def read(source: RabbitmqSource, request: Management = LIST, seconds: float = 5, **query: str) -> list[Page]:
    with working(Deadline(seconds)) as deadline:
        return list(source.read(request, "rabbitmq", deadline, Where(query=tuple(query.items()))))


def failure(source: RabbitmqSource, request: Management = LIST, seconds: float = 5) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(source, request, seconds)
    return caught.value


def rows(pages: list[Page]) -> list[Any]:
    return [row for page in pages for row in (msgspec.json.decode(page.raw) if page.raw is not None else page.items)]


def test_a_list_with_basic_authentication(server: WireServer) -> None:
    server.on(QUEUES, json_reply([{"name": "q"}], Date="Fri, 20 Nov 2026 22:40:00 GMT"))
    source = source_of(server.url)
    [page] = read(source)
    assert rows([page]) == [{"name": "q"}]
    assert page.server_time == 1795214400.0
    sent = server.seen[0].headers["authorization"]
    assert sent == "Basic " + b64encode(f"monitor:{PASSWORD}".encode()).decode()
    source.close()


def test_pages_until_the_last(server: WireServer) -> None:
    def answer(seen: Seen) -> Reply:
        number = int(seen.query["page"])
        assert seen.query["page_size"] == "2"
        assert seen.query["columns"] == "name"
        items = [{"name": f"q{number}{n}"} for n in range(2 if number < 3 else 1)]
        return json_reply({"items": items, "page": number, "page_count": 3, "total_count": 5})

    server.on(QUEUES, answer)
    source = source_of(server.url)
    pages = read(source, PAGED)
    assert [row["name"] for row in rows(pages)] == ["q10", "q11", "q20", "q21", "q30"]
    assert [page.calls for page in pages] == [1, 1, 1]
    source.close()


def test_a_list_that_shrinks_while_it_is_read_ends(server: WireServer) -> None:
    first = json_reply({"items": [{"name": "a"}], "page_count": 2})
    gone = json_reply({"error": "page_out_of_range", "reason": "Page out of range, page: 2 page size: 2, len: 1"}, 400)
    server.on(QUEUES, first, gone)
    source = source_of(server.url)
    assert rows(read(source, PAGED)) == [{"name": "a"}]
    source.close()


def test_a_broker_that_does_not_page(server: WireServer) -> None:
    server.on(QUEUES, json_reply([{"name": "a"}, {"name": "b"}]))
    source = source_of(server.url)
    assert len(rows(read(source, PAGED))) == 2
    source.close()


def test_pages_without_end_are_left(server: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.sources.rabbitmq.PAGES", 4)
    server.on(QUEUES, json_reply({"items": [{"name": "again"}], "page_count": 10**9}))
    source = source_of(server.url)
    error = failure(source, PAGED)
    assert type(error) is NotUnderstood
    assert error.why == "hands out more than 4 pages"
    source.close()


def test_an_empty_page_is_the_last(server: WireServer) -> None:
    server.on(QUEUES, json_reply({"items": [], "page_count": 10**9}))
    source = source_of(server.url)
    assert rows(read(source, PAGED)) == []
    assert len(server.seen) == 1
    source.close()


def test_filters_go_to_the_broker(server: WireServer) -> None:
    server.on(QUEUES, json_reply([]))
    source = source_of(server.url)
    read(source, LIST, name="compute.")
    assert server.seen[0].query == {"name": "compute."}
    source.close()


def test_the_next_node_is_asked_when_one_does_not_answer(server: WireServer) -> None:
    server.on(QUEUES, json_reply([{"name": "q"}]))
    source = source_of(dead(), server.url)
    [page] = read(source)
    assert page.calls == 2
    source.close()


def test_a_node_that_hangs_leaves_time_for_the_next(server: WireServer) -> None:
    server.on(QUEUES, json_reply([{"name": "q"}]))
    with WireServer() as hanging:
        hanging.on(QUEUES, HANG)
        source = source_of(hanging.url, server.url)
        began = time.monotonic()
        assert rows(read(source, seconds=1.2)) == [{"name": "q"}]
        assert time.monotonic() - began < 1.0
        source.close()


def test_when_all_wait_it_is_said_that_they_wait_for_a_peer(server: WireServer) -> None:
    server.on(QUEUES, HANG)
    source = source_of(server.url)
    error = failure(source, seconds=0.5)
    assert type(error) is TooLate
    assert error.why == "answers for itself, but its lists wait for a node that is gone and not yet given up"
    source.close()


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (DRIP, TooLate, "no answer within"),
        (Reply(then="drip headers"), TooLate, "no answer within"),
        (Reply(body=b"[", then="hang in body"), TooLate, "no answer within"),
        (RESET, Unreachable, "Connection reset by peer"),
        (CLOSE, Unreachable, "Remote end closed connection without response"),
        (Reply(then="garbage"), Unreachable, ""),
        (html_reply(), NotUnderstood, "HTML instead of JSON"),
        (Reply(body=b""), NotUnderstood, "no JSON"),
        (Reply(body=b"plain words"), NotUnderstood, "no JSON"),
        (json_reply({"error": "not_authorized", "reason": "Login failed"}, 401), Refused, "401 Login failed"),
        (json_reply({"error": "not_authorised", "reason": "Not monitor user"}, 401), Refused, "Not monitor user"),
        (json_reply({"error": "Object Not Found", "reason": "Not Found"}, 404), NoSuchObject, "404 Not Found"),
        (json_reply({"error": "bad_request", "reason": "no"}, 400), NotUnderstood, "400 no"),
        (Reply(500), Unreachable, "500 Internal Server Error"),
        (html_reply(status=503), Unreachable, "503 HTML instead of JSON"),
        (Reply(302, headers=(("Location", "http://127.0.0.1:1/"),)), NotUnderstood, "redirected elsewhere"),
        (json_reply({"error": "x", "reason": "a\x1b[2J\nb\u202e"}, 500), Unreachable, r"500 a\x1b[2J b\u202e"),
    ],
)
def test_answers_that_are_no_list(server: WireServer, reply: Reply, kind: type[SourceError], words: str) -> None:
    server.on(QUEUES, reply)
    server.on("/api/whoami", HANG)
    source = source_of(server.url)
    error = failure(source, seconds=0.6 if kind is TooLate else 5)
    assert type(error) is kind
    assert words in error.why
    assert error.what == f"rabbitmq ctl01 at {server.url}"
    assert PASSWORD not in str(error)
    source.close()


@pytest.mark.parametrize("body", [b'{"items": [', b"{}", b"<html>", b"", b"null", b"7"])
def test_pages_that_are_no_pages(server: WireServer, body: bytes) -> None:
    server.on(QUEUES, Reply(body=body))
    source = source_of(server.url)
    assert type(failure(source, PAGED)) is NotUnderstood
    source.close()


def test_a_body_of_many_megabytes_is_cut_off(server: WireServer) -> None:
    server.on(QUEUES, Reply(body=b"[" + b" " * (65 << 20)))
    source = source_of(server.url)
    error = failure(source, seconds=30)
    assert type(error).__mro__[1] is NotUnderstood
    assert "larger than 64 MiB" in error.why
    source.close()


def test_ten_megabytes_are_read(server: WireServer) -> None:
    found = [{"name": "x" * 1000, "number": number} for number in range(10_000)]
    server.on(QUEUES, json_reply(found))
    source = source_of(server.url)
    assert len(rows(read(source, seconds=20))) == 10_000
    source.close()


def test_the_hint_names_the_missing_tag(server: WireServer) -> None:
    server.on(QUEUES, json_reply({"error": "not_authorised", "reason": "Not monitor user"}, 401))
    source = source_of(server.url)
    assert failure(source).hint == "rabbitmqctl set_user_tags monitor monitoring"
    source.close()


def test_a_refusing_port() -> None:
    source = source_of(dead())
    error = failure(source)
    assert type(error) is Unreachable
    assert error.why == "Connection refused"
    source.close()


def test_three_failures_open_the_circuit(server: WireServer) -> None:
    now = [100.0]
    site = RabbitmqSite((("ctl01", dead()),), "monitor", Secret(lambda: PASSWORD, "a test"))
    source = RabbitmqSource(Site("wire", rabbitmq=site), clock=lambda: now[0])
    for _ in range(3):
        assert type(failure(source)) is Unreachable
    error = failure(source)
    assert type(error) is CircuitOpen
    assert "Connection refused (3 times" in error.why
    now[0] += 11
    assert type(failure(source)) is Unreachable
    source.close()


def test_a_refusal_is_no_outage(server: WireServer) -> None:
    server.on(QUEUES, json_reply({"error": "not_authorized", "reason": "Login failed"}, 401))
    source = source_of(server.url)
    for _ in range(5):
        assert type(failure(source)) is Refused
    source.close()


@pytest.mark.parametrize("path", ["aliveness-test/%2F", "/aliveness-test/x"])
def test_aliveness_test_is_never_called(server: WireServer, path: str) -> None:
    source = source_of(server.url)
    with pytest.raises(UsageError, match="declares a queue"):
        read(source, Management(path))
    assert server.seen == []


def test_one_target_and_no_members(server: WireServer) -> None:
    source = source_of(server.url)
    assert source.targets(Scope(), Where()) == ("rabbitmq",)
    with pytest.raises(UsageError):
        source.targets(Scope(), Where(targets=("ctl01",)))


def test_neither_proxies_nor_netrc_are_used(
    server: WireServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("http_proxy", dead())
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password wrong\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.on(QUEUES, json_reply([]))
    source = source_of(server.url)
    read(source)
    assert server.seen[0].headers["authorization"].startswith("Basic " + b64encode(b"monitor:").decode()[:10])
    source.close()


def test_a_certificate_that_nobody_signed(tmp_path: Path) -> None:
    with WireServer(self_signed(tmp_path)) as secure:
        source = source_of(secure.url)
        error = failure(source)
        assert type(error) is Unreachable
        assert error.why.startswith("TLS: ")
        source.close()


def test_a_certificate_of_the_sites_own_authority(tmp_path: Path) -> None:
    path = self_signed(tmp_path)
    with WireServer(path) as secure:
        secure.on(QUEUES, json_reply([{"name": "q"}]))
        source = source_of(secure.url, ca=path)
        assert len(rows(read(source))) == 1
        source.close()


# -- what every node says of every node ------------------------------------------------------------------------------


def node(server: WireServer, name: str, *said: dict[str, Any]) -> None:
    """Script one node's view."""
    server.on("/api/overview", json_reply({"node": name}))
    server.on("/api/nodes", json_reply(list(said)))
    server.on("/api/whoami", json_reply({"name": "monitor", "tags": ["monitoring"]}))


@pytest.fixture
def other() -> Iterator[WireServer]:
    with WireServer() as running:
        yield running


def test_views_are_joined_by_name(server: WireServer, other: WireServer) -> None:
    node(
        server,
        "rabbit@ctl01",
        {"name": "rabbit@ctl01", "running": True, "mem_used": 1},
        {"name": "rabbit@ctl02", "running": True},
    )
    node(
        other,
        "rabbit@ctl02",
        {"name": "rabbit@ctl01", "running": True},
        {"name": "rabbit@ctl02", "running": True, "mem_used": 2},
    )
    source = source_of(server.url, other.url)
    first, second = rows(read(source, NODES))
    assert (first["mem_used"], second["mem_used"]) == (1, 2)
    assert first["running_for"] == ["rabbit@ctl01", "rabbit@ctl02"]
    assert first["missing_for"] == []
    assert (first["answers"], first["trouble"]) == (True, None)
    source.close()


def test_a_cut_shows_both_sides(server: WireServer, other: WireServer) -> None:
    node(server, "rabbit@ctl01", {"name": "rabbit@ctl01", "running": True}, {"name": "rabbit@ctl02", "running": False})
    node(other, "rabbit@ctl02", {"name": "rabbit@ctl01", "running": False}, {"name": "rabbit@ctl02", "running": True})
    source = source_of(server.url, other.url)
    first, second = rows(read(source, NODES))
    assert first["running"] is second["running"] is True
    assert first["missing_for"] == ["rabbit@ctl02"]
    assert second["missing_for"] == ["rabbit@ctl01"]
    source.close()


def test_a_node_in_a_cluster_of_its_own_is_unknown_to_the_others(server: WireServer, other: WireServer) -> None:
    """Forgotten, and started anew: each names itself only."""
    node(server, "rabbit@ctl01", {"name": "rabbit@ctl01", "running": True})
    node(other, "rabbit@ctl02", {"name": "rabbit@ctl02", "running": True})
    source = source_of(server.url, other.url)
    first, second = rows(read(source, NODES))
    assert (first["unknown_to"], second["unknown_to"]) == (["rabbit@ctl02"], ["rabbit@ctl01"])
    source.close()


def test_a_node_whose_api_is_dead_is_told_by_the_others(server: WireServer) -> None:
    node(server, "rabbit@ctl01", {"name": "rabbit@ctl01", "running": True}, {"name": "rabbit@ctl02", "running": False})
    source = source_of(server.url, dead())
    first, second = rows(read(source, NODES))
    assert first["answers"] is True
    assert (second["answers"], second["trouble"]) == (False, "Connection refused")
    assert second["missing_for"] == ["rabbit@ctl01"]
    source.close()


def test_a_node_without_a_url_is_neither_answering_nor_silent(server: WireServer) -> None:
    node(server, "rabbit@ctl01", {"name": "rabbit@ctl01", "running": True}, {"name": "rabbit@ctl09", "running": True})
    source = source_of(server.url)
    _, second = rows(read(source, NODES))
    assert (second["answers"], second["trouble"]) == (None, None)
    source.close()


def test_nobody_answers_for_the_nodes() -> None:
    source = source_of(dead(), dead())
    error = failure(source, NODES)
    assert type(error) is Unreachable
    assert error.what.startswith("rabbitmq ctl01")
    source.close()


def test_nodes_that_wait_for_a_peer(server: WireServer) -> None:
    server.on("/api/overview", HANG)
    source = source_of(server.url)
    error = failure(source, NODES, seconds=0.5)
    assert type(error) is TooLate
    assert "wait for a node that is gone" in error.why
    source.close()


@pytest.mark.parametrize("reply", [html_reply(), Reply(body=b'{"a": 1}'), Reply(body=b"[1, null]"), Reply(body=b"")])
def test_views_that_are_no_lists(server: WireServer, reply: Reply) -> None:
    node(server, "rabbit@ctl01")
    server.on("/api/nodes", reply)
    source = source_of(server.url)
    assert type(failure(source, NODES)) is NotUnderstood
    source.close()


def test_odd_nodes_do_not_break_the_join(server: WireServer) -> None:
    node(server, "rabbit@ctl01", {}, {"name": None, "running": "yes"}, {"name": "rabbit@ctl01", "running": None})
    source = source_of(server.url)
    found = rows(read(source, NODES))
    assert [each["missing_for"] for each in found] == [["rabbit@ctl01", "rabbit@ctl01"], ["rabbit@ctl01"]]
    source.close()


# -- doctor -----------------------------------------------------------------------------------------------------------


def test_doctor(server: WireServer) -> None:
    server.on(
        "/api/overview", json_reply({"rabbitmq_version": "3.10.8", "erlang_version": "25.2", "cluster_name": "c"})
    )
    source = source_of(server.url, dead())
    good, bad = source.doctor(Deadline(5))
    assert (good.level, good.identity, good.version) == ("ok", "monitor (monitoring)", "3.10.8, Erlang 25.2, c")
    assert good.round_trip is not None
    assert bad.level == "critical"
    assert "Connection refused" in bad.detail
    source.close()


@pytest.mark.parametrize(
    ("tags", "level", "refused", "detail"),
    [
        (["management"], "warning", "see the nodes", ""),
        ("management", "warning", "see the nodes", ""),
        ([], "warning", "see the nodes", ""),
        (["administrator"], "warning", "", "a monitoring account is enough"),
        ("monitoring,policymaker", "ok", "", ""),
    ],
)
def test_doctor_looks_at_the_tags(server: WireServer, tags: object, level: str, refused: str, detail: str) -> None:
    server.on("/api/whoami", json_reply({"name": "u", "tags": tags}))
    server.on("/api/overview", json_reply({}))
    source = source_of(server.url)
    [fact] = source.doctor(Deadline(5))
    assert fact.level == level
    assert refused in fact.refused
    assert bool(refused) == bool(fact.refused)
    assert detail in fact.detail
    source.close()


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (json_reply({"error": "not_authorized", "reason": "Login failed"}, 401), "401 Login failed"),
        (html_reply(), "answers something else than the management API"),
        (HANG, "no answer within"),
    ],
)
def test_doctor_on_a_node_that_is_not_well(server: WireServer, reply: Reply, words: str) -> None:
    server.on("/api/whoami", reply)
    source = source_of(server.url)
    [fact] = source.doctor(Deadline(0.5))
    assert fact.level == "critical"
    assert words in fact.detail + fact.refused
    source.close()


def test_connections_open_it(server: WireServer) -> None:
    rabbitmq = RabbitmqSite((("ctl01", server.url),), "monitor", Secret(lambda: PASSWORD, "a test"))
    connections = Connections(Site("wire", rabbitmq=rabbitmq))
    assert isinstance(connections.source(LIST), RabbitmqSource)
    connections.close()
