"""Prometheus: queries and what it scrapes. One of several that scrape the same is enough; they are tried in turn.

Queries go through prometheus-api-client, over our own session: the adapter that it would mount there by itself knows
neither our deadlines nor the cap on an answer's size.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, NotUnderstood, SourceError, UsageError
from collectors.kind import Scope
from collectors.request import Promql, Request, ScrapeTargets
from collectors.shapes import decoded
from collectors.site import Site
from collectors.sources.base import Fact, Page, Where
from collectors.sources.http import server_time
from collectors.sources.instances import HostNames
from collectors.sources.web import Web
from collectors.whole import whole

if TYPE_CHECKING:
    from requests import Response, Session

    from collectors.connections import Connections

T = TypeVar("T")

WHOLE: Final = "prometheus"
POINTS: Final = 11_000
"""Prometheus gives no more points of one series."""


class _Ours:
    """Our session as the client may have it: nothing else can be mounted there."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.verify, self.cert = session.verify, session.cert

    def request(self, *args: Any, **kwargs: Any) -> Response:
        """As ours does it."""
        return self._session.request(*args, **kwargs)

    def mount(self, prefix: str, adapter: object) -> None:
        """Ours stays."""


class _Data(msgspec.Struct, gc=False):
    activeTargets: list[dict[str, Any]] = []  # noqa: N815  their name


class _Targets(msgspec.Struct, gc=False):
    """`GET /api/v1/targets`."""

    data: _Data


class PrometheusSource:
    """The Prometheus of one site."""

    system = "prometheus"
    workers = 4

    def __init__(
        self, site: Site, connections: Connections | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        if site.prometheus is None:
            raise BadConfiguration("prometheus", "the site says nothing about it", "add [site.NAME.prometheus]")
        self.web = Web("prometheus", site.prometheus, connections)
        self._hosts = HostNames(site)
        self._clock = clock

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """It is one target."""
        if where.targets:
            raise UsageError("Prometheus is asked as a whole", "leave the host out")
        return (WHOLE,)

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """One page. Raises the first one's error when none answers."""
        assert isinstance(request, Promql | ScrapeTargets)
        if isinstance(request, Promql):
            request = msgspec.structs.replace(request, query=request.query.replace("{parent}", where.parent))
        yield first_answer(
            self.web,
            deadline,
            lambda host, own: (
                self._queried(host, request, own) if isinstance(request, Promql) else self._scraped(host, own)
            ),
        )

    def _scraped(self, host: str, deadline: Deadline) -> Page:
        response = self.web.get(host, "/api/v1/targets", {"state": "active"}, deadline)
        try:
            found: _Targets = decoded(response.content, _Targets)
        except msgspec.DecodeError as error:
            raise self._other(host, response.content) from error
        for each in found.data.activeTargets:
            each["host"] = self._hosts.of(each.get("labels"))
        return Page(items=found.data.activeTargets, server_time=server_time(response))

    def _queried(self, host: str, request: Promql, deadline: Deadline) -> Page:
        if request.window and request.window / request.step > POINTS:
            raise UsageError(f"{request.window / request.step:.0f} points are more than {POINTS}", "use a longer step")

        def ask() -> Any:
            whole("prometheus_api_client")
            from prometheus_api_client import PrometheusConnect

            client = PrometheusConnect(self.web.url(host), session=_Ours(self.web.session))
            if not request.window:
                return client.custom_query(request.query)
            end = self._clock()
            start, until = (datetime.fromtimestamp(at, UTC) for at in (end - request.window, end))
            return client.custom_query_range(request.query, start, until, f"{request.step:g}")

        try:
            found = self.web.asked(host, ask, deadline)
        except (ValueError, KeyError, TypeError) as error:
            raise self._other(host, b"") from error
        if not isinstance(found, list):
            raise self._other(host, b"")
        if found and not isinstance(found[0], dict):
            found = [{"metric": {}, "value": found}]  # a scalar
        return Page(items=found)

    def _other(self, host: str, body: bytes) -> NotUnderstood:
        words = "HTML instead of JSON" if body.lstrip()[:1] == b"<" else "the answer is not Prometheus'"
        return NotUnderstood(self.web.title(host), words, f"check the URL in {self.web.table}")

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """One fact per address."""
        for host, _ in self.web.site.urls:
            yield fact(self.web, host, "/api/v1/status/buildinfo", deadline)

    def close(self) -> None:
        """Close the connections."""
        self.web.close()


def first_answer(web: Web, deadline: Deadline, ask: Callable[[str, Deadline], T]) -> T:
    """What the first address gives that answers; each has its share of the time. Raises the first one's error."""
    errors: list[SourceError] = []
    hosts = [host for host, _ in web.site.urls]
    for place, host in enumerate(hosts):
        own = Deadline(deadline.remaining() / (len(hosts) - place))
        key = deadline.guard(own.end)
        try:
            return ask(host, own)
        except SourceError as error:
            errors.append(error)
        finally:
            deadline.release(key)
    raise errors[0]


class _Build(msgspec.Struct):
    version: str = ""


class _BuildInfo(msgspec.Struct):
    """Prometheus' `buildinfo`, Alertmanager's `status`, and Loki's `buildinfo`, which is bare."""

    version: str = ""
    data: _Build | None = None
    versionInfo: _Build | None = None  # noqa: N815  their name


def fact(web: Web, host: str, path: str, deadline: Deadline) -> Fact:
    """What `doctor` says about one address."""
    address, began = f"{host} {web.url(host)}", time.perf_counter()
    try:
        response = web.get(host, path, {}, deadline)
        took = time.perf_counter() - began
        told = decoded(response.content, _BuildInfo)
    except msgspec.DecodeError:
        return Fact(web.system, address, "critical", detail="something else answers", next_step=f"check {web.table}")
    except SourceError as error:
        refused = error.why if error.status in (401, 403) else ""
        detail = "" if refused else f"{error.what}: {error.why}"
        return Fact(web.system, address, "critical", refused=refused, detail=detail, next_step=error.hint)
    version = (told.data or told.versionInfo or _Build(told.version)).version
    who = web.site.user if web.site.user else "a token" if web.site.token is not None else "no account"
    return Fact(web.system, address, "ok", identity=who, version=version, round_trip=took)
