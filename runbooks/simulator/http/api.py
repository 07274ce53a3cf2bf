"""What a service's HTTP API is, as data: its name, port, container, routes, microversions, error format.

`http/nova`, `http/neutron` … each make one `Api`; `http/front.py` serves it on its addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from runbooks.simulator.http import errors
from runbooks.simulator.http.call import ApiError, Call, Reply, Version

Shape = tuple[str | None, ...]
"""A path's parts; None is a variable one."""
if TYPE_CHECKING:
    from runbooks.simulator.model.token import Token

_UNEXPECTED = "Unexpected API Error. Please contact the administrator\n"
Handler = Callable[[Call], Reply]
Role = Literal["public", "any", "reader", "member", "manager", "admin"]
"""Who may call: nobody in particular, any valid token, or a token with this role (admin has all of them)."""


def by_role(api: Api, role: Role, token: Token) -> bool:
    """The usual policy: the token has the role, and is scoped to what the service's policies are made for."""
    if role in ("public", "any"):
        return True
    return role in token.roles and token.scope in api.scopes


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `pattern`: `/v2.1/servers/{server_id}/action`."""

    method: str
    pattern: str
    handle: Handler
    role: Role = "reader"
    rule: str = ""
    """The policy's name for the words of a 403: `os_compute_api:os-services:list`."""
    since: Version = (0, 0)
    """Not there (404) below this microversion."""
    until: Version = (99, 999)
    """Not there (404) above this microversion."""


@dataclass(frozen=True, slots=True)
class Microversions:
    """How a service negotiates: `OpenStack-API-Version: SERVICE VERSION`, or an older header of its own."""

    service: str
    least: Version
    most: Version
    legacy: str = ""
    """`X-OpenStack-Nova-API-Version`."""
    standard: bool = True
    """It knows `OpenStack-API-Version`; Manila knows only its own header."""


@dataclass(slots=True)
class Api:
    """One service's HTTP API."""

    name: str
    """`nova`: the name in the catalog, and of faults."""
    unit: str
    """The container behind it: `nova_api`."""
    port: int
    routes: Sequence[Route]
    error: Callable[[Call, ApiError], Reply] = errors.compute
    microversions: Microversions | None = None
    request_id_headers: tuple[str, ...] = ("x-openstack-request-id",)
    project_in_path: str = ""
    """`/v2.1`: a project's id may follow it in a path and is then left out before routes are compared."""
    scopes: frozenset[str] = frozenset({"project"})
    """What a token must be scoped to (`project`, `domain`, `system`) where a role is asked for."""
    allows: Callable[[Api, Role, Token], bool] = by_role
    """Whether a token may call what asks for a role."""
    forbidden: str = "Policy doesn't allow {rule} to be performed."
    unsupported: str = "Version {wanted} is not supported by the API. Minimum is {least} and maximum is {most}."
    """Of a microversion that is not offered."""
    malformed: str = "cannot understand JSON"
    wrong_method: str = "The method specified is not allowed for this resource."
    not_found: Callable[[Call], Reply] = errors.no_such_path
    unauthorized: Callable[[Call], Reply] = errors.unauthorized
    unvalidated: Callable[[Call], Reply] = errors.keystone_unavailable
    """The answer to a token that Keystone cannot be asked about."""
    database_patience: float = 0.0
    """Seconds for which it tries the database again before it gives up."""
    database_refused: str = f"{_UNEXPECTED}<class 'oslo_db.exception.DBConnectionError'>"
    """The message of the 500 of an API that cannot connect to its database; VIP stands for where that is."""
    database_gone: str = f"{_UNEXPECTED}<class 'oslo_db.exception.DBConnectionError'>"
    """The message of the 500 that says that the database has no quorum."""
    internal_error: str = f"{_UNEXPECTED}<class 'oslo_messaging.exceptions.MessagingTimeout'>"
    """The message of the 500 of an API that waited in vain for RabbitMQ."""
    _shapes: dict[int, list[tuple[Shape, Route]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for route in self.routes:
            shape = tuple(None if word.startswith("{") else word for word in route.pattern.rstrip("/").split("/"))
            self._shapes.setdefault(len(shape), []).append((shape, route))
        for rows in self._shapes.values():  # fixed words before variable ones
            rows.sort(key=lambda row: [word is None for word in row[0]])

    def find(self, method: str, path: str, version: Version | None = None) -> tuple[Route | None, dict[str, str], bool]:
        """(route, its arguments, whether any method has this path). With a `version`, one that is there in it."""
        parts = self._parts(path)
        wanted = "GET" if method == "HEAD" else method
        known = False
        found: tuple[Route | None, dict[str, str], bool] | None = None
        for shape, route in self._shapes.get(len(parts), ()):
            if all(word is None or word == part for word, part in zip(shape, parts, strict=True)):
                known = True
                fits = version is None or route.since <= version <= route.until
                if route.method == wanted and (fits or found is None):
                    names = [word[1:-1] for word in route.pattern.split("/") if word.startswith("{")]
                    values = [part for word, part in zip(shape, parts, strict=True) if word is None]
                    found = route, dict(zip(names, values, strict=True)), True
                    if fits:
                        return found
        return found or (None, {}, known)

    def _parts(self, path: str) -> list[str]:
        if self.project_in_path and path.startswith(self.project_in_path + "/"):
            head, _, tail = path[len(self.project_in_path) + 1 :].partition("/")
            if _PROJECT.fullmatch(head):
                path = f"{self.project_in_path}/{tail}"
        return path.rstrip("/").split("/")

    def version_of(self, call: Call) -> Version:
        """The microversion to answer with. Raises ApiError 400 (no version) or 406 (not supported)."""
        rules = self.microversions
        if rules is None:
            return (0, 0)
        wanted = ""
        for part in call.headers.get("OpenStack-API-Version", "").split(","):
            service, _, value = part.strip().partition(" ")
            if service == rules.service:
                wanted = value.strip()
        wanted = wanted or (call.headers.get(rules.legacy, "") if rules.legacy else "")
        if not wanted:
            return rules.least
        if wanted == "latest":
            return rules.most
        match = _VERSION.fullmatch(wanted)
        if match is None:
            raise ApiError(
                400, f"API Version String '{wanted}' is of invalid format. Must be of format MajorNum.MinorNum."
            )
        version = (int(match[1]), int(match[2]))
        if not rules.least <= version <= rules.most:
            call.version = version  # the refusal names it in its headers
            least, most = dotted(rules.least), dotted(rules.most)
            raise ApiError(406, self.unsupported.format(wanted=wanted, least=least, most=most))
        return version

    def version_headers(self, version: Version) -> dict[str, str]:
        """What each negotiated answer says about its version."""
        rules = self.microversions
        if rules is None or version == (0, 0):
            return {}
        said = {"OpenStack-API-Version": f"{rules.service} {dotted(version)}"} if rules.standard else {}
        if rules.legacy:
            said[rules.legacy] = dotted(version)
        return said | {"Vary": ", ".join(said)}


_PROJECT = re.compile(r"[0-9a-f]{32}")
_VERSION = re.compile(r"([1-9]\d*)\.(0|[1-9]\d*)")


def dotted(version: Version) -> str:
    """`2.96`."""
    return f"{version[0]}.{version[1]}"
