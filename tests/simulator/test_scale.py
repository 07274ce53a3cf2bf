"""Ten thousand computes and a quarter of a million servers: nothing is held, pages cost pages."""

from __future__ import annotations

import tracemalloc

import pytest

from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.http.placement import API as PLACEMENT
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud
from tests.work import steps


@pytest.fixture(scope="module")
def model() -> Cloud:
    return cloud(computes=10_000, servers=260_000)


def test_the_model_is_small(model: Cloud) -> None:
    tracemalloc.start()
    try:
        again = cloud(computes=10_000, servers=260_000)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(again.compute.servers) == 260_000
    assert held < 120e6


def test_a_page_deep_inside_costs_as_much_as_the_first(model: Cloud) -> None:
    nova = Client(model, NOVA)
    marker = model.compute.servers.at(1000)
    assert marker is not None

    def cost(query: str) -> int:
        def page() -> None:
            assert len(nova.get(f"/v2.1/servers/detail?all_tenants=1&limit=500{query}", "2.96")["servers"]) == 500

        return steps(page)

    cost("")
    assert cost(f"&marker={marker.id}") < 1.1 * cost("")


def test_a_server_of_a_page_is_made_in_few_steps(model: Cloud) -> None:
    nova = Client(model, NOVA)
    query = "/v2.1/servers/detail?all_tenants=1"
    assert steps(lambda: nova.reply("GET", query, OpenStack_API_Version="compute 2.96").encoded()) < 600 * 1000


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/v2.1/servers/detail?all_tenants=1&status=ERROR&limit=100", 500_000),
        ("/v2.1/servers/detail?all_tenants=1&host=cmp5000", 20_000),
        ("/v2.1/servers/detail?all_tenants=1&changes-since=2026-11-20T22:39:00Z", 50_000),
        ("/v2.1/os-hypervisors/detail?limit=1000", 600_000),
        ("/v2.1/os-services?binary=nova-compute&host=cmp9999", 200_000),
    ],
)
def test_an_operators_lists_do_not_walk_through_everything(model: Cloud, path: str, most: int) -> None:
    """Making all 260,000 servers would be 120 million steps; looking at each number once, a million."""
    nova = Client(model, NOVA)
    assert steps(lambda: nova.get(path, "2.87")) < most


def test_what_changed_is_what_a_look_at_everything_finds() -> None:
    small = cloud(computes=40, servers=5000)
    servers = small.compute.servers
    old = servers.at(17)
    assert old is not None
    servers.edit(old.id).updated = small.clock.now()
    for hours in (0.0, 1.0, 5.0, 6.0, 7.0, 12.0, 13.0, 100.0, 1000.0, 4000.0, 6000.0):
        moment = small.clock.now() - hours * 3600
        everything = [server.id for server in servers.newest() if server.updated >= moment]
        assert [server.id for server in servers.changed_since(moment)] == everything, hours


def test_usages_add_up(model: Cloud) -> None:
    placement = Client(model, PLACEMENT)
    node = model.compute.hypervisors.find("cmp4711")
    assert node is not None
    servers = list(model.compute.servers.on_host("cmp4711"))
    usage = placement.get(f"/resource_providers/{node.id}/usages", "1.39")["usages"]
    assert usage["VCPU"] == sum(server.flavor.vcpus for server in servers)
    assert 20 <= len(servers) <= 26


def test_a_change_among_many_is_found(model: Cloud) -> None:
    server = model.compute.servers.at(123_456)
    assert server is not None
    edited = model.compute.servers.edit(server.id)
    edited.name = "changed"
    found = Client(model, NOVA).get(f"/v2.1/servers/{server.id}")["server"]
    assert found["name"] == "changed"
    assert found["OS-EXT-SRV-ATTR:host"] == "cmp3457"


def test_settling_ten_thousand_computes_costs_little_for_each(model: Cloud) -> None:
    model.settle()  # the first time, queues and agents are counted
    assert steps(model.settle) < 500 * 10_000
