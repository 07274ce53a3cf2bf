"""Clients that really connected to the simulated bus, and the queues that they declared themselves.

The services' own connections and queues are computed (`messaging.py`); these are held: they are somebody else's.
What is sent to an exchange reaches the guests' queues whose binding matches; one that has a length limit drops its
oldest message. A client that goes takes its exclusive queues with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

BUILT_IN = (
    ("", "direct", False),
    ("amq.direct", "direct", False),
    ("amq.fanout", "fanout", False),
    ("amq.headers", "headers", False),
    ("amq.match", "headers", False),
    ("amq.rabbitmq.trace", "topic", True),
    ("amq.topic", "topic", False),
)
"""Exchanges that every broker has: name, type, internal."""


class Message(NamedTuple):
    """One message."""

    exchange: str
    routing_key: str
    body: bytes
    content_type: str = "application/json"


@dataclass(slots=True, eq=False)
class Guest:
    """A client that is connected."""

    number: int
    node: str
    """The host of the broker it is connected to."""
    address: str
    port: int
    user: str
    since: float
    properties: dict[str, Any]
    """What it says of itself."""
    publishes: bool = False

    @property
    def label(self) -> str | None:
        found = self.properties.get("connection_name")
        return str(found) if found is not None else None


@dataclass(slots=True, eq=False)
class Consumer:
    """A subscription of a guest."""

    guest: Guest
    channel: int
    tag: str
    no_ack: bool
    deliver: Callable[[Message], None]


@dataclass(slots=True, eq=False)
class GuestQueue:
    """A queue that a guest declared."""

    name: str
    owner: Guest
    exclusive: bool
    auto_delete: bool
    durable: bool
    arguments: dict[str, Any]
    bindings: list[tuple[str, str]] = field(default_factory=list)
    """(exchange, routing key)."""
    waiting: deque[Message] = field(default_factory=deque)
    consumers: list[Consumer] = field(default_factory=list)
    taken: int = 0
    """Messages that came, ever."""

    def put(self, message: Message) -> None:
        """Hand a message to the next consumer, or keep it."""
        self.taken += 1
        if self.consumers:
            consumer = self.consumers.pop(0)
            self.consumers.append(consumer)
            consumer.deliver(message)
            return
        self.waiting.append(message)
        limit = self.arguments.get("x-max-length")
        while isinstance(limit, int) and len(self.waiting) > limit:
            self.waiting.popleft()

    def listen(self, consumer: Consumer) -> None:
        """One more listens; what waits goes to it."""
        self.consumers.append(consumer)
        while self.waiting:
            consumer.deliver(self.waiting.popleft())


def matches(pattern: str, key: str) -> bool:
    """A topic's pattern: `*` is one word, `#` any number of them."""

    def match(wanted: list[str], words: list[str]) -> bool:
        if not wanted:
            return not words
        if wanted[0] == "#":
            return any(match(wanted[1:], words[place:]) for place in range(len(words) + 1))
        return bool(words) and wanted[0] in ("*", words[0]) and match(wanted[1:], words[1:])

    return match(pattern.split("."), key.split("."))


@dataclass(slots=True)
class Guests:
    """All of one region's broker."""

    cloud: Cloud
    connected: dict[int, Guest] = field(default_factory=dict)
    queues: dict[str, GuestQueue] = field(default_factory=dict)
    _last: int = 0

    def exchanges(self) -> dict[str, str]:
        """Name → type of every exchange: the broker's own and the services'."""
        found = {name: kind for name, kind, _ in BUILT_IN}
        for queue in self.cloud.rabbitmq.messaging.declared().values():
            if queue.exchange:
                found[queue.exchange] = "fanout" if queue.shape == "fanout" else "topic"
        return found

    def enter(self, node: str, address: str, port: int, user: str, properties: dict[str, Any]) -> Guest:
        """A client has logged in."""
        self._last += 1
        found = Guest(self._last, node, address, port, user, self.cloud.now(), properties)
        self.connected[found.number] = found
        return found

    def leave(self, guest: Guest) -> None:
        """A client is gone, and with it its subscriptions and exclusive queues."""
        self.connected.pop(guest.number, None)
        for queue in [*self.queues.values()]:
            if queue.exclusive and queue.owner is guest:
                del self.queues[queue.name]
            else:
                self.quiet(queue, lambda consumer: consumer.guest is guest)

    def quiet(self, queue: GuestQueue, gone: Callable[[Consumer], bool]) -> None:
        """Some of its consumers stop listening; an auto-delete queue goes with the last."""
        before = len(queue.consumers)
        queue.consumers = [consumer for consumer in queue.consumers if not gone(consumer)]
        if before and not queue.consumers and queue.auto_delete:
            self.queues.pop(queue.name, None)

    def publish(self, message: Message) -> None:
        """Send a message to the queues that are bound for it."""
        kind = self.exchanges().get(message.exchange)
        for queue in [*self.queues.values()]:
            if self._reaches(queue, message, kind):
                queue.put(message)

    def _reaches(self, queue: GuestQueue, message: Message, kind: str | None) -> bool:
        if message.exchange == "":
            return queue.name == message.routing_key
        keys = [key for exchange, key in queue.bindings if exchange == message.exchange]
        if kind == "fanout":
            return bool(keys)
        if kind == "topic":
            return any(matches(key, message.routing_key) for key in keys)
        return message.routing_key in keys

    def consumers(self) -> Iterator[tuple[GuestQueue, Consumer]]:
        """Every subscription."""
        for queue in self.queues.values():
            for consumer in queue.consumers:
                yield queue, consumer
