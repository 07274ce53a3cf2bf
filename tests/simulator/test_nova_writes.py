"""Flavors, attachments, keypairs, server groups, metadata: what operators and users write in Nova."""

from __future__ import annotations

from typing import Any

import pytest

from runbooks.simulator.http.neutron import API as NEUTRON
from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud


@pytest.fixture
def model() -> Cloud:
    return cloud()


@pytest.fixture
def nova(model: Cloud) -> Client:
    return Client(model, NOVA)


def active(model: Cloud) -> str:
    return next(server.id for server in model.compute.servers.newest() if server.vm_state == "active" and server.host)


def test_a_flavor_comes_changes_and_goes(nova: Client) -> None:
    given: dict[str, Any] = {"flavor": {"name": "gpu", "vcpus": 8, "ram": 1024, "disk": 10, "description": "fast"}}
    made = nova.do("POST", "/v2.1/flavors", given, "2.96")["flavor"]
    nova.do("POST", "/v2.1/flavors", given, "2.96", status=409)
    at = f"/v2.1/flavors/{made['id']}"
    nova.do("POST", at + "/os-extra_specs", {"extra_specs": {"hw:cpu_policy": "dedicated"}})
    nova.do("PUT", at, {"flavor": {"description": "faster"}}, "2.96")
    shown = nova.get(at, "2.96")["flavor"]
    assert (shown["description"], shown["extra_specs"]) == ("faster", {"hw:cpu_policy": "dedicated"})
    nova.do("DELETE", at + "/os-extra_specs/hw:cpu_policy")
    nova.do("DELETE", at + "/os-extra_specs/hw:cpu_policy", status=404)
    nova.do("DELETE", at, status=202)
    nova.get(at, status=404)


@pytest.mark.parametrize("wrong", [{"vcpus": 0}, {"ram": "lots"}, {"disk": -1}, {"name": None}])
def test_a_wrong_flavor_is_refused(nova: Client, wrong: dict[str, object]) -> None:
    good: dict[str, object] = {"name": "x", "vcpus": 1, "ram": 1, "disk": 1}
    nova.do("POST", "/v2.1/flavors", {"flavor": good | wrong}, status=400)


def test_members_make_no_flavors(model: Cloud) -> None:
    owner = Client(model, NOVA, "ci-owner", "ci")
    refused = owner.do("POST", "/v2.1/flavors", {"flavor": {}}, status=403)
    assert "os-flavor-manage:create" in refused["forbidden"]["message"]


def test_a_volume_is_attached_and_detached_on_both_sides(model: Cloud, nova: Client) -> None:
    volume = next(each for each in model.storage.volumes.newest() if model.storage.volumes.status(each) == "available")
    at = f"/v2.1/servers/{active(model)}/os-volume_attachments"
    made = nova.do("POST", at, {"volumeAttachment": {"volumeId": volume.id}}, "2.96")["volumeAttachment"]
    assert made["volumeId"] == volume.id
    assert volume.id in {each["volumeId"] for each in nova.get(at, "2.96")["volumeAttachments"]}
    model.clock.advance(10)
    model.catch_up()
    found = model.storage.volumes.get(volume.id)
    assert found is not None
    assert model.storage.volumes.status(found) == "in-use"
    nova.do("POST", at, {"volumeAttachment": {"volumeId": volume.id}}, "2.96", status=400)
    nova.do("DELETE", f"{at}/{volume.id}", status=202)
    model.clock.advance(10)
    model.catch_up()
    nova.get(f"{at}/{volume.id}", status=404)
    nova.do("POST", at, {"volumeAttachment": {"volumeId": "nope"}}, status=404)


