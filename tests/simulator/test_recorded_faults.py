"""Broken as the real services were when they were recorded, the simulator says the same."""

from __future__ import annotations

import re
from typing import Any

import pytest

from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.http.placement import API as PLACEMENT
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud
from tests.simulator.shapes import differences, recorded

V = "2.96"


@pytest.fixture
def model() -> Cloud:
    return cloud()


@pytest.fixture
def nova(model: Cloud) -> Client:
    return Client(model, NOVA)


def kill(model: Cloud, unit: str, *hosts: str) -> None:
    for host in hosts:
        model.hosts.set_unit(host, unit, "failed", model.now(), 137)
    model.settle()


def build(model: Cloud, nova: Client, seconds: float) -> dict[str, Any]:
    """A server, built until `seconds` later, and how it then is."""
    server = {
        "name": "lab-nobind",
        "flavorRef": model.compute.flavors_by_name["m1.tiny"].id,
        "imageRef": model.seed.uuid("image", "debian-12"),
        "networks": [{"uuid": model.tenants[0].network_id}],
    }
    made = nova.do("POST", "/v2.1/servers", {"server": server}, V, status=202)["server"]["id"]
    model.clock.advance(seconds)
    model.catch_up()
    found: dict[str, Any] = nova.get(f"/v2.1/servers/{made}", V)["server"]
    return found


def plain(text: str) -> str:
    """Without ids."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)


def test_a_killed_compute(model: Cloud, nova: Client) -> None:
    real = recorded("faults/compute-killed-os-services.json")["body"]
    kill(model, "nova_compute", "cmp02")
    model.clock.advance(70)
    ours = nova.get("/v2.1/os-services", V)
    assert differences(real, ours) == []

    def of(body: dict[str, Any]) -> list[tuple[object, ...]]:
        rows = [each for each in body["services"] if each["host"] == "cmp02"]
        return [(each["status"], each["state"], each["disabled_reason"], each["forced_down"]) for each in rows]

    assert of(ours) == of(real)


def test_the_servers_of_a_killed_compute(model: Cloud, nova: Client) -> None:
    real = recorded("faults/compute-killed-servers.json")["body"]
    kill(model, "nova_compute", "cmp02")
    model.clock.advance(70)
    ours = nova.get("/v2.1/servers/detail?all_tenants=1", V)
    assert differences(real, ours) == []
    silent = {each["host_status"] for each in ours["servers"] if each["OS-EXT-SRV-ATTR:host"] == "cmp02"}
    assert silent == {each["host_status"] for each in real["servers"] if each["OS-EXT-SRV-ATTR:host"] == "cmp02"}


def test_a_disabled_service(model: Cloud, nova: Client) -> None:
    real = recorded("faults/service-disabled-os-services.json")["body"]
    service = model.compute.services.compute("cmp02")
    assert service is not None
    body = {"status": "disabled", "disabled_reason": "lab: maintenance"}
    nova.do("PUT", f"/v2.1/os-services/{service.id}", body, V)
    ours = nova.get("/v2.1/os-services", V)
    rows = {each["host"]: each for each in real["services"]}
    mine = {each["host"]: each for each in ours["services"]}
    for name in ("status", "state", "disabled_reason"):
        assert mine["cmp02"][name] == rows["cmp02"][name]


def test_a_port_that_cannot_be_bound(model: Cloud, nova: Client) -> None:
    real = recorded("faults/binding-failed-servers.json")["body"]["servers"][0]
    kill(model, "neutron_openvswitch_agent", "cmp01", "cmp02", "cmp03", "cmp04")
    ours = build(model, nova, 20)
    assert list(ours) == list(real)
    assert plain(ours["fault"]["message"]) == plain(real["fault"]["message"])
    assert list(ours["fault"]) == list(real["fault"])
    for name in (
        "status", "addresses", "hostId", "OS-EXT-SRV-ATTR:host", "OS-EXT-SRV-ATTR:hypervisor_hostname", "host_status",
        "OS-EXT-STS:vm_state", "OS-EXT-STS:task_state", "OS-EXT-STS:power_state", "OS-EXT-AZ:availability_zone",
        "OS-SRV-USG:launched_at",
    ):  # fmt: skip
        assert ours[name] == real[name], name


def test_the_actions_of_a_build_that_failed(model: Cloud, nova: Client) -> None:
    kill(model, "neutron_openvswitch_agent", "cmp01", "cmp02", "cmp03", "cmp04")
    server = build(model, nova, 20)
    at = f"/v2.1/servers/{server['id']}/os-instance-actions"
    ours = nova.get(at, V)
    assert differences(recorded("faults/spawn-fails-actions.json")["body"], ours) == []
    events = nova.get(f"{at}/{ours['instanceActions'][0]['request_id']}", V)
    real = recorded("faults/spawn-fails-action-events.json")["body"]
    assert differences(real, events) == []
    assert len(events["instanceAction"]["events"]) == len(real["instanceAction"]["events"])


def test_an_orphaned_allocation(model: Cloud) -> None:
    real = recorded("faults/orphan-allocation.json")["body"]
    placement = Client(model, PLACEMENT)
    node = model.compute.hypervisors.find("cmp01")
    assert node is not None
    body = {
        "allocations": {node.id: {"resources": {"VCPU": 2, "MEMORY_MB": 2048}}},
        "project_id": "lab-gone",
        "user_id": "lab-gone",
        "consumer_generation": None,
    }
    at = "/allocations/11111111-2222-3333-4444-555555555555"
    placement.do("PUT", at, body, "1.37", status=204)
    ours = placement.get(at, "1.39")
    assert differences(real, ours) == []
    assert {name: ours[name] for name in real if name != "allocations"} == {
        name: real[name] for name in real if name != "allocations"
    }
    assert ours["allocations"][node.id]["resources"] == next(iter(real["allocations"].values()))["resources"]
