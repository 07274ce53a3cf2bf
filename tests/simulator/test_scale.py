"""Ten thousand computes and a quarter of a million servers: nothing is held, pages cost pages."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.http.placement import API as PLACEMENT
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud


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

    def took(query: str) -> float:
        began = time.process_time()
        assert len(nova.get(f"/v2.1/servers/detail?all_tenants=1&limit=500{query}", "2.96")["servers"]) == 500
        return time.process_time() - began

    took("")
    first = min(took("") for _ in range(3))
    deep = min(took(f"&marker={marker.id}") for _ in range(3))
    assert deep < 3 * first


def test_pages_are_made_fast_enough(model: Cloud) -> None:
    """At least 20,000 servers a second on a quiet machine; a shared one is given some slack."""
    nova = Client(model, NOVA)
    best = 0.0
    for _ in range(5):
        began = time.process_time()
        reply = nova.reply("GET", "/v2.1/servers/detail?all_tenants=1", OpenStack_API_Version="compute 2.96")
        assert len(reply.encoded()) > 1_500_000
        best = max(best, 1000 / (time.process_time() - began))
    assert best > 12_000


@pytest.mark.parametrize(
    "path",
    [
        "/v2.1/servers/detail?all_tenants=1&status=ERROR&limit=100",
        "/v2.1/servers/detail?all_tenants=1&host=cmp5000",
        "/v2.1/servers/detail?all_tenants=1&changes-since=2026-11-20T22:39:00Z",
        "/v2.1/os-hypervisors/detail?limit=1000",
        "/v2.1/os-services?binary=nova-compute&host=cmp9999",
    ],
)
def test_an_operators_lists_do_not_walk_through_everything(model: Cloud, path: str) -> None:
    nova = Client(model, NOVA)
    began = time.process_time()
    nova.get(path, "2.87")
    assert time.process_time() - began < 0.5


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


def test_settling_ten_thousand_computes_is_quick(model: Cloud) -> None:
    model.settle()  # the first time, queues and agents are counted
    began = time.process_time()
    model.settle()
    assert time.process_time() - began < 0.6
