"""Octavia, Designate, Manila, Barbican: answers beside recorded ones, who sees what, errors, pages, faults."""

from __future__ import annotations

import json

import pytest

from runbooks.ground.declared import FaultError
from runbooks.simulator.faults import Faults
from runbooks.simulator.http.api import Api
from runbooks.simulator.http.further import FURTHER
from runbooks.simulator.http.further.barbican import API as BARBICAN
from runbooks.simulator.http.further.designate import API as DESIGNATE
from runbooks.simulator.http.further.manila import API as MANILA
from runbooks.simulator.http.further.octavia import API as OCTAVIA
from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud
from tests.simulator.shapes import WIRE, differences, recorded

EVERYBODY = {"X_Auth_All_Projects": "true"}
LISTS = [
    (OCTAVIA, "load-balancer/loadbalancers", "/v2/lbaas/loadbalancers", {}),
    (OCTAVIA, "load-balancer/amphorae", "/v2/octavia/amphorae", {}),
    (DESIGNATE, "dns/zones", "/v2/zones", EVERYBODY),
    (DESIGNATE, "dns/service_statuses", "/v2/service_statuses", {}),
    (
        *(MANILA, "shared-file-system/shares_detail@2.65", "/v2/shares/detail?all_tenants=1"),
        {"X_OpenStack_Manila_API_Version": "2.65"},
    ),
    (
        *(MANILA, "shared-file-system/services@2.65", "/v2/services"),
        {"X_OpenStack_Manila_API_Version": "2.65"},
    ),
    (BARBICAN, "key-manager/secrets", "/v1/secrets?limit=100", {}),
]


@pytest.fixture
def model() -> Cloud:
    return cloud(further=True)


def owner(model: Cloud, api: Api) -> Client:
    """The first tenant's own user."""
    return Client(model, api, "web-shop-owner", "web-shop")


@pytest.mark.parametrize(("api", "name", "path", "headers"), LISTS, ids=[name for _, name, *_ in LISTS])
def test_an_answer_has_the_recorded_shape(
    model: Cloud, api: Api, name: str, path: str, headers: dict[str, str]
) -> None:
    recording = recorded(f"{name}.json")
    reply = Client(model, api).reply("GET", path, **headers)
    ours = json.loads(reply.encoded())
    assert reply.status == recording["status"]
    assert any(isinstance(rows, list) and rows for rows in ours.values())
    assert differences(recording["body"], ours) == []
    said = {key.lower() for key in reply.headers}
    assert {key.lower() for key in recording["headers"]} <= said


def test_only_manilas_own_header_tells_its_version(model: Cloud) -> None:
    reply = Client(model, MANILA).reply("GET", "/v2/services", X_OpenStack_Manila_API_Version="2.65")
    assert reply.headers["X-OpenStack-Manila-API-Version"] == "2.65"
    assert "OpenStack-API-Version" not in reply.headers
    assert "disabled_reason" not in json.loads(reply.encoded())["services"][0]
    newest = Client(model, MANILA).reply("GET", "/v2/services", X_OpenStack_Manila_API_Version="2.83")
    assert json.loads(newest.encoded())["services"][0]["disabled_reason"] is None
    refused = Client(model, MANILA).reply("GET", "/v2/services", X_OpenStack_Manila_API_Version="2.99")
    assert refused.status == 406


@pytest.mark.parametrize(
    ("api", "folder"),
    [(OCTAVIA, "load-balancer"), (DESIGNATE, "dns"), (MANILA, "shared-file-system"), (BARBICAN, "key-manager")],
)
def test_versions_are_told_to_anybody(model: Cloud, api: Api, folder: str) -> None:
    recording = recorded(f"{folder}/versions.json")
    stranger = Client(model, api)
    stranger.token = "nonsense"
    reply = stranger.reply("GET", "/")
    assert reply.status == recording["status"]
    assert differences(recording["body"], json.loads(reply.encoded())) == []
    assert f"http://{model.layout.vip}:{api.port}/v" in reply.encoded().decode()


@pytest.mark.parametrize("api", FURTHER, ids=[api.name for api in FURTHER])
def test_without_a_token_nothing_else_is(model: Cloud, api: Api) -> None:
    stranger = Client(model, api)
    stranger.token = "nonsense"
    path = next(route.pattern for route in api.routes if route.role != "public" and "{" not in route.pattern)
    assert stranger.reply("GET", path).status == 401


def test_a_tenant_sees_its_own(model: Cloud) -> None:
    (balancer,) = owner(model, OCTAVIA).get("/v2/lbaas/loadbalancers")["loadbalancers"]
    assert balancer["name"] == "shop"
    zones = owner(model, DESIGNATE).get("/v2/zones")
    assert [zone["name"] for zone in zones["zones"]] == ["shop.example.", "api.shop.example."]
    assert zones["metadata"] == {"total_count": 2}
    (share,) = owner(model, MANILA).get("/v2/shares/detail?all_tenants=1", "2.65")["shares"]
    assert share["name"] == "media"
    assert "host" not in share, "where it is stored is not a tenant's business"
    assert {s["name"] for s in owner(model, BARBICAN).get("/v1/secrets")["secrets"]} == {"shop-tls", "shop-tls-key"}


def test_no_list_of_secrets_is_everybodys(model: Cloud) -> None:
    assert {s["name"] for s in Client(model, BARBICAN).get("/v1/secrets")["secrets"]} == {
        "volumes-luks",
        "backup-passphrase",
    }


ERRORS = {"octavia": OCTAVIA, "designate": DESIGNATE, "manila": MANILA, "barbican": BARBICAN}
RECORDED = sorted(file.name for name in ERRORS for file in (WIRE / "errors").glob(f"{name}-*.json"))


