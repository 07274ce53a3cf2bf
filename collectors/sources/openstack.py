"""The OpenStack APIs of one cloud and region: keystoneauth's session, our paging, deadlines and size caps.

Lists come as JSON text and are decoded by kinds' msgspec structs; SDK resource objects are never built (2.4 ms each).
The catalogue's URL is used as it is, a missing version segment added, so that a list costs a token and one request;
microversions go out as the kind knows them and are lowered only when the service says 406.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from collectors.breaker import Breaker
from collectors.deadline import Deadline
from collectors.errors import (
    BadConfiguration,
    CircuitOpen,
    NotUnderstood,
    Refused,
    SourceError,
    TooLate,
    Unreachable,
)
from collectors.kind import Scope
from collectors.request import Catalog, Request, Rest
from collectors.site import Site
from collectors.sources import clouds, failures, paging
from collectors.sources.base import Fact, Page, Where
from collectors.sources.http import address_of, guarded_session, server_time

if TYPE_CHECKING:
    import requests
    from keystoneauth1.session import Session
    from requests import Response

# What a catalogue URL lacks when it names no version (`http://vip:9696`), by service type.
_VERSION_PATH = {"network": "/v2.0", "image": "/v2", "identity": "/v3", "compute": "/v2.1", "block-storage": "/v3"}

# How each service spells its microversion header (Nova, Cinder, Placement documentation).
_MICROVERSION_TYPE = {"compute": "compute", "block-storage": "volume", "placement": "placement"}

_NEXT_STEP = "nephoscope doctor"


class OpenStackSource:
    """One cloud and region. A circuit breaker per service; the token and connections are shared."""

    system = "openstack"
    workers = 8

    def __init__(self, site: Site, dial: Any = None) -> None:
        self.site = site
        self._dial = dial
        self._lock = threading.RLock()
        self._region: Any = None
        self._session: Session | None = None
        self._breakers: dict[str, Breaker] = {}
        self._ceilings: dict[str, str] = {}
        self.calls: dict[str, int] = {}
        """Requests made so far, by service: the budget view reads it."""

    # -- the cloud ------------------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """keystoneauth's session for this cloud; reads clouds.yaml on first use. Raises `BadConfiguration`."""
        with self._lock:
            if self._session is None:
                from keystoneauth1 import session as keystone

                dial = self._dial

                def construct(**options: Any) -> Session:
                    # Debug logging of bodies and timing lists would grow without limit in a console that stays open.
                    options.update(collect_timing=False, timeout=None)
                    return keystone.Session(session=guarded_session(dial), connect_retries=0, **options)

                self._region = clouds.region_of(self.site.cloud, self.site.region, construct)
                self._session = self._region.get_session()
            return self._session

    @property
    def region(self) -> str:
        """The region that is asked; empty when the cloud names none."""
        return str(self._opened().config.get("region_name") or "")

    def _opened(self) -> Any:
        assert self.session is not None
        return self._region

    def access(self) -> Any:
        """keystoneauth's AccessInfo of our token: user, project, roles, catalogue. Raises `SourceError`."""
        session = self.session
        try:
            return session.auth.get_access(session)  # type: ignore[union-attr]
        except SourceError:
            raise
        except Exception as error:
            raise failures.understood(error, "identity") from error

    @property
    def auth_url(self) -> str:
        """Keystone's address as it is configured. Raises `BadConfiguration`."""
        return address_of(str(self._opened().config.get("auth", {}).get("auth_url") or ""))

    @property
    def verifies(self) -> bool:
        """False when this cloud's certificates are not checked."""
        return self._opened().get_requests_verify_args()[0] is not False

    def interfaces(self, service: str) -> list[str]:
        """Which of an endpoint's interfaces we use: `public` unless the cloud's configuration says otherwise."""
        found = self._opened().get_interface(service) or "public"
        return [str(one).removesuffix("URL") for one in ([found] if isinstance(found, str) else found)]

    def bare_session(self) -> requests.Session:
        """A session without our token, with this cloud's TLS settings: for version documents."""
        session = guarded_session(self._dial, cap=1 << 20)
        session.verify, session.cert = self._opened().get_requests_verify_args()
        session.max_redirects = 3
        return session

    def substitutions(self) -> dict[str, str]:
        """What the templates in endpoint URLs stand for, from our token."""
        access = self.access()
        project, user = str(access.project_id or ""), str(access.user_id or "")
        return {"project_id": project, "tenant_id": project, "user_id": user}

    def endpoint(self, service: str) -> str:
        """Base URL of `service` with its version, without trailing slash. Raises `BadConfiguration`, `SourceError`."""
        region = self._opened()
        url = str(region.get_endpoint(service) or "")
        if not url:
            url = self._catalogued(service, region.get_interface(service) or "public")
        if not url:
            raise BadConfiguration(
                service,
                f"the catalogue has no {service} in region {self.region or '(any)'}",
                "see `nephoscope get endpoints`; --region chooses another region",
            )
        url = url.rstrip("/")
        suffix = _VERSION_PATH.get(service, "")
        if suffix and not any(part[:1] == "v" and part[1:2].isdigit() for part in url.split("/")[3:]):
            url += suffix
        return url

    def _catalogued(self, service: str, interface: str | list[str]) -> str:
        """What the catalogue of our token says; empty when it has no such service."""
        from keystoneauth1 import exceptions as keystone

        session = self.session
        try:
            found = session.get_endpoint(service_type=service, interface=interface, region_name=self.region or None)
        except (keystone.EndpointNotFound, keystone.EmptyCatalog):
            return ""
        except SourceError:
            raise
        except Exception as error:
            raise failures.understood(error, "identity") from error
        return str(found or "")

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
        query = dict(request.query) | dict(where.query)
        if request.page:
            query["limit"] = str(request.page)
        if where.since is not None and request.since:
            query[request.since] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(where.since))
        path = request.path.replace("{parent}", quote(where.parent, safe=""))
        walk = paging.Walk(query)
        following: Mapping[str, str] | None = walk.start()
        calls = 0
        while following is not None:
            calls += 1
            try:
                response = self.get(request.service, path, following, request.microversion, deadline)
            except SourceError as error:
                if "marker" in following and error.status in (400, 404):
                    following = walk.marker_gone(following["marker"])
                    if following is None:
                        raise
                    continue
                raise
            what = f"{request.service} at {address_of(str(response.url))}"
            page = paging.opened(response.content, request, what)
            yield Page(raw=page.raw, server_time=server_time(response), calls=calls)
            calls = 0
            following = walk.after(page)
            if walk.circular:
                raise NotUnderstood(what, "hands out the same page again and again; rows may be missing", _NEXT_STEP)
            if following is None and page.truncated:
                hint = "ask for less with a filter, or raise list_limit in the service's configuration"
                raise NotUnderstood(what, "rows are missing: its list is cut off at its list_limit", hint)

    def get(self, service: str, path: str, query: Mapping[str, str], microversion: str, deadline: Deadline) -> Response:
        """One GET of a service's path. Raises `SourceError`; the answer is a 2xx."""
        what = service
        try:
            url = self.endpoint(service) + path
            what = f"{service} at {address_of(url)}"
            response = self._send(service, url, query, microversion)
            if response.status_code == 406 and microversion:
                self._lower(service, response, microversion)
                response = self._send(service, url, query, microversion)
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
            raise failures.of_status(response, what)
        return response

    def _send(self, service: str, url: str, query: Mapping[str, str], microversion: str) -> Response:
        headers = {"Accept": "application/json"}
        header_type = _MICROVERSION_TYPE.get(service)
        if microversion and header_type:
            version = self._ceilings.get(service, microversion)
            if _number(version) > _number(microversion):
                version = microversion
            headers["OpenStack-API-Version"] = f"{header_type} {version}"
            if service == "compute":
                headers["X-OpenStack-Nova-API-Version"] = version
        self.calls[service] = self.calls.get(service, 0) + 1
        response: Response = self.session.request(
            url, "GET", params=dict(query), headers=headers, authenticated=True, raise_exc=False, log=False, redirect=5
        )
        return response

    def _lower(self, service: str, refused: Response, asked: str) -> None:
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

    def close(self) -> None:
        """Close the connections; the token lapses by itself."""
        with self._lock:
            if self._session is not None:
                self._session.session.close()
                self._session = None


def _number(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return int(major), int(minor or 0)


def raw_object(source: OpenStackSource, request: Rest, identity: str, deadline: Deadline) -> object:
    """The one object behind a row, as the API gives it now (raw view)."""
    response = source.get(
        request.service, f"{request.path}/{quote(identity, safe='')}", {}, request.microversion, deadline
    )
    decoded: object = msgspec.json.decode(response.content)
    return decoded


__all__ = ["OpenStackSource", "Refused", "raw_object"]
