"""What agents carry, and which agents carry one thing, as the lab's Neutron told it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import joined, row, rows, verdict


def test_the_routers_of_an_agent() -> None:
    (plain,) = rows("agent-routers", joins=joined("projects"))
    (shared,) = rows("agent-routers", "network/agents_ID_l3-routers_ha")
    found: Any = plain
    assert (found.name, found.ha, found.external_ips, found.project) == ("lab-router", False, "10.66.0.120", "admin")
    assert found.agent == "the-parent"
    assert (shared.ha, shared.status) == (True, "ACTIVE")  # type: ignore[union-attr]
    assert verdict(found, "agent-routers") == ("ok", "")


def test_the_networks_of_an_agent() -> None:
    found: dict[str, Any] = {each.name: each for each in rows("agent-networks")}  # type: ignore[union-attr]
    assert {name: network.external for name, network in found.items()} == {"lab-ext": True, "lab-net": False}
    assert found["lab-net"].subnets == 1
    assert found["lab-net"].agent == "the-parent"


def test_the_agents_of_an_ha_router() -> None:
    found: dict[str, Any] = {each.host: each for each in rows("router-agents")}  # type: ignore[union-attr]
    assert {host: agent.ha_state for host, agent in found.items()} == {"net01": "standby", "net02": "active"}
    assert (found["net02"].mode, found["net02"].alive, found["net02"].router) == ("legacy", True, "the-parent")
    assert verdict(found["net02"], "router-agents") == ("ok", "active")


def test_the_agents_of_a_network() -> None:
    found: list[Any] = list(rows("dhcp-agents"))
    assert sorted(agent.host for agent in found) == ["net01", "net02"]
    assert {agent.network for agent in found} == {"the-parent"}
    assert {verdict(agent, "dhcp-agents") for agent in found} == {("ok", "")}


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("router-agents", {"alive": False}, ("critical", "dead")),
        (
            "router-agents",
            {"alive": False, "ha_state": "standby"},
            ("warning", "dead; standby when it was last heard"),
        ),
        ("router-agents", {"admin_state_up": False}, ("warning", "its agent is disabled: it runs no routers")),
        (
            "dhcp-agents",
            {"alive": False},
            ("critical", "dead: its dnsmasq answers with what it knew, if at all"),
        ),
        ("dhcp-agents", {"admin_state_up": False}, ("warning", "its agent is disabled: it serves no networks")),
        ("agent-routers", {"status": "ERROR"}, ("critical", "in error")),
        ("agent-routers", {"status": "DOWN"}, ("warning", "down")),
        ("agent-routers", {"admin_state_up": False}, ("ok", "administratively down: it forwards nothing")),
        ("agent-networks", {"status": "ERROR"}, ("critical", "in error")),
        ("agent-networks", {"status": "DOWN"}, ("warning", "down")),
        ("agent-networks", {"admin_state_up": False}, ("ok", "administratively down: no traffic on it")),
    ],
)
def test_health(kind: str, fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row(kind, id="1", **fields), kind) == expected
