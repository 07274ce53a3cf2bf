"""Networks: type, segment and what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import registry
from tests.collectors.kinds.recordings import decoded, joined, row, rows, verdict


def test_the_recorded_networks() -> None:
    found: dict[str, Any] = {n.name: n for n in rows("networks", joins=joined("projects"))}  # type: ignore[union-attr]
    net, ext = found["lab-net"], found["lab-ext"]
    assert (net.network_type, net.segmentation_id, net.mtu, net.subnets, net.external) == (
        "vxlan",
        1204,
        1450,
        1,
        False,
    )
    assert (ext.network_type, ext.physical_network, ext.external) == ("flat", "physnet1", True)
    assert net.project == "admin"
    assert verdict(net, "networks") == ("ok", "")


def test_without_the_projects_the_name_is_unknown_and_the_row_is_there() -> None:
    assert [network.project for network in rows("networks")] == [None, None]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "ERROR"}, ("critical", "in error")),
        ({"status": "DOWN"}, ("warning", "down")),
        ({"status": "DOWN", "admin_state_up": False}, ("ok", "administratively down: no traffic on it")),
        ({"status": "ACTIVE"}, ("ok", "")),
        ({}, ("ok", "")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("networks", id="n", **fields), "networks") == expected


def test_an_older_neutron_says_tenant() -> None:
    assert row("networks", id="n", tenant_id="t").project_id == "t"


@pytest.mark.parametrize(
    ("agents", "carried", "health"),
    [
        ({}, None, ("ok", "")),
        ({"a": {"alive": True}}, None, ("ok", "")),
        ({"a": {"alive": True, "configurations": {"bridge_mappings": {"physnet1": "br-ex"}}}}, True, ("ok", "")),
        (
            {"a": {"alive": False, "configurations": {"bridge_mappings": {"physnet1": "br-ex"}}}},
            False,
            ("critical", "no living agent maps physnet1 to a bridge: nothing carries it"),
        ),
        (
            {"a": {"alive": True, "configurations": {"bridge_mappings": {"physnet-1": "br-ex"}}}},
            False,
            ("critical", "no living agent maps physnet1 to a bridge: nothing carries it"),
        ),
    ],
)
def test_whether_an_agent_carries_it(
    agents: dict[str, dict[str, Any]], carried: bool | None, health: tuple[str, str]
) -> None:
    known = {name: row("agents", id=name, **fields) for name, fields in agents.items()}
    found = {"id": "n", "status": "ACTIVE", "provider:physical_network": "physnet1"}
    (made,) = decoded(registry.kind("networks"), [found], joins={"agents": known})
    assert (made.carried, verdict(made, "networks")) == (carried, health)  # type: ignore[union-attr]


def test_overlays_need_no_mapping() -> None:
    known = {"a": row("agents", id="a", alive=True, configurations={"bridge_mappings": {"physnet1": "br-ex"}})}
    (made,) = decoded(registry.kind("networks"), [{"id": "n"}], joins={"agents": known})
    assert made.carried is None  # type: ignore[union-attr]
