"""One channel: declare, bind, consume, publish; rights are checked as the real broker checks them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pamqp import body, commands, header

from runbooks.simulator.amqp.refusal import RefusalError, access_refused, locked, not_found, not_implemented
from runbooks.simulator.model.guests import Consumer, Guest, GuestQueue, Message

if TYPE_CHECKING:
    from runbooks.simulator.amqp.client import Client

CHANNEL_METHODS = (
    commands.Exchange.Declare
    | commands.Queue.Declare
    | commands.Queue.Bind
    | commands.Queue.Delete
    | commands.Basic.Qos
    | commands.Basic.Consume
    | commands.Basic.Cancel
    | commands.Basic.Ack
    | commands.Basic.Publish
)
"""What is understood; the rest is NOT_IMPLEMENTED."""
PIECE = 131_064
"""Bytes of a body in one frame."""


class Channel:
    """A channel of a client that is logged in."""

    def __init__(self, client: Client, number: int) -> None:
        self.client = client
        self.number = number
        self._tags = 0
        self._deliveries = 0
        self._coming: commands.Basic.Publish | None = None
        self._size = 0
        self._content_type = ""
        self._body = b""

    @property
    def _guest(self) -> Guest:
        assert self.client.guest is not None
        return self.client.guest

    def received(self, found: Any) -> None:
        """One frame. Raises RefusalError."""
        match found:
            case commands.Exchange.Declare():
                self._exchange(found)
            case commands.Queue.Declare():
                self._declare(found)
            case commands.Queue.Bind():
                self._bind(found)
            case commands.Queue.Delete():
                queue = self._own(found.queue)
                self._allowed("configure", "queue", queue.name)
                self.client.cloud.rabbitmq.guests.queues.pop(queue.name)
                self._reply(commands.Queue.DeleteOk(len(queue.waiting)))
            case commands.Basic.Qos():
                self._reply(commands.Basic.QosOk())
            case commands.Basic.Consume():
                self._consume(found)
            case commands.Basic.Cancel():
                self._cancel(found.consumer_tag or "")
                self._reply(commands.Basic.CancelOk(found.consumer_tag))
            case commands.Basic.Ack():
                pass
            case _:
                self._incoming(found)

    def _reply(self, found: Any) -> None:
        self.client.send(self.number, found)

    def _allowed(self, right: str, what: str, name: str) -> None:
        user = self.client.user
        if not re.search(str(getattr(user, right)), name):
            raise access_refused(what, name, user.name)

    def _wrote(self, what: str) -> None:
        """Note a change of the broker."""
        self.client.cloud.wrote("rabbitmq", what, f"{self.client.user.name}@{self.client.host}", "ok")

    def _exchange(self, found: commands.Exchange.Declare) -> None:
        kind = self.client.cloud.rabbitmq.guests.exchanges().get(found.exchange)
        if kind is None and found.passive:
            raise not_found("exchange", found.exchange)
        if not found.passive:
            raise not_implemented("exchange.declare")
        self._reply(commands.Exchange.DeclareOk())

    def _own(self, name: str) -> GuestQueue:
        """A guest's queue that this client may use. Raises RefusalError."""
        queue = self.client.cloud.rabbitmq.guests.queues.get(name)
        if queue is None:
            raise not_found("queue", name)
        if queue.exclusive and queue.owner is not self._guest:
            raise locked(name)
        return queue

    def _declare(self, found: commands.Queue.Declare) -> None:
        rabbitmq = self.client.cloud.rabbitmq
        guests, messaging = rabbitmq.guests, rabbitmq.messaging
        services = messaging.declared().get(found.queue)
        if services is not None and services in [*messaging.queues()]:
            if not found.passive:
                raise not_implemented("queue.declare of a service's queue")
            self._reply(
                commands.Queue.DeclareOk(
                    found.queue, messaging.messages(found.queue), len(messaging.consumers(services))
                )
            )
            return
        if found.passive or found.queue in guests.queues:
            queue = self._own(found.queue)
        else:
            name = found.queue or f"amq.gen-{self.client.cloud.seed.hex('amq.gen', self._guest.number, self._tags)}"
            self._allowed("configure", "queue", name)
            arguments = dict(found.arguments or {})
            queue = GuestQueue(name, self._guest, found.exclusive, found.auto_delete, found.durable, arguments)
            guests.queues[name] = queue
            self._wrote(f"queue.declare {name}")
        self._reply(commands.Queue.DeclareOk(queue.name, len(queue.waiting), len(queue.consumers)))

    def _bind(self, found: commands.Queue.Bind) -> None:
        queue = self._own(found.queue)
        if found.exchange not in self.client.cloud.rabbitmq.guests.exchanges():
            raise not_found("exchange", found.exchange)
        self._allowed("write", "queue", queue.name)
        self._allowed("read", "exchange", found.exchange)
        queue.bindings.append((found.exchange, found.routing_key))
        self._wrote(f"queue.bind {queue.name} to {found.exchange} by {found.routing_key}")
        self._reply(commands.Queue.BindOk())

    def _consume(self, found: commands.Basic.Consume) -> None:
        queue = self._own(found.queue)
        self._allowed("read", "queue", queue.name)
        self._tags += 1
        tag = found.consumer_tag or f"amq.ctag-{self._guest.number}.{self.number}.{self._tags}"
        self._reply(commands.Basic.ConsumeOk(tag))

        def deliver(message: Message) -> None:
            self._deliveries += 1
            self._reply(commands.Basic.Deliver(tag, self._deliveries, False, message.exchange, message.routing_key))
            properties = commands.Basic.Properties(content_type=message.content_type, content_encoding="utf-8")
            self._reply(header.ContentHeader(0, len(message.body), properties))
            for start in range(0, len(message.body), PIECE):
                self._reply(body.ContentBody(message.body[start : start + PIECE]))

        queue.listen(Consumer(self._guest, self.number, tag, found.no_ack, deliver))

    def _cancel(self, tag: str) -> None:
        guests, guest = self.client.cloud.rabbitmq.guests, self._guest
        for queue in [*guests.queues.values()]:
            guests.quiet(queue, lambda one: one.guest is guest and one.channel == self.number and tag in ("", one.tag))

    def _incoming(self, found: Any) -> None:
        """A message in its parts: the method, the header, the body."""
        if isinstance(found, commands.Basic.Publish):
            if found.exchange not in self.client.cloud.rabbitmq.guests.exchanges():
                raise not_found("exchange", found.exchange)
            self._allowed("write", "exchange", found.exchange or "amq.default")
            self._coming, self._body = found, b""
            self._guest.publishes = True
            if self.client.cloud.rabbitmq.alarms():
                self.client.block()
            return
        if self._coming is None:
            raise RefusalError(505, "UNEXPECTED_FRAME - expected method frame", hard=True)
        if isinstance(found, header.ContentHeader):
            self._size = found.body_size
            self._content_type = str(found.properties.content_type or "") if found.properties else ""
        else:
            self._body += found.value
        if len(self._body) >= self._size:
            message = Message(self._coming.exchange, self._coming.routing_key, self._body, self._content_type)
            self._coming = None
            if not self.client.cloud.rabbitmq.alarms():
                self.client.cloud.rabbitmq.guests.publish(message)

    def leave(self) -> None:
        """The channel is closed: nothing is delivered on it any more."""
        if self.client.guest is not None:
            self._cancel("")
