"""Placement: providers, allocations that follow from servers, and ones that do not."""

from __future__ import annotations

import pytest

from runbooks.simulator.http.placement import API as PLACEMENT
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud

V = "1.39"
ORPHAN = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def model() -> Cloud:
    return cloud()


@pytest.fixture
def placement(model: Cloud) -> Client:
    return Client(model, PLACEMENT)


def provider(model: Cloud, host: str) -> str:
    node = model.compute.hypervisors.find(host)
    assert node is not None
    return node.id


def allocation(model: Cloud, host: str, generation: int | None = None, **resources: int) -> dict[str, object]:
    return {
        "allocations": {provider(model, host): {"resources": resources or {"VCPU": 2, "MEMORY_MB": 2048}}},
        "project_id": "gone",
        "user_id": "gone",
        "consumer_generation": generation,
        "consumer_type": "INSTANCE",
    }


def test_a_providers_usage_is_the_sum_of_its_allocations(model: Cloud, placement: Client) -> None:
    at = f"/resource_providers/{provider(model, 'cmp01')}"
    sums: dict[str, int] = {}
    allocations = placement.get(at + "/allocations", V)["allocations"]
    for each in allocations.values():
        for name, amount in each["resources"].items():
            sums[name] = sums.get(name, 0) + amount
    assert placement.get(at + "/usages", V)["usages"] == sums
    assert set(allocations) == {server.id for server in model.compute.servers.on_host("cmp01")}


def test_an_orphan_shows_with_its_provider_and_counts(model: Cloud, placement: Client) -> None:
    at = f"/resource_providers/{provider(model, 'cmp01')}"
    before, generation = placement.get(at + "/usages", V)["usages"], placement.get(at, V)["generation"]
    placement.do("PUT", f"/allocations/{ORPHAN}", allocation(model, "cmp01"), V, status=204)
    after = placement.get(at + "/usages", V)
    assert after["usages"]["VCPU"] == before["VCPU"] + 2
    assert after["resource_provider_generation"] > generation
    assert ORPHAN in placement.get(at + "/allocations", V)["allocations"]
    shown = placement.get(f"/allocations/{ORPHAN}", V)
    assert (shown["project_id"], shown["consumer_generation"], shown["consumer_type"]) == ("gone", 1, "INSTANCE")
    usages = placement.get("/usages?project_id=gone", V)["usages"]
    assert usages == {"INSTANCE": {"VCPU": 2, "MEMORY_MB": 2048, "consumer_count": 1}}
    placement.do("DELETE", f"/allocations/{ORPHAN}", version=V, status=204)
    assert placement.get(f"/allocations/{ORPHAN}", V) == {"allocations": {}}
    assert placement.get(at + "/usages", V)["usages"] == before
    placement.do("DELETE", f"/allocations/{ORPHAN}", version=V, status=404)


def test_a_stale_generation_is_a_conflict(model: Cloud, placement: Client) -> None:
    placement.do("PUT", f"/allocations/{ORPHAN}", allocation(model, "cmp01"), V, status=204)
    found = placement.do("PUT", f"/allocations/{ORPHAN}", allocation(model, "cmp02"), V, status=409)
    assert found["errors"][0]["code"] == "placement.concurrent_update"
    placement.do("PUT", f"/allocations/{ORPHAN}", allocation(model, "cmp02", 1), V, status=204)
    assert set(placement.get(f"/allocations/{ORPHAN}", V)["allocations"]) == {provider(model, "cmp02")}


def test_what_does_not_fit_is_a_conflict(model: Cloud, placement: Client) -> None:
    found = placement.do("PUT", f"/allocations/{ORPHAN}", allocation(model, "cmp01", VCPU=100_000), V, status=409)
    assert "would exceed the capacity" in found["errors"][0]["detail"]


@pytest.mark.parametrize("broken", ["allocations", "project_id", "consumer_generation", "provider", "more", "empty"])
def test_malformed_allocations_are_refused(model: Cloud, placement: Client, broken: str) -> None:
    body = allocation(model, "cmp01")
    if broken == "provider":
        body["allocations"] = {ORPHAN: {"resources": {"VCPU": 1}}}
    elif broken == "more":
        body["shoes"] = 1
    elif broken == "empty":
        body["allocations"] = {provider(model, "cmp01"): {"resources": {}}}
    else:
        del body[broken]
    found = placement.do("PUT", f"/allocations/{ORPHAN}", body, V, status=400)
    assert found["errors"][0]["status"] == 400


