"""What happens to servers over time: builds and how they fail, power, moves, evacuations."""

from __future__ import annotations

from typing import Any

import pytest

from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.http.placement import API as PLACEMENT
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud

AT = "/v2.1/servers"


@pytest.fixture
def model() -> Cloud:
    return cloud()


@pytest.fixture
def nova(model: Cloud) -> Client:
    return Client(model, NOVA)


def pass_time(model: Cloud, seconds: float) -> None:
    model.clock.advance(seconds)
    model.catch_up()


def body(model: Cloud, **more: object) -> dict[str, object]:
    compute = model.compute
    network = next(iter(model.network.networks))
    server = {
        "name": "new",
        "flavorRef": compute.flavors_by_name["m1.small"].id,
        "imageRef": model.seed.uuid("image", "debian-12"),
        "networks": [{"uuid": model.tenants[0].network_id}],
    }
    assert network
    return {"server": server | more}


def build(model: Cloud, nova: Client, **more: object) -> str:
    made = nova.do("POST", AT, body(model, **more), "2.96", status=202)
    return str(made["server"]["id"])


def show(nova: Client, server_id: str) -> dict[str, Any]:
    found: dict[str, Any] = nova.get(f"{AT}/{server_id}", "2.96")["server"]
    return found


def act(nova: Client, server_id: str, verb: str, part: object = None, status: int = 202, version: str = "2.96") -> Any:
    return nova.do("POST", f"{AT}/{server_id}/action", {verb: part}, version, status=status)


def on(model: Cloud, host: str) -> str:
    """An active server on a host."""
    return next(server.id for server in model.compute.servers.on_host(host) if server.vm_state == "active")


def kill(model: Cloud, host: str, unit: str) -> None:
    model.hosts.set_unit(host, unit, "failed", model.now(), 137)
    model.settle()


def test_a_build_goes_through_its_tasks_and_ends_active(model: Cloud, nova: Client) -> None:
    server_id = build(model, nova)
    tasks = []
    for _ in range(60):
        task = show(nova, server_id)["OS-EXT-STS:task_state"]
        if task not in tasks:
            tasks.append(task)
        pass_time(model, 0.1)
    assert tasks == ["scheduling", "networking", "block_device_mapping", "spawning", None]
    found = show(nova, server_id)
    assert found["status"] == "ACTIVE"
    assert found["OS-EXT-SRV-ATTR:host"] in {"cmp01", "cmp02", "cmp03", "cmp04"}
    address = found["addresses"]["web-shop-net"][0]["addr"]
    assert address not in {
        server.nics[0].address for server in model.compute.servers.newest() if server.nics and server.id != server_id
    }
    events = nova.get(f"{AT}/{server_id}/os-instance-actions", "2.96")["instanceActions"]
    assert [each["action"] for each in events] == ["create"]
    assert nova.get(f"{AT}/detail?all_tenants=1&limit=1", "2.96")["servers"][0]["id"] == server_id


def test_without_conductors_a_build_waits_in_scheduling(model: Cloud, nova: Client) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        kill(model, host, "nova_conductor")
    server_id = build(model, nova)
    pass_time(model, 120)
    found = show(nova, server_id)
    assert (found["status"], found["OS-EXT-STS:task_state"], found["OS-EXT-SRV-ATTR:host"]) == (
        "BUILD",
        "scheduling",
        None,
    )
    model.hosts.set_unit("ctl02", "nova_conductor", "running", model.now())
    model.settle()
    pass_time(model, 1)
    # the computes were silent for two minutes: the scheduler finds none, as recorded
    pass_time(model, 3)
    assert show(nova, server_id)["fault"]["message"].startswith("No valid host was found.")


def test_with_all_computes_down_there_is_no_valid_host(model: Cloud, nova: Client) -> None:
    for number in (1, 2, 3, 4):
        kill(model, f"cmp0{number}", "nova_compute")
    pass_time(model, 75)
    server_id = build(model, nova)
    pass_time(model, 5)
    found = show(nova, server_id)
    assert found["status"] == "ERROR"
    assert found["fault"]["code"] == 500
    assert found["fault"]["message"] == "No valid host was found. There are not enough hosts available."
    assert "details" in found["fault"]


