"""What each table of Neutron's Open vSwitch bridges is for (neutron-lib, `plugins/ml2/ovs_constants.py`); no kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

INTEGRATION: Final[Mapping[int, str]] = {
    0: "entry: provider VLANs become local ones",
    1: "DVR: to the source's MAC",
    2: "DVR: to the source's MAC, physical",
    3: "DVR: ARP to the destination's MAC",
    4: "DVR: ARP to the destination's MAC, physical",
    23: "canary: gone when ovs-vswitchd restarted",
    24: "ARP spoofing protection",
    25: "MAC spoofing protection",
    30: "local egress",
    31: "local IP addresses",
    58: "packet rate limit",
    59: "bandwidth limit",
    60: "divides what leaves servers from what enters",
    61: "straight to a local MAC",
    62: "egress without firewall",
    71: "leaves a server: its own addresses only",
    72: "leaves a server: security group rules",
    73: "accepted, or on to a server here",
    77: "DHCP answered by the agent",
    78: "DHCPv6 answered by the agent",
    81: "enters a server: what always may",
    82: "enters a server: security group rules",
    91: "accepted egress",
    92: "accepted ingress",
    93: "dropped by the firewall",
    94: "accepted egress, switched as usual",
}
TUNNEL: Final[Mapping[int, str]] = {
    0: "entry: by the port it came from",
    1: "DVR",
    2: "from br-int: known address or flood",
    3: "GRE to local VLAN",
    4: "VXLAN to local VLAN",
    6: "Geneve to local VLAN",
    9: "DVR: not learnt",
    10: "learns where an address is",
    20: "to the host of a known address",
    21: "answers ARP itself",
    22: "floods to all hosts of the network",
    222: "BGP VPN: floods to gateways",
}
PHYSICAL: Final[Mapping[int, str]] = {
    0: "entry",
    1: "DVR",
    2: "local VLAN to the provider's",
    3: "DVR: not learnt",
    80: "metadata: address translation",
    87: "metadata: output",
    90: "metadata: answers ARP",
    91: "metadata: back to the server",
}
_BY_BRIDGE: Final[Mapping[str, Mapping[int, str]]] = {"br-int": INTEGRATION, "br-tun": TUNNEL}


def meaning(bridge: str, table: int) -> str | None:
    """What Neutron uses the table for; other bridges than br-int and br-tun are those of physical networks."""
    return _BY_BRIDGE.get(bridge, PHYSICAL).get(table)
