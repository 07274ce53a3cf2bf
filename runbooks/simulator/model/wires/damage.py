"""What is broken in the hosts' network: kept apart from what follows from Neutron, so that it can be taken back.

Much of it is mended by the agent's next start, as agents make everything anew then; so each carries its moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Damage:
    """Each by host, with the moment at which it happened where an agent's start mends it."""

    dead_taps: dict[tuple[str, str], float] = field(default_factory=dict)
    """(host, port's id): on VLAN 4095."""
    flows_gone: dict[tuple[str, str], float] = field(default_factory=dict)
    """(host, bridge)."""
    frozen_dhcp: dict[str, float] = field(default_factory=dict)
    """Hosts whose dnsmasq processes are stopped by a signal."""
    nat_gone: dict[str, float] = field(default_factory=dict)
    """Hosts whose routers have no DNAT rule any more."""
    narrow: dict[tuple[str, str], int] = field(default_factory=dict)
    """(host, interface) → its MTU."""
    slaves_down: set[tuple[str, str]] = field(default_factory=set)
    """(host, interface of a bond): without carrier."""
    off: set[tuple[str, str]] = field(default_factory=set)
    """(host, interface): switched off by hand (`ip link set … down`)."""
    cut: set[tuple[str, str]] = field(default_factory=set)
    """(host, peer): the host drops what comes out of tunnels from the peer."""
    second_active: dict[str, set[str]] = field(default_factory=dict)
    """Router → hosts on which it is active besides the one that was elected."""
    mapped_as: dict[str, str] = field(default_factory=dict)
    """Host → what its switch agent's configuration calls the network outside."""
    other_secret: dict[str, list[tuple[float, float | None]]] = field(default_factory=dict)
    """Host → from when till when (None: still) its metadata agent signed with another secret than Nova's."""
    rewritten: dict[tuple[str, str], float] = field(default_factory=dict)
    """(host, path of a configuration file) → when it was last written."""
    left_over: set[tuple[str, str]] = field(default_factory=set)
    """(host, namespace) that no agent made, or that its agent no longer knows."""
    removed: dict[tuple[str, str], float] = field(default_factory=dict)
    """(host, namespace): an agent's, deleted by hand."""
