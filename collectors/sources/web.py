"""HTTP to the small web services of a site (statistics pages, Prometheus, Alertmanager): GETs only.

One guarded session per service, with its deadline and cap; a circuit breaker per address; a password or a token from
the site's secrets; `via` a host that reaches what we do not. Whatever fails becomes one of our errors, in the service's
own words where it gave some.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import msgspec

from collectors.breaker import Breaker
from collectors.deadline import Deadline, working
from collectors.errors import (
    CircuitOpen,
    NoSuchObject,
    NotUnderstood,
    Refused,
    SourceError,
    TooLate,
    Unreachable,
)
from collectors.site import WebSite
from collectors.sources.http import CONNECT_SECONDS, address_of, cause
from collectors.sources.own_session import own_session
from collectors.untrusted import clipped, neutral

if TYPE_CHECKING:
    from requests import Response, Session

    from collectors.connections import Connections

T = TypeVar("T")


class Web:
    """One system's web addresses; `system` is the name of its table in the site."""

    def __init__(
        self,
        system: str,
        site: WebSite,
        connections: Connections | None,
        clock: Callable[[], float] = time.monotonic,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`headers` go with every request."""
        self.system = system
        self._headers = headers
        self.site = site
        self._ways = connections
        self._clock = clock
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._breakers = {host: Breaker() for host, _ in site.urls}
        self._last: dict[str, SourceError] = {}

    @property
    def table(self) -> str:
        """Where the site says how it is reached."""
        return f"[site.NAME.{self.system}]"

    def url(self, host: str) -> str:
        """The base URL on `host`, without a slash at its end."""
        return next(url for name, url in self.site.urls if name == host).rstrip("/")

    def title(self, host: str) -> str:
        """`prometheus at http://10.0.0.51:9090`; with the host's name where there are several."""
        name = f"{self.system} {host}" if len(self.site.urls) > 1 else self.system
        return f"{name} at {address_of(self.url(host))}".rstrip("/")

    @property
    def session(self) -> Session:
        """The session. Raises `BadConfiguration` when the secret cannot be fetched."""
        with self._lock:
            if self._session is None:
                from requests.auth import HTTPBasicAuth

                made = own_session(self.system, self.site.via, self.site.ca, self._ways)
                if self.site.token is not None:
                    made.headers["Authorization"] = f"Bearer {self.site.token.reveal()}"
                elif self.site.user and self.site.password is not None and (word := self.site.password.reveal()):
                    made.auth = HTTPBasicAuth(self.site.user.encode(), word.encode())
                made.headers.update(self._headers)
                made.hooks["response"].append(self._check)
                self._session = made
            return self._session

    def get(self, host: str, path: str, query: Mapping[str, str], deadline: Deadline) -> Response:
        """One GET from `host`; the answer is a 2xx. Raises `SourceError`."""
        return self.asked(host, lambda: self._got(host, path, query), deadline)

    def _got(self, host: str, path: str, query: Mapping[str, str]) -> Response:
        return self.session.get(f"{self.url(host)}{path}", params=dict(query), allow_redirects=False)

    def asked(self, host: str, ask: Callable[[], T], deadline: Deadline) -> T:
        """What `ask` gives, by our session on this thread, with our errors and within `deadline`."""
        breaker, now, what = self._breakers[host], self._clock(), self.title(host)
        if not breaker.allow(now):
            last = self._last.get(host)
            why = f"{last.why if last else 'no answer'} ({breaker.failures} times; it is left alone for a while)"
            raise CircuitOpen(what, why, "nephoscope doctor", retry_at=breaker.retry_at or now)
        own = Deadline(deadline.remaining())
        key = deadline.guard(own.end)  # the whole read may be cancelled
        try:
            with working(own):
                found = ask()
        except Exception as error:
            told = self._understood(error, what, own)
            if isinstance(told, Unreachable) or not isinstance(told, SourceError):
                breaker.failed(self._clock())
            else:
                breaker.succeeded()  # it answered; that the answer displeases us is no outage
            if isinstance(told, SourceError):
                self._last[host] = told
            raise told from error
        finally:
            deadline.release(key)
        breaker.succeeded()
        return found

    def _check(self, response: Response, *_: object, **__: object) -> None:
        """Raises our error for an answer that is not 2xx, whoever asked: also before a redirection is followed."""
        if response.status_code >= 300:
            host = next((host for host, url in self.site.urls if str(response.url).startswith(url.rstrip("/"))), "")
            raise self._of_status(response, self.title(host) if host else self.system)

    def _of_status(self, response: Response, what: str) -> SourceError:
        status = response.status_code
        text = f"{status} {_said(response) or response.reason or ''}".strip()
        error: SourceError
        if status in (401, 403):
            error = Refused(what, text, f"check user, password or token in {self.table}")
        elif status == 404:
            error = NoSuchObject(what, text, f"check the URL in {self.table}")
        elif 300 <= status < 400:
            error = NotUnderstood(what, f"{text}: redirected elsewhere", f"check the URL in {self.table}")
        elif status >= 500 or status in (408, 429):
            error = Unreachable(what, text, "look at its log")
        else:
            error = NotUnderstood(what, text, "nephoscope doctor")
        error.status = status
        return error

    def _understood(self, error: Exception, what: str, deadline: Deadline) -> Exception:
        """Our error for one of requests' or of the way there; one of our own making is returned unchanged."""
        from requests import exceptions as http

        if isinstance(error, SourceError):
            return error
        if isinstance(error, http.ConnectTimeout):
            why = f"no answer to a connection attempt within {min(CONNECT_SECONDS, deadline.seconds):.0f} s"
            return Unreachable(what, why, "is its host up? nephoscope get hosts")
        if isinstance(error, http.Timeout) or (deadline.expired and isinstance(error, http.RequestException | OSError)):
            return TooLate(what, f"no answer within {deadline.seconds:.0f} s", "does it hang? nephoscope get units")
        match error:
            case http.SSLError():
                return Unreachable(what, f"TLS: {cause(error)}", f"set ca in {self.table}, or mend the certificate")
            case http.JSONDecodeError():
                return NotUnderstood(what, "the answer is no JSON", f"check the URL in {self.table}")
            case http.InvalidURL() | http.MissingSchema() | http.InvalidSchema():
                return NotUnderstood(what, "its URL cannot be used", f"check {self.table}: URLs begin with http://")
            case http.RequestException() | OSError():
                return Unreachable(what, cause(error), "does it run there? nephoscope get units")
        return error

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None


def _said(response: Response) -> str:
    """The reason in an error body, one neutral line: `{"error": …}` of Prometheus, `"…"` of Alertmanager, Loki's."""
    body = response.content.lstrip()
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        if body[:1] == b"<":
            return "HTML"
        plain = str(response.headers.get("Content-Type", "")).startswith("text/plain")
        return clipped(neutral(" ".join(body.decode("utf-8", "replace").split())), 300) if plain else ""
    words = found.get("error") or found.get("message") or "" if isinstance(found, dict) else found
    return clipped(neutral(" ".join(str(words).split())), 300)
