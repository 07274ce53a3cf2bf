"""The one connection that stays: it hears what the services notify of, on a thread of its own.

Only where the site allows it, because that takes a queue of our own at the broker (`amqp_subscription.py`). When the
connection breaks, the next node is tried, with a pause that grows; what was heard before stays in the feed.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from collectors.deadline import Deadline
from collectors.errors import OurBug, SourceError, TooLate, Unreachable
from collectors.notifications import EventFeed, event_of
from collectors.site import Endpoint
from collectors.sources import amqp_failures as failures
from collectors.sources.amqp_subscription import Subscription
from collectors.whole import whole

if TYPE_CHECKING:
    from collectors.sources.amqp import AmqpSource
    from collectors.sources.amqp_session import Session

LOGIN_SECONDS: Final = 15.0
"""From the first byte to listening."""
FOREVER: Final = 3e8
PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds before the next try, after so many failures."""


class Ears:
    """Listens on a thread of its own from `start` to `close`."""

    def __init__(self, source: AmqpSource, clock: Callable[[], float], pauses: Sequence[float] = PAUSES) -> None:
        self.feed = EventFeed()
        self.exchanges: tuple[str, ...] = ()
        """Those that we are bound to, while we listen."""
        self._source = source
        self._clock = clock
        self._pauses = pauses
        self._changed = threading.Condition()
        self._error: SourceError | None = None
        self._tries = 0
        self._over = threading.Event()
        self._session: Session | None = None
        self._login: Deadline | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to listen, unless we do already; returns at once."""
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ears-amqp", daemon=True)
                self._thread.start()

    def wait(self, deadline: Deadline) -> None:
        """Until we listen. Raises `SourceError` when every node was tried in vain, or at the deadline."""
        nodes = len(self._source.amqp.listeners)
        with self._changed:
            while not self.exchanges:
                if self._error is not None and self._tries >= nodes:
                    raise self._error
                if deadline.expired:
                    raise TooLate(
                        "notifications", f"not connected within {deadline.seconds:.0f} s", "nephoscope doctor amqp"
                    )
                self._changed.wait(min(deadline.remaining(), 0.2))

    @property
    def trouble(self) -> str:
        """Why we do not listen, in words; empty while we do."""
        return "" if self.exchanges or self._error is None else self._error.why

    def close(self) -> None:
        """Stop; the queue goes with the connection."""
        self._over.set()
        with self._changed:
            session, login, thread = self._session, self._login, self._thread
        if login is not None:
            login.end()  # an attempt to connect that nobody answers
        if session is not None:
            session.stop()
        if thread is not None:
            thread.join(1.0)

    # -- the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        failures_in_a_row, turn = 0, 0
        while not self._over.is_set():
            listener = self._source.amqp.listeners[turn % len(self._source.amqp.listeners)]
            turn += 1
            heard = self._listen(listener)
            failures_in_a_row = 0 if heard else failures_in_a_row + 1
            self._over.wait(self._pauses[min(failures_in_a_row, len(self._pauses) - 1)])

    def _listen(self, listener: Endpoint) -> bool:
        """One connection, to its end; True when it came so far that we listened."""
        from collectors.sources.amqp_session import DRIVER, Session

        whole(*DRIVER)
        what, deadline = self._source.title(listener), Deadline(FOREVER)
        login = Deadline(LOGIN_SECONDS)
        with self._changed:
            self._login = login
        if self._over.is_set():
            return False
        sock: socket.socket | None = None
        session: Session | None = None
        attempt: Subscription | None = None
        error: BaseException | None = None
        try:
            sock = self._source.dial(listener, login)
            session = Session(self._source.amqp, sock, listener.address, "nephoscope: events")
            attempt = Subscription(session, self._message, self._listening)
            with self._changed:
                self._session = session
            if not self._over.is_set():
                session.call_later(LOGIN_SECONDS, attempt.give_up)
                session.run(deadline, attempt.begin)
            error = attempt.failure or session.failure
        except Exception as caught:  # noqa: BLE001  nobody waits for this thread: what it does not tell is lost
            error = caught
        finally:
            deadline.finish()
            login.finish()
            if session is not None:
                session.close()
            elif sock is not None:
                sock.close()
        silent = session is None or not session.heard
        known = self._known(error, what, listener, login, silent=silent)
        with self._changed:
            self.exchanges, self._session, self._login = (), None, None
            self._error, self._tries = known, self._tries + 1
            self._changed.notify_all()
        return attempt is not None and attempt.listening

    def _known(
        self, error: BaseException | None, what: str, listener: Endpoint, login: Deadline, *, silent: bool
    ) -> SourceError:
        if error is None:
            return Unreachable(what, "the connection ended", "it is tried again")
        known = failures.understood(error, what, listener.host, login, silent=silent)
        if known is None and isinstance(error, Exception):
            return OurBug(what, error)
        return known or Unreachable(what, type(error).__name__)

    def _listening(self, exchanges: Sequence[str]) -> None:
        with self._changed:
            self.exchanges, self._error, self._tries = tuple(exchanges), None, 0
            self._changed.notify_all()

    def _message(self, exchange: str, body: bytes) -> None:
        try:
            event = event_of(body, exchange, self._clock())
        except ValueError:
            self.feed.dropped += 1  # somebody else's message in a topic of that name
            return
        self.feed.add(event)
