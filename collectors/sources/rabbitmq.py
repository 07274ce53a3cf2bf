"""RabbitMQ's management API: GETs only, over any of the nodes.

A list is asked from the nodes in turn; each gets a share of the time, because the API of a healthy node blocks while a
peer is gone and not yet given up (`net_ticktime`, a minute). What the nodes may disagree on (`nodes`, in a partition)
is asked from all of them and joined. `/api/aliveness-test` declares a queue, so it is refused here: it writes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from collectors.breaker import Breaker
from collectors.deadline import Deadline, working
from collectors.errors import (
    BadConfiguration,
    CircuitOpen,
    NotUnderstood,
    SourceError,
    TooLate,
    Unreachable,
    UsageError,
)
from collectors.kind import Scope
from collectors.request import BrokerAlarms, BrokerMemory, Management, Request
from collectors.shapes import decoded
from collectors.site import RabbitmqSite, Site
from collectors.sources import rabbitmq_failures as failures
from collectors.sources.base import Fact, Page, Where
from collectors.sources.http import address_of, server_time
from collectors.sources.own_session import own_session

if TYPE_CHECKING:
    from requests import Response, Session

    from collectors.connections import Connections

WHOLE = "rabbitmq"
"""The target: the cluster."""
PATIENCE = 6.0
"""Seconds for one node while another could be asked instead."""
PROBE = 1.0
"""Seconds kept back for asking why nobody answers."""
PAGES = 1000
"""More pages than any cluster has."""


class _Paged(msgspec.Struct, gc=False):
    """A page of a list."""

    items: msgspec.Raw
    page_count: int = 0


class RabbitmqSource:
    """The nodes of one site."""

    system = "rabbitmq"
    workers = 4

    def __init__(
        self, site: Site, connections: Connections | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if site.rabbitmq is None:
            raise BadConfiguration("rabbitmq", "the site says nothing about it", "add [site.NAME.rabbitmq]")
        self.site = site
        self.rabbitmq: RabbitmqSite = site.rabbitmq
        self.ways = connections
        self._clock = clock
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._breakers = {host: Breaker() for host, _ in self.rabbitmq.urls}
        self._last: dict[str, SourceError] = {}

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """The cluster is one target."""
        if where.targets:
            raise UsageError("the nodes of a broker are not asked one by one", "leave the member out")
        return (WHOLE,)

    @property
    def session(self) -> Session:
        """One HTTP session for all nodes. Raises `BadConfiguration` when the password cannot be fetched."""
        with self._lock:
            if self._session is None:
                from requests.auth import HTTPBasicAuth

                made = own_session("rabbitmq", self.rabbitmq.via, self.rabbitmq.ca, self.ways)
                made.auth = HTTPBasicAuth(self.rabbitmq.user.encode(), self.rabbitmq.password.reveal().encode())
                made.headers["Accept"] = "application/json"
                self._session = made
            return self._session

    # -- reading --------------------------------------------------------------------------------------------------

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """Pages of a list; raises the first node's error when no node gives it."""
        assert isinstance(request, Management | BrokerAlarms | BrokerMemory)
        if not self.rabbitmq.urls:
            raise BadConfiguration(WHOLE, "the site names no management URL", "set nodes in [site.NAME.rabbitmq]")
        if isinstance(request, BrokerAlarms):
            from collectors.sources.rabbitmq_alarms import alarms

            yield from alarms(self, deadline)
            return
        if isinstance(request, BrokerMemory):
            from collectors.sources.rabbitmq_memory import parts

            yield from parts(self, where.parent, deadline)
            return
        path = request.path.replace("{parent}", quote(where.parent, safe=""))
        query = dict(request.query) | dict(where.query)
        if request.everyone:
            from collectors.sources.rabbitmq_views import joined

            yield from joined(self, path, query, deadline)
            return
        if request.also:
            from collectors.sources.rabbitmq_lists import marked

            yield from marked(self, request, query, deadline)
            return
        yield from self.pages(path, query, request.page, deadline)

    def pages(self, path: str, query: Mapping[str, str], size: int, deadline: Deadline) -> Iterator[Page]:
        """One list, from the first node that gives it; `size` rows a page, or whole when that is 0."""
        errors: list[SourceError] = []
        for place, (host, _) in enumerate(self.rabbitmq.urls):
            left = len(self.rabbitmq.urls) - place
            usable = max(deadline.remaining() - PROBE, deadline.remaining() * 0.8)
            patience = usable if left == 1 else min(PATIENCE, usable / left)
            try:
                first = self.get(host, path, self._first(query, size), deadline, patience)
            except SourceError as error:
                errors.append(error)
                continue
            yield from self._pages(host, path, query, size, first, deadline, place + 1)
            return
        raise self._explained(errors, deadline)

    @staticmethod
    def _first(query: Mapping[str, str], size: int) -> dict[str, str]:
        return dict(query) | ({"page": "1", "page_size": str(size)} if size else {})

    def _pages(
        self,
        host: str,
        path: str,
        query: Mapping[str, str],
        size: int,
        first: Response,
        deadline: Deadline,
        calls: int,
    ) -> Iterator[Page]:
        what = self.title(host)
        if not size:
            yield Page(raw=_list(first.content, what), server_time=server_time(first), calls=calls)
            return
        response, number = first, 1
        while True:
            page = _page(response.content, what)
            yield Page(raw=bytes(page.items), server_time=server_time(response), calls=calls if number == 1 else 1)
            number += 1
            if number > page.page_count or bytes(page.items).strip() == b"[]":
                return
            if number > PAGES:
                raise NotUnderstood(what, f"hands out more than {PAGES} pages", "nephoscope doctor")
            try:
                more = dict(query) | {"page": str(number), "page_size": str(size)}
                response = self.get(host, path, more, deadline)
            except NotUnderstood as error:
                if error.status == 400 and "out of range" in error.why.lower():
                    return  # the list has become shorter meanwhile
                raise

    def get(
        self, host: str, path: str, query: Mapping[str, str], deadline: Deadline, patience: float | None = None
    ) -> Response:
        """One GET from the node on `host`. Raises `SourceError`; the answer is a 2xx."""
        if path.lstrip("/").startswith("aliveness-test"):
            raise UsageError("aliveness-test declares a queue: nothing that reads may call it")
        breaker, now, what = self._breakers[host], self._clock(), self.title(host)
        if not breaker.allow(now):
            last = self._last.get(host)
            why = f"{last.why if last else 'no answer'} ({breaker.failures} times; it is left alone for a while)"
            raise CircuitOpen(what, why, "nephoscope doctor", retry_at=breaker.retry_at or now)
        try:
            found = self._sent(host, path, query, deadline, patience)
        except Unreachable as error:
            breaker.failed(self._clock())
            self._last[host] = error
            raise
        except SourceError:
            breaker.succeeded()  # it answered; that the answer displeases us is no outage
            raise
        except BaseException:
            breaker.failed(self._clock())
            raise
        breaker.succeeded()
        return found

    def _sent(
        self, host: str, path: str, query: Mapping[str, str], deadline: Deadline, patience: float | None
    ) -> Response:
        what, url = self.title(host), f"{self.url(host)}/api/{path.lstrip('/')}"
        own = Deadline(deadline.remaining() if patience is None else min(patience, deadline.remaining()))
        key = deadline.guard(own.end)  # the whole read may be cancelled
        try:
            with working(own):
                response = self.session.get(url, params=dict(query), allow_redirects=False)
        except Exception as error:
            raise failures.understood(error, what, host, own, deadline if patience is None else own) from error
        finally:
            deadline.release(key)
        if response.status_code >= 300:
            raise failures.of_status(response, what, self.rabbitmq.user)
        return response

    def url(self, host: str) -> str:
        """The base URL of the node on `host`, without `/api`."""
        return next(url for name, url in self.rabbitmq.urls if name == host).rstrip("/")

    def title(self, host: str) -> str:
        """`rabbitmq ctl01 at http://10.0.0.11:15672`."""
        return f"rabbitmq {host} at {address_of(self.url(host))}".rstrip("/")

    def _explained(self, errors: Sequence[SourceError], deadline: Deadline) -> SourceError:
        """Why no node gave the list; that they all wait is explained by asking one something that needs no peer."""
        first = errors[0]
        late = next((error for error in errors if isinstance(error, TooLate)), None)
        if late is None:
            return first
        host = next(host for host, _ in self.rabbitmq.urls if self.title(host) == late.what)
        return self.waiting(host, deadline) or late

    def waiting(self, host: str, deadline: Deadline) -> TooLate | None:
        """The error that says that this node is well and waits for a peer; None when it does not answer at all."""
        try:
            self._sent(host, "whoami", {}, deadline, min(PROBE, max(deadline.remaining(), 0.1)))
        except SourceError:
            return None
        why = "answers for itself, but its lists wait for a node that is gone and not yet given up"
        return TooLate(self.title(host), why, "wait for net_ticktime (a minute), or look which node's host is down")

    # -- who and how ----------------------------------------------------------------------------------------------

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """One fact per node: address, who we are, version, round trip, what we may not do, what to do next."""
        from collectors.sources.rabbitmq_doctor import facts

        yield from facts(self, deadline)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None


def _list(body: bytes, what: str) -> bytes:
    """`body` if it is a JSON list; one object becomes a list of one. Raises `NotUnderstood`."""
    start = body.lstrip()[:1]
    if start == b"[":
        return body
    if start == b"{":
        return b"[" + body + b"]"
    raise NotUnderstood(what, "HTML instead of JSON" if start == b"<" else "the answer is no JSON", "check the URL")


def _page(body: bytes, what: str) -> _Paged:
    if body.lstrip()[:1] == b"[":  # brokers before 3.6 do not page
        return _Paged(msgspec.Raw(body), 1)
    try:
        found: _Paged = decoded(body, _Paged)
        return found
    except msgspec.DecodeError as error:
        words = "HTML instead of JSON" if body.lstrip()[:1] == b"<" else f"the answer is no page of a list ({error})"
        raise NotUnderstood(what, words, "check the URL in [site.NAME.rabbitmq]") from error
