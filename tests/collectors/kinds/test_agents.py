"""Network agents: alive, dead with what hangs on them, disabled, silent, just started."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import row, rows, verdict


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
