"""Nova's services and compute nodes: what operators set, and what follows when something dies."""

from __future__ import annotations

import pytest

from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud

AT = "/v2.1/os-services"


@pytest.fixture
def model() -> Cloud:
    return cloud()


@pytest.fixture
def nova(model: Cloud) -> Client:
    return Client(model, NOVA)


def pass_time(model: Cloud, seconds: float) -> None:
    model.clock.advance(seconds)
    model.catch_up()


def set_unit(model: Cloud, host: str, unit: str, state: str = "failed") -> None:
    model.catch_up()
    model.hosts.set_unit(host, unit, state, model.now())  # type: ignore[arg-type]
    model.settle()


def states(nova: Client) -> dict[tuple[str, str], str]:
    return {(each["binary"], each["host"]): each["state"] for each in nova.get(AT, "2.96")["services"]}


def down(nova: Client) -> set[tuple[str, str]]:
    return {key for key, state in states(nova).items() if state == "down"}


COMPUTES = {("nova-compute", f"cmp0{number}") for number in (1, 2, 3, 4)}


def test_everything_is_up_and_reports_every_ten_seconds(model: Cloud, nova: Client) -> None:
    assert down(nova) == set()
    before = nova.get(AT, "2.96")["services"]
    pass_time(model, 10)
    after = nova.get(AT, "2.96")["services"]
    assert all(first["updated_at"] < second["updated_at"] for first, second in zip(before, after, strict=True))


def test_a_dead_compute_is_down_a_minute_after_its_last_report(model: Cloud, nova: Client) -> None:
    set_unit(model, "cmp02", "nova_compute")
    last = model.reports["nova-compute", "cmp02"].heartbeat(model.now())
    pass_time(model, last + 60 - model.now())
    assert down(nova) == set()
    pass_time(model, 0.5)
    assert down(nova) == {("nova-compute", "cmp02")}
    assert [each["updated_at"] for each in nova.get(AT + "?host=cmp02", "2.96")["services"]] == [
        nova.get(AT + "?host=cmp02", "2.96")["services"][0]["updated_at"]
    ]
    hypervisors = {
        each["hypervisor_hostname"]: each["state"] for each in nova.get("/v2.1/os-hypervisors")["hypervisors"]
    }
    assert hypervisors == {"cmp01": "up", "cmp02": "down", "cmp03": "up", "cmp04": "up"}
    on_it = nova.get("/v2.1/servers/detail?all_tenants=1&host=cmp02", "2.96")["servers"]
    assert {each["host_status"] for each in on_it} == {"UNKNOWN"}
    assert "ACTIVE" in {each["status"] for each in on_it}


def test_a_compute_that_is_back_is_up_with_its_next_report(model: Cloud, nova: Client) -> None:
    set_unit(model, "cmp02", "nova_compute")
    pass_time(model, 300)
    set_unit(model, "cmp02", "nova_compute", "running")
    assert down(nova) == {("nova-compute", "cmp02")}
    pass_time(model, 10)
    assert down(nova) == set()


def test_a_host_without_power_takes_its_services_with_it(model: Cloud, nova: Client) -> None:
    model.hosts.power_off("ctl01", model.now())
    model.settle()
    pass_time(model, 90)
    assert down(nova) == {("nova-scheduler", "ctl01"), ("nova-conductor", "ctl01")}


def test_without_conductors_all_computes_go_down_and_schedulers_stay(model: Cloud, nova: Client) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        set_unit(model, host, "nova_conductor", "hung")
    pass_time(model, 75)
    assert down(nova) == COMPUTES | {("nova-conductor", f"ctl0{number}") for number in (1, 2, 3)}


def test_without_rabbitmq_computes_go_down_conductors_and_schedulers_stay(model: Cloud, nova: Client) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        set_unit(model, host, "rabbitmq")
    pass_time(model, 75)
    assert down(nova) == COMPUTES
    for host in ("ctl01", "ctl02", "ctl03"):
        set_unit(model, host, "rabbitmq", "running")
    pass_time(model, 40)
    assert down(nova) == set()


