"""Writes to RabbitMQ's management API: sent once, as the admin, and what each kind of answer leaves open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collectors.call import Answer, ManagementCall, as_header
from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, SourceError
from collectors.site import Account, RabbitmqSite, Secret, Site
from collectors.sources.rabbitmq import RabbitmqSource
from collectors.sources.rabbitmq_write import written
from collectors.write import may_have_happened
from tests.wire_server import CLOSE, RESET, Reply, WireServer, json_reply

CALL = ManagementCall("DELETE", "connections/10.0.0.1%3A5", reason="hangs: 50 % ä")
PATH = "/api/connections/10.0.0.1%3A5"


@pytest.fixture
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        running.on("/api/whoami", json_reply({"name": "monitor", "tags": ["monitoring"]}))
        yield running


def source_of(url: str, admin: Account | None) -> RabbitmqSource:
    secret = Secret(lambda: "monitor's", "a test")
    return RabbitmqSource(Site("wire", rabbitmq=RabbitmqSite((("ctl01", url),), "monitor", secret, admin=admin)))


def write(server: WireServer, call: ManagementCall = CALL) -> Answer:
    admin = Account("operator", Secret(lambda: "the admin's", "a test"))
    return written(source_of(server.url, admin), call, Deadline(5.0))


def sent(server: WireServer) -> list[str]:
    return [seen.method for seen in server.seen if seen.method != "GET"]


def test_it_is_sent_once_with_its_reason(server: WireServer) -> None:
    server.on(PATH, Reply(204), method="DELETE")
    assert write(server).status == 204
    seen = server.seen[-1]
    assert seen.headers["x-reason"] == "hangs: 50 %25 %C3%A4"
    assert seen.headers["accept"] == "*/*", "purging a queue is 406 for who wants JSON"
    assert sent(server) == ["DELETE"]


@pytest.mark.parametrize(
    ("reply", "may"),
    [
        (json_reply({"error": "not_authorised", "reason": "User not authorised"}, status=401), False),
        (json_reply({"error": "Object Not Found", "reason": "Not Found"}, status=404), False),
        (Reply(406), False),
        (Reply(500), True),
        (Reply(503), True),
        (RESET, True),
        (CLOSE, True),
    ],
)
def test_what_an_answer_leaves_open(server: WireServer, reply: Reply, may: bool) -> None:
    server.on(PATH, reply, method="DELETE")
    with pytest.raises(SourceError) as caught:
        write(server)
    assert may_have_happened(caught.value) is may
    assert sent(server) == ["DELETE"], "never twice"


def test_without_an_admin_nothing_is_sent(server: WireServer) -> None:
    with pytest.raises(BadConfiguration, match="no account"):
        written(source_of(server.url, None), CALL, Deadline(5.0))
    assert sent(server) == []


def test_a_reason_cannot_end_its_header() -> None:
    assert as_header("a\r\nX-Evil: b") == "a%0D%0AX-Evil: b"
