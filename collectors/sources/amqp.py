"""The broker as its clients meet it: AMQP 0-9-1 to each node, log in, ask one thing, leave again.

This tells apart what the management API cannot: a node that answers over HTTP and lets no client in, and one whose API
is dead and that serves everybody. A probe declares nothing and sends nothing; hearing notifications
is another thing (`amqp_ears.py`).
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import msgspec

from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, OurBug, Refused, SourceError, UsageError
from collectors.kind import Scope
from collectors.request import AmqpProbe, Notifications, Request
from collectors.site import AmqpSite, Endpoint, Site
from collectors.sources import amqp_failures as failures
from collectors.sources.base import Fact, Page, Where
from collectors.sources.dial import dialled
from collectors.whole import whole

if TYPE_CHECKING:
    from collectors.connections import Connections
    from collectors.sources.amqp_ears import Ears

WHOLE: Final = "amqp"
"""The target: the broker; its listeners are the rows."""
CONNECT_SECONDS: Final = 5.0
LONGEST: Final = 8.0
"""Seconds that one node may take."""


class AmqpSource:
    """The listeners of one site's broker."""

    system = "amqp"
    workers = 2

    def __init__(
        self, site: Site, connections: Connections | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        if site.amqp is None:
            raise BadConfiguration("amqp", "the site names no broker", "add [site.NAME.rabbitmq]")
        self.site = site
        self.amqp: AmqpSite = site.amqp
        self._ways = connections
        self._clock = clock
        self._lock = threading.Lock()
        self._ears: Ears | None = None

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """The broker is one target."""
        if where.targets:
            raise UsageError("the nodes of a broker are not asked one by one", "leave the member out")
        return (WHOLE,)

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """One page: an object per listener, also for one that does not answer."""
        assert isinstance(request, AmqpProbe | Notifications)
        self.amqp.password.reveal()  # a password that cannot be fetched is no trouble of the nodes
        if isinstance(request, Notifications):
            ears = self.listen()
            ears.wait(deadline)
            yield Page(items=[msgspec.to_builtins(event) for event in reversed(ears.feed.events())], calls=0)
            return
        yield Page(items=self.probes(deadline), calls=len(self.amqp.listeners))

    def listen(self) -> Ears:
        """What hears the services' notifications, begun when first asked for. Raises `BadConfiguration`."""
        if not self.site.notifications:
            table = f"[site.{self.site.cloud or 'NAME'}]"
            raise BadConfiguration(
                "notifications", "the site does not let us listen to them", f"notifications = true in {table}"
            )
        with self._lock:
            if self._ears is None:
                from collectors.sources.amqp_ears import Ears

                self._ears = Ears(self, self._clock)
                self._ears.start()
            return self._ears

    def probes(self, deadline: Deadline) -> list[dict[str, Any]]:
        """What each listener said, side by side, in the site's order."""
        from collectors.sources.amqp_session import DRIVER

        whole(*DRIVER)
        with ThreadPoolExecutor(max(len(self.amqp.listeners), 1), "probe-amqp") as pool:
            return list(pool.map(lambda listener: self._probe(listener, deadline), self.amqp.listeners))

    def _probe(self, listener: Endpoint, deadline: Deadline) -> dict[str, Any]:
        own = Deadline(min(LONGEST, deadline.remaining()))
        key = deadline.guard(own.end)  # the whole read may be cancelled
        found: dict[str, Any] = {"host": listener.host, "address": listener.address, "port": listener.port}
        found |= {"tls": self.amqp.tls, "answers": False, "logged_in": False}
        try:
            return {**found, **self._asked(listener, own)}
        except SourceError as error:
            refused = isinstance(error, Refused)
            return found | {"answers": refused, "why": error.why, "hint": error.hint}
        finally:
            own.finish()
            deadline.release(key)

    def _asked(self, listener: Endpoint, deadline: Deadline) -> Mapping[str, Any]:
        """Log in, open a channel, leave. Raises `SourceError`."""
        from collectors.sources.amqp_session import Session

        what = self.title(listener)
        session: Session | None = None
        sock: socket.socket | None = None
        took: list[float] = []

        def opened() -> None:
            assert session is not None
            began = time.perf_counter()
            session.channel(lambda channel: done(began))

        def done(began: float) -> None:
            assert session is not None
            took.append(time.perf_counter() - began)
            session.stop()

        try:
            sock = self.dial(listener, deadline)
            session = Session(self.amqp, sock, listener.address, "nephoscope: probe")
            session.run(deadline, opened)
            if session.failure is not None:
                raise session.failure
            if not took:
                raise failures.too_late(what, deadline, listener.host)
            return _told(session.connection.server_properties or {}) | {
                "answers": True,
                "logged_in": True,
                "handshake": session.opened_after,
                "round_trip": took[0],
                "blocked": session.blocked or None,
            }
        except Exception as error:
            silent = session is None or not session.heard
            known = failures.understood(error, what, listener.host, deadline, silent=silent)
            raise (known or OurBug(what, error)) from error
        finally:
            if session is not None:
                session.close()
            elif sock is not None:
                sock.close()

    def dial(self, listener: Endpoint, deadline: Deadline) -> socket.socket:
        """A socket to the node, made from here or by the host that the site names. Raises OSError, `SourceError`."""
        if not self.amqp.via:
            return dialled(
                listener.address, listener.port, Deadline(min(CONNECT_SECONDS, deadline.remaining())), deadline
            )
        if self._ways is None:
            raise BadConfiguration("amqp", f"via {self.amqp.via}: no SSH at hand", "use ssh:HOST of this site")
        host = self.amqp.via.partition(":")[2]
        return self._ways.ssh().open_channel(host, listener.address, listener.port, deadline)

    def title(self, listener: Endpoint) -> str:
        """`amqp ctl01 at 10.0.0.11:5672`."""
        return f"amqp {listener.host} at {listener.address}:{listener.port}"

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """One fact per node: address, who we are, version, round trip, what to do next."""
        for found in self.probes(deadline):
            address = f"{found['host']} {found['address']}:{found['port']}{' TLS' if found['tls'] else ''}"
            why, step = found.get("why", ""), found.get("hint", "")
            if not found["logged_in"]:
                refused = why if found["answers"] else ""
                yield Fact("amqp", address, "critical", refused=refused, detail="" if refused else why, next_step=step)
                continue
            yield Fact(
                "amqp",
                address,
                "ok",
                identity=self.amqp.user + (f" through {self.amqp.via}" if self.amqp.via else ""),
                version=", ".join(part for part in (found["version"], found["cluster"]) if part),
                round_trip=found["round_trip"],
            )

    def close(self) -> None:
        """Stop listening; probes keep nothing open."""
        with self._lock:
            ears, self._ears = self._ears, None
        if ears is not None:
            ears.close()


def _told(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The server's own description of itself, as text."""

    def text(name: str) -> str | None:
        value = properties.get(name)
        found = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        return found if isinstance(found, str) else None

    names = {"product": "product", "version": "version", "platform": "platform", "cluster": "cluster_name"}
    return {ours: text(theirs) for ours, theirs in names.items()}