def test_a_single_broker_is_enough(model: Cloud, nova: Client) -> None:
    set_unit(model, "ctl02", "rabbitmq")
    pass_time(model, 120)
    assert down(nova) == set()


def test_without_a_primary_component_nova_answers_500_in_its_words(model: Cloud, nova: Client) -> None:
    nova.get(AT, "2.96")  # the token is known from here on
    for host in ("ctl02", "ctl03"):
        model.hosts.set_unit(host, "mariadb", "failed", model.now(), 137)
    model.settle()
    pass_time(model, 30)
    found = nova.get(AT, "2.96", status=500)
    assert found["computeFault"]["message"].startswith("Unexpected API Error.")
    assert "oslo_db.exception.DBConnectionError" in found["computeFault"]["message"]


def test_disable_with_a_reason_and_enable(model: Cloud, nova: Client) -> None:
    service = model.compute.services.compute("cmp01")
    assert service is not None
    body = {"status": "disabled", "disabled_reason": "maintenance"}
    shown = nova.do("PUT", f"{AT}/{service.id}", body, "2.96")["service"]
    assert (shown["status"], shown["disabled_reason"], shown["state"]) == ("disabled", "maintenance", "up")
    node = nova.get("/v2.1/os-hypervisors/detail", "2.88")["hypervisors"][0]
    assert (node["status"], node["service"]["disabled_reason"]) == ("disabled", "maintenance")
    shown = nova.do("PUT", f"{AT}/{service.id}", {"status": "enabled"}, "2.96")["service"]
    assert (shown["status"], shown["disabled_reason"]) == ("enabled", None)


def test_the_old_way_to_disable(model: Cloud, nova: Client) -> None:
    body = {"host": "cmp01", "binary": "nova-compute", "disabled_reason": "old"}
    shown = nova.do("PUT", f"{AT}/disable-log-reason", body, "2.1")["service"]
    assert shown == {"host": "cmp01", "binary": "nova-compute", "status": "disabled", "disabled_reason": "old"}
    nova.do("PUT", f"{AT}/enable", {"host": "moon", "binary": "nova-compute"}, "2.1", status=404)
    nova.do("PUT", f"{AT}/explode", {"host": "cmp01", "binary": "nova-compute"}, "2.1", status=404)


def test_forced_down_is_down_at_once(model: Cloud, nova: Client) -> None:
    service = model.compute.services.compute("cmp01")
    assert service is not None
    nova.do("PUT", f"{AT}/{service.id}", {"forced_down": True}, "2.96")
    assert down(nova) == {("nova-compute", "cmp01")}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "No updates were requested."),
        ({"status": "off"}, "Invalid input for field/attribute status."),
        ({"forced_down": "yes"}, "Invalid input for field/attribute forced_down."),
        ({"status": "enabled", "disabled_reason": "x"}, "Specifying disabled_reason when status is 'enabled'"),
    ],
)
def test_wrong_updates_are_refused(model: Cloud, nova: Client, body: object, words: str) -> None:
    service = model.compute.services.compute("cmp01")
    assert service is not None
    assert nova.do("PUT", f"{AT}/{service.id}", body, "2.96", status=400)["badRequest"]["message"].startswith(words)


def test_only_computes_can_be_updated(model: Cloud, nova: Client) -> None:
    service = model.compute.services.find("nova-scheduler", "ctl01")
    assert service is not None
    nova.do("PUT", f"{AT}/{service.id}", {"status": "disabled"}, "2.96", status=400)
    nova.do("PUT", f"{AT}/nope", {"status": "disabled"}, "2.96", status=400)
    nova.do("PUT", f"{AT}/{model.seed.uuid('x')}", {"status": "disabled"}, "2.96", status=404)


