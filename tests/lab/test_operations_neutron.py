"""Operations on Neutron's agents, on the real ones; what they did is read with the openstack command, then undone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lab.operating import Operating
from tests.lab.real import RealLab, until

pytestmark = pytest.mark.lab

CLIENT = str(Path(sys.executable).with_name("openstack"))
NETWORK, ROUTER = "private", "router"


def told(lab: RealLab, *words: str) -> Any:
    """What `openstack` says."""
    command = [CLIENT, *words, "-f", "json"]
    done = subprocess.run(command, env=lab.environment(), capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def agent(lab: RealLab, binary: str, host: str) -> str:
    listed = told(lab, "network", "agent", "list", "--host", host)
    return str(next(row["ID"] for row in listed if row["Binary"] == binary))


def serving(lab: RealLab) -> set[str]:
    return {row["Host"] for row in told(lab, "network", "agent", "list", "--network", NETWORK)}


def active(lab: RealLab) -> list[str]:
    listed = told(lab, "network", "agent", "list", "--router", ROUTER, "--long")
    return [row["Host"] for row in listed if row["HA State"] == "active"]


def test_an_agent_is_switched_off_and_on(lab: RealLab, operating: Operating) -> None:
    identity = agent(lab, "neutron-dhcp-agent", "net02")
    before = told(lab, "network", "agent", "show", identity)
    done = operating.do("agent.disable", identity, reason="a test")
    now = told(lab, "network", "agent", "show", identity)
    assert (before["admin_state_up"], now["admin_state_up"], now["description"]) == (True, False, "a test")
    operating.undo(done)
    again = told(lab, "network", "agent", "show", identity)
    assert (again["admin_state_up"], again["description"] or None) == (True, before["description"] or None)


def test_a_network_moves_to_another_agent_and_back(lab: RealLab, operating: Operating) -> None:
    assert serving(lab) == {"net01", "net02"}
    relieved = operating.do("network.remove-dhcp", NETWORK, **{"from": "net02"})
    assert serving(lab) == {"net01"}
    moved = operating.do("network.move-dhcp", NETWORK, **{"from": "net01", "to": "net02"})
    assert serving(lab) == {"net02"}
    operating.undo(moved)
    assert serving(lab) == {"net01"}
    operating.undo(relieved)
    assert serving(lab) == {"net01", "net02"}


def test_a_drained_agent_carries_nothing(lab: RealLab, operating: Operating) -> None:
    identity = agent(lab, "neutron-dhcp-agent", "net02")
    had = {row["Name"] for row in told(lab, "network", "list", "--agent", identity)}
    done = operating.do("agent.drain", identity, reason="a test")
    assert told(lab, "network", "list", "--agent", identity) == []
    assert serving(lab) == {"net01"}
    operating.undo(done)
    for name in sorted(had - {row["Name"] for row in told(lab, "network", "list", "--agent", identity)}):
        operating.do("network.add-dhcp", name, to="net02")  # Neutron itself gives back what has DHCP
    assert {row["Name"] for row in told(lab, "network", "list", "--agent", identity)} == had


def settled(lab: RealLab) -> str:
    """Where the router is active; agents that Neutron has an old word of (a change that it missed) say it anew."""
    if len(active(lab)) != 1:
        for host in ("net01", "net02"):
            lab.on(host, "systemctl", "restart", "neutron-l3-agent")
    (host,) = until(lambda: active(lab), lambda found: len(found) == 1, 180)
    return str(host)


@pytest.mark.timeout(600)
def test_an_ha_router_fails_over(lab: RealLab, operating: Operating) -> None:
    old = settled(lab)
    done = operating.do("router.failover", ROUTER)
    (new,) = active(lab)
    assert new != old
    operating.undo(done)
    assert until(lambda: active(lab), lambda found: found == [old]) == [old]


def test_a_restarted_agent_has_a_later_start(lab: RealLab, operating: Operating) -> None:
    identity = agent(lab, "neutron-metadata-agent", "net02")
    before = told(lab, "network", "agent", "show", identity)["started_at"]
    operating.do("agent.restart", identity)
    assert told(lab, "network", "agent", "show", identity)["started_at"] > before
