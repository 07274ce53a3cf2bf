"""Nova's lists: pages, markers, filters, order, who may see what."""

from __future__ import annotations

import pytest

from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud

ALL = "/v2.1/servers/detail?all_tenants=1"


@pytest.fixture(scope="module")
def model() -> Cloud:
    return cloud(computes=5, servers=430)


@pytest.fixture(scope="module")
def nova(model: Cloud) -> Client:
    return Client(model, NOVA)


def ids(nova: Client, path: str) -> list[str]:
    return [server["id"] for server in nova.get(path, "2.96")["servers"]]


def test_pages_follow_their_links_and_hold_every_server_once(model: Cloud, nova: Client) -> None:
    path, seen, pages = ALL + "&limit=100", [], 0
    while path:
        body = nova.get(path, "2.96")
        seen += [server["id"] for server in body["servers"]]
        pages += 1
        links = body.get("servers_links", [])
        path = links[0]["href"].removeprefix(f"http://{model.layout.vip}:8774") if links else ""
    assert pages == 5
    assert seen == [server.id for server in model.compute.servers.newest()]
    assert len(set(seen)) == 430


def test_a_full_last_page_has_a_link_to_an_empty_one(nova: Client) -> None:
    body = nova.get(ALL + "&limit=430")
    assert len(body["servers"]) == 430
    after = body["servers_links"][0]["href"].partition("marker=")[2]
    assert nova.get(f"{ALL}&limit=430&marker={after}") == {"servers": []}


def test_a_marker_that_is_not_there_is_refused(nova: Client) -> None:
    found = nova.get(ALL + "&marker=11111111-2222-4333-8444-555555555555", status=400)
    assert found["badRequest"]["message"] == "marker [11111111-2222-4333-8444-555555555555] not found"


@pytest.mark.parametrize("limit", ["x", "-1", "1.5"])
def test_a_limit_that_is_no_number_is_refused(nova: Client, limit: str) -> None:
    found = nova.get(f"{ALL}&limit={limit}", status=400)
    assert found["badRequest"]["message"].endswith(f"'{limit}' does not match '^[0-9]*$'")


def test_without_all_tenants_only_the_own_project_is_listed(model: Cloud, nova: Client) -> None:
    assert ids(nova, "/v2.1/servers/detail") == []  # the project admin has none
    owner = Client(model, NOVA, "ci-owner", "ci")
    tenant = model.tenants[2]
    expected = [server.id for server in model.compute.servers.of_project(tenant.project_id)]
    assert ids(owner, "/v2.1/servers") == expected
    assert ids(nova, f"{ALL}&project_id={tenant.project_id}") == expected
    assert len(expected) == len([s for s in model.compute.servers.newest() if s.project_id == tenant.project_id])


def test_pages_of_a_project_continue(model: Cloud) -> None:
    owner = Client(model, NOVA, "ci-owner", "ci")
    everything = ids(owner, "/v2.1/servers")
    first = ids(owner, "/v2.1/servers?limit=10")
    assert first + ids(owner, f"/v2.1/servers?marker={first[-1]}") == everything


def test_a_reader_may_not_see_all_tenants(model: Cloud) -> None:
    reader = Client(model, NOVA, "reader", "web-shop")
    found = reader.get(ALL, "2.96", status=403)
    rule = "os_compute_api:servers:detail:get_all_tenants"
    assert found == {"forbidden": {"code": 403, "message": f"Policy doesn't allow {rule} to be performed."}}
    shown = reader.get("/v2.1/servers/detail?limit=1", "2.96")["servers"][0]
    assert not {"OS-EXT-SRV-ATTR:host", "OS-EXT-SRV-ATTR:instance_name", "host_status"} & set(shown)
    foreign = next(model.compute.servers.of_project(model.tenants[1].project_id)).id
    reader.get(f"/v2.1/servers/{foreign}", status=404)