def test_a_compute_with_servers_cannot_be_deleted(model: Cloud, nova: Client) -> None:
    service = model.compute.services.compute("cmp01")
    assert service is not None
    found = nova.do("DELETE", f"{AT}/{service.id}", version="2.96", status=409)
    assert found["conflictingRequest"]["message"].startswith("Unable to delete compute service that is hosting")
    for server in list(model.compute.servers.on_host("cmp01")):
        model.compute.servers.remove(server.id)
    nova.do("DELETE", f"{AT}/{service.id}", version="2.96", status=204)
    assert ("nova-compute", "cmp01") not in states(nova)
    assert "cmp01" not in {each["hypervisor_hostname"] for each in nova.get("/v2.1/os-hypervisors")["hypervisors"]}


def test_hypervisor_pages(nova: Client) -> None:
    first = nova.get("/v2.1/os-hypervisors/detail?limit=3", "2.87")
    marker = first["hypervisors"][-1]["id"]
    assert first["hypervisors_links"][0]["href"].endswith(f"marker={marker}")
    rest = nova.get(f"/v2.1/os-hypervisors/detail?limit=3&marker={marker}", "2.87")
    assert [each["hypervisor_hostname"] for each in rest["hypervisors"]] == ["cmp04"]
    assert "hypervisors_links" not in rest
    nova.get("/v2.1/os-hypervisors?marker=nope&limit=1", "2.87", status=400)


def test_a_hypervisors_usage_is_that_of_its_servers(model: Cloud, nova: Client) -> None:
    node = nova.get("/v2.1/os-hypervisors/detail", "2.87")["hypervisors"][0]
    servers = list(model.compute.servers.on_host(node["hypervisor_hostname"]))
    assert node["vcpus_used"] == sum(server.flavor.vcpus for server in servers)
    assert node["memory_mb_used"] == sum(server.flavor.ram for server in servers) + 512
    assert node["running_vms"] == len(servers)
    assert node["free_ram_mb"] == node["memory_mb"] - node["memory_mb_used"]


def test_hypervisors_by_pattern(nova: Client) -> None:
    found = nova.get("/v2.1/os-hypervisors?hypervisor_hostname_pattern=cmp04&with_servers=true", "2.96")["hypervisors"]
    assert [each["hypervisor_hostname"] for each in found] == ["cmp04"]
    assert found[0]["servers"]
    nova.get("/v2.1/os-hypervisors?hypervisor_hostname_pattern=moon", "2.96", status=404)
    assert nova.get("/v2.1/os-hypervisors/cmp04/search", "2.1")["hypervisors"][0]["hypervisor_hostname"] == "cmp04"
    nova.get("/v2.1/os-hypervisors/cmp04/search", "2.53", status=404)


def test_an_uptime_is_only_of_what_is_up(model: Cloud, nova: Client) -> None:
    set_unit(model, "cmp02", "nova_compute")
    pass_time(model, 90)
    found = {
        each["hypervisor_hostname"]: each["uptime"]
        for each in nova.get("/v2.1/os-hypervisors/detail", "2.88")["hypervisors"]
    }
    assert found["cmp02"] is None
    assert "load average" in found["cmp01"]
    node = model.compute.hypervisors.find("cmp02")
    assert node is not None
    nova.get(f"/v2.1/os-hypervisors/{node.id}/uptime", "2.87", status=400)


def test_aggregates_come_and_go(model: Cloud, nova: Client) -> None:
    made = nova.do("POST", "/v2.1/os-aggregates", {"aggregate": {"name": "gpu", "availability_zone": "az2"}})[
        "aggregate"
    ]
    for server in list(model.compute.servers.on_host("cmp04")):
        model.compute.servers.remove(server.id)
    nova.do("POST", "/v2.1/os-aggregates", {"aggregate": {"name": "gpu"}}, status=409)
    at = f"/v2.1/os-aggregates/{made['id']}"
    nova.do("POST", at + "/action", {"add_host": {"host": "cmp04"}})
    nova.do("POST", at + "/action", {"add_host": {"host": "cmp04"}}, status=409)
    nova.do("POST", at + "/action", {"add_host": {"host": "moon"}}, status=404)
    nova.do("POST", at + "/action", {"set_metadata": {"metadata": {"gpu": "true"}}})
    shown = nova.get(at)["aggregate"]
    assert (shown["hosts"], shown["metadata"]) == (["cmp04"], {"gpu": "true", "availability_zone": "az2"})
    assert [each["zone"] for each in nova.get(AT + "?host=cmp04", "2.96")["services"]] == ["az2"]
    nova.do("DELETE", at, status=400)
    nova.do("POST", at + "/action", {"remove_host": {"host": "cmp04"}})
    nova.do("DELETE", at)
    nova.get(at, status=404)