def test_forced_on_a_dead_host_it_hangs_in_scheduling(model: Cloud, nova: Client) -> None:
    kill(model, "cmp03", "nova_compute")
    pass_time(model, 75)
    server_id = build(model, nova, availability_zone="nova:cmp03")
    pass_time(model, 600)
    found = show(nova, server_id)
    assert (found["status"], found["OS-EXT-STS:task_state"], found["OS-EXT-SRV-ATTR:host"]) == (
        "BUILD",
        "scheduling",
        None,
    )
    assert "fault" not in found


def test_without_the_hosts_agent_binding_fails(model: Cloud, nova: Client) -> None:
    kill(model, "cmp02", "neutron_openvswitch_agent")
    server_id = build(model, nova, availability_zone="nova:cmp02")
    pass_time(model, 6)
    message = show(nova, server_id)["fault"]["message"]
    assert message.startswith("Binding failed for port ")
    assert message.endswith(", please check neutron logs for more information.")


def test_after_three_hosts_without_agents_retries_are_exceeded(model: Cloud, nova: Client) -> None:
    for number in (1, 2, 3, 4):
        kill(model, f"cmp0{number}", "neutron_openvswitch_agent")
    server_id = build(model, nova)
    pass_time(model, 20)
    message = show(nova, server_id)["fault"]["message"]
    assert message.startswith(
        f"Exceeded maximum number of retries. Exceeded max scheduling attempts 3 for instance {server_id}. "
        "Last exception: Binding failed for port "
    )
    request = nova.get(f"{AT}/{server_id}/os-instance-actions", "2.96")["instanceActions"][0]["request_id"]
    events = nova.get(f"{AT}/{server_id}/os-instance-actions/{request}", "2.96")["instanceAction"]["events"]
    assert [each["result"] for each in events] == ["Error", "Error", "Error"]
    assert len({each["host"] for each in events}) == 3


def test_while_the_broker_is_gone_a_post_is_late_but_has_made_the_server(model: Cloud, nova: Client) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        kill(model, host, "rabbitmq")
    before = len(model.compute.servers)
    reply = nova.reply("POST", AT, body(model), OpenStack_API_Version="compute 2.96")
    assert (reply.status, reply.delay) == (500, 60.0)
    assert len(model.compute.servers) == before + 1


@pytest.mark.parametrize(
    ("verb", "part", "status"),
    [
        ("os-stop", None, "SHUTOFF"),
        ("pause", None, "PAUSED"),
        ("suspend", None, "SUSPENDED"),
        ("shelve", None, "SHELVED_OFFLOADED"),
        ("reboot", {"type": "HARD"}, "ACTIVE"),
        ("reboot", {"type": "SOFT"}, "ACTIVE"),
    ],
)
def test_verbs_take_time_and_change_the_state(model: Cloud, nova: Client, verb: str, part: object, status: str) -> None:
    server_id = on(model, "cmp01")
    act(nova, server_id, verb, part)
    assert show(nova, server_id)["OS-EXT-STS:task_state"] is not None
    pass_time(model, 8)
    found = show(nova, server_id)
    assert (found["status"], found["OS-EXT-STS:task_state"]) == (status, None)


def test_a_verb_on_a_dead_compute_waits_until_it_is_back(model: Cloud, nova: Client) -> None:
    server_id = on(model, "cmp01")
    kill(model, "cmp01", "nova_compute")
    act(nova, server_id, "os-stop")
    pass_time(model, 300)
    assert show(nova, server_id)["OS-EXT-STS:task_state"] == "powering-off"
    model.hosts.set_unit("cmp01", "nova_compute", "running", model.now())
    model.settle()
    pass_time(model, 10)
    assert show(nova, server_id)["status"] == "SHUTOFF"


def test_a_wrong_state_is_refused_in_novas_words(model: Cloud, nova: Client) -> None:
    server_id = on(model, "cmp01")
    refused = act(nova, server_id, "os-start", status=409)
    words = f"Cannot 'start' instance {server_id} while it is in vm_state active"
    assert refused == {"conflictingRequest": {"code": 409, "message": words}}
    act(nova, server_id, "os-stop")
    refused = act(nova, server_id, "reboot", {"type": "HARD"}, status=409)
    assert refused["conflictingRequest"]["message"].endswith("while it is in task_state powering-off")


