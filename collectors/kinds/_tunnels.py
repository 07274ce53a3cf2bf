"""Which tunnels should be there: two hosts that have ports on the same tunnelled network need one, in both directions.

What is there and what is needed are in the same snapshot of bridge ports: taps name their network, tunnels their ends.
It is found out once for each snapshot, as a site has as many tunnels as hosts squared; no kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

TUNNELS = ("vxlan", "geneve", "gre", "stt", "ip6gre")
DEAD_VLAN = 4095
"""Neutron's agent puts ports there that it has not wired, and those that are administratively down."""


class Rows:
    """The rows of one snapshot, equal to themselves alone: so that what follows from them is found out once."""

    __slots__ = ("rows",)

    def __init__(self, rows: Mapping[str, Any]) -> None:
        self.rows = rows

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and other.rows is self.rows

    def __hash__(self) -> int:
        return id(self.rows)


@lru_cache(maxsize=2)
def hosts_by_end(agents: Rows) -> dict[str, str]:
    """Where a tunnel ends → the host, as its agent told."""
    return {agent.tunneling_ip: agent.host for agent in agents.rows.values() if agent.tunneling_ip}


@lru_cache(maxsize=2)
def lacking(ports: Rows, agents: Rows) -> dict[str, tuple[str, ...]]:
    """Host → the hosts that it shares a network with and has no tunnel to.

    Only hosts whose ends are known count, and that have ports which are wired.
    """
    hosts: dict[str, set[str]] = defaultdict(set)
    networks: dict[str, set[str]] = defaultdict(set)
    leads_to: dict[str, set[str]] = defaultdict(set)
    ends = {host: end for end, host in hosts_by_end(agents).items()}
    for port in ports.rows.values():
        if port.type in TUNNELS and port.remote_ip:
            leads_to[port.host].add(port.remote_ip)
        elif port.network_type in TUNNELS and port.network_id and port.tag != DEAD_VLAN:
            hosts[port.network_id].add(port.host)
            networks[port.host].add(port.network_id)
    found = {}
    for host, own in networks.items():
        others = set().union(*(hosts[network] for network in own)) - {host}
        missing = [other for other in others if other in ends and ends[other] not in leads_to[host]]
        if missing:
            found[host] = tuple(sorted(missing))
    return found