def test_quotas_are_set_and_reset(model: Cloud, nova: Client) -> None:
    at = f"/v2.1/os-quota-sets/{model.tenants[0].project_id}"
    usage = nova.get(at + "/detail", "2.96")["quota_set"]
    assert usage["instances"]["in_use"] == 7
    nova.do("PUT", at, {"quota_set": {"instances": 3}}, "2.96", status=400)
    nova.do("PUT", at, {"quota_set": {"instances": 3, "force": True}}, "2.96")
    assert nova.get(at, "2.96")["quota_set"]["instances"] == 3
    nova.do("PUT", at, {"quota_set": {"shoes": 3}}, "2.96", status=400)
    nova.do("DELETE", at, status=202)
    assert nova.get(at, "2.96")["quota_set"]["instances"] == 10
    owner = Client(model, NOVA, "web-shop-owner", "web-shop")
    owner.get(at, "2.96")
    owner.get(f"/v2.1/os-quota-sets/{model.tenants[1].project_id}", "2.96", status=403)


def test_private_flavors_are_for_admins(model: Cloud, nova: Client) -> None:
    names = {each["name"] for each in nova.get("/v2.1/flavors/detail?is_public=None", "2.96")["flavors"]}
    assert "p1.pinned" in names
    reader = Client(model, NOVA, "reader", "web-shop")
    assert "p1.pinned" not in {each["name"] for each in reader.get("/v2.1/flavors?is_public=None")["flavors"]}
    nova.get("/v2.1/flavors/nope", status=404)
    nova.get("/v2.1/flavors?minRam=lots", status=400)
    assert {each["name"] for each in nova.get("/v2.1/flavors?minRam=16384")["flavors"]} == {"r1.large", "m1.xlarge"}


def test_writes_are_noted_without_secrets(model: Cloud, nova: Client) -> None:
    service = model.compute.services.compute("cmp01")
    assert service is not None
    nova.get(AT)
    nova.do("PUT", f"{AT}/{service.id}", {"status": "disabled"}, "2.96")
    assert [(each.system, each.what, each.by, each.status) for each in model.writes] == [
        ("nova", f"PUT {AT}/{service.id}", "admin", "200")
    ]


def test_no_server_changes_its_zone_with_its_host(model: Cloud, nova: Client) -> None:
    made = nova.do("POST", "/v2.1/os-aggregates", {"aggregate": {"name": "gpu", "availability_zone": "az2"}})
    at = f"/v2.1/os-aggregates/{made['aggregate']['id']}"
    refused = nova.do("POST", at + "/action", {"add_host": {"host": "cmp01"}}, status=409)["conflictingRequest"]
    assert "would change from 'None' to 'az2' but the host already has" in refused["message"]
    rack = "/v2.1/os-aggregates/1"
    refused = nova.do("PUT", rack, {"aggregate": {"availability_zone": "az3"}}, status=400)["badRequest"]
    assert refused["message"] == "Cannot update aggregate 1. Reason: One or more hosts contain instances in this zone."
    gone = {"set_metadata": {"metadata": {"availability_zone": None}}}
    assert "empty named" in nova.do("POST", at + "/action", gone, status=400)["badRequest"]["message"]
    assert nova.get(at)["aggregate"]["availability_zone"] == "az2"
    named = nova.do("POST", at + "/action", {"set_metadata": {"metadata": {"availability_zone": "az4"}}})
    assert named["aggregate"]["availability_zone"] == "az4"
