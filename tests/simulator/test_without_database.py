"""What clients are told when the database is gone: as recorded from a real cloud without quorum."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from runbooks.simulator.http.api import Api
from runbooks.simulator.http.cinder import API as CINDER
from runbooks.simulator.http.glance import API as GLANCE
from runbooks.simulator.http.keystone import API as KEYSTONE
from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.http.placement import API as PLACEMENT
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud
from tests.simulator.shapes import recorded

LISTS: dict[str, tuple[Api, str]] = {
    "nova": (NOVA, "/v2.1/flavors"),
    "glance": (GLANCE, "/v2/images"),
    "cinder": (CINDER, "/v3/types"),
    "placement": (PLACEMENT, "/resource_providers"),
}
JSON = {"Accept": "application/json"}


@pytest.fixture
def model() -> Cloud:
    return cloud()


def without_quorum(model: Cloud) -> None:
    model.catch_up()
    for host in ("ctl02", "ctl03"):
        model.hosts.set_unit(host, "mariadb", "failed", model.now(), 137)
    model.settle()
    model.clock.advance(15)
    model.catch_up()
    assert not model.galera.primary()


def plain(body: str) -> Any:
    """Without request ids and the statement that failed."""
    text = re.sub(r"req-[0-9a-f-]{36}", "REQUEST", body)
    text = re.sub(r" \[SQL: .*?\] \(Background on this error at: [^)]*\)", "", text)
    return json.loads(text)


@pytest.mark.parametrize("name", LISTS)
def test_a_service_says_500_to_whom_it_knows(name: str, model: Cloud) -> None:
    api, path = LISTS[name]
    client = Client(model, api)
    assert client.reply("GET", path, **JSON).status == 200
    without_quorum(model)
    reply, recording = client.reply("GET", path, **JSON), recorded(f"errors/{name}-500-without-database.json")
    assert reply.status == recording["status"]
    assert plain(reply.encoded().decode()) == plain(recording["body"])
    given = {header.lower() for header in reply.headers}
    assert set(recording["headers"]) - {"content-length", "connection"} <= given


@pytest.mark.parametrize(("name", "recording"), [("nova", "nova-503-without-keystone"), ("glance", "glance-401")])
def test_a_service_cannot_vouch_for_a_stranger(name: str, recording: str, model: Cloud) -> None:
    api, path = LISTS[name]
    without_quorum(model)
    reply, found = Client(model, api).reply("GET", path, **JSON), recorded(f"errors/{recording}.json")
    assert reply.status == found["status"]
    assert plain(reply.encoded().decode()) == plain(found["body"])


def test_glance_tells_of_a_bad_token_in_its_own_words(model: Cloud) -> None:
    client, recording = Client(model, GLANCE), recorded("errors/glance-401.json")
    client.token = "nonsense"
    reply = client.reply("GET", "/v2/images", **JSON)
    assert (reply.status, json.loads(reply.encoded())) == (401, json.loads(recording["body"]))
    told = recording["headers"]["www-authenticate"].replace("10.66.0.1", model.layout.vip)
    assert reply.headers["WWW-Authenticate"] == told
    assert recorded("errors/glance-401-without-keystone.json")["body"] == recording["body"]


def test_who_logs_in_gets_no_answer(model: Cloud) -> None:
    without_quorum(model)
    recording = recorded("errors/keystone-login-without-database.json")
    reply = Client(model, KEYSTONE).reply("POST", "/v3/auth/tokens", {})
    assert (reply.status, reply.encoded().decode()) == (recording["status"], recording["body"])
    assert reply.headers["Content-Type"] == recording["headers"]["content-type"]
