"""The second way to Ceph: the dashboard's REST API, with a token that is renewed, and a move to the active manager.

One answer, `/api/health/full`, holds what most commands say, in the same shapes: it is asked once for all that is read
within a few seconds. What the dashboard does not have (placement groups one by one, crashes) is `NotOffered`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from collectors.deadline import Deadline, working
from collectors.errors import NotOffered, NotUnderstood, SourceError, Unreachable
from collectors.site import CephDashboard
from collectors.sources import ceph_dashboard_failures as failures
from collectors.sources.ceph_commands import plain
from collectors.sources.ceph_translated import ANSWERS
from collectors.sources.http import address_of
from collectors.sources.own_session import own_session

if TYPE_CHECKING:
    from requests import Response, Session

    from collectors.connections import Connections

KEPT: Final = 3.0
"""Seconds for which an answer serves several views."""
_ACCEPT: Final = "application/vnd.ceph.api.v{}+json"
_VERSIONS: Final = {"/api/block/image": "2.0"}
"""Path → version of its answer, where it is not 1.0 (the API refuses others with 415)."""
PATIENCE: Final = 8.0
"""Seconds for one address: with the monitors out of quorum the dashboard accepts a login and never answers it."""


class DashboardWay:
    """The dashboards of one cluster."""

    def __init__(
        self, site: CephDashboard, connections: Connections | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._site = site
        self._ways = connections
        self._clock = clock
        self._lock = threading.RLock()
        self._session: Session | None = None
        self._base = site.urls[0].rstrip("/")
        self._token = ""
        self._kept: dict[str, tuple[float, Any]] = {}

    @property
    def title(self) -> str:
        """Which dashboard answers."""
        return f"dashboard at {address_of(self._base)}"

    def ask(self, names: Sequence[str], deadline: Deadline) -> dict[str, Any]:
        """Every command's answer or `SourceError`. Raises `SourceError` when no dashboard answers."""
        found: dict[str, Any] = {}
        with self._lock:
            for name in names:
                answer = ANSWERS.get(name)
                if answer is None:
                    hint = "install python3-rados on a monitor's host, or the program ceph"
                    found[name] = NotOffered(f"{name}: {self.title}", "the dashboard does not tell it", hint)
                    continue
                try:
                    found[name] = answer.of(*(self.get(path, deadline) for path in answer.paths))
                except (LookupError, TypeError, AttributeError) as error:
                    what = f"{name}: {self.title}"
                    found[name] = NotUnderstood(what, f"the answer lacks {type(error).__name__} {error}")
        return found

    def forget(self) -> None:
        """The next answers are new ones."""
        self._kept.clear()

    def get(self, path: str, deadline: Deadline) -> Any:
        """One GET, or what it gave some moments ago. Raises `SourceError`."""
        kept = self._kept.get(path)
        if kept is not None and self._clock() - kept[0] < KEPT:
            return kept[1]
        response = self._answered(path, deadline)
        found = plain(response.content, f"{self.title}{path}")
        self._kept[path] = (self._clock(), found)
        return found

    def _answered(self, path: str, deadline: Deadline) -> Response:
        """The answer to an authorised GET; logs in where that is needed."""
        response: Response | None = None
        if self._token:
            response = self._sent("GET", self._base, path, deadline)
            if response.status_code in (301, 302, 303, 307, 308) or response.status_code == 401:
                response = None  # another manager is the active one now, or the token has lapsed
        if response is None:
            self._login(deadline)
            response = self._sent("GET", self._base, path, deadline)
        if response.status_code >= 300:
            raise failures.of_status(response, f"{self.title}{path}", self._site.user)
        return response

    def _login(self, deadline: Deadline) -> None:
        """A token of the active manager's dashboard: every address is tried, and leads there. Raises `SourceError`."""
        self._token = ""
        first: SourceError | None = None
        for url in dict.fromkeys([self._base, *(each.rstrip("/") for each in self._site.urls)]):
            try:
                self._base, self._token = self._logged_in(url, deadline)
                return
            except SourceError as error:
                first = first or error
                if deadline.expired:
                    break
        assert first is not None
        raise first

    def _logged_in(self, url: str, deadline: Deadline) -> tuple[str, str]:
        """(base URL of the active dashboard, token)."""
        who = {"username": self._site.user, "password": self._site.password.reveal()}
        for _ in range(3):
            response = self._sent("POST", url, "/api/auth", deadline, json=who)
            to = response.headers.get("Location", "")
            if response.status_code not in (301, 302, 303, 307, 308) or not to:
                break
            # A standby sends us to the active manager; it names the page, not the API.
            url = self._known(urljoin(url + "/", to).split("/api/")[0].split("/#")[0].rstrip("/"))
        what = f"dashboard at {address_of(url)}"
        if response.status_code not in (200, 201):
            raise failures.of_status(response, what, self._site.user)
        said = plain(response.content, what)
        token = said.get("token") if isinstance(said, dict) else None
        if not isinstance(token, str) or not token:
            raise NotUnderstood(what, "the login gave no token", "is that URL the dashboard's?")
        return url, token

    def _known(self, url: str) -> str:
        """`url`, if it is one of ours: the password goes nowhere else. Raises `NotUnderstood`."""
        if urlsplit(url).netloc in [urlsplit(each).netloc for each in self._site.urls]:
            return url
        hint = f"add {address_of(url)} to urls in [site.NAME.ceph.dashboard] if it is a manager's"
        raise NotUnderstood(self.title, f"sends us to {address_of(url)}, which the site does not name", hint)

    def _sent(self, method: str, base: str, path: str, deadline: Deadline, json: Any = None) -> Response:
        headers = {"Accept": _ACCEPT.format(_VERSIONS.get(path, "1.0"))}
        if json is None:
            headers["Authorization"] = f"Bearer {self._token}"
        own = Deadline(min(PATIENCE, deadline.remaining()))
        key = deadline.guard(own.end)
        try:
            with working(own):
                return self.session.request(method, base + path, headers=headers, json=json, allow_redirects=False)
        except Exception as error:
            raise failures.understood(error, f"dashboard at {address_of(base)}", own) from error
        finally:
            deadline.release(key)

    @property
    def session(self) -> Session:
        """One HTTP session for all dashboards."""
        with self._lock:
            if self._session is None:
                self._session = own_session("ceph", self._site.via, self._site.ca, self._ways)
            return self._session

    def facts(self, deadline: Deadline) -> tuple[str, float]:
        """(version of the cluster, seconds of one request). Raises `SourceError`."""
        with self._lock:
            self._answered("/api/summary", deadline)
            began = time.perf_counter()
            response = self._answered("/api/summary", deadline)
            took = time.perf_counter() - began
            said = plain(response.content, self.title)
        if not isinstance(said, dict):
            raise Unreachable(self.title, "its summary is none", "nephoscope doctor")
        return str(said.get("version", "")), took

    def close(self) -> None:
        """Close the connections; the token lapses by itself."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None
