"""Neutron's agents, and what they carry: `sandbox-router` is plain, and both DHCP agents serve every network."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Fault, Passed, Scenario

WHY = {"reason": "kernel update"}
L3_HERE, L3_THERE = ("agent_type=L3 agent", "net01"), ("agent_type=L3 agent", "net02")
DHCP_HERE, DHCP_THERE = ("agent_type=DHCP agent", "net01"), ("agent_type=DHCP agent", "net02")
METADATA = ("agent_type=Metadata agent", "net02")
PLAIN, HA = ("sandbox-router",), ("ci-router",)
NETWORK = ("ci-net",)


def dead(binary: str, host: str) -> tuple[Fault, Passed]:
    """The agent's container was stopped, and Neutron has noticed."""
    return Fault("unit-stopped", {"host": host, "unit": f"neutron_{binary}"}), Passed(150)


DRAINED = Did("agent.drain", DHCP_THERE, WHY)

SCENARIOS = (
    Scenario(
        "agent.disable",
        METADATA,
        WHY,
        closed=(
            Closed("sense", METADATA, WHY, (Did("agent.disable", METADATA, WHY),)),
            Closed("network-work", DHCP_HERE, WHY, (DRAINED,)),
            Closed("one-at-a-time", DHCP_HERE, WHY, dead("dhcp_agent", "net02")),
        ),
        restores=("admin_state_up", "description"),
    ),
    Scenario(
        "agent.enable",
        METADATA,
        before=(Did("agent.disable", METADATA, WHY),),
        closed=(Closed("sense", METADATA),),
        restores=("admin_state_up", "description"),
    ),
    Scenario(
        "agent.restart",
        L3_HERE,
        closed=(Closed("one-at-a-time", L3_HERE, before=dead("l3_agent", "net02")),),
    ),
    Scenario(
        "agent.delete",
        METADATA,
        before=dead("metadata_agent", "net02"),
        closed=(
            Closed("silent", METADATA),
            Closed("unused", DHCP_THERE, before=dead("dhcp_agent", "net02")),
        ),
    ),
    Scenario(
        "agent.drain",
        DHCP_THERE,
        WHY,
        closed=(
            Closed("capacity", DHCP_HERE, WHY, (DRAINED,)),
            Closed("one-at-a-time", DHCP_HERE, WHY, dead("dhcp_agent", "net02")),
            Closed("single", ("agent_type=DHCP agent",), WHY),
        ),
        restores=("admin_state_up", "description"),
    ),
    Scenario(
        "agent.rebalance",
        DHCP_HERE,
        {"most": "3"},
        before=tuple(Did("network.remove-dhcp", (name,), {"from": "net02"}) for name in ("ci-net", "research-net")),
        closed=(Closed("sense", DHCP_HERE), Closed("target-alive", DHCP_THERE, before=(DRAINED,))),
    ),
    Scenario(
        "router.move",
        PLAIN,
        closed=(
            Closed("not-ha", HA),
            Closed("target-alive", PLAIN, {"to": "net03"}),
            Closed("target-alive", PLAIN, before=(*dead("l3_agent", "net01"), *dead("l3_agent", "net02"))),
        ),
        restores=("status",),
    ),
    Scenario(
        "router.failover",
        HA,
        closed=(
            Closed("standby", HA, before=dead("l3_agent", "net01")),
            Closed("one-active", HA, before=(*dead("l3_agent", "net01"), *dead("l3_agent", "net02"))),
            Closed(
                "one-active", ("research-router",), before=(Fault("router-two-active", {"host": "net01"}), Passed(60))
            ),
        ),
        restores=("status",),
    ),
    Scenario(
        "router.disable",
        HA,
        closed=(Closed("sense", HA, before=(Did("router.disable", HA),)),),
        restores=("admin_state_up",),
    ),
    Scenario(
        "router.enable",
        HA,
        before=(Did("router.disable", HA),),
        closed=(Closed("sense", HA),),
        restores=("admin_state_up",),
    ),
    Scenario(
        "network.move-dhcp",
        NETWORK,
        {"from": "net01"},
        before=(Did("network.remove-dhcp", NETWORK, {"from": "net02"}),),
        closed=(
            Closed("target-alive", NETWORK, {"from": "net01"}),
            Closed("target-alive", NETWORK, {"from": "net01", "to": "net02"}),
        ),
    ),
    Scenario(
        "network.add-dhcp",
        NETWORK,
        before=(Did("network.remove-dhcp", NETWORK, {"from": "net01"}),),
        closed=(Closed("target-alive", NETWORK),),
    ),
    Scenario(
        "network.remove-dhcp",
        NETWORK,
        {"from": "net01"},
        closed=(
            Closed("served", NETWORK, {"from": "net01"}, (Did("network.remove-dhcp", NETWORK, {"from": "net02"}),)),
            Closed("served", NETWORK, {"from": "net01"}, dead("dhcp_agent", "net02")),
        ),
    ),
)
