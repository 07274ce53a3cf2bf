"""One request to the management API as its handlers see it, and how they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.rabbitmq import RabbitMQ

Object = dict[str, Any]

VHOST = "/"
"""The only virtual host."""


class RefusalError(Exception):
    """An error answer: `{"error": …, "reason": …}`."""

    def __init__(self, status: int, error: str, reason: str) -> None:
        super().__init__(status, error, reason)
        self.status = status
        self.error = error
        self.reason = reason


def not_found() -> RefusalError:
    return RefusalError(404, "Object Not Found", "Not Found")


def bad_request(reason: str) -> RefusalError:
    return RefusalError(400, "bad_request", reason)


def not_authorised(reason: str) -> RefusalError:
    return RefusalError(401, "not_authorised", reason)


@dataclass(frozen=True, slots=True)
class User:
    """An account of the broker."""

    name: str
    tags: tuple[str, ...]
    configure: str
    write: str
    read: str

    @property
    def administrator(self) -> bool:
        return "administrator" in self.tags

    @property
    def monitor(self) -> bool:
        return self.administrator or "monitoring" in self.tags


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and, unless `body` is None, JSON."""

    body: Any = None
    status: int = 200


@dataclass(slots=True)
class Ask:
    """A request that has passed the password check."""

    cloud: Cloud
    host: str
    """The node that answers, by its host."""
    user: User
    method: str
    path: tuple[str, ...]
    """Parts after `/api/`, decoded."""
    query: Mapping[str, str]
    data: bytes = b""
    args: dict[str, str] = field(default_factory=dict)

    @property
    def rabbitmq(self) -> RabbitMQ:
        return self.cloud.rabbitmq

    @property
    def now(self) -> float:
        return self.cloud.now()

    def body(self) -> Object:
        """The request's JSON object. Raises RefusalError when it is none."""
        try:
            found = msgspec.json.decode(self.data or b"{}")
        except msgspec.DecodeError:
            raise bad_request("not_json") from None
        if not isinstance(found, dict):
            raise bad_request("not_json")
        return found

    def vhost(self) -> None:
        """Check the virtual host that the path names. Raises RefusalError."""
        if self.args.get("vhost", VHOST) != VHOST:
            raise not_found()

    def wrote(self, status: int) -> None:
        """Note what was changed."""
        from urllib.parse import quote

        path = "/".join(quote(part, safe="") for part in self.path)
        self.cloud.wrote("rabbitmq", f"{self.method} /api/{path}", f"{self.user.name}@{self.host}", str(status))
