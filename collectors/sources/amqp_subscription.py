"""A queue of our own for notifications: find the services' exchanges, declare, bind, consume.

The queue is exclusive and goes with us, it expires, holds little and drops its oldest. It is bound only to exchanges
that are there, found by passive declares, so that nothing of the services' is made or changed. Everything here runs on
the thread that runs the session.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from collectors.errors import Refused, Unreachable
from collectors.request import OWN_QUEUES

if TYPE_CHECKING:
    from pika.channel import Channel

    from collectors.sources.amqp_session import Session

TOPICS: Final = ("notifications", "versioned_notifications")
"""oslo.messaging's default, and Nova's for the newer format; the severity follows: `notifications.info`."""
EXCHANGES: Final = (
    *("nova", "neutron", "cinder", "glance", "keystone", "heat", "openstack", "ironic", "octavia", "designate"),
    *("manila", "magnum", "barbican", "swift", "trove", "masakari", "aodh", "mistral", "zaqar", "sahara"),
)
"""What the services call theirs; `openstack` is the library's default."""
ARGUMENTS: Final = {
    "x-expires": 60_000,
    "x-max-length": 1000,
    "x-max-length-bytes": 16 << 20,
    "x-overflow": "drop-head",
}
"""A minute after we are gone nothing is left, and while we are slow nothing piles up."""


class Subscription:
    """From an open connection to listening: find exchanges, declare, bind, consume. Runs on the session's thread."""

    def __init__(
        self, session: Session, message: Callable[[str, bytes], None], listening: Callable[[Sequence[str]], None]
    ) -> None:
        self.failure: BaseException | None = None
        self.listening = False
        self._session = session
        self._message = message
        self._tell = listening
        self._asked = 0
        self._found: list[str] = []
        self._left: list[tuple[str, str]] = []
        self._binding = ""
        """The exchange that we are being bound to."""
        self._queue = f"{OWN_QUEUES}events.{socket.gethostname()}.{os.getpid()}.{secrets.token_hex(4)}"

    def begin(self) -> None:
        """Ask for every exchange at once, each on a channel of its own: the broker closes one that asks in vain."""
        self._asked = len(EXCHANGES)
        for name in EXCHANGES:
            self._session.channel(partial(self._look, name))

    def give_up(self) -> None:
        """Not listening by now: end it."""
        if not self.listening:
            self._fail(TimeoutError())

    def _fail(self, error: BaseException) -> None:
        self.failure = self.failure or error
        self._session.stop()

    def _look(self, name: str, channel: Channel) -> None:
        def there(_: object) -> None:
            self._found.append(name)
            channel.close()

        channel.add_on_close_callback(lambda *_: self._looked())
        channel.exchange_declare(name, passive=True, callback=there)

    def _looked(self) -> None:
        self._asked -= 1
        if self._asked == 0 and not self._session.connection.is_closed and not self._session.connection.is_closing:
            if not self._found:
                self._fail(
                    Unreachable("notifications", "the broker has no exchange of any service", "do the services run?")
                )
                return
            self._session.channel(self._declare)

    def _watched(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._refused)
        channel.add_on_cancel_callback(lambda _: self._fail(ConnectionResetError("our queue was deleted")))

    def _declare(self, channel: Channel) -> None:
        self._watched(channel)
        self._left = [(name, f"{topic}.#") for name in sorted(self._found) for topic in TOPICS]
        channel.queue_declare(
            self._queue,
            exclusive=True,
            auto_delete=True,
            arguments=dict(ARGUMENTS),
            callback=lambda _: self._bind(channel),
        )

    def _go_on(self, channel: Channel) -> None:
        """On a new channel, with what is left to bind."""
        self._watched(channel)
        self._bind(channel)

    def _bind(self, channel: Channel) -> None:
        if self._left:
            exchange, key = self._left.pop()
            self._binding = exchange
            channel.queue_bind(self._queue, exchange, key, callback=lambda _: self._bind(channel))
            return
        self._binding = ""
        channel.basic_consume(self._queue, self._received, auto_ack=True, exclusive=True, callback=self._consuming)

    def _consuming(self, _: object) -> None:
        self.listening = True
        self._tell(sorted(self._found))

    def _received(self, channel: object, method: Any, properties: object, body: bytes) -> None:
        self._message(str(method.exchange), body)

    def _refused(self, channel: object, error: BaseException) -> None:
        """The broker closed our channel: a right is missing. Of one exchange: the others are heard without it."""
        code, words = int(getattr(error, "reply_code", 0)), str(getattr(error, "reply_text", ""))
        if code == 403 and self._binding and self._found != [self._binding]:
            self._found.remove(self._binding)
            self._left = [(name, key) for name, key in self._left if name != self._binding]
            self._session.channel(self._go_on)
            return
        if code == 403:
            hint = r"rabbitmqctl set_permissions USER '^nephoscope\.' '^nephoscope\.' '.*', or another amqp_user"
            error = Refused("notifications", words, hint, status=code)
        self._fail(error)