def test_deleting_a_servers_allocation_frees_its_room(model: Cloud, placement: Client) -> None:
    server = next(model.compute.servers.on_host("cmp01"))
    at = f"/resource_providers/{provider(model, 'cmp01')}/usages"
    before = placement.get(at, V)["usages"]["MEMORY_MB"]
    placement.do("DELETE", f"/allocations/{server.id}", version=V, status=204)
    assert placement.get(at, V)["usages"]["MEMORY_MB"] == before - server.flavor.ram


def test_candidates_have_room(model: Cloud, placement: Client) -> None:
    found = placement.get("/allocation_candidates?resources=VCPU:1,MEMORY_MB:64&limit=2", V)
    assert len(found["allocation_requests"]) == len(found["provider_summaries"]) == 2
    assert placement.get("/allocation_candidates?resources=VCPU:100000", V)["allocation_requests"] == []
    placement.get("/allocation_candidates", V, status=400)
    placement.get("/allocation_candidates?resources=VCPU", V, status=400)


def test_providers_are_filtered(model: Cloud, placement: Client) -> None:
    assert [each["name"] for each in placement.get("/resource_providers?name=cmp03", V)["resource_providers"]] == [
        "cmp03"
    ]
    group = model.compute.aggregates[1]
    found = placement.get(f"/resource_providers?member_of={group.id}", V)["resource_providers"]
    assert [each["name"] for each in found] == group.hosts
    assert placement.get("/resource_providers?resources=VCPU:999999", V)["resource_providers"] == []
    placement.get("/resource_providers?shoe=1", V, status=400)


def test_old_versions_show_less(model: Cloud, placement: Client) -> None:
    node = provider(model, "cmp01")
    shown = placement.get(f"/resource_providers/{node}", "1.0")
    assert [each["rel"] for each in shown["links"]] == ["self", "inventories", "usages"]
    assert "parent_provider_uuid" not in shown
    placement.get(f"/resource_providers/{node}/traits", "1.5", status=404)


def test_an_unknown_provider_is_a_404_in_placements_words(placement: Client) -> None:
    error = placement.get(f"/resource_providers/{ORPHAN}", V, status=404)["errors"][0]
    words = f"No resource provider with uuid {ORPHAN} found"
    assert error["detail"] == f"The resource could not be found.\n\n {words} : {words}  "
    assert (error["status"], error["title"], error["code"]) == (404, "Not Found", "placement.undefined_code")


def test_an_unknown_version_names_the_known_ones(placement: Client) -> None:
    error = placement.get("/resource_providers", "1.99", status=406)["errors"][0]
    assert (error["max_version"], error["min_version"]) == ("1.39", "1.0")


def test_a_reader_may_see_its_projects_usage_only(model: Cloud) -> None:
    reader = Client(model, PLACEMENT, "reader", "web-shop")
    mine, other = model.tenants[0].project_id, model.tenants[1].project_id
    found = reader.get(f"/usages?project_id={mine}", V)["usages"]["unknown"]
    assert found["consumer_count"] == len([s for s in model.compute.servers.of_project(mine) if s.host])
    reader.get(f"/usages?project_id={other}", V, status=403)
    error = reader.get("/resource_providers", V, status=403)["errors"][0]
    assert "placement:resource_providers:list" in error["detail"]


def test_custom_classes_and_traits(placement: Client) -> None:
    placement.do("PUT", "/resource_classes/CUSTOM_GPU", None, V, status=201)
    placement.do("PUT", "/resource_classes/CUSTOM_GPU", None, V, status=204)
    placement.get("/resource_classes/CUSTOM_GPU", V)
    placement.do("PUT", "/resource_classes/gpu", None, V, status=400)
    placement.do("DELETE", "/resource_classes/VCPU", None, V, status=400)
    placement.do("DELETE", "/resource_classes/CUSTOM_GPU", None, V, status=204)
    placement.do("PUT", "/traits/CUSTOM_FAST", None, V, status=201)
    assert placement.get("/traits?name=in:CUSTOM_FAST,HW_CPU_X86_VMX", V)["traits"] == ["HW_CPU_X86_VMX", "CUSTOM_FAST"]
    assert all(each.startswith("CUSTOM_") for each in placement.get("/traits?name=startswith:CUSTOM", V)["traits"])
    placement.get("/traits?name=like:x", V, status=400)
    placement.get("/traits/NOPE", V, status=404)
