"""Loki at the wire: pages by time, lines of one moment, what is new, labels, tenants, and how it fails."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from collectors.deadline import Deadline
from collectors.errors import NoSuchObject, NotUnderstood, Refused, SourceError, Unreachable
from collectors.logs.central import Central, Sought
from collectors.logs.line import LogLine
from collectors.site import LokiSite, Secret, Site, WebSite
from collectors.sources.loki import PAGE, LokiSource
from tests.wire_server import Reply, Seen, WireServer, closed_port, html_reply, json_reply

WIRE = Path(__file__).parents[2] / "wire" / "loki"
API = "/loki/api/v1"
HOSTS = [("cmp01", "10.0.0.31"), ("cmp02", "10.0.0.32")]
NOW = 2_000.0


class Stored:
    """Lines of one stream behind the API, as (nanoseconds, line)."""

    def __init__(self, server: WireServer, labels: dict[str, str], lines: list[tuple[int, str]]) -> None:
        self.labels, self.lines = labels, lines
        server.on(f"{API}/labels", json_reply({"status": "success", "data": list(labels)}))
        for name, value in labels.items():
            server.on(f"{API}/label/{name}/values", json_reply({"status": "success", "data": [value]}))
        server.on(f"{API}/query_range", self.answer)

    def answer(self, seen: Seen) -> Reply:
        start, end, limit = (int(seen.query[name]) for name in ("start", "end", "limit"))
        newest_first = seen.query["direction"] == "backward"
        found = sorted((each for each in self.lines if start <= each[0] < end), reverse=newest_first)[:limit]
        stream = {"stream": self.labels, "values": [[str(at), text] for at, text in found]}
        return json_reply({"status": "success", "data": {"resultType": "streams", "result": [stream] if found else []}})


@pytest.fixture
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        yield running


def source(url: str, **more: Any) -> LokiSource:
    web = {key: more.pop(key) for key in ("user", "password", "token") if key in more}
    return LokiSource(Site("t", loki=LokiSite(WebSite((("mon01", url),), **web), **more)))


def central(url: str, **more: Any) -> Central:
    return Central(source(url, **more), HOSTS, clock=lambda: NOW, poll=0.01)


def sought(*units: str, lines: int = 10_000, follow: bool = False, words: str = "") -> Sought:
    return Sought(units, words, 1_000.0, lines, follow)


def read(found: Central, wanted: Sought, hosts: tuple[str, ...] = ("cmp01",)) -> list[LogLine]:
    with_end = Deadline(10)
    return [line for page in found.lines(hosts, wanted, with_end) for line in page]


def labelled(**more: str) -> dict[str, str]:
    return {"host": "cmp01", "unit": "nova-compute.service"} | more


def test_all_of_a_long_log_is_read_in_pages_once_each(server: WireServer) -> None:
    count = 2 * PAGE + 500
    lines = [(int((1_000 + number / 10) * 1e9), f"line {number}") for number in range(count)]
    Stored(server, labelled(), lines)
    found = read(central(server.url, tenant="blue"), sought("nova-compute"))
    assert sorted(line.message for line in found) == sorted(text for _, text in lines)
    asked = [seen for seen in server.seen if seen.path == f"{API}/query_range"]
    assert len(asked) == 3
    assert {seen.headers["x-scope-orgid"] for seen in asked} == {"blue"}
    assert {seen.query["query"] for seen in asked} == {r'{host=~"cmp01",unit=~"nova-compute\\.service"}'}


def test_the_latest_lines_where_fewer_are_wanted(server: WireServer) -> None:
    Stored(server, labelled(), [(int((1_000 + number) * 1e9), f"line {number}") for number in range(900)])
    assert [line.message for line in read(central(server.url), sought("nova-compute", lines=2))] == [
        "line 898", "line 899",
    ]  # fmt: skip


def test_lines_of_one_moment_at_a_pages_end(server: WireServer) -> None:
    same = int(1_500 * 1e9)
    lines = [(same, f"same {number:04}") for number in range(PAGE // 2)]
    lines += [(same + 1 + number, f"later {number}") for number in range(PAGE - 10)]
    Stored(server, labelled(), lines)
    found = read(central(server.url), sought("nova-compute"))
    assert sorted(line.message for line in found) == sorted(text for _, text in lines)


def test_more_lines_of_one_moment_than_a_page_holds_do_not_hold_it_up(server: WireServer) -> None:
    lines = [(int(1_500 * 1e9), f"same {number:05}") for number in range(PAGE + 50)]
    Stored(server, labelled(), [*lines, (int(1_400 * 1e9), "before")])
    assert "before" in [line.message for line in read(central(server.url), sought("nova-compute"))]


def test_what_comes_later_is_told_once_also_when_it_is_late(server: WireServer) -> None:
    stored = Stored(server, labelled(), [(int((NOW - 5) * 1e9), "first")])
    cancel = Deadline(10)
    pages = central(server.url).lines(("cmp01",), sought("nova-compute", follow=True), cancel)
    assert [line.message for line in next(pages)] == ["first"]
    stored.lines += [(int((NOW + 1) * 1e9), "second"), (int((NOW - 8) * 1e9), "late")]
    assert sorted(line.message for line in next(pages)) == ["late", "second"]
    stored.lines.append((int((NOW + 2) * 1e9), "third"))
    assert [line.message for page in islice(pages, 1) for line in page] == ["third"]
    cancel.end()
    assert list(pages) == []


def test_lines_as_loki_documents_them(server: WireServer) -> None:
    labels = {"host": ["cmp01"], "unit": ["ssh.service"], "service_name": ["nova-compute"], "filename": ["/x.log"]}
    server.on(f"{API}/labels", json_reply({"status": "success", "data": list(labels)}))
    for name, values in labels.items():
        server.on(f"{API}/label/{name}/values", json_reply({"status": "success", "data": values}))
    server.on(f"{API}/query_range", Reply(200, (WIRE / "query_range.json").read_bytes()))
    first, second, third = read(central(server.url), sought())
    assert (first.message, first.level, first.service) == ("no form at all", "warning", "nova-compute")
    assert (second.service, second.message, second.time) == ("ssh", "Accepted publickey for ana", 1569266495.0)
    assert (third.level, third.logger) == ("error", "nova.compute.manager")
    assert third.request_id == "req-0f6a3c5e-1111-2222-3333-444455556666"
    assert {line.host for line in (first, second, third)} == {"cmp01"}
    assert {line.source for line in (first, second, third)} == {"loki"}


def test_the_labels_that_the_site_names(server: WireServer) -> None:
    Stored(server, {"box": "cmp01", "thing": "nova-compute", "host": "x"}, [(int(1_500 * 1e9), "a line")])
    found = read(central(server.url, host_label="box", service_label="thing"), sought("nova-compute"))
    assert [(line.host, line.service) for line in found] == [("cmp01", "nova-compute")]
    with pytest.raises(NoSuchObject, match="none of its labels names a host of ours: box, host, thing") as caught:
        read(central(server.url), sought("nova-compute"))
    assert "host_label" in caught.value.hint


def test_a_service_that_is_not_there_is_not_asked_for(server: WireServer) -> None:
    Stored(server, labelled(), [(int(1_500 * 1e9), "a line")])
    found = central(server.url)
    assert read(found, sought("keystone")) == []
    assert not found.means(["keystone"], 1_000.0, Deadline(5))
    assert found.has(1_000.0, Deadline(5)).units == ("nova-compute",)
    assert f"{API}/query_range" not in [seen.path for seen in server.seen]


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(401, b"no org id\n", (("Content-Type", "text/plain; charset=utf-8"),)), Refused, "401 no org id"),
        (Reply(400, b"parse error at line 1", (("Content-Type", "text/plain"),)), NotUnderstood, "400 parse error"),
        (Reply(429, b"too many outstanding requests", (("Content-Type", "text/plain"),)), Unreachable, "429 too many"),
        (html_reply(), NotUnderstood, "HTML instead of JSON"),
        (json_reply({"status": "success", "data": 5}), NotUnderstood, "not Loki's"),
    ],
)
def test_what_goes_wrong_is_told(server: WireServer, reply: Reply, kind: type[SourceError], words: str) -> None:
    server.on(f"{API}/labels", reply)
    with pytest.raises(kind, match=words):
        read(central(server.url), sought())


def test_an_odd_page_and_a_dead_server(server: WireServer) -> None:
    Stored(server, labelled(), [])
    server.on(f"{API}/query_range", json_reply({"data": {"resultType": "matrix", "result": []}}))
    with pytest.raises(NotUnderstood, match="not Loki's"):
        read(central(server.url), sought())
    with pytest.raises(Unreachable, match="refused"):
        read(central(f"http://127.0.0.1:{closed_port()}"), sought())


def test_doctor_says_who_we_are_and_whether_there_is_anything_to_read(server: WireServer) -> None:
    server.on(f"{API}/status/buildinfo", json_reply({"version": "3.2.1", "goVersion": ""}))
    server.on(f"{API}/labels", json_reply({"status": "success", "data": ["host"]}))
    (fact,) = source(server.url, tenant="blue").doctor(Deadline(5))
    assert (fact.level, fact.version, fact.identity) == ("ok", "3.2.1", "tenant blue")
    (fact,) = source(server.url, user="ana", password=Secret(lambda: "pw", "a test")).doctor(Deadline(5))
    assert (fact.level, fact.identity) == ("ok", "ana")
    server.on(f"{API}/labels", json_reply({"status": "success"}))
    (fact,) = source(server.url).doctor(Deadline(5))
    assert (fact.level, fact.detail) == ("warning", "has no streams of the last hours")
    server.on(f"{API}/labels", Reply(401, b"no org id\n", (("Content-Type", "text/plain"),)))
    (fact,) = source(server.url).doctor(Deadline(5))
    assert (fact.level, fact.refused, "tenant" in fact.next_step) == ("critical", "401 no org id", True)
    server.on(f"{API}/status/buildinfo", html_reply())
    (fact,) = source(server.url).doctor(Deadline(5))
    assert (fact.level, fact.detail) == ("critical", "something else answers")
