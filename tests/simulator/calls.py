"""Calling an API of the model without sockets: the same pipeline, a request made by hand."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from multidict import CIMultiDict, MultiDict

from runbooks.simulator.clock import Clock
from runbooks.simulator.http.api import Api
from runbooks.simulator.http.call import Call, Reply
from runbooks.simulator.http.pipeline import answer
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Driver, Layout
from runbooks.simulator.model.cloud import Cloud, build
from runbooks.simulator.model.token import Login

START = 1795214400.0
"""2026-11-20 22:40 UTC."""


class Hand:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at


def cloud(
    computes: int = 4,
    servers: int = 40,
    *,
    further: bool = False,
    hyperconverged: bool = False,
    network: Driver = "ovs",
) -> Cloud:
    """A cloud whose time stands still until `cloud.clock.advance`."""
    layout = Layout(computes=computes, further=further, hyperconverged=hyperconverged, network=network)
    return build(layout, Seed(1), Clock(Hand()), servers=servers)


def token(model: Cloud, user: str = "admin", project: str = "admin", *, system: bool = False) -> str:
    """A token of `user` for a project, or for the system."""
    identity = model.identity
    person, place = identity.user_named(user), identity.project_named(project)
    assert person is not None
    assert place is not None
    scope = (
        Login(person.id, "system", ("password",)) if system else Login(person.id, "project", ("password",), place.id)
    )
    issued = identity.issue(scope, model.now())
    assert issued is not None
    return issued.id


class Client:
    """Calls one API of one cloud as one user."""

    def __init__(self, model: Cloud, api: Api, user: str = "admin", project: str = "admin", *, system: bool = False):
        self.cloud = model
        self.api = api
        self.token = token(model, user, project, system=system)

    def reply(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        """The whole answer to one request. `headers` are named with underscores."""
        self.cloud.catch_up()
        parts = urlsplit(path)
        given = {"X-Auth-Token": self.token} | {name.replace("_", "-"): value for name, value in headers.items()}
        call = Call(
            cloud=self.cloud,
            api=self.api,
            method=method,
            path=parts.path,
            query=MultiDict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=CIMultiDict(given),
            base=f"http://{self.cloud.layout.vip}:{self.api.port}",
            request_id="",
            data=b"" if body is None else json.dumps(body).encode(),
        )
        return answer(call)

    def do(self, method: str, path: str, body: object = None, version: str = "", status: int = 0) -> Any:
        """The decoded body of the answer, whose status must be `status` (any 2xx without)."""
        headers = {}
        if version and self.api.microversions:
            headers["OpenStack-API-Version"] = f"{self.api.microversions.service} {version}"
        found = self.reply(method, path, body, **headers)
        assert (found.status == status) if status else (200 <= found.status < 300), found
        return json.loads(found.encoded() or b"null")

    def get(self, path: str, version: str = "", status: int = 0) -> Any:
        return self.do("GET", path, None, version, status)
