"""Agents live, die and come back; networks and routers move between them."""

from __future__ import annotations

from typing import Any

import pytest

from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network.agents import DHCP, L3, METADATA, OVS
from tests.simulator.calls import Client
from tests.simulator.neutron.helpers import network_with_subnet, pass_time, refused, start, stop

AT = "/v2.0"


def agents(neutron: Client, **wanted: object) -> list[dict[str, Any]]:
    return [
        row
        for row in neutron.get(f"{AT}/agents")["agents"]
        if all(row[name] == value for name, value in wanted.items())
    ]


def agent(neutron: Client, kind: str, host: str) -> dict[str, Any]:
    return agents(neutron, agent_type=kind, host=host)[0]


def states(neutron: Client, router: str) -> dict[str, str]:
    return {row["host"]: row["ha_state"] for row in neutron.get(f"{AT}/routers/{router}/l3-agents")["agents"]}


def test_who_has_which_agents(neutron: Client) -> None:
    found = {(row["agent_type"], row["host"]) for row in agents(neutron)}
    network_nodes = {(kind, host) for kind in (OVS, DHCP, L3, METADATA) for host in ("net01", "net02")}
    assert found == network_nodes | {(OVS, f"cmp0{number}") for number in range(1, 5)}
    assert all(row["alive"] for row in agents(neutron))


def test_heartbeats_are_half_a_minute_apart(neutron: Client, model: Cloud) -> None:
    beats = set()
    for _ in range(12):
        beats.add(agent(neutron, OVS, "cmp01")["heartbeat_timestamp"])
        pass_time(model, 10)
    assert len(beats) in (4, 5)


def test_a_dead_agent_is_seen_after_75_seconds(neutron: Client, model: Cloud) -> None:
    stop(model, "cmp02", "neutron_openvswitch_agent")
    last = agent(neutron, OVS, "cmp02")["heartbeat_timestamp"]
    pass_time(model, 44)
    assert agent(neutron, OVS, "cmp02")["alive"]
    pass_time(model, 32)
    found = agent(neutron, OVS, "cmp02")
    assert (found["alive"], found["heartbeat_timestamp"]) == (False, last)
    assert [row["host"] for row in agents(neutron, alive=False)] == ["cmp02"]
    assert [row["host"] for row in neutron.get(f"{AT}/agents?alive=False")["agents"]] == ["cmp02"]
    start(model, "cmp02", "neutron_openvswitch_agent")
    pass_time(model, 31)
    assert agent(neutron, OVS, "cmp02")["alive"]
    assert agent(neutron, OVS, "cmp02")["started_at"] > found["started_at"]


def test_without_the_broker_all_agents_die(neutron: Client, model: Cloud) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        stop(model, host, "rabbitmq")
    pass_time(model, 80)
    assert not any(row["alive"] for row in agents(neutron))
    started = {row["id"]: row["started_at"] for row in agents(neutron)}
    for host in ("ctl01", "ctl02", "ctl03"):
        start(model, host, "rabbitmq")
    pass_time(model, 90)
    assert all(row["alive"] for row in agents(neutron))
    assert {row["id"]: row["started_at"] for row in agents(neutron)} == started


def test_a_dead_host_takes_all_of_its_agents(neutron: Client, model: Cloud) -> None:
    model.hosts.power_off("net02", model.now())
    model.settle()
    pass_time(model, 80)
    assert {row["host"] for row in agents(neutron, alive=False)} == {"net02"}
    assert len(agents(neutron, alive=False)) == 4


def test_an_ha_router_is_active_on_one_host(neutron: Client) -> None:
    for router in neutron.get(f"{AT}/routers")["routers"]:
        found = states(neutron, router["id"])
        if router["ha"]:
            assert sorted(found.values()) == ["active", "standby"]
        else:
            assert list(found.values()) == [None]


def test_when_the_active_host_dies_the_other_takes_over(neutron: Client, model: Cloud) -> None:
    router = model.tenants[0].router_id
    before = states(neutron, router)
    active = next(host for host, state in before.items() if state == "active")
    other = next(host for host in before if host != active)
    model.hosts.power_off(active, model.now())
    model.settle()
    assert states(neutron, router)[other] == "standby"
    pass_time(model, 11)
    assert states(neutron, router)[other] == "active"
    gateway = neutron.get(f"{AT}/ports?device_id={router}&device_owner=network:router_gateway")["ports"][0]
    assert gateway["binding:host_id"] == other
    pass_time(model, 80)
    assert states(neutron, router) == {active: "standby", other: "active"}
    model.hosts.boot(active, model.now(), "again")
    model.settle()
    pass_time(model, 60)
    assert states(neutron, router) == {active: "standby", other: "active"}


