"""The simulated Loki over HTTP: the same lines that the hosts have, in documented answers, for its tenant only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.ground import Ground, simulator


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with simulator(tmp_path_factory.mktemp("loki") / "state", "--computes", "2") as found:
        yield found


def loki(ground: Ground, path: str, tenant: str = "cloud", **query: Any) -> requests.Response:
    with requests.Session() as asking:
        asking.trust_env = False
        asked = {name: str(value) for name, value in query.items()}
        headers = {"X-Scope-OrgID": tenant} if tenant else {}
        return asking.get(f"http://127.77.{ground.net}.19:3100{path}", params=asked, headers=headers, timeout=5)


def lines(ground: Ground, query: str, **more: Any) -> list[tuple[int, str]]:
    answer = loki(ground, "/loki/api/v1/query_range", query=query, **more).json()
    assert (answer["status"], answer["data"]["resultType"]) == ("success", "streams")
    return sorted((int(at), text) for stream in answer["data"]["result"] for at, text in stream["values"])


def test_it_is_ready_and_says_who_it_is(own: Ground) -> None:
    assert loki(own, "/ready", "").text == "ready\n"
    assert loki(own, "/loki/api/v1/status/buildinfo", "").json()["version"] == "3.2.1"
    refused = loki(own, "/loki/api/v1/labels", "")
    assert (refused.status_code, refused.text) == (401, "no org id\n")
    assert loki(own, "/loki/api/v1/labels", "stranger").json() == {"status": "success"}
    assert loki(own, "/loki/api/v1/nonsense").status_code == 404


def test_labels(own: Ground) -> None:
    assert set(loki(own, "/loki/api/v1/labels").json()["data"]) == {"filename", "host", "job", "service_name", "unit"}
    hosts = loki(own, "/loki/api/v1/label/host/values").json()["data"]
    assert {"cmp01", "ctl01", "net01", "ceph01"} <= set(hosts)


def test_pages_from_either_end(own: Ground) -> None:
    query, end = '{host="cmp01",service_name="nova-compute"}', time.time_ns()
    span: dict[str, Any] = {"start": end - 3600 * 10**9, "end": end}
    whole = lines(own, query, **span, limit=1000)
    assert len(whole) >= 55
    assert lines(own, query, **span, limit=3, direction="backward") == whole[-3:]
    assert lines(own, query, **span, limit=3, direction="forward") == whole[:3]
    assert lines(own, query, start=whole[1][0], end=whole[4][0], limit=9) == whole[1:4]  # the end is left out
    (first,) = lines(own, query + ' |= "' + whole[7][1][40:110] + '"', **span, limit=9)
    assert first == whole[7]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"query": "up"}, "parse error at line 1, col 1: syntax error: unexpected up"),
        ({"query": '{host=~".*"}'}, "queries require at least one regexp or equality matcher"),
        ({"query": '{host="a"}', "limit": 9999}, "max entries limit per query exceeded, limit > max_entries_limit"),
        ({"query": '{host="a"}', "start": 5, "end": 4}, "end timestamp must not be before or equal to start time"),
        ({"query": '{host="a"}', "start": 5, "end": 9e9}, "the query time range exceeds the limit"),
        ({"query": '{host="a"}', "start": "soon"}, "cannot parse"),
    ],
)
def test_refusals_are_plain_text(own: Ground, query: dict[str, Any], words: str) -> None:
    answer = loki(own, "/loki/api/v1/query_range", **query)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (400, "text/plain")
    assert words in answer.text


def test_a_host_that_is_off_has_what_it_logged_until_then(own: Ground) -> None:
    query, now = '{host="cmp02",service_name="nova-compute"}', time.time_ns()
    span: dict[str, Any] = {"start": now - 600 * 10**9, "end": now + 600 * 10**9, "limit": 1000}
    fault = own.inject("host-down", host="cmp02")
    off = time.time_ns()
    own.ask("clock", advance=300)
    try:
        found = lines(own, query, **span)
        assert found
        assert max(at for at, _ in found) <= off
    finally:
        own.ask("undo", id=fault)