def test_an_interface_is_attached_and_is_a_port(model: Cloud, nova: Client) -> None:
    neutron = Client(model, NEUTRON)
    server_id = active(model)
    at = f"/v2.1/servers/{server_id}/os-interface"
    network = model.tenants[1].network_id
    made = nova.do("POST", at, {"interfaceAttachment": {"net_id": network}}, "2.96")["interfaceAttachment"]
    port = neutron.get(f"/v2.0/ports/{made['port_id']}")["port"]
    assert (port["device_id"], port["network_id"], port["status"]) == (server_id, network, "ACTIVE")
    assert made["mac_addr"] == port["mac_address"]
    assert len(nova.get(f"/v2.1/servers/{server_id}")["server"]["addresses"]) == 2
    nova.do("DELETE", f"{at}/{made['port_id']}", status=202)
    neutron.get(f"/v2.0/ports/{made['port_id']}", status=404)
    nova.do("POST", at, {"interfaceAttachment": {"net_id": "nope"}}, status=400)


def test_a_deleted_servers_port_is_gone(model: Cloud, nova: Client) -> None:
    neutron = Client(model, NEUTRON)
    server_id = active(model)
    port_id = nova.get(f"/v2.1/servers/{server_id}/os-interface")["interfaceAttachments"][0]["port_id"]
    neutron.get(f"/v2.0/ports/{port_id}")
    nova.do("DELETE", f"/v2.1/servers/{server_id}", status=204)
    model.clock.advance(5)
    neutron.get(f"/v2.0/ports/{port_id}", status=404)


def test_server_groups_come_and_go(model: Cloud) -> None:
    owner = Client(model, NOVA, "ci-owner", "ci")
    made = owner.do("POST", "/v2.1/os-server-groups", {"server_group": {"name": "g", "policy": "affinity"}}, "2.96")
    at = f"/v2.1/os-server-groups/{made['server_group']['id']}"
    assert owner.get(at, "2.96")["server_group"]["policy"] == "affinity"
    assert owner.get(at, "2.1")["server_group"]["policies"] == ["affinity"]
    Client(model, NOVA, "web-shop-owner", "web-shop").get(at, status=404)
    owner.get("/v2.1/os-server-groups?all_projects=True", status=403)
    owner.do("DELETE", at, status=204)
    owner.get(at, status=404)


def test_keypairs_are_their_owners(model: Cloud, nova: Client) -> None:
    owner = Client(model, NOVA, "ci-owner", "ci")
    assert [each["keypair"]["name"] for each in owner.get("/v2.1/os-keypairs", "2.96")["keypairs"]] == ["ops"]
    person = model.identity.user_named("ci-owner")
    assert person is not None
    assert nova.get("/v2.1/os-keypairs")["keypairs"] == []
    assert len(nova.get(f"/v2.1/os-keypairs?user_id={person.id}", "2.96")["keypairs"]) == 1
    owner.do("DELETE", "/v2.1/os-keypairs/ops", version="2.96", status=204)
    owner.get("/v2.1/os-keypairs/ops", status=404)


def test_metadata_and_tags(model: Cloud, nova: Client) -> None:
    at = f"/v2.1/servers/{active(model)}"
    nova.do("POST", at + "/metadata", {"metadata": {"a": "1", "b": "2"}})
    nova.do("DELETE", at + "/metadata/a", status=204)
    nova.do("DELETE", at + "/metadata/a", status=404)
    nova.do("PUT", at + "/tags", {"tags": ["x", "y", "x"]}, "2.96")
    shown = nova.get(at, "2.96")["server"]
    assert (shown["metadata"], shown["tags"]) == ({"b": "2"}, ["x", "y"])


def test_a_server_is_renamed(model: Cloud, nova: Client) -> None:
    at = f"/v2.1/servers/{active(model)}"
    name = "[@click=app.quit]x[/]\u202e\x07" + "n" * 200
    nova.do("PUT", at, {"server": {"name": name}}, "2.96")
    assert nova.get(at)["server"]["name"] == name
    nova.do("PUT", at, {"server": {"name": "n" * 300}}, "2.96", status=400)


def test_a_console_and_its_log(model: Cloud, nova: Client) -> None:
    at = f"/v2.1/servers/{active(model)}"
    assert "login:" in nova.do("POST", at + "/action", {"os-getConsoleOutput": {"length": 3}})["output"]
    found = nova.do("POST", at + "/remote-consoles", {"remote_console": {"protocol": "vnc", "type": "novnc"}}, "2.96")
    assert found["remote_console"]["url"].startswith(f"http://{model.layout.vip}:6080/")


