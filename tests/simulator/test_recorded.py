"""Each answer of Keystone, Nova and Placement has the shape of the recorded one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runbooks.simulator.http.keystone import API as KEYSTONE
from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.http.placement import API as PLACEMENT
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud
from tests.simulator.shapes import WIRE, differences, recorded

APIS = {"identity": (KEYSTONE, "/v3"), "compute": (NOVA, "/v2.1"), "placement": (PLACEMENT, "")}


@pytest.fixture(scope="module")
def model() -> Cloud:
    return cloud()


def request_of(model: Cloud, name: str, recording: dict[str, Any]) -> str:
    """The recorded request with our own ids."""
    server = next(model.compute.servers.on_host("cmp01"))
    action = model.compute.actions.of(server)[0]
    admins = model.identity.project_named("admin")
    node = model.compute.hypervisors.find("cmp01")
    person = model.identity.user_named("admin")
    assert admins is not None
    assert person is not None
    assert node is not None
    stem = name.rpartition("/")[2].partition("@")[0].removesuffix(".json")
    path: str = recording.get("request", "").removeprefix("GET ")
    directory = next(each for each in model.identity.domains.values() if each.config)
    known = {
        "domains_ID_config": f"/domains/{directory.id}/config",
        "application_credentials": f"/users/{person.id}/application_credentials",
        "os-keypairs_user_id": f"/os-keypairs?user_id={model.compute.keypairs[0].user_id}",
        "os-quota-sets_PROJECT": f"/os-quota-sets/{admins.id}",
        "os-quota-sets_PROJECT_detail": f"/os-quota-sets/{admins.id}/detail",
        "servers_ID_diagnostics": f"/servers/{server.id}/diagnostics",
        "servers_ID_os-instance-actions": f"/servers/{server.id}/os-instance-actions",
        "servers_ID_os-instance-actions_REQ": f"/servers/{server.id}/os-instance-actions/{action.request_id}",
        "servers_ID_os-interface": f"/servers/{server.id}/os-interface",
        "servers_ID_os-volume_attachments": f"/servers/{server.id}/os-volume_attachments",
        "usages_project_id_PROJECT": f"/usages?project_id={server.project_id}",
        "allocation_candidates": "/allocation_candidates?resources=VCPU:1,MEMORY_MB:64",
        "allocations_CONSUMER": f"/allocations/{server.id}",
        "versions": "/",
    }
    if stem.startswith("resource_providers_ID_"):
        return f"/resource_providers/{node.id}/{stem.removeprefix('resource_providers_ID_')}"
    return known.get(stem, path)


RECORDINGS = sorted(f"{folder}/{file.name}" for folder in APIS for file in (WIRE / folder).glob("*.json"))


@pytest.mark.parametrize("name", RECORDINGS)
def test_answer_has_the_recorded_shape(model: Cloud, name: str) -> None:
    recording = recorded(name)
    api, root = APIS[name.partition("/")[0]]
    client = Client(model, api)
    path = request_of(model, name, recording)
    version = name.rpartition("@")[2].removesuffix(".json") if "@" in name else ""
    headers = {}
    if version and api.microversions:
        headers["OpenStack_API_Version"] = f"{api.microversions.service} {version}"
    reply = client.reply("GET", path if path == "/" else root + path, **headers)
    assert reply.status == recording["status"]
    ours = json.loads(reply.encoded())
    assert differences(recording["body"], ours) == []
    said = {key.lower() for key in reply.headers}
    assert {key.lower() for key in recording.get("headers", {})} <= said


def test_what_is_compared_is_not_empty(model: Cloud) -> None:
    """The lists that were recorded empty are not the only ones that are compared."""
    filled = [name for name in RECORDINGS if any(recorded(name)["body"].values())]
    assert len(filled) > 35


@pytest.mark.parametrize(
    ("name", "path", "version"),
    [
        ("errors/nova-400.json", "/v2.1/servers?limit=x", "2.96"),
        ("errors/nova-404.json", "/v2.1/servers/nope", "2.96"),
        ("errors/nova-406-microversion.json", "/v2.1/servers", "2.999"),
    ],
)
def test_errors_are_word_for_word_the_recorded_ones(model: Cloud, name: str, path: str, version: str) -> None:
    recording = recorded(name)
    reply = Client(model, NOVA).reply("GET", path, OpenStack_API_Version=f"compute {version}")
    assert reply.status == recording["status"]
    assert json.loads(reply.encoded()) == json.loads(recording["body"])
    for key, value in recording["headers"].items():
        if key.lower() not in ("content-length", "connection", "x-openstack-request-id", "x-compute-request-id"):
            assert reply.headers[key] == value


def test_a_missing_token_is_refused_as_recorded(model: Cloud) -> None:
    recording = recorded("errors/nova-401.json")
    client = Client(model, NOVA)
    client.token = "nonsense"
    reply = client.reply("GET", "/v2.1/servers")
    assert reply.status == 401
    assert json.loads(reply.encoded()) == json.loads(recording["body"])
    expected = recording["headers"]["WWW-Authenticate"].replace("10.66.0.1", model.layout.vip)
    assert reply.headers["WWW-Authenticate"] == expected
    assert "OpenStack-API-Version" not in reply.headers
