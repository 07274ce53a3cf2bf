"""Alarms and lists of several paths, at the wire: what is asked, when more is asked, and what stands for silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from collectors.deadline import Deadline, working
from collectors.errors import NotUnderstood, Refused, SourceError
from collectors.request import BrokerAlarms, Management, Request
from collectors.site import RabbitmqSite, Secret, Site
from collectors.sources.base import Page, Where
from collectors.sources.rabbitmq import RabbitmqSource
from tests.wire_server import Reply, WireServer, html_reply, json_reply

POLICIES = Management("policies", also=("operator-policies",))
HOUR = 3600


@pytest.fixture
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        running.on("/api/overview", json_reply({"node": "rabbit@ctl01", "rabbitmq_version": "3.13.7"}))
        yield running


@pytest.fixture
def source(server: WireServer) -> Iterator[RabbitmqSource]:
    urls = (("ctl01", server.url),)
    made = RabbitmqSource(Site("wire", rabbitmq=RabbitmqSite(urls, "monitor", Secret(lambda: "word", "a test"))))
    yield made
    made.close()


def rows(source: RabbitmqSource, request: Request) -> list[Any]:
    with working(Deadline(5)) as deadline:
        pages: list[Page] = list(source.read(request, "rabbitmq", deadline, Where()))
    return [item for page in pages for item in (page.items if page.raw is None else msgspec.json.decode(page.raw))]


def node(**more: Any) -> dict[str, Any]:
    well = {"mem_used": 10, "mem_limit": 100, "mem_alarm": False, "disk_free": 90, "disk_free_limit": 50}
    files = {"disk_free_alarm": False, "fd_used": 5, "fd_total": 20}
    return {"name": "rabbit@ctl01", "running": True, **well, **files, **more}


def history(*samples: int, step: int = 60) -> Reply:
    """Newest first, as the API says it."""
    found = [{"sample": sample, "timestamp": (HOUR - step * place) * 1000} for place, sample in enumerate(samples)]
    return json_reply({"mem_used_details": {"rate": 0, "samples": found}})


def test_without_an_alarm_neither_connections_nor_history_are_asked(server: WireServer, source: RabbitmqSource) -> None:
    server.on("/api/nodes", json_reply([node()]))
    found = {item["resource"]: item for item in rows(source, BrokerAlarms())}
    assert set(found) == {"memory", "disk", "file-descriptors"}
    assert (found["memory"]["used"], found["memory"]["limit"], found["memory"]["alarm"]) == (10, 100, False)
    assert (found["disk"]["used"], found["disk"]["limit"]) == (90, 50)
    assert found["file-descriptors"]["alarm"] is False
    assert {seen.path for seen in server.seen} == {"/api/overview", "/api/nodes"}


@pytest.mark.parametrize(
    ("samples", "since"),
    [
        ((150, 140, 130, 20, 15), HOUR - 120.0),
        ((20, 150, 150), None),
        ((150, 150, 150), None),
        ((150, 150, 0, 0), None),
        ((), None),
    ],
)
def test_since_when_is_in_the_nodes_history(
    server: WireServer, source: RabbitmqSource, samples: tuple[int, ...], since: float | None
) -> None:
    server.on("/api/nodes", json_reply([node(mem_used=150, mem_alarm=True)]))
    server.on("/api/nodes/rabbit@ctl01", history(*samples))
    server.on("/api/connections", json_reply([{"state": "blocked"}, {"state": "running"}, {"state": "blocking"}, {}]))
    found = {item["resource"]: item for item in rows(source, BrokerAlarms())}
    memory = found["memory"]
    assert (memory["alarm"], memory["blocked"], memory["blocking"], memory["since"]) == (True, 1, 1, since)
    assert "blocked" not in found["disk"]


@pytest.mark.parametrize("reply", [html_reply(), Reply(status=500), json_reply([1])])
def test_an_alarm_is_told_although_its_history_is_not(server: WireServer, source: RabbitmqSource, reply: Reply) -> None:
    server.on("/api/nodes", json_reply([node(disk_free=3, disk_free_alarm=True)]))
    server.on("/api/nodes/rabbit@ctl01", reply)
    server.on("/api/connections", reply)
    found = {item["resource"]: item for item in rows(source, BrokerAlarms())}
    assert (found["disk"]["alarm"], found["disk"]["since"], found["disk"]["blocked"]) == (True, None, None)


def test_no_file_descriptors_left(server: WireServer, source: RabbitmqSource) -> None:
    server.on("/api/nodes", json_reply([node(fd_used=20), {"name": "rabbit@ctl02", "running": False}]))
    found = {(item["node"], item["resource"]): item["alarm"] for item in rows(source, BrokerAlarms())}
    assert found["rabbit@ctl01", "file-descriptors"] is True
    assert found["rabbit@ctl02", "file-descriptors"] is found["rabbit@ctl02", "memory"] is None


def test_two_lists_say_where_each_object_is_from(server: WireServer, source: RabbitmqSource) -> None:
    server.on("/api/policies", json_reply([{"name": "a"}]))
    server.on("/api/operator-policies", json_reply([{"name": "a"}, 5]))
    assert rows(source, POLICIES) == [
        {"name": "a", "listed_in": "policies"},
        {"name": "a", "listed_in": "operator-policies"},
        5,
    ]


def test_a_broker_without_the_further_list(server: WireServer, source: RabbitmqSource) -> None:
    server.on("/api/policies", json_reply([{"name": "a"}]))
    server.on("/api/operator-policies", Reply(status=404))
    assert [item["name"] for item in rows(source, POLICIES)] == ["a"]


@pytest.mark.parametrize(("reply", "kind"), [(Reply(status=401), Refused), (Reply(body=b"[1,"), NotUnderstood)])
def test_a_further_list_that_fails_is_told(
    server: WireServer, source: RabbitmqSource, reply: Reply, kind: type[SourceError]
) -> None:
    server.on("/api/policies", json_reply([]))
    server.on("/api/operator-policies", reply)
    with pytest.raises(kind):
        rows(source, POLICIES)