def test_a_system_token_is_not_for_nova(model: Cloud) -> None:
    system = Client(model, NOVA, system=True)
    system.get("/v2.1/os-services", status=403)


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("status=SHUTOFF", lambda server: server["status"] == "SHUTOFF"),
        ("status=ERROR&status=PAUSED", lambda server: server["status"] in ("ERROR", "PAUSED")),
        ("host=cmp03", lambda server: server["OS-EXT-SRV-ATTR:host"] == "cmp03"),
        ("name=^web-shop-db", lambda server: server["name"].startswith("web-shop-db")),
        ("ip=10.66.0.1[0-9]$", lambda server: server["addresses"]["ci-net"][0]["addr"].startswith("10.66.0.1")),
        ("vm_state=stopped", lambda server: server["OS-EXT-STS:vm_state"] == "stopped"),
    ],
)
def test_filters(nova: Client, query: str, holds: object) -> None:
    assert callable(holds)
    chosen = nova.get(f"{ALL}&{query}", "2.96")["servers"]
    everything = nova.get(ALL, "2.96")["servers"]
    rest = [server for server in everything if server["id"] not in {each["id"] for each in chosen}]
    assert chosen
    assert rest
    assert all(holds(server) for server in chosen)
    assert not any(holds(server) for server in rest if query[:2] != "ip" or "ci-net" in server["addresses"])


def test_an_unknown_status_matches_nothing(nova: Client) -> None:
    assert ids(nova, ALL + "&status=NONSENSE") == []


def test_other_orders(nova: Client) -> None:
    names = [server["name"] for server in nova.get(ALL + "&sort_key=display_name&sort_dir=asc")["servers"]]
    assert names == sorted(names)
    assert ids(nova, ALL + "&sort_key=created_at&sort_dir=asc") == list(reversed(ids(nova, ALL)))
    nova.get(ALL + "&sort_key=shoe_size", status=400)
    nova.get(ALL + "&sort_dir=up", status=400)


def test_a_bad_time_is_refused(nova: Client) -> None:
    nova.get(ALL + "&changes-since=yesterday", status=400)


def test_changes_since_finds_what_was_built_since(model: Cloud, nova: Client) -> None:
    middle = model.compute.servers.at(400)
    assert middle is not None
    since = nova.get(f"/v2.1/servers/{middle.id}")["server"]["updated"]
    changed = set(ids(nova, f"{ALL}&changes-since={since}"))
    expected = {server.id for server in model.compute.servers.newest() if server.updated >= int(middle.updated)}
    assert changed == expected


def test_microversions_choose_the_form(nova: Client, model: Cloud) -> None:
    server_id = next(model.compute.servers.on_host("cmp01")).id
    old, new = (nova.get(f"/v2.1/servers/{server_id}", version)["server"] for version in ("2.1", "2.96"))
    assert "id" in old["flavor"]
    assert "vcpus" in new["flavor"]
    assert "locked" not in old
    assert new["locked"] is False


def test_a_project_in_the_path_is_ignored(model: Cloud, nova: Client) -> None:
    assert ids(nova, f"/v2.1/{model.tenants[0].project_id}/servers?all_tenants=1&limit=3") == ids(
        nova, ALL + "&limit=3"
    )


@pytest.mark.parametrize("path", ["/v2.1/nonsense", "/v3/servers", "/v2.1/servers/x/y/z"])
def test_an_unknown_path_is_a_404(nova: Client, path: str) -> None:
    assert nova.get(path, status=404)["title"] == "Not Found"


def test_the_second_form_of_the_version_header(nova: Client) -> None:
    reply = nova.reply("GET", "/v2.1/os-services", X_OpenStack_Nova_API_Version="2.53")
    assert reply.headers["X-OpenStack-Nova-API-Version"] == "2.53"
    reply = nova.reply("GET", "/v2.1/os-services", OpenStack_API_Version="volume 3.70, compute latest")
    assert reply.headers["OpenStack-API-Version"] == "compute 2.104"
    assert nova.reply("GET", "/v2.1/os-services", OpenStack_API_Version="compute two").status == 400
