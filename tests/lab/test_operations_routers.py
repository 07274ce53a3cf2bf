"""Routers, agents and namespaces on the real Neutron: moved, switched off and on, spread, made anew; and undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.openstack_client import Client
from tests.lab.operating import Operating
from tests.lab.real import RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
NAME = "nephoscope-routers"
HOSTS = ("net01", "net02")


@pytest.fixture(scope="module")
def router(client: Client) -> Iterator[str]:
    """A router of our own that is on one host only, with a gateway; its id."""
    made = str(client.json("router", "create", "--no-ha", "--external-gateway", "public", NAME)["id"])
    try:
        until(lambda: on(client, made), lambda hosts: len(hosts) == 1, 60)
        yield made
    finally:
        client.tried("router", "unset", "--external-gateway", made)
        client.tried("router", "delete", made)


def on(client: Client, router: str) -> list[str]:
    """Hosts of the agents that have it."""
    return [row["Host"] for row in client.json("network", "agent", "list", "--router", router)]


def test_a_router_moves_to_the_other_host_and_back(
    lab: RealLab, client: Client, operating: Operating, router: str
) -> None:
    (before,) = on(client, router)
    (other,) = set(HOSTS) - {before}
    done = operating.do("router.move", router, to=other)
    assert on(client, router) == [other]
    assert f"qrouter-{router}" in lab.on(other, "ip", "netns", "list")
    operating.undo(done)
    assert on(client, router) == [before]


def test_a_router_is_switched_off_and_on(client: Client, operating: Operating, router: str) -> None:
    done = operating.do("router.disable", router)
    assert client.json("router", "show", router)["admin_state_up"] is False
    operating.undo(done)
    assert client.json("router", "show", router)["admin_state_up"] is True


def test_its_namespace_is_made_anew(lab: RealLab, client: Client, operating: Operating, router: str) -> None:
    """Somebody removed its gateway's route: the agent, started again, puts it back."""
    (host,) = on(client, router)
    space = f"qrouter-{router}"
    until(lambda: lab.on(host, f"ip netns exec {space} ip route", check=False), lambda said: "default" in said, 60)
    lab.on(host, f"ip netns exec {space} ip route delete default")
    operating.do("namespace.resync", f"{host}/{space}")
    until(lambda: lab.on(host, f"ip netns exec {space} ip route", check=False), lambda said: "default" in said, 60)


def test_routers_are_spread(client: Client, operating: Operating, router: str) -> None:
    """All routers that are on one host only sit on the same one; some move."""
    more = [str(client.json("router", "create", "--no-ha", f"{NAME}-{n}")["id"]) for n in range(3)]
    try:
        agents = {row["Host"]: row["ID"] for row in client.json("network", "agent", "list", "--agent-type", "l3")}
        for each in (router, *more):
            until(lambda each=each: on(client, each), lambda hosts: len(hosts) <= 1)  # type: ignore[misc]
            for host in on(client, each):
                if host != "net01":
                    client("network", "agent", "remove", "router", "--l3", agents[host], each)
            if on(client, each) != ["net01"]:
                client("network", "agent", "add", "router", "--l3", agents["net01"], each)
        operating.do("agent.rebalance", agents["net01"])
        counts = {host: sum(on(client, each) == [host] for each in (router, *more)) for host in HOSTS}
        assert counts == {"net01": 2, "net02": 2}
    finally:
        for each in more:
            client.tried("router", "delete", each)


@pytest.mark.long
def test_a_dead_agents_record_is_deleted_and_comes_back(lab: RealLab, client: Client, operating: Operating) -> None:
    """Stopped long enough, its record may go; started again it registers itself."""

    def agent() -> list[bool]:
        listed = client.json("network", "agent", "list", "--host", "cmp03")
        return [row["Alive"] for row in listed if row["Binary"] == "neutron-openvswitch-agent"]

    (found,) = [
        row["ID"]
        for row in client.json("network", "agent", "list", "--host", "cmp03")
        if row["Binary"] == "neutron-openvswitch-agent"
    ]
    assert {guard.name for guard in operating.plan("agent.delete", [found]).closed} >= {"silent"}
    with lab.broken("agent-dead", host="cmp03", binary="neutron-openvswitch-agent"):
        until(agent, lambda alive: alive == [False], 150)
        plan = operating.plan("agent.delete", [found])
        if not plan.closed:
            operating.do("agent.delete", found)
            assert agent() == []
        else:
            assert {guard.name for guard in plan.closed} == {"unused"}, "servers have ports there"
    until(agent, lambda alive: alive == [True], 90)
