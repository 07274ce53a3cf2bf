"""Each answer of Neutron, Cinder and Glance has the shape of the recorded one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runbooks.simulator.http.cinder import API as CINDER
from runbooks.simulator.http.glance import API as GLANCE
from runbooks.simulator.http.neutron import API as NEUTRON
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network.agents import DHCP, L3
from tests.simulator.calls import Client, cloud
from tests.simulator.shapes import WIRE, differences, recorded

APIS = {"network": (NEUTRON, "/v2.0"), "block-storage": (CINDER, "/v3"), "image": (GLANCE, "/v2")}
OTHERS = {"block-storage/scheduler-stats_get_pools_ceph@3.70.json"}
"""Pools of drivers that tell other things than ours."""
RECORDINGS = sorted(
    name
    for folder in APIS
    for file in (WIRE / folder).glob("*.json")
    if (name := f"{folder}/{file.name}") not in OTHERS
)


@pytest.fixture(scope="module")
def model() -> Cloud:
    return cloud()


def request_of(model: Cloud, name: str, recording: dict[str, Any]) -> str:
    """The recorded request with our own ids."""
    admins = model.identity.project_named("admin")
    assert admins is not None
    stem = name.rpartition("/")[2].partition("@")[0].removesuffix(".json")
    known = {
        "versions": "/",
        "quotas_PROJECT": f"/quotas/{admins.id}",
        "quotas_PROJECT_details": f"/quotas/{admins.id}/details",
        "os-quota-sets_PROJECT_used": f"/os-quota-sets/{admins.id}?usage=true",
        "os-quota-sets_PROJECT_usage_true": f"/os-quota-sets/{admins.id}?usage=true",
        "agents_ID_dhcp-networks": f"/agents/{next(model.network.agents.of_kind(DHCP)).id}/dhcp-networks",
        "agents_ID_l3-routers": f"/agents/{next(model.network.agents.of_kind(L3)).id}/l3-routers",
        "agents_ID_l3-routers_ha": f"/agents/{next(model.network.agents.of_kind(L3)).id}/l3-routers",
        "networks_ID_dhcp-agents": f"/networks/{model.tenants[0].network_id}/dhcp-agents",
        "routers_ID_l3-agents": f"/routers/{model.tenants[0].router_id}/l3-agents",
    }
    path: str = recording.get("request", "").removeprefix("GET ")
    return known.get(stem, path)


def plain(name: str, row: Any) -> Any:
    """What differs for a reason: our backends replicate nothing and tell more; our types are named otherwise."""
    if "get_pools" in name:
        for pool in row["pools"]:
            for key in ("backend_state", "multiattach", "max_over_subscription_ratio", "thin_provisioning_support"):
                pool["capabilities"].pop(key, None)
            pool["capabilities"].pop("location_info", None)
            for key in ("total_capacity_gb", "free_capacity_gb"):  # the lab's fake driver has infinite space
                pool["capabilities"][key] = "infinite"
            for key in ("provisioned_capacity_gb", "allocated_capacity_gb"):
                pool["capabilities"][key] = int(pool["capabilities"][key])
    if "os-quota-sets" in name:
        types = ("_rbd-1", "_standard", "_fast")
        row["quota_set"] = {key: value for key, value in row["quota_set"].items() if not key.endswith(types)}
    if "quotas_PROJECT_details" in name:
        row["quota"].pop("trunk", None)  # the lab's Neutron has no trunks
    if name == "network/agents.json":
        for agent in row["agents"]:
            for key in ("bridge_mappings", "resource_provider_hypervisors"):  # ours has these on network nodes only
                agent["configurations"].pop(key, None)
    if name == "image/images.json":
        for image in row["images"]:
            for key in [key for key in image if key.startswith(("owner_specified", "os_distro", "os_version", "hw_"))]:
                del image[key]
            image.pop("image_type", None)
            image.pop("base_image_ref", None)
            image.setdefault("stores", "rbd")  # an image without data has none
    if name == "network/ports.json":  # a shelved server's port is unbound and has no details of its binding
        row["ports"] = [port for port in row["ports"] if port["binding:vif_type"] != "unbound"]
    if name == "network/networks.json" or "dhcp-networks" in name:
        for network in row["networks"]:
            network.pop("is_default", None)  # only external networks have it
    return row


@pytest.mark.parametrize("name", RECORDINGS)
def test_answer_has_the_recorded_shape(model: Cloud, name: str) -> None:
    recording = recorded(name)
    api, root = APIS[name.partition("/")[0]]
    client = Client(model, api)
    path = request_of(model, name, recording)
    version = name.rpartition("@")[2].removesuffix(".json") if "@" in name else ""
    headers = {"OpenStack_API_Version": f"volume {version}"} if version else {}
    reply = client.reply("GET", path if path == "/" else root + path, **headers)
    assert reply.status == recording["status"]
    ours = json.loads(reply.encoded())
    assert differences(plain(name, recording["body"]), plain(name, ours)) == []
    said = {key.lower() for key in reply.headers}
    assert {key.lower() for key in recording.get("headers", {})} <= said


def test_extensions_and_schema_are_the_recorded_ones(model: Cloud) -> None:
    found = Client(model, NEUTRON).get("/v2.0/extensions")
    assert found == recorded("network/extensions.json")["body"]
    assert Client(model, GLANCE).get("/v2/schemas/image") == recorded("image/schemas_image.json")["body"]


def test_default_quotas_are_the_recorded_ones(model: Cloud) -> None:
    admins = model.identity.project_named("admin")
    assert admins is not None
    assert Client(model, NEUTRON).get(f"/v2.0/quotas/{admins.id}") == recorded("network/quotas_PROJECT.json")["body"]


def test_versions_are_the_recorded_ones(model: Cloud) -> None:
    for name, api in (("network", NEUTRON), ("block-storage", CINDER), ("image", GLANCE)):
        text = json.dumps(recorded(f"{name}/versions.json")["body"])
        ours = json.dumps(Client(model, api).do("GET", "/", status=recorded(f"{name}/versions.json")["status"]))
        assert ours == text.replace("10.66.0.1", model.layout.vip)


@pytest.mark.parametrize(("name", "api"), [("network", NEUTRON), ("block-storage", CINDER)])
def test_a_missing_token_is_refused(model: Cloud, name: str, api: Any) -> None:
    client = Client(model, api)
    client.token = "nonsense"
    reply = client.reply("GET", APIS[name][1] + {"network": "/networks"}.get(name, "/volumes"))
    assert reply.status == 401
    assert json.loads(reply.encoded()) == json.loads(recorded("errors/nova-401.json")["body"])