@pytest.mark.parametrize("name", RECORDED)
def test_errors_are_word_for_word_the_recorded_ones(model: Cloud, name: str) -> None:
    recording, api = recorded(f"errors/{name}"), ERRORS[name.partition("-")[0]]
    client = owner(model, api) if recording["status"] == 403 else Client(model, api)
    headers = {"X_OpenStack_Manila_API_Version": "2.65"} if api is MANILA else {}
    reply = client.reply("GET", recording["request"].removeprefix("GET "), **headers)
    assert reply.status == recording["status"]
    for key, value in recording["headers"].items():
        if key.lower() != "x-openstack-request-id":
            said = {name.lower(): text for name, text in reply.headers.items()}
            assert said[key.lower()].lower() == value.lower()
    if not recording["body"]:
        assert reply.encoded() == b""
        return
    ours, theirs = json.loads(reply.encoded()), json.loads(recording["body"])
    assert list(ours) == list(theirs)
    assert ours | {"request_id": ""} == theirs | {"request_id": ""}


def test_who_may_not_see_all_zones_is_refused_without_a_word(model: Cloud) -> None:
    reply = owner(model, DESIGNATE).reply("GET", "/v2/zones", **EVERYBODY)
    assert (reply.status, reply.encoded(), reply.headers["Content-Type"]) == (403, b"", "text/html; charset=utf-8")


def test_all_four_are_compared() -> None:
    assert {name.partition("-")[0] for name in RECORDED} == set(ERRORS)
    assert len(RECORDED) >= 15


def test_pages(model: Cloud) -> None:
    octavia = Client(model, OCTAVIA)
    first = octavia.get("/v2/octavia/amphorae?limit=4")
    assert len(first["amphorae"]) == 4
    (link,) = first["amphorae_links"]
    rest = octavia.get(link["href"].partition(f":{OCTAVIA.port}")[2])
    assert (len(rest["amphorae"]), rest["amphorae_links"]) == (2, [])
    designate = Client(model, DESIGNATE)
    zones = json.loads(designate.reply("GET", "/v2/zones?limit=3", **EVERYBODY).encoded())
    more = zones["links"]["next"].partition(f":{DESIGNATE.port}")[2]
    assert len(json.loads(designate.reply("GET", more, **EVERYBODY).encoded())["zones"]) == 1
    secrets = Client(model, BARBICAN).get("/v1/secrets?limit=1&offset=1")
    assert (len(secrets["secrets"]), secrets["total"], "next" in secrets, "previous" in secrets) == (1, 2, False, True)
    shares = Client(model, MANILA).get("/v2/shares/detail?all_tenants=1&limit=2&offset=2")["shares"]
    assert [share["name"] for share in shares] == ["cache"]


def test_amphorae_are_servers_of_the_service_project(model: Cloud) -> None:
    nova, service = Client(model, NOVA), model.identity.project_named("service")
    assert service is not None
    for amphora in Client(model, OCTAVIA).get("/v2/octavia/amphorae")["amphorae"]:
        server = nova.get(f"/v2.1/servers/{amphora['compute_id']}")["server"]
        assert server["name"] == f"amphora-{amphora['id']}"
        assert server["tenant_id"] == service.id


def test_a_cloud_without_them_says_so() -> None:
    plain = cloud()
    names = {service.name for service in plain.identity.catalog.services.values()}
    assert not names & {"octavia", "designate", "manilav2", "barbican"}
    assert not any("octavia" in unit for host in plain.hosts for unit in host.names)
    with pytest.raises(FaultError, match="--further"):
        Faults(plain).inject("amphora-error", {})


def test_a_failed_failover(model: Cloud) -> None:
    faults, octavia = Faults(model), Client(model, OCTAVIA)
    fault = faults.inject("amphora-error", {})
    (broken,) = octavia.get("/v2/octavia/amphorae?status=ERROR")["amphorae"]
    balancer = octavia.get(f"/v2/lbaas/loadbalancers/{broken['loadbalancer_id']}")["loadbalancer"]
    assert (balancer["provisioning_status"], balancer["operating_status"]) == ("ERROR", "ONLINE")
    with pytest.raises(FaultError):
        faults.inject("amphora-error", {})
    faults.undo(fault.id)
    assert octavia.get("/v2/octavia/amphorae?status=ERROR")["amphorae"] == []


def test_a_change_that_never_ends_and_a_zone_in_error(model: Cloud) -> None:
    faults, octavia = Faults(model), Client(model, OCTAVIA)
    stuck = faults.inject("load-balancer-stuck", {})
    (pending,) = octavia.get("/v2/lbaas/loadbalancers?provisioning_status=PENDING_UPDATE")["loadbalancers"]
    broken = faults.inject("dns-zone-error", {})
    (zone,) = owner(model, DESIGNATE).get("/v2/zones?status=ERROR")["zones"]
    assert (pending["name"], zone["name"], zone["action"]) == ("reports", "shop.example.", "UPDATE")
    for fault in (stuck, broken):
        faults.undo(fault.id)
    assert owner(model, DESIGNATE).get("/v2/zones?status=ERROR")["zones"] == []


def test_a_share_service_dies(model: Cloud) -> None:
    faults, manila = Faults(model), Client(model, MANILA)
    fault = faults.inject("manila-share-down", {"host": "ctl02"})

    def down() -> list[str]:
        return [each["host"] for each in manila.get("/v2/services")["services"] if each["state"] == "down"]

    assert down() == []
    model.clock.advance(61)
    assert down() == ["ctl02@cephfsnfs1"]
    pools = manila.get("/v2/scheduler-stats/pools/detail")["pools"]
    assert [pool["host"] for pool in pools] == ["ctl01", "ctl03"]
    faults.undo(fault.id)
    model.clock.advance(11)
    assert down() == []