def test_a_dead_agents_router_is_not_called_active(neutron: Client, model: Cloud) -> None:
    for host in ("net01", "net02"):
        stop(model, host, "neutron_l3_agent")
    pass_time(model, 100)
    found = states(neutron, model.tenants[0].router_id)
    assert sorted(found.values()) == ["standby", "unknown"]


def test_services_of_an_agent_can_be_switched_off(neutron: Client) -> None:
    found = agent(neutron, DHCP, "net01")
    changed = neutron.do(
        "PUT", f"{AT}/agents/{found['id']}", {"agent": {"admin_state_up": False, "description": "to be replaced"}}
    )["agent"]
    assert (changed["admin_state_up"], changed["description"]) == (False, "to be replaced")
    other = agent(neutron, DHCP, "net02")
    neutron.do("PUT", f"{AT}/agents/{other['id']}", {"agent": {"admin_state_up": False}})
    zones = {row["resource"]: row["state"] for row in neutron.get(f"{AT}/availability_zones")["availability_zones"]}
    assert zones == {"network": "unavailable", "router": "available"}
    words = refused(neutron.do("PUT", f"{AT}/agents/{found['id']}", {"agent": {"host": "net03"}}, status=400))
    assert words == ("HTTPBadRequest", "Cannot update read-only attribute host")


def test_a_deleted_agent_comes_back_with_its_next_report(neutron: Client, model: Cloud) -> None:
    found = agent(neutron, METADATA, "net01")
    neutron.do("DELETE", f"{AT}/agents/{found['id']}", status=204)
    assert not agents(neutron, agent_type=METADATA, host="net01")
    pass_time(model, 31)
    again = agent(neutron, METADATA, "net01")
    assert again["id"] != found["id"]
    assert again["alive"]


def test_a_deleted_dead_agent_stays_away(neutron: Client, model: Cloud) -> None:
    stop(model, "net02", "neutron_metadata_agent")
    pass_time(model, 80)
    neutron.do("DELETE", f"{AT}/agents/{agent(neutron, METADATA, 'net02')['id']}", status=204)
    pass_time(model, 600)
    assert not agents(neutron, agent_type=METADATA, host="net02")


def test_networks_move_between_dhcp_agents(neutron: Client, model: Cloud) -> None:
    first, second = (agent(neutron, DHCP, host)["id"] for host in ("net01", "net02"))
    network = model.tenants[0].network_id
    at = f"{AT}/agents/{first}/dhcp-networks"
    assert network in [row["id"] for row in neutron.get(at)["networks"]]
    ports = neutron.get(f"{AT}/ports?network_id={network}&device_owner=network:dhcp")["ports"]
    neutron.do("DELETE", f"{at}/{network}", status=204)
    assert network not in [row["id"] for row in neutron.get(at)["networks"]]
    assert [row["id"] for row in neutron.get(f"{AT}/networks/{network}/dhcp-agents")["agents"]] == [second]
    spare = neutron.get(f"{AT}/ports?network_id={network}&device_id=reserved_dhcp_port")["ports"]
    assert [(row["status"], row["binding:host_id"]) for row in spare] == [("DOWN", "")]
    kind, words = refused(neutron.do("DELETE", f"{at}/{network}", status=409))
    assert (kind, words) == (
        "NetworkNotHostedByDhcpAgent",
        f"The network {network} is not hosted by the DHCP Agent {first}.",
    )
    neutron.do("POST", at, {"network_id": network}, status=201)
    pass_time(model, 3)
    again = neutron.get(f"{AT}/ports?network_id={network}&device_owner=network:dhcp")["ports"]
    assert [row["id"] for row in again] == [row["id"] for row in ports]
    assert {row["status"] for row in again} == {"ACTIVE"}
    kind, words = refused(neutron.do("POST", at, {"network_id": network}, status=409))
    assert (kind, words) == (
        "NetworkHostedByDHCPAgent",
        f"The network {network} has been already hosted by the DHCP Agent {first}.",
    )


def test_a_new_subnet_is_served_by_all_living_dhcp_agents(neutron: Client, model: Cloud) -> None:
    stop(model, "net02", "neutron_dhcp_agent")
    pass_time(model, 80)
    network, _ = network_with_subnet(neutron)
    assert [row["host"] for row in neutron.get(f"{AT}/networks/{network}/dhcp-agents")["agents"]] == ["net01"]
    assert neutron.get(f"{AT}/ports?network_id={network}")["ports"] == []
    pass_time(model, 3)
    ports = neutron.get(f"{AT}/ports?network_id={network}")["ports"]
    assert [(row["device_owner"], row["fixed_ips"][0]["ip_address"]) for row in ports] == [
        ("network:dhcp", "192.168.7.2")
    ]


