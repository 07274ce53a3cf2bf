"""The breakdown of a node's memory, at the wire: two that real brokers gave, and answers that are none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from collectors.deadline import Deadline, working
from collectors.errors import NotUnderstood
from collectors.request import BrokerMemory
from collectors.site import RabbitmqSite, Secret, Site
from collectors.sources.base import Where
from collectors.sources.rabbitmq import RabbitmqSource
from tests.wire_server import WireServer, html_reply, json_reply

PATH = "/api/nodes/rabbit@ctl01/memory"


@pytest.fixture
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        yield running


def rows(server: WireServer) -> list[dict[str, Any]]:
    urls = (("ctl01", server.url),)
    source = RabbitmqSource(Site("wire", rabbitmq=RabbitmqSite(urls, "monitor", Secret(lambda: "word", "a test"))))
    try:
        with working(Deadline(5)) as deadline:
            pages = list(source.read(BrokerMemory(), "rabbitmq", deadline, Where(parent="rabbit@ctl01")))
    finally:
        source.close()
    return [dict(item) for page in pages for item in page.items]


def test_categories_are_rows_and_the_total_is_by_the_nodes_own_strategy(server: WireServer) -> None:
    total = {"erlang": 300, "rss": 342, "allocated": 383}
    server.on(PATH, json_reply({"memory": {"binary": 200, "code": 142, "strategy": "rss", "total": total}}))
    assert rows(server) == [
        {"node": "rabbit@ctl01", "category": "binary", "bytes": 200, "total": 342},
        {"node": "rabbit@ctl01", "category": "code", "bytes": 142, "total": 342},
    ]


@pytest.mark.parametrize(
    ("told", "total"),
    [
        ({"binary": 1, "total": 77}, 77),
        ({"binary": 1, "total": {"erlang": 5, "allocated": 9}, "strategy": "legacy"}, 9),
        ({"binary": 1, "total": "much"}, None),
        ({"binary": 1}, None),
        ({"binary": 1, "total": True}, None),
    ],
)
def test_totals(server: WireServer, told: dict[str, Any], total: int | None) -> None:
    server.on(PATH, json_reply({"memory": told}))
    assert [row["total"] for row in rows(server)] == [total]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"memory": "not_available"}, "does not answer the other nodes"),
        ({"memory": {}}, "no breakdown"),
        ({"memory": [1]}, "no breakdown"),
        ({"memory": None}, "no breakdown"),
        ([], "no breakdown"),
        ([1, 2], "no breakdown"),
        ({"error": "Object Not Found"}, "no breakdown"),
    ],
)
def test_what_is_none(server: WireServer, answer: Any, words: str) -> None:
    server.on(PATH, json_reply(answer))
    with pytest.raises(NotUnderstood, match=words):
        rows(server)


def test_a_page_instead_of_an_answer(server: WireServer) -> None:
    server.on(PATH, html_reply())
    with pytest.raises(NotUnderstood):
        rows(server)
