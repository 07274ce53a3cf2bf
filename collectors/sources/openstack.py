"""The OpenStack APIs of one cloud and region: keystoneauth's session, our paging, deadlines and size caps.

Lists come as JSON text and are decoded by kinds' msgspec structs; SDK resource objects are never built (2.4 ms each).
Microversions go out as the kind knows them and are lowered only when the service says 406.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from collectors.breaker import Breaker
from collectors.deadline import Deadline
from collectors.errors import (
    CircuitOpen,
    NotUnderstood,
    SourceError,
    TooLate,
    Unreachable,
)
from collectors.kind import Scope
from collectors.request import Capacity, Catalog, Request, Rest
from collectors.site import Site
from collectors.sources import failures, paging
from collectors.sources.base import Fact, Page, Where
from collectors.sources.each import enriched
from collectors.sources.http import address_of, server_time
from collectors.sources.openstack_cloud import OpenStackCloud

if TYPE_CHECKING:
    from requests import Response

# How each service spells its microversion header (Nova, Cinder, Placement documentation).
_MICROVERSION = {
    "compute": {"OpenStack-API-Version": "compute {}", "X-OpenStack-Nova-API-Version": "{}"},
    "baremetal": {"X-OpenStack-Ironic-API-Version": "{}"},
    "block-storage": {"OpenStack-API-Version": "volume {}"},
    "container-infrastructure-management": {"OpenStack-API-Version": "container-infra {}"},
    "placement": {"OpenStack-API-Version": "placement {}"},
    "shared-file-system": {"X-OpenStack-Manila-API-Version": "{}"},
}
"""Service → the headers that ask for a microversion."""

_NEXT_STEP = "nephoscope doctor"

SYSTEM_SCOPE = (
    "this cloud entry is for the system (system_scope), and the service wants a project: use an entry with one"
)


class OpenStackSource(OpenStackCloud):
    """Reads lists of one cloud and region. A circuit breaker per service; the token and connections are shared."""

    system = "openstack"
    workers = 8

    def __init__(self, site: Site, dial: Any = None) -> None:
        super().__init__(site, dial)
        self._breakers: dict[str, Breaker] = {}
        self._ceilings: dict[str, str] = {}
        self._ours_only: set[Rest] = set()
        """Lists of which policy grants us only our own project's rows."""
        self.calls: dict[str, int] = {}
        """Requests made so far, by service: the budget view reads it."""

    # -- reading --------------------------------------------------------------------------------------------------

    def targets(self, scope: Scope, where: Where) -> Sequence[str]:
        """The APIs of a region are one target."""
        return (self.site.cloud or "cloud",)

    def read(self, request: Request, target: str, deadline: Deadline, where: Where) -> Iterator[Page]:
        """Pages of a list; see `paging` for what may happen on the way."""
        if isinstance(request, Catalog):
            from collectors.sources.probe import probed_endpoints

            yield from probed_endpoints(self, request, deadline)
            return
        if isinstance(request, Capacity):
            from collectors.sources.capacity import capacity_pages

            yield from capacity_pages(self, request, deadline)
            return
        assert isinstance(request, Rest)
        breaker = self.breaker(request.service)
        self._admit(request.service, breaker)
        outage = False
        try:
            yield from self._pages(request, deadline, where)
        except Unreachable:
            outage = True
            raise
        finally:
            # Any other end means that it answered: that the answer displeases us is no outage.
            if outage:
                breaker.failed(time.monotonic())
            else:
                breaker.succeeded()

    def breaker(self, service: str) -> Breaker:
        """The circuit of one service."""
        with self._lock:
            return self._breakers.setdefault(service, Breaker())

    def _admit(self, service: str, breaker: Breaker) -> None:
        now = time.monotonic()
        if not breaker.allow(now):
            retry = breaker.retry_at or now
            raise CircuitOpen(
                service,
                f"did not answer {breaker.failures} times; next try in {max(retry - now, 0):.0f} s",
                _NEXT_STEP,
                retry_at=retry,
            )

    def _pages(self, request: Rest, deadline: Deadline, where: Where) -> Iterator[Page]:
        path = request.path.replace("{parent}", quote(where.parent, safe=""))
        walk = paging.Walk(self._query(request, where), request.turn)
        following: Mapping[str, paging.Values] | None = walk.start()
        calls = 0
        while following is not None:
            calls += 1
            try:
                response = self.get(
                    request.service, path, following, request.microversion, deadline, dict(request.headers)
                )
            except SourceError as error:
                if error.status == 403 and request.everyone and request not in self._ours_only:
                    self._ours_only.add(request)
                    walk = paging.Walk(self._query(request, where), request.turn)
                    following = walk.start()
                    continue
                if "marker" in following and error.status in (400, 404):
                    following = walk.marker_gone(str(following["marker"]))
                    if following is None:
                        raise
                    continue
                raise
            what = f"{request.service} at {address_of(str(response.url))}"
            page = paging.opened(response.content, request, what)
            raw = page.raw
            if request.each is not None:
                raw, more = enriched(raw, request.each, partial(self._body, request, deadline))
                calls += more
            yield Page(raw=raw, server_time=server_time(response), calls=calls)
            calls = 0
            following = walk.after(page)
            if walk.circular:
                raise NotUnderstood(what, "hands out the same page again and again; rows may be missing", _NEXT_STEP)
            if following is None and page.truncated:
                hint = "ask for less with a filter, or raise list_limit in the service's configuration"
                raise NotUnderstood(what, "rows are missing: its list is cut off at its list_limit", hint)

    def _body(self, request: Rest, deadline: Deadline, path: str, query: Mapping[str, str]) -> bytes:
        """The answer to one more question of the same service."""
        return self.get(request.service, path, query, request.microversion, deadline, dict(request.headers)).content

    def _query(self, request: Rest, where: Where) -> dict[str, paging.Values]:
        """The query of the first page; a parameter that is asked for several times is a list: any of them."""
        query: dict[str, paging.Values] = {
            name: value.replace("{parent}", where.parent) for name, value in request.query
        }
        if request not in self._ours_only:
            query |= dict(request.everyone)
        wanted: dict[str, list[str]] = {}
        for name, value in where.query:
            wanted.setdefault(name.removesuffix("~"), []).append(_value(name, value))
        query |= {name: values if len(values) > 1 else values[0] for name, values in wanted.items()}
        if request.page:
            query["limit"] = str(request.page)
        if where.since is not None and request.since:
            query[request.since] = _utc(where.since)
        if request.days:
            now = time.time()
            query |= {"start": _utc(now - request.days * 86400).removesuffix("Z"), "end": _utc(now).removesuffix("Z")}
        return query

    def get(
        self,
        service: str,
        path: str,
        query: Mapping[str, paging.Values],
        microversion: str,
        deadline: Deadline,
        more: Mapping[str, str] | None = None,
    ) -> Response:
        """One GET of a service's path, with `more` headers. Raises `SourceError`; the answer is a 2xx."""
        what = service
        try:
            url = self.endpoint(service) + path
            what = f"{service} at {address_of(url)}"
            response = self.send(service, "GET", url, None, microversion, more, query)
            if response.status_code == 406 and microversion:
                self.lower(service, response, microversion)
                response = self.send(service, "GET", url, None, microversion, more, query)
        except SourceError as error:
            if deadline.expired and type(error) is Unreachable:
                raise TooLate(error.what, f"did not finish within {deadline.seconds:g} s", _NEXT_STEP) from error
            raise
        except Exception as error:
            if deadline.expired:
                raise TooLate(what, f"did not finish within {deadline.seconds:g} s", _NEXT_STEP) from error
            raise failures.understood(error, what) from error
        if deadline.expired:
            raise TooLate(what, f"did not finish within {deadline.seconds:g} s", _NEXT_STEP)
        if response.status_code >= 300:
            refusal = failures.of_status(response, what)
            if response.status_code == 403 and self.of_the_system:
                refusal.hint = SYSTEM_SCOPE
            raise refusal
        return response

    def send(
        self,
        service: str,
        method: str,
        url: str,
        body: Any,
        microversion: str,
        more: Mapping[str, str] | None,
        query: Mapping[str, paging.Values] | None = None,
    ) -> Response:
        """One request, whatever it is answered. Raises what keystoneauth and requests raise."""
        headers = {"Accept": "application/json", **(more or {})}
        if microversion:
            version = self._ceilings.get(service, microversion)
            if _number(version) > _number(microversion):
                version = microversion
            headers |= {name: value.format(version) for name, value in _MICROVERSION.get(service, {}).items()}
        self.calls[service] = self.calls.get(service, 0) + 1
        response: Response = self.session.request(
            url,
            method,
            params=dict(query or {}),
            headers=headers,
            authenticated=True,
            raise_exc=False,
            log=False,
            redirect=5 if method == "GET" else False,
            **({} if body is None else {"json": body}),
        )
        return response

    def lower(self, service: str, refused: Response, asked: str) -> None:
        """After a 406: learn the newest microversion that the service has."""
        found = failures.maximum_microversion(refused)
        if found is None or _number(found) >= _number(asked):
            raise failures.of_status(refused, f"{service} at {address_of(str(refused.url))}")
        self._ceilings[service] = found

    # -- who and how ----------------------------------------------------------------------------------------------

    def doctor(self, deadline: Deadline) -> Iterator[Fact]:
        """Identity first, then every service of the catalogue that we use."""
        from collectors.sources.openstack_doctor import facts

        yield from facts(self, deadline)


def _value(parameter: str, value: str) -> str:
    """`value` as a query parameter takes it: some parameters (`name~`) are regular expressions."""
    return f"^{re.escape(value)}$" if parameter.endswith("~") else value


def _utc(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def _number(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return int(major), int(minor or 0)
