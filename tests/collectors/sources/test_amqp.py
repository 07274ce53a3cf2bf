"""The AMQP source at the wire: what a probe learns, and what it makes of every way in which a node fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.errors import BadConfiguration, UsageError
from collectors.kind import Scope
from collectors.request import AmqpProbe
from collectors.site import AmqpSite, Endpoint, Secret, Site
from collectors.sources.amqp import AmqpSource
from collectors.sources.base import Where
from tests.wire_amqp import Stage, Then, WireAmqp
from tests.wire_server import closed_port
from tests.wire_tls import self_signed

PASSWORD = "correct horse"


@pytest.fixture
def broker() -> Iterator[WireAmqp]:
    with WireAmqp() as running:
        yield running


def source_of(*ports: int, **more: Any) -> AmqpSource:
    listeners = tuple(Endpoint(f"ctl{n:02}", "127.0.0.1", port) for n, port in enumerate(ports, 1))
    return AmqpSource(Site("wire", amqp=AmqpSite(listeners, "watch", Secret(lambda: PASSWORD, "a test"), **more)))


def probe(source: AmqpSource, seconds: float = 5) -> list[Any]:
    with working(Deadline(seconds)) as deadline:
        (page,) = source.read(AmqpProbe(), "amqp", deadline, Where())
    return list(page.items)


def test_a_probe_logs_in_opens_a_channel_and_leaves(broker: WireAmqp) -> None:
    (found,) = probe(source_of(broker.port))
    assert (found["answers"], found["logged_in"], found["blocked"]) == (True, True, None)
    assert (found["product"], found["version"], found["cluster"]) == ("RabbitMQ", "3.13.7", "wire")
    assert 0 < found["round_trip"] < 5
    assert 0 < found["handshake"] < 5
    assert broker.users == ["watch"]
    assert broker.seen == [
        *("Connection.StartOk", "Connection.TuneOk", "Connection.Open"),
        *("Channel.Open", "Channel.Close", "Connection.Close"),
    ]


def test_nodes_are_asked_side_by_side_and_kept_in_order(broker: WireAmqp) -> None:
    with WireAmqp(at={"login": "hang"}) as frozen:
        first, second, third = probe(source_of(frozen.port, closed_port(), broker.port), seconds=3)
    assert [found["host"] for found in (first, second, third)] == ["ctl01", "ctl02", "ctl03"]
    assert [found["answers"] for found in (first, second, third)] == [False, False, True]
    assert first["why"] == "no answer within 3 s"
    assert second["why"] == "Connection refused"
    assert second["hint"] == "is rabbitmq running there? nephoscope get units host=ctl02"


@pytest.mark.parametrize(
    ("stage", "then", "answers", "words"),
    [
        ("login", (403, "ACCESS_REFUSED - Login was refused"), True, "ACCESS_REFUSED - Login was refused"),
        ("open", (530, "NOT_ALLOWED - vhost / not found"), True, "NOT_ALLOWED - vhost / not found"),
        ("channel", (320, "CONNECTION_FORCED - shutdown"), False, "CONNECTION_FORCED - shutdown"),
        ("channel", (403, "ACCESS_REFUSED - no channels"), True, "ACCESS_REFUSED - no channels"),
        ("greeting", "http", False, "does not speak AMQP 0-9-1"),
        ("greeting", "garbage", False, "does not speak AMQP 0-9-1"),
        ("greeting", "close", False, "closed the connection without a greeting"),
        ("greeting", "reset", False, "closed the connection without a greeting"),
        ("greeting", "hang", False, "no answer within 1 s"),
        ("greeting", "drip", False, "no answer within 1 s"),
        ("open", "hang", False, "no answer within 1 s"),
        ("channel", "hang", False, "no answer within 1 s"),
        ("channel", "reset", False, "the connection broke"),
    ],
)
def test_nodes_that_are_not_well(stage: Stage, then: Then, answers: bool, words: str) -> None:
    with WireAmqp(at={stage: then}) as broker:
        (found,) = probe(source_of(broker.port), seconds=1 if then in ("hang", "drip") else 15)
    assert (found["why"], found["answers"], found["logged_in"]) == (words, answers, False)
    assert found["hint"]


def test_a_broker_that_takes_nothing_from_us() -> None:
    with WireAmqp(blocked="low on memory") as broker:
        (found,) = probe(source_of(broker.port))
    assert (found["logged_in"], found["blocked"]) == (True, "low on memory")


@pytest.mark.parametrize("properties", [{}, {"version": 5, "product": None, "cluster_name": {"a": 1}}])
def test_a_server_that_says_little_of_itself(properties: dict[str, Any]) -> None:
    with WireAmqp(properties=properties) as broker:
        (found,) = probe(source_of(broker.port))
    assert (found["logged_in"], found["version"], found["product"], found["cluster"]) == (True, None, None, None)


def test_tls_is_verified_against_the_sites_authority(tmp_path: Path) -> None:
    path = self_signed(tmp_path)
    with WireAmqp(certificate=path) as broker:
        (found,) = probe(source_of(broker.port, tls=True, ca=path))
        assert (found["logged_in"], found["tls"]) == (True, True)
        (stranger,) = probe(source_of(broker.port, tls=True))
        assert stranger["why"].startswith("TLS: ")
        assert len(broker.users) == 1, "no password goes to a server that nobody signed"


def test_a_ca_that_is_not_there(broker: WireAmqp, tmp_path: Path) -> None:
    (found,) = probe(source_of(broker.port, tls=True, ca=tmp_path / "nothing.pem"))
    assert found["why"] == f"the CA {tmp_path}/nothing.pem cannot be used: No such file or directory"
    assert found["hint"] == "ca in [site.NAME.rabbitmq]"


def test_tls_where_there_is_none(broker: WireAmqp) -> None:
    (found,) = probe(source_of(broker.port, tls=True), seconds=10)
    assert found["answers"] is False
    assert broker.users == []


def test_another_virtual_host_and_user(broker: WireAmqp) -> None:
    (found,) = probe(source_of(broker.port, vhost="cloud"))
    assert found["logged_in"]


def test_nothing_is_left_behind(broker: WireAmqp) -> None:
    import os

    source = source_of(broker.port)
    probe(source)
    before = len(os.listdir("/proc/self/fd")), threading.active_count()
    for _ in range(3):
        probe(source)
    broker_threads = 3
    assert len(os.listdir("/proc/self/fd")) <= before[0] + 1
    assert threading.active_count() <= before[1] + broker_threads


def test_pika_says_nothing_on_the_terminal(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL + 1):
        probe(source_of(closed_port()))
        with WireAmqp(at={"login": (403, "no")}) as broker:
            probe(source_of(broker.port))
    assert capfd.readouterr().err == ""


def test_one_target_and_no_members(broker: WireAmqp) -> None:
    source = source_of(broker.port)
    assert source.targets(Scope(), Where()) == ("amqp",)
    with pytest.raises(UsageError):
        source.targets(Scope(), Where(targets=("ctl01",)))


def test_a_site_without_a_broker() -> None:
    with pytest.raises(BadConfiguration):
        AmqpSource(Site("wire"))
    assert not Connections(Site("wire")).has("amqp")


def test_doctor(broker: WireAmqp) -> None:
    with WireAmqp(at={"login": (403, "ACCESS_REFUSED - no")}) as strange:
        facts = list(source_of(broker.port, closed_port(), strange.port).doctor(Deadline(5)))
    assert [fact.level for fact in facts] == ["ok", "critical", "critical"]
    assert (facts[0].identity, facts[0].version) == ("watch", "3.13.7, wire")
    assert facts[0].round_trip is not None
    assert (facts[1].detail, facts[1].refused) == ("Connection refused", "")
    assert facts[2].refused == "ACCESS_REFUSED - no"
    assert "amqp_user" in facts[2].next_step
    assert not any(PASSWORD in str(fact) for fact in facts)
