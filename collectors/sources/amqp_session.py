"""One AMQP 0-9-1 connection: pika's protocol on a socket that we made, run by the thread that calls `run`.

The socket comes from the source (from here, or through a host), because pika would dial by itself and wait as long as
it likes. What pika raises or reports is kept as `failure`; nothing here raises because the broker said no.
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from collectors.deadline import Deadline
from collectors.errors import BadConfiguration
from collectors.site import AmqpSite
from collectors.whole import whole

if TYPE_CHECKING:
    from pika import SelectConnection
    from pika.channel import Channel

# pika reports what it raises a second time through logging; without a handler that would go to the terminal.
logging.getLogger("pika").addHandler(logging.NullHandler())

HEARTBEAT: Final = 30
"""Seconds; a peer that is silent for two of them is gone."""
GOODBYE: Final = 0.5
"""Seconds that a broker has to answer a good-bye."""
PRODUCT: Final = "nephoscope"
DRIVER: Final = ("pika", "pika.exceptions", "pika.adapters.select_connection")
"""Modules of pika that import each other."""


class Session:
    """A connection to one node, for one thread."""

    def __init__(self, site: AmqpSite, sock: socket.socket, address: str, what: str) -> None:
        whole(*DRIVER)
        from pika import ConnectionParameters, PlainCredentials, SelectConnection
        from pika.adapters.select_connection import IOLoop, SelectorIOServicesAdapter

        self.failure: BaseException | None = None
        """Why it is not open, or not any more."""
        self.blocked = ""
        """The broker's reason for taking no messages from us."""
        self.heard = 0
        """Bytes that came, whatever they were."""
        self.opened_after: float | None = None
        """Seconds from the first byte to the open connection."""
        self._on_open: Callable[[], None] = lambda: None
        self._began = time.perf_counter()
        self._transport: Any = None
        self._attaching: Any = None
        self._closing = threading.Lock()
        self._closed = False
        context = tls_context(site) if site.tls else None
        password = site.password.reveal()
        self._loop = IOLoop()
        self._services = SelectorIOServicesAdapter(self._loop)
        parameters = ConnectionParameters(
            host=address,
            virtual_host=site.vhost,
            credentials=PlainCredentials(site.user, password, erase_on_connect=True),
            heartbeat=HEARTBEAT,
            client_properties={"connection_name": what, "product": PRODUCT},
        )
        self.connection: SelectConnection = SelectConnection(
            parameters,
            on_open_callback=self._opened,
            on_open_error_callback=self._failed,
            on_close_callback=self._failed,
            custom_ioloop=self._services,
            internal_connection_workflow=False,
        )
        self.connection.add_on_connection_blocked_callback(self._told_blocked)
        self.connection.add_on_connection_unblocked_callback(self._told_unblocked)
        self._attach(context, sock, address)

    def _attach(self, context: ssl.SSLContext | None, sock: socket.socket, address: str) -> None:
        sock.setblocking(False)
        self._attaching = self._services.create_streaming_connection(
            lambda: _stream_class()(self),
            sock,
            self._attached,
            ssl_context=context,
            server_hostname=address if context is not None else None,
        )

    # -- what pika tells ------------------------------------------------------------------------------------------

    def _attached(self, result: Any) -> None:
        if isinstance(result, BaseException):
            self._failed(None, result)
        else:
            self._transport = result[0]

    def _opened(self, connection: object) -> None:
        self.opened_after = time.perf_counter() - self._began
        self._on_open()

    def _failed(self, connection: object, error: BaseException) -> None:
        self.failure = self.failure or error
        self.stop()

    def _told_blocked(self, connection: object, frame: Any) -> None:
        self.blocked = str(frame.method.reason or "no reason given")

    def _told_unblocked(self, connection: object, frame: Any) -> None:
        self.blocked = ""

    # -- running --------------------------------------------------------------------------------------------------

    def run(self, deadline: Deadline, on_open: Callable[[], None]) -> None:
        """Serve the connection, from its first byte, until `stop` or the deadline; `on_open` when we are logged in."""
        self._on_open = on_open
        key = deadline.guard(self.stop)
        try:
            self._loop.start()
        finally:
            deadline.release(key)

    def stop(self) -> None:
        """Let `run` return; from any thread."""
        with self._closing:
            if not self._closed:
                self._loop.add_callback_threadsafe(self._loop.stop)

    def channel(self, on_open: Callable[[Channel], None]) -> None:
        """Open a channel; one that the broker closes (no such exchange, no permission) only tells its own callback."""
        self.connection.channel(on_open_callback=on_open)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call it on the thread that runs us."""
        self._loop.call_later(seconds, callback)

    def close(self) -> None:
        """Say good-bye if there is somebody who hears it, and give the descriptors back."""
        if self._transport is not None:
            if not (self.connection.is_closed or self.connection.is_closing):
                self.connection.close()
                self._turn(GOODBYE)
            if not self.connection.is_closed:
                self._transport.abort()
        elif self._attaching is not None:
            self._attaching.cancel()
        self._turn(0)
        with self._closing:
            self._closed = True
        self._loop.close()

    def _turn(self, seconds: float) -> None:
        """Let pika do what is due, for so long at most."""
        self._loop.call_later(seconds, self._loop.stop)
        self._loop.start()


@cache
def _stream_class() -> type[Any]:
    """What pika's transport talks to: the connection, by way of us, who count; made here as pika is imported late."""
    from pika.adapters.utils.nbio_interface import AbstractStreamProtocol

    base: Any = AbstractStreamProtocol

    class Stream(base):  # type: ignore[misc]
        """Hands everything on."""

        def __init__(self, session: Session) -> None:
            self._session = session
            self._to: Any = session.connection

        def connection_made(self, transport: object) -> None:
            self._to._proto_connection_made(transport)

        def connection_lost(self, error: BaseException | None) -> None:
            self._to._proto_connection_lost(error)

        def eof_received(self) -> bool:
            return bool(self._to._proto_eof_received())

        def data_received(self, data: bytes) -> None:
            self._session.heard += len(data)
            self._to._proto_data_received(data)

    return Stream


def tls_context(site: AmqpSite) -> ssl.SSLContext:
    """Always verified: against the site's CA, else the system's. Raises `BadConfiguration` when there is none."""
    try:
        return ssl.create_default_context(cafile=str(site.ca) if site.ca else None)
    except OSError as error:
        why = f"the CA {site.ca} cannot be used: {error.strerror or error}"
        raise BadConfiguration("amqp", why, "ca in [site.NAME.rabbitmq]") from error