def test_routers_move_between_l3_agents(neutron: Client, model: Cloud) -> None:
    legacy = next(row for row in neutron.get(f"{AT}/routers")["routers"] if not row["ha"])
    hosts = [row["host"] for row in neutron.get(f"{AT}/routers/{legacy['id']}/l3-agents")["agents"]]
    here = agent(neutron, L3, hosts[0])["id"]
    there = agent(neutron, L3, {"net01": "net02", "net02": "net01"}[hosts[0]])
    kind, words = refused(
        neutron.do("POST", f"{AT}/agents/{there['id']}/l3-routers", {"router_id": legacy["id"]}, status=409)
    )
    assert (kind, words) == (
        "RouterHostedByL3Agent",
        f"The router {legacy['id']} has been already hosted by the L3 Agent {here}.",
    )
    neutron.do("DELETE", f"{AT}/agents/{here}/l3-routers/{legacy['id']}", status=204)
    assert neutron.get(f"{AT}/routers/{legacy['id']}/l3-agents")["agents"] == []
    neutron.do("POST", f"{AT}/agents/{there['id']}/l3-routers", {"router_id": legacy["id"]}, status=201)
    assert legacy["id"] in [row["id"] for row in neutron.get(f"{AT}/agents/{there['id']}/l3-routers")["routers"]]
    ports = neutron.get(f"{AT}/ports?device_id={legacy['id']}")["ports"]
    assert {row["binding:host_id"] for row in ports} == {there["host"]}
    assert neutron.get(f"{AT}/agents/{there['id']}")["agent"]["configurations"]["routers"] == 6


@pytest.mark.parametrize(("kind", "words"), [(OVS, "is not a L3 Agent or has been disabled"), (DHCP, "is not a L3")])
def test_only_l3_agents_take_routers(neutron: Client, model: Cloud, kind: str, words: str) -> None:
    wrong = agent(neutron, kind, "net01")["id"]
    body = {"router_id": model.tenants[0].router_id}
    found = refused(neutron.do("POST", f"{AT}/agents/{wrong}/l3-routers", body, status=404))
    assert found[0] == "InvalidL3Agent"
    assert words in found[1]


def test_what_agents_report_follows_the_model(neutron: Client, model: Cloud) -> None:
    ports = neutron.get(f"{AT}/ports")["ports"]
    for host in ("cmp01", "net01"):
        bound = [row for row in ports if row["binding:host_id"] == host and row["status"] == "ACTIVE"]
        assert agent(neutron, OVS, host)["configurations"]["devices"] == len(bound)
    served = {model.tenants[number].network_id for number in range(len(model.tenants))}
    told = agent(neutron, DHCP, "net01")["configurations"]
    assert (told["networks"], told["subnets"]) == (6, 6)
    assert told["ports"] == sum(row["network_id"] in served for row in ports)
    told = agent(neutron, L3, "net01")["configurations"]
    mine = {row["id"] for row in neutron.get(f"{AT}/agents/{agent(neutron, L3, 'net01')['id']}/l3-routers")["routers"]}
    fips = neutron.get(f"{AT}/floatingips")["floatingips"]
    assert told["routers"] == len(mine)
    assert told["floating_ips"] == sum(row["router_id"] in mine for row in fips)


def test_a_disabled_agent_ends_what_it_runs(neutron: Client, model: Cloud) -> None:
    """Neutron's default; HA routers fail over, and what was served is served again once it is enabled."""
    router = model.tenants[0].router_id
    active = next(host for host, state in states(neutron, router).items() if state == "active")
    l3 = agent(neutron, L3, active)["id"]
    neutron.do("PUT", f"{AT}/agents/{l3}", {"agent": {"admin_state_up": False, "description": "a test"}})
    assert "active" not in states(neutron, router).values()
    pass_time(model, 11)
    assert states(neutron, router)[active] == "standby"
    assert "active" in states(neutron, router).values()
    assert agent(neutron, L3, active)["configurations"]["routers"] == 0


def test_a_dhcp_agent_that_is_enabled_takes_what_has_too_few(neutron: Client, model: Cloud) -> None:
    network, dhcp = model.tenants[0].network_id, agent(neutron, DHCP, "net02")["id"]
    query = f"{AT}/ports?device_owner=network:dhcp&network_id={network}"
    neutron.do("PUT", f"{AT}/agents/{dhcp}", {"agent": {"admin_state_up": False}})
    assert [port["binding:host_id"] for port in neutron.get(query)["ports"]] == ["net01"]
    neutron.do("DELETE", f"{AT}/agents/{dhcp}/dhcp-networks/{network}")
    neutron.do("PUT", f"{AT}/agents/{dhcp}", {"agent": {"admin_state_up": True}})
    pass_time(model, 3)
    found = neutron.get(f"{AT}/networks/{network}/dhcp-agents")["agents"]
    assert sorted(one["host"] for one in found) == ["net01", "net02"]
    assert sorted(port["binding:host_id"] for port in neutron.get(query)["ports"]) == ["net01", "net02"]
