"""iptables in the namespaces of routers and DHCP servers, with Neutron's chains as its agents name them.

A floating address is three rules in the table nat; where they are missing, packets for it end at the router.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runbooks.simulator.model.network.routers import GATEWAY, HA_PORT
from runbooks.simulator.model.wires.links import floating_of
from runbooks.simulator.model.wires.namespaces import Namespace, device, translates

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud


@dataclass(frozen=True, slots=True)
class Table:
    """One table: chains with their policy, rules with the packets that they have matched."""

    name: str
    chains: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, int], ...]


_BUILT_IN = {
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "raw": ("PREROUTING", "OUTPUT"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
}


def own(cloud: Cloud, host: str) -> list[Table]:
    """The host's own rules: none, but what somebody has put there."""
    peers = sorted(peer for where, peer in cloud.damage.cut if where == host)
    if not peers:
        return []
    chains = tuple((chain, "ACCEPT") for chain in _BUILT_IN["filter"])
    drops = [
        (f"-A INPUT -s {cloud.hosts[peer].machine.tunnel}/32 -p udp -m udp --dport 4789 -j DROP", 240) for peer in peers
    ]
    return [Table("filter", chains, tuple(drops))]


def tables(cloud: Cloud, host: str, namespace: Namespace) -> list[Table]:
    """All tables of a namespace, in the order of `iptables-save`; OVN's metadata needs none."""
    if namespace.kind == "metadata":
        return []
    agent = "neutron-dhcp-age" if namespace.kind == "dhcp" else "neutron-l3-agent"
    found = []
    for name, built_in in _BUILT_IN.items():
        own = [f"{agent}-{chain}" for chain in built_in if not (name == "nat" and chain == "INPUT")]
        rules = [(f"-A {chain} -j {agent}-{chain}", 0) for chain in built_in if f"{agent}-{chain}" in own]
        if name == "nat" and namespace.kind == "router":
            own += [f"{agent}-float-snat", f"{agent}-snat", "neutron-postrouting-bottom"]
            rules += [("-A POSTROUTING -j neutron-postrouting-bottom", 0), *_nat(cloud, host, namespace, agent)]
        if name == "filter" and namespace.kind == "router":
            rules += [
                (f"-A {agent}-INPUT -m mark --mark 0x1/0xffff -j ACCEPT", 0),
                (f"-A {agent}-INPUT -p tcp -m tcp --dport 9697 -j DROP", 0),
            ]
        if name == "mangle" and namespace.kind == "dhcp":
            rules.append((f"-A {agent}-POSTROUTING -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill", 0))
        chains = (*((chain, "ACCEPT") for chain in built_in), *((chain, "-") for chain in sorted(own)))
        found.append(Table(name, chains, tuple(rules)))
    return found


def _nat(cloud: Cloud, host: str, namespace: Namespace, agent: str) -> list[tuple[str, int]]:
    gateway = next((port for port in namespace.ports if port.device_owner == GATEWAY), None)
    rules = [
        (
            f"-A {agent}-PREROUTING -d 169.254.169.254/32 -i qr-+ -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 9697",
            12,
        )
    ]
    if gateway is None or not gateway.fixed_ips:
        return rules
    busy = 40 if namespace.active else 0
    outside, address = device(gateway), gateway.fixed_ips[0][1]
    rules.append((f"-A {agent}-POSTROUTING ! -o {outside} -m conntrack ! --ctstate DNAT -j ACCEPT", busy))
    for floating, fixed in floating_of(cloud, namespace.of):
        if translates(cloud, host):
            rules += [
                (f"-A {agent}-OUTPUT -d {floating}/32 -j DNAT --to-destination {fixed}", 0),
                (f"-A {agent}-PREROUTING -d {floating}/32 -j DNAT --to-destination {fixed}", busy),
            ]
        rules += [
            (f"-A {agent}-float-snat -s {fixed}/32 -j SNAT --to-source {floating} --random-fully", busy),
        ]
    if any(port.device_owner != HA_PORT for port in namespace.ports):
        rules += [
            (f"-A {agent}-snat -j {agent}-float-snat", busy),
            (f"-A {agent}-snat -o {outside} -j SNAT --to-source {address} --random-fully", busy),
            (
                f"-A {agent}-snat -m mark ! --mark 0x2/0xffff -m conntrack --ctstate DNAT -j SNAT "
                f"--to-source {address} --random-fully",
                0,
            ),
            ('-A neutron-postrouting-bottom -m comment --comment "Perform source NAT on outgoing traffic." '
             f"-j {agent}-snat", busy),
        ]  # fmt: skip
    return rules