@pytest.mark.parametrize("body", [{}, {"fly": None}, {"os-start": None, "os-stop": None}])
def test_an_action_is_exactly_one_known_verb(model: Cloud, nova: Client, body: object) -> None:
    nova.do("POST", f"/v2.1/servers/{active(model)}/action", body, status=400)


def test_an_owner_does_not_migrate(model: Cloud) -> None:
    owner = Client(model, NOVA, "ci-owner", "ci")
    server_id = next(model.compute.servers.of_project(model.tenants[2].project_id)).id
    refused = owner.do("POST", f"/v2.1/servers/{server_id}/action", {"migrate": None}, status=403)
    assert "os-migrate-server:migrate" in refused["forbidden"]["message"]


def test_usage_of_a_project(model: Cloud, nova: Client) -> None:
    found = {each["tenant_id"]: each for each in nova.get("/v2.1/os-simple-tenant-usage")["tenant_usages"]}
    assert set(found) == {model.tenants[number].project_id for number in range(6)}
    one = nova.get(f"/v2.1/os-simple-tenant-usage/{model.tenants[0].project_id}")["tenant_usage"]
    assert len(one["server_usages"]) == 7
    assert one["total_hours"] == pytest.approx(sum(each["hours"] for each in one["server_usages"]))


def test_server_groups_come_in_pages_by_offset(nova: Client) -> None:
    made = {
        nova.do("POST", "/v2.1/os-server-groups", {"server_group": {"name": f"g{n}", "policy": "affinity"}}, "2.64")[
            "server_group"
        ]["name"]
        for n in range(3)
    }
    pages = [nova.get(f"/v2.1/os-server-groups?limit=2&offset={at}", "2.64")["server_groups"] for at in (0, 2, 4)]
    assert [len(page) for page in pages] == [2, 1, 0]
    assert {each["name"] for page in pages for each in page} == made
    nova.get("/v2.1/os-server-groups?offset=x", "2.64", status=400)


def test_projects_are_let_in_to_a_private_flavor(model: Cloud, nova: Client) -> None:
    flavor = next(each for each in model.compute.flavors.values() if not each.public)
    public = next(each for each in model.compute.flavors.values() if each.public)
    owner, project = Client(model, NOVA, "ci-owner", "ci"), model.tenants[2].project_id
    at, add, gone = f"/v2.1/flavors/{flavor.id}", "addTenantAccess", "removeTenantAccess"
    owner.get(at, status=404)
    let = nova.do("POST", at + "/action", {add: {"tenant": project}}, "2.96")["flavor_access"]
    assert {"flavor_id": flavor.id, "tenant_id": project} in let
    assert nova.get(at + "/os-flavor-access")["flavor_access"] == let
    assert owner.get(at)["flavor"]["name"] == flavor.name
    assert flavor.name in {each["name"] for each in owner.get("/v2.1/flavors")["flavors"]}
    refused = nova.do("POST", at + "/action", {add: {"tenant": project}}, "2.96", status=409)["conflictingRequest"]
    assert "already exists for flavor" in refused["message"]
    nova.do("POST", f"/v2.1/flavors/{public.id}/action", {add: {"tenant": project}}, "2.96", status=409)
    nova.do("POST", at + "/action", {add: {"tenant": "nobody"}}, "2.96", status=400)
    assert len(nova.do("POST", at + "/action", {gone: {"tenant": project}})["flavor_access"]) == len(let) - 1
    nova.do("POST", at + "/action", {gone: {"tenant": project}}, status=404)
    owner.get(at, status=404)


def test_an_aggregate_with_hosts_is_not_deleted(model: Cloud, nova: Client) -> None:
    refused = nova.do("DELETE", "/v2.1/os-aggregates/1", status=400)["badRequest"]
    assert refused["message"] == "Cannot remove host from aggregate 1. Reason: Host aggregate is not empty."
