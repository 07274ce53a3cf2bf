"""Network agents: alive, dead with what hangs on them, disabled, silent, just started."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import registry
from tests.collectors.kinds.recordings import decoded, row, rows, verdict


def by_place(fixture: str = "") -> dict[str, Any]:
    """The recorded agents by type and host."""
    return {f"{a.agent_type} {a.host}": a for a in rows("agents", fixture)}  # type: ignore[union-attr]


def test_the_recorded_agents() -> None:
    found = by_place()
    assert len(found) == 7
    l3 = found["L3 agent net01"]
    assert (l3.binary, l3.mode, l3.carries, l3.alive, l3.availability_zone) == (
        "neutron-l3-agent", "legacy", "1 router", True, "nova",
    )  # fmt: skip
    assert l3.heartbeat_timestamp == 1795215885.0
    assert found["DHCP agent net01"].carries == "1 network, 5 ports"
    assert found["Open vSwitch agent net01"].carries is None  # its `devices` (3) are as old as its last full sync
    assert found["Open vSwitch agent cmp02"].tunneling_ip == "10.66.0.12"
    assert found["Metadata agent net01"].carries is None
    assert {verdict(agent, "agents")[0] for agent in found.values()} == {"ok"}
    assert verdict(found["Open vSwitch agent cmp03"], "agents") == ("ok", "started 30 s ago")


def test_a_killed_agent_is_dead() -> None:
    found = by_place("faults/agent-killed-agents")
    now = 1795215990.0
    assert verdict(found["Open vSwitch agent cmp03"], "agents", now) == (
        "critical",
        "no heartbeat for 1 min",
    )
    assert verdict(found["Open vSwitch agent cmp02"], "agents", now) == ("ok", "")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("unknown", "Neutron does not say whether it is alive")),
        ({"alive": False}, ("critical", "never heard")),
        (
            {
                "alive": False,
                "heartbeat_timestamp": "2026-11-20 23:02:00",
                "configurations": {"routers": 14, "floating_ips": 3},
            },
            ("critical", "no heartbeat for 3 min; 14 routers, 3 floating IPs on it"),
        ),
        (
            {"alive": False, "agent_type": "Linux bridge agent", "configurations": {"devices": 2}},
            ("critical", "never heard; 2 ports on it"),
        ),
        ({"alive": False, "admin_state_up": False}, ("warning", "never heard; disabled, no reason given")),
        ({"alive": True, "admin_state_up": False}, ("warning", "disabled, no reason given")),
        (
            {"alive": True, "admin_state_up": False, "description": "drained for RAM swap"},
            ("ok", "disabled: drained for RAM swap"),
        ),
        (
            {"alive": True, "heartbeat_timestamp": "2026-11-20 22:45:00"},
            ("unknown", "alive, says Neutron, but no heartbeat for 20 min"),
        ),
        ({"alive": True, "resources_synced": False}, ("warning", "its resources have not reached Placement")),
        ({"alive": True, "started_at": "2026-11-20 23:04:20"}, ("ok", "started 40 s ago")),
        ({"alive": True, "started_at": "2026-11-20 22:00:00"}, ("ok", "")),
        ({"alive": True, "heartbeat_timestamp": "2026-11-20 23:04:50.123000+00:00"}, ("ok", "")),
    ],
)
def test_health(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("agents", id="a", **fields), "agents") == expected


def test_agents_of_ovn_report_nothing_themselves() -> None:
    """Their heartbeat is always the moment of the question, so that it says nothing of a dead one."""
    told = {"agent_type": "OVN Controller agent", "binary": "ovn-controller", "host": "cmp01", "id": "cmp01",
            "heartbeat_timestamp": "2026-11-20 23:05:00", "admin_state_up": True}  # fmt: skip
    assert verdict(row("agents", alive=True, **told), "agents") == ("ok", "")
    assert verdict(row("agents", alive=False, **told), "agents") == (
        "critical",
        "dead, says Neutron: it does not follow OVN's southbound database",
    )


def agents(**mapped: dict[str, str]) -> dict[str, Any]:
    """Switch agents by host, each with its mappings, as they were read the last time."""
    return {
        host: row("agents", id=host, host=host, agent_type="Open vSwitch agent", alive=True,
                  configurations={"bridge_mappings": names})
        for host, names in mapped.items()
    }  # fmt: skip


def told(host: str, known: dict[str, Any], *physical: str, names: dict[str, str] | None = None) -> Any:
    """The row of one of them, beside the others and networks on these physical networks."""
    networks = {name: row("networks", id=name, **{"provider:physical_network": name}) for name in physical}
    found = {"id": host, "host": host, "agent_type": "Open vSwitch agent", "alive": True,
             "configurations": {"bridge_mappings": names or {}}}  # fmt: skip
    (made,) = decoded(registry.kind("agents"), [found], joins={"agents": known, "networks": networks})
    return made


def test_a_bridge_that_others_call_something_else() -> None:
    wrong = {"physnet-1": "br-ex"}
    known = agents(net01={"physnet1": "br-ex"}, net02=wrong)
    found = told("net02", known, "physnet1", names=wrong)
    assert (found.mappings, found.mapped_otherwise) == (
        "physnet-1:br-ex", "br-ex is physnet-1 here, physnet1 elsewhere",
    )  # fmt: skip
    assert verdict(found, "agents") == (
        "warning", "br-ex is physnet-1 here, physnet1 elsewhere; no network is on the first",
    )  # fmt: skip
    right = told("net01", known, "physnet1", names={"physnet1": "br-ex"})
    assert (right.mapped_otherwise, verdict(right, "agents")) == (None, ("ok", ""))


@pytest.mark.parametrize(
    ("others", "mine", "physical"),
    [
        ({"physnet1": "br-ex"}, {"physnet2": "br-ex"}, ("physnet1", "physnet2")),  # two racks, two networks
        ({"physnet1": "br-ex"}, {"physnet2": "br-two"}, ("physnet1",)),  # another bridge, not used yet
        ({"physnet1": "br-ex"}, {"physnet2": "br-ex"}, ()),  # no network is on either
        ({}, {"physnet2": "br-ex"}, ("physnet1",)),
        ({"physnet1": "br-ex"}, {}, ("physnet1",)),  # a host without a way outside
    ],
)
def test_mappings_that_differ_and_are_right(
    others: dict[str, str], mine: dict[str, str], physical: tuple[str, ...]
) -> None:
    assert told("net02", agents(net01=others, net02=mine), *physical, names=mine).mapped_otherwise is None


def test_mappings_of_other_agents() -> None:
    def mappings(**report: Any) -> str | None:
        made = row("agents", id="a", configurations=report)
        return made.mappings  # type: ignore[no-any-return]

    assert mappings(interface_mappings={"physnet1": "eth1"}) == "physnet1:eth1"
    assert mappings(device_mappings={"physnet2": ["ens1f0", "ens1f1"]}) == "physnet2:ens1f0, physnet2:ens1f1"
    assert mappings(**{"bridge-mappings": "physnet1:br-ex,physnet2:br-two"}) == "physnet1:br-ex, physnet2:br-two"
    assert mappings(**{"bridge-mappings": ""}) is None
    assert mappings() is None
