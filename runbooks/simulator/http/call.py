"""One request as a handler sees it, what it answers, and how it refuses.

Handlers are plain functions `(Call) -> Reply`; they raise `ApiError` for errors, which the service's own format turns
into a body. Nothing here knows sockets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
from multidict import MultiMapping

if TYPE_CHECKING:
    from runbooks.simulator.http.api import Api
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.identity import Token

Version = tuple[int, int]
JSON = dict[str, object] | list[object] | str | int | float | bool | None


class ApiError(Exception):
    """An error answer: status, the service's words, and what its format needs besides.

    `kind` is the exception's name where the service tells it (Neutron's `type`, Placement's `code`).
    """

    def __init__(self, status: int, message: str, *, kind: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.headers = dict(headers or {})


@dataclass(slots=True)
class Reply:
    """An answer. `body`: something msgspec encodes, bytes as they are, or None for no body."""

    body: object = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds (of the reader's time) before it is sent."""
    only_read: bool = False
    """It changed nothing, although it was a POST: not among what is written."""

    def encoded(self) -> bytes:
        """The body's bytes."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


HUNG_UP = Reply(
    b"<html><body><h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete response.\n</body></html>\n",
    502,
    {"Content-Type": "text/html", "Cache-Control": "no-cache"},
)
"""A service that closed the connection without an answer, as HAProxy tells it; without HAProxy it just closes."""


@dataclass(slots=True)
class Call:
    """One request to one service."""

    cloud: Cloud
    api: Api
    method: str
    path: str
    """As sent, decoded, without the query."""
    query: MultiMapping[str]
    headers: Mapping[str, str]
    base: str
    """`http://127.77.1.10:8774`: how the client named the service; links in answers begin with it."""
    request_id: str
    data: bytes = b""
    token: Token | None = None
    version: Version = (0, 0)
    args: dict[str, str] = field(default_factory=dict)
    """The variable parts of the path."""

    @property
    def user(self) -> Token:
        """The caller's token; routes that are not public always have one."""
        if self.token is None:
            raise ApiError(401, "The request you have made requires authentication.")
        return self.token

    def body(self) -> dict[str, object]:
        """The request's JSON object. Raises ApiError 400 when it is none."""
        try:
            found = msgspec.json.decode(self.data)
        except msgspec.DecodeError:
            raise ApiError(400, self.api.malformed) from None
        if not isinstance(found, dict):
            raise ApiError(400, self.api.malformed)
        return found

    def path_and_query(self, **changes: str | None) -> str:
        """The request's path with its query changed (None removes a parameter); for links."""
        from urllib.parse import urlencode

        pairs = [(key, value) for key, value in self.query.items() if key not in changes]
        pairs += [(key, value) for key, value in changes.items() if value is not None]
        return self.path + (f"?{urlencode(pairs)}" if pairs else "")