def test_a_live_migration_moves_the_server_and_its_allocation(model: Cloud, nova: Client) -> None:
    placement = Client(model, PLACEMENT)
    server_id = on(model, "cmp01")
    before = {
        name: model.placement.used(node)
        for name in ("cmp01", "cmp02")
        if (node := model.compute.hypervisors.find(name))
    }
    act(nova, server_id, "os-migrateLive", {"host": "cmp02", "block_migration": "auto"})
    assert show(nova, server_id)["status"] == "MIGRATING"
    pass_time(model, 4)
    under_way = nova.get(f"{AT}/{server_id}/migrations", "2.96")["migrations"]
    assert [(each["status"], each["dest_compute"]) for each in under_way] == [("running", "cmp02")]
    assert len(placement.get(f"/allocations/{server_id}", "1.39")["allocations"]) == 1
    pass_time(model, 12)
    found = show(nova, server_id)
    assert (found["status"], found["OS-EXT-SRV-ATTR:host"]) == ("ACTIVE", "cmp02")
    newest = nova.get("/v2.1/os-migrations", "2.96")["migrations"][0]
    assert (newest["status"], newest["source_compute"], newest["dest_compute"]) == ("completed", "cmp01", "cmp02")
    flavor = model.compute.servers.edit(server_id).flavor
    for name, sign in (("cmp01", -1), ("cmp02", 1)):
        node = model.compute.hypervisors.find(name)
        assert node is not None
        assert model.placement.used(node)["MEMORY_MB"] == before[name]["MEMORY_MB"] + sign * flavor.ram


def test_a_live_migration_ends_in_error_when_a_compute_dies(model: Cloud, nova: Client) -> None:
    server_id = on(model, "cmp01")
    act(nova, server_id, "os-migrateLive", {"host": "cmp02", "block_migration": "auto"})
    pass_time(model, 3)
    kill(model, "cmp02", "nova_compute")
    pass_time(model, 10)
    found = show(nova, server_id)
    assert (found["status"], found["OS-EXT-SRV-ATTR:host"]) == ("ACTIVE", "cmp01")
    assert nova.get("/v2.1/os-migrations", "2.96")["migrations"][0]["status"] == "error"


def test_an_aborted_live_migration_leaves_the_server_where_it_was(model: Cloud, nova: Client) -> None:
    server_id = on(model, "cmp01")
    act(nova, server_id, "os-migrateLive", {"host": "cmp02", "block_migration": "auto"})
    pass_time(model, 4)
    number = nova.get(f"{AT}/{server_id}/migrations", "2.96")["migrations"][0]["id"]
    nova.do("DELETE", f"{AT}/{server_id}/migrations/{number}", version="2.96", status=202)
    pass_time(model, 20)
    found = show(nova, server_id)
    assert (found["status"], found["OS-EXT-SRV-ATTR:host"]) == ("ACTIVE", "cmp01")
    assert not model.placement.claims


def test_a_resize_waits_for_confirmation(model: Cloud, nova: Client) -> None:
    server_id = on(model, "cmp01")
    large = model.compute.flavors_by_name["m1.xlarge"].id
    act(nova, server_id, "resize", {"flavorRef": large})
    pass_time(model, 20)
    found = show(nova, server_id)
    assert (found["status"], found["flavor"]["original_name"]) == ("VERIFY_RESIZE", "m1.xlarge")
    assert found["OS-EXT-SRV-ATTR:host"] != "cmp01"
    act(nova, server_id, "confirmResize", status=204)
    pass_time(model, 5)
    assert show(nova, server_id)["status"] == "ACTIVE"
    assert nova.get("/v2.1/os-migrations", "2.96")["migrations"][0]["status"] == "confirmed"


def test_a_reverted_migration_brings_the_server_back(model: Cloud, nova: Client) -> None:
    server_id = on(model, "cmp01")
    act(nova, server_id, "migrate")
    pass_time(model, 20)
    assert show(nova, server_id)["OS-EXT-SRV-ATTR:host"] != "cmp01"
    act(nova, server_id, "revertResize")
    pass_time(model, 5)
    found = show(nova, server_id)
    assert (found["status"], found["OS-EXT-SRV-ATTR:host"]) == ("ACTIVE", "cmp01")


def test_evacuating_from_a_living_host_is_refused(model: Cloud, nova: Client) -> None:
    refused = act(nova, on(model, "cmp01"), "evacuate", {}, status=400)
    assert refused["badRequest"]["message"] == "Compute service of cmp01 is still in use."


