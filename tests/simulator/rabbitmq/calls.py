"""The management API without sockets, and the recordings of a real one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from runbooks.simulator.http.rabbitmq.ask import Answer, Ask, RefusalError
from runbooks.simulator.http.rabbitmq.routes import allowed, find
from runbooks.simulator.http.rabbitmq.users import users_of
from runbooks.simulator.model.cloud import Cloud

WIRE = Path(__file__).resolve().parents[2] / "wire" / "rabbitmq"


def recorded(name: str) -> tuple[Any, int]:
    """(body, HTTP status) of a recording."""
    body, _, end = (WIRE / name).read_text().rstrip("\n").rpartition("\n")
    return json.loads(body), json.loads(end)["http_status"]


def words() -> list[dict[str, Any]]:
    """Requests to a real 3.10.8 with status, headers and body."""
    found: list[dict[str, Any]] = json.loads((WIRE / "management.json").read_text())
    return found


def ask(
    cloud: Cloud, path: str, method: str = "GET", user: str = "openstack", host: str = "ctl01", body: object = None
) -> Answer:
    """One answer. Raises RefusalError."""
    cloud.catch_up()
    parts = urlsplit(path)
    split = tuple(unquote(part) for part in parts.path.split("/"))
    route, args = find(split)[method]
    account = users_of(cloud.secrets)[user][0]
    allowed(route, account)
    query: Mapping[str, str] = dict(parse_qsl(parts.query, keep_blank_values=True))
    data = b"" if body is None else json.dumps(body).encode()
    found = route.handle(Ask(cloud, host, account, method, split, query, data, args))
    if method != "GET":
        cloud.settle()
    return found


def get(cloud: Cloud, path: str, host: str = "ctl01") -> Any:
    """The body of a GET, as JSON carries it."""
    return msgspec.json.decode(msgspec.json.encode(ask(cloud, path, host=host).body))


def refused(cloud: Cloud, path: str, method: str = "GET", user: str = "openstack", body: object = None) -> RefusalError:
    """How a request is refused."""
    try:
        found = ask(cloud, path, method, user, body=body)
    except RefusalError as error:
        return error
    raise AssertionError(f"not refused: {found}")


def queue(cloud: Cloud, name: str) -> dict[str, Any]:
    """One queue of the list."""
    return next(found for found in get(cloud, "queues") if found["name"] == name)
