"""AMQP of a running simulator, met with pika: login, rights, passive declares, queues, what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pika
import pytest
from pika.exceptions import (
    ChannelClosedByBroker,
    ConnectionClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from tests.ground import Ground
from tests.ground import ground as ground


def connect(ground: Ground, password: str = "", vhost: str = "/", host: int = 11) -> pika.BlockingConnection:
    word = password or (ground.state / "rabbitmq.secret").read_text().strip()
    credentials = pika.PlainCredentials("monitor", word)
    address = f"127.77.{ground.net}.{host}"
    return pika.BlockingConnection(pika.ConnectionParameters(address, virtual_host=vhost, credentials=credentials))


@pytest.fixture
def connection(ground: Ground) -> Iterator[Any]:
    found = connect(ground)
    yield found
    if found.is_open:
        found.close()


def test_who_it_says_it_is(connection: Any) -> None:
    told = connection._impl.server_properties
    assert (told["product"], told["version"]) == ("RabbitMQ", "3.10.8")
    assert told["capabilities"]["connection.blocked"] is True


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"password": "wrong"}, ProbableAuthenticationError, "ACCESS_REFUSED - Login was refused"),
        ({"vhost": "nope"}, ProbableAccessDeniedError, "NOT_ALLOWED - vhost nope not found"),
    ],
)
def test_who_is_not_let_in(ground: Ground, more: dict[str, str], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        connect(ground, **more)  # type: ignore[arg-type]


def test_passive_declares_tell_what_is_there(connection: Any) -> None:
    channel = connection.channel()
    channel.exchange_declare("nova", passive=True)
    told = channel.queue_declare("conductor", passive=True)
    assert told.method.consumer_count > 0
    for ask, name in ((channel.exchange_declare, "exchange"), (channel.queue_declare, "queue")):
        fresh = connection.channel()
        with pytest.raises(ChannelClosedByBroker, match=f"NOT_FOUND - no {name} 'nothing' in vhost '/'"):
            getattr(fresh, ask.__name__)("nothing", passive=True)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda channel: channel.queue_declare("mine"), "access to queue 'mine'"),
        (
            lambda channel: channel.basic_publish("nova", "x", b"") or channel.queue_declare("", passive=True),
            "access to exchange 'nova'",
        ),
    ],
)
def test_what_the_monitor_may_not(connection: Any, act: Any, words: str) -> None:
    with pytest.raises(ChannelClosedByBroker, match=f"ACCESS_REFUSED - {words}"):
        act(connection.channel())


def test_a_queue_of_ones_own_is_nobody_elses_and_goes_with_its_owner(ground: Ground, connection: Any) -> None:
    channel = connection.channel()
    channel.queue_declare("nephoscope.test", exclusive=True, auto_delete=True)
    channel.queue_bind("nephoscope.test", "nova", "notifications.#")
    other = connect(ground, host=12)
    with pytest.raises(ChannelClosedByBroker, match="RESOURCE_LOCKED"):
        other.channel().queue_declare("nephoscope.test", passive=True)
    connection.close()
    with pytest.raises(ChannelClosedByBroker, match="NOT_FOUND"):
        other.channel().queue_declare("nephoscope.test", passive=True)
    other.close()


def test_a_queue_cannot_be_bound_to_what_is_not_there(connection: Any) -> None:
    channel = connection.channel()
    channel.queue_declare("nephoscope.test2", exclusive=True)
    with pytest.raises(ChannelClosedByBroker, match="NOT_FOUND - no exchange 'nothing'"):
        channel.queue_bind("nephoscope.test2", "nothing", "#")


def test_what_is_not_understood_ends_the_connection(connection: Any) -> None:
    with pytest.raises(ConnectionClosedByBroker, match="NOT_IMPLEMENTED"):
        connection.channel().exchange_declare("mine", "topic")


def test_declaring_is_noted_as_a_change(ground: Ground, connection: Any) -> None:
    before = len(ground.ask("writes"))
    connection.channel().queue_declare("nephoscope.noted", exclusive=True)
    new = ground.ask("writes", since=before)
    assert [(write["system"], write["what"], write["by"]) for write in new] == [
        ("rabbitmq", "queue.declare nephoscope.noted", "monitor@ctl01")
    ]


def test_a_dead_node_cuts_its_clients(ground: Ground) -> None:
    found = connect(ground, host=13)
    made = ground.inject("rabbitmq-node-out", host="ctl03")
    try:
        with pytest.raises(pika.exceptions.AMQPError):
            found.sleep(5)  # serves the connection meanwhile
    finally:
        ground.ask("undo", id=made)
        ground.ask("clock", advance=60)