def test_an_evacuation_leaves_an_allocation_behind_until_the_compute_is_back(model: Cloud, nova: Client) -> None:
    placement = Client(model, PLACEMENT)
    server_id = on(model, "cmp03")
    service = model.compute.services.compute("cmp03")
    assert service is not None
    kill(model, "cmp03", "nova_compute")
    nova.do("PUT", f"/v2.1/os-services/{service.id}", {"forced_down": True}, "2.96")
    act(nova, server_id, "evacuate", {"host": "cmp02"}, status=200)
    pass_time(model, 10)
    found = show(nova, server_id)
    assert (found["status"], found["OS-EXT-SRV-ATTR:host"]) == ("SHUTOFF", "cmp02")  # 2.95 and later do not start it
    assert len(placement.get(f"/allocations/{server_id}", "1.39")["allocations"]) == 2
    refused = nova.do("PUT", f"/v2.1/os-services/{service.id}", {"forced_down": False}, "2.96", status=400)
    assert refused["badRequest"]["message"].startswith("Unable to force up host cmp03 as `done` evacuation migration")
    model.hosts.set_unit("cmp03", "nova_compute", "running", model.now())
    model.settle()
    assert len(placement.get(f"/allocations/{server_id}", "1.39")["allocations"]) == 1
    nova.do("PUT", f"/v2.1/os-services/{service.id}", {"forced_down": False}, "2.96")


def test_a_deleted_server_is_gone_and_in_changes_since(model: Cloud, nova: Client) -> None:
    server_id = on(model, "cmp01")
    moment = "2026-11-20T22:40:00Z"
    assert nova.get(f"{AT}/detail?all_tenants=1&changes-since={moment}", "2.96")["servers"] == []
    nova.do("DELETE", f"{AT}/{server_id}", status=204)
    assert show(nova, server_id)["OS-EXT-STS:task_state"] == "deleting"
    pass_time(model, 5)
    nova.get(f"{AT}/{server_id}", "2.96", status=404)
    changed = nova.get(f"{AT}/detail?all_tenants=1&changes-since={moment}", "2.96")["servers"]
    assert [(each["id"], each["status"]) for each in changed] == [(server_id, "DELETED")]
    names = [each["action"] for each in nova.get(f"{AT}/{server_id}/os-instance-actions", "2.96")["instanceActions"]]
    assert names == ["delete", "create"]


def test_a_locked_server_is_its_owners_no_more(model: Cloud, nova: Client) -> None:
    owner = Client(model, NOVA, "web-shop-owner", "web-shop")
    server_id = next(model.compute.servers.of_project(model.tenants[0].project_id)).id
    act(nova, server_id, "lock", {"locked_reason": "audit"})
    assert show(nova, server_id)["locked_reason"] == "audit"
    refused = act(owner, server_id, "os-stop", status=409)
    assert refused["conflictingRequest"]["message"] == f"Instance {server_id} is locked"
    act(nova, server_id, "unlock")
    act(owner, server_id, "os-stop")


def test_a_members_quota_ends(model: Cloud) -> None:
    owner = Client(model, NOVA, "ci-owner", "ci")
    project = model.tenants[2].project_id
    model.compute.quotas[project] = {"instances": 7}
    given = body(model, networks="none")
    refused = owner.do("POST", AT, given, "2.96", status=403)
    count = len(list(model.compute.servers.of_project(project)))
    assert refused["forbidden"]["message"] == (
        f"Quota exceeded for instances: Requested 1, but already used {count} of 7 instances"
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"flavorRef": "nope"}, "Flavor nope could not be found."),
        ({"imageRef": "nope"}, "Invalid imageRef provided."),
        ({"networks": [{"uuid": "nope"}]}, "Network nope could not be found."),
        ({"availability_zone": "moon"}, "The requested availability zone is not available"),
        ({"name": ""}, "Invalid input for field/attribute name."),
        ({"availability_zone": "nova:nope"}, "No valid host was found. No such host - host: nope node: None"),
    ],
)
def test_a_wrong_server_is_refused(model: Cloud, nova: Client, more: dict[str, object], words: str) -> None:
    refused = nova.do("POST", AT, body(model, **more), "2.96", status=400)
    assert refused["badRequest"]["message"].startswith(words)


def test_a_server_on_a_providers_network_needs_a_bridge_to_it(model: Cloud, nova: Client) -> None:
    """Computes have no way outside of their own: Neutron binds the port on none of them."""
    server_id = build(model, nova, networks=[{"uuid": model.network.external_id}])
    pass_time(model, 120)
    found = show(nova, server_id)
    assert found["status"] == "ERROR"
    assert "Binding failed for port" in found["fault"]["message"]
