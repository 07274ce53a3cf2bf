"""What L3 and DHCP agents carry, who could take it, and the calls that give and take it. No operation of its own.

Neutron gives a router or a network to an agent by POST below the agent, and takes it by DELETE. A plain router is on
one agent at a time: between the two calls it forwards nothing. A network may be on several, so it is given first.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import msgspec

from collectors.call import RestCall, path
from collectors.errors import UsageError
from runbooks.cloud import Cloud
from runbooks.expect import Expect
from runbooks.operation import Step

L3: Final = "L3 agent"
DHCP: Final = "DHCP agent"
LISTS: Final = {L3: "agent-routers", DHCP: "agent-networks"}
"""Agent type → the kind that lists what one of them has."""
AT_ONCE: Final = 8
"""Agents whose lists are read side by side."""
READY: Final = 120.0
"""Seconds in which an agent has set up what it was given."""


def is_able(agent: Any) -> bool:
    """It reports, and is given work."""
    return bool(agent.alive) and agent.admin_state_up is not False


def peers(cloud: Cloud, agent: Any) -> list[Any]:
    """The other agents of its type and zone that could take its work."""
    return [
        other
        for other in cloud.rows("agents", agent_type=agent.agent_type)
        if other.id != agent.id and other.availability_zone == agent.availability_zone and is_able(other)
    ]


def carried(cloud: Cloud, agents: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """Agent's id → id of each router or network that it has → its row. Raises `SourceError`."""

    def one(agent: Any) -> dict[str, Any]:
        snapshot = cloud.snapshot(LISTS[agent.agent_type], parent=agent.id)
        if snapshot.errors:
            raise snapshot.errors[0]
        return {row.id: row for row in cloud.rows(LISTS[agent.agent_type], parent=agent.id)}

    with ThreadPoolExecutor(AT_ONCE, "agents") as pool:
        return dict(zip((agent.id for agent in agents), pool.map(one, agents), strict=True))


class Burden(msgspec.Struct, frozen=True):
    """What an agent carries, seen by what becomes of it when the agent goes. Rows."""

    alone: tuple[Any, ...]
    """Plain routers, and networks with DHCP that no other able agent serves: they stop."""
    shared: tuple[Any, ...]
    """Networks that another able agent serves too, or that need no DHCP."""
    ha: tuple[Any, ...]
    """HA routers that another able agent has too: they fail over."""
    stranded: tuple[Any, ...]
    """HA routers that no other able agent has."""

    @property
    def stops(self) -> list[str]:
        """Names of what would stop with the agent."""
        return [str(row.name or row.id) for row in (*self.alone, *self.stranded)]


def burden(cloud: Cloud, agent: Any) -> Burden:
    """What the agent carries. Raises `SourceError`."""
    if agent.agent_type not in LISTS:
        return Burden((), (), (), ())
    mine = carried(cloud, [agent])[agent.id]
    if not mine:
        return Burden((), (), (), ())
    elsewhere = {item for items in carried(cloud, peers(cloud, agent)).values() for item in items}
    rows = sorted(mine.values(), key=lambda row: (str(row.name), row.id))
    if agent.agent_type == DHCP:
        needing = with_dhcp(cloud)
        alone = tuple(row for row in rows if row.id in needing and row.id not in elsewhere)
        return Burden(alone, tuple(row for row in rows if row not in alone), (), ())
    return Burden(
        tuple(row for row in rows if not row.ha),
        (),
        tuple(row for row in rows if row.ha and row.id in elsewhere),
        tuple(row for row in rows if row.ha and row.id not in elsewhere),
    )


def with_dhcp(cloud: Cloud) -> set[str]:
    """The networks that have a subnet with DHCP."""
    return {row.network_id for row in cloud.rows("subnets") if row.enable_dhcp}


def agent_named(cloud: Cloud, agent_type: str, word: str) -> Any:
    """The agent of that type that a host's name or an id means. Raises `UsageError`."""
    found = [row for row in cloud.rows("agents", agent_type=agent_type) if word in (row.id, row.host)]
    if len(found) == 1:
        return found[0]
    hosts = ", ".join(sorted(row.host for row in cloud.rows("agents", agent_type=agent_type)))
    raise UsageError(f"no {agent_type} is “{word[:60]}”", f"say a host or an agent's id: {hosts or 'there is none'}")


# -- calls ------------------------------------------------------------------------------------------------------------


def give_router(router: Any, agent: Any) -> Step:
    """Give a router to an L3 agent, and see its gateway bound there."""
    seen = None
    if router.external_network_id and router.ha is False:
        asked = (("device_id", router.id), ("device_owner", "network:router_gateway"))
        seen = Expect("ports", where=f"host={agent.host}", sent=asked)
    return _give("router", router, agent, seen)


def take_router(router: Any, agent: Any) -> Step:
    """Take a router from an L3 agent."""
    return _take("router", router, agent)


def give_network(network: Any, agent: Any, dhcp: bool) -> Step:
    """Give a network to a DHCP agent, and see it serve there, if the network has DHCP at all."""
    seen = None
    if dhcp:
        asked = (("network_id", network.id), ("device_owner", "network:dhcp"))
        seen = Expect("ports", where=f"host={agent.host} status=ACTIVE", sent=asked)
    return _give("network", network, agent, seen)


def take_network(network: Any, agent: Any) -> Step:
    """Take a network from a DHCP agent."""
    return _take("network", network, agent)


_AGENT_OF = {"router": "l3", "network": "dhcp"}
"""What is given → the kind of agent that takes it, as paths and options call it."""


def _give(what: str, item: Any, agent: Any, seen: Expect | None) -> Step:
    """`seen` proves that it serves there; else that the agent has it is all that can be told."""
    has = Expect(f"agent-{what}s", item.id, parent=agent.id)
    return Step(
        f"give {what} {item.name or item.id} to {agent.host}",
        RestCall("network", "POST", path(f"/agents/{{}}/{_AGENT_OF[what]}-{what}s", agent.id), {f"{what}_id": item.id}),
        f"openstack network agent add {what} --{_AGENT_OF[what]} {agent.id} {item.id}",
        seen or has,
        READY,
        unless=has,
    )


def _take(what: str, item: Any, agent: Any) -> Step:
    gone = Expect(f"agent-{what}s", item.id, absent=True, parent=agent.id)
    return Step(
        f"take {what} {item.name or item.id} from {agent.host}",
        RestCall("network", "DELETE", path(f"/agents/{{}}/{_AGENT_OF[what]}-{what}s/{{}}", agent.id, item.id)),
        f"openstack network agent remove {what} --{_AGENT_OF[what]} {agent.id} {item.id}",
        gone,
        unless=gone,
    )
