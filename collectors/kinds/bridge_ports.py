"""What is plugged into the bridges of network and compute hosts: tags, tunnels, link, errors, and which Neutron port.

Open vSwitch says `up` of every tunnel, whatever the other side does, and `down` of its own ports that live in a
namespace: neither means anything. A server's port on VLAN 4095 is one that the agent has cut off or never wired. What
stops a tunnel's packets is no matter of Open vSwitch: a rule of the host's firewall, or a flow below the tunnels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from collectors.health import OK, Health, critical, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import listed, word
from collectors.kinds._tunnels import DEAD_VLAN, TUNNELS, Rows, hosts_by_end
from collectors.request import HostCommands
from collectors.rollup import Worst

NOBODY: Final[Mapping[str, Any]] = {}
"""The agents while they are not known."""


class Stop(msgspec.Struct, gc=False):
    """Something on the host that drops the packets of tunnels: of whom (`any`: of everybody), and what it is."""

    source: str = ""
    by: str = ""


class BridgePortWire(Wire):
    """An interface of a port of Open vSwitch, or a port of a Linux bridge."""

    host: str
    name: str
    engine: str
    bridge: str | None = None
    bond: str | None = None
    bond_mode: str | None = None
    type: str | None = None
    tag: int | None = None
    trunks: list[int] = msgspec.field(default_factory=list)
    vlan_mode: str | None = None
    ofport: int | None = None
    admin_state: str | None = None
    link_state: str | None = None
    error: str | None = None
    mtu: int | None = None
    peer: str | None = None
    remote_ip: str | None = None
    local_ip: str | None = None
    leaves_by: str | None = None
    carrier: str | None = None
    bfd: str | None = None
    port_id: str | None = None
    mac: str | None = None
    network_id: str | None = None
    network_type: str | None = None
    segment: int | None = None
    packets: int | None = None
    errors: int | None = None
    dropped: int | None = None
    spanning_tree: str | None = None
    stopped_by_iptables: list[Stop] | None = None
    stopped_by_nft: list[Stop] | None = None
    stopped_by_flows: list[Stop] | None = None
    """The same in every row of a host."""


class BridgePort(Row, frozen=True):
    """One interface that is plugged into a bridge."""

    id: str
    name: str
    host: str
    bridge: str | None
    switch: str
    engine: str
    type: str | None
    tag: int | None
    trunks: str | None
    vlan_mode: str | None
    link_state: str | None
    admin_state: str | None
    error: str | None
    ofport: int | None
    peer: str | None
    remote_ip: str | None
    local_ip: str | None
    leaves_by: str | None
    carrier: str | None
    bfd: str | None
    peer_host: str | None
    stopped_by: str | None
    port_id: str | None
    mac: str | None
    network_id: str | None
    network_type: str | None
    segment: int | None
    bond: str | None
    bond_mode: str | None
    mtu: int | None
    spanning_tree: str | None
    packets: int | None
    errors: int | None
    dropped: int | None


def _stopped_by(wire: BridgePortWire) -> str | None:
    """What drops that which comes out of this tunnel."""
    if wire.type not in TUNNELS:
        return None
    stops = [*(wire.stopped_by_iptables or ()), *(wire.stopped_by_nft or ()), *(wire.stopped_by_flows or ())]
    return listed(dict.fromkeys(stop.by for stop in stops if stop.source in ("any", wire.remote_ip)))


def _peer_host(wire: BridgePortWire, reading: Reading) -> str | None:
    """The host at the other end, where its agent has told its address."""
    if wire.type not in TUNNELS or wire.remote_ip is None:
        return None
    return hosts_by_end(Rows(reading.joins.get("agents", NOBODY))).get(wire.remote_ip)


def row(wire: BridgePortWire, reading: Reading) -> BridgePort:
    """`switch` is the bridge's id."""
    return BridgePort(
        id=f"{wire.host}/{wire.name}",
        name=word(wire.name) or "",
        host=word(wire.host) or "",
        bridge=word(wire.bridge),
        switch=word(f"{wire.host}/{wire.bridge or ''}") or "",
        engine=word(wire.engine) or "",
        type=word(wire.type),
        tag=wire.tag,
        trunks=listed(wire.trunks),
        vlan_mode=word(wire.vlan_mode),
        link_state=word(wire.link_state),
        admin_state=word(wire.admin_state),
        error=wire.error,
        ofport=wire.ofport,
        peer=word(wire.peer),
        remote_ip=word(wire.remote_ip),
        local_ip=word(wire.local_ip),
        leaves_by=word(wire.leaves_by),
        carrier=word(wire.carrier),
        bfd=word(wire.bfd),
        peer_host=word(_peer_host(wire, reading)),
        stopped_by=word(_stopped_by(wire)),
        port_id=wire.port_id,
        mac=wire.mac,
        network_id=word(wire.network_id),
        network_type=word(wire.network_type),
        segment=wire.segment,
        bond=word(wire.bond),
        bond_mode=word(wire.bond_mode),
        mtu=wire.mtu,
        spanning_tree=word(wire.spanning_tree),
        packets=wire.packets,
        errors=wire.errors,
        dropped=wire.dropped,
    )


def health(port: BridgePort, now: float) -> Health:
    """Cut off, broken or without a link is critical, each with whose port it is."""
    found = sorted(_complaints(port), key=lambda complaint: complaint.rank)
    if not found:
        return OK
    level = found[0].level
    return Health(level, "; ".join(complaint.reason for complaint in found if complaint.level == level))


def _complaints(port: BridgePort) -> Iterator[Health]:
    whose = f" (port {port.port_id})" if port.port_id else ""
    if port.tag == DEAD_VLAN:
        yield critical(f"on the dead VLAN {DEAD_VLAN}: its agent has cut it off{whose}")
    if port.error is not None and "No such device" in port.error:
        yield warning(f"its device is gone: what used it has ended, or died{whose}")
    elif port.error is not None:
        yield critical(f"{port.error}{whose}")
    elif port.ofport == -1:
        yield critical(f"Open vSwitch could not plug it in{whose}")
    if port.type in TUNNELS and port.carrier == "down":
        yield critical(f"tunnel to {port.remote_ip}: {port.leaves_by}, by which it leaves, has no carrier")
    if port.stopped_by is not None:
        other = port.peer_host or port.remote_ip
        yield critical(f"cut: what {other} sends through this tunnel is dropped here, by {port.stopped_by}")
    if port.bfd is not None and port.bfd != "up":
        yield critical(f"tunnel to {port.remote_ip}: the other side is not heard (BFD {port.bfd})")
    if port.type == "system" and port.link_state == "down" and port.error is None:
        yield warning(f"link down: its guest is off or hangs{whose}") if port.port_id else critical("link down")
    if port.spanning_tree == "blocking":
        yield warning("blocked by the spanning tree")


KIND = Kind(
    name="bridge-ports",
    title="Bridge ports",
    aliases=("bridge-port", "ovs-ports", "taps"),
    about="one row per interface in a bridge: VLAN tag, tunnel, link, error, its Neutron port",
    system="network",
    scope=Scope("host", roles=("network", "compute")),
    read=HostCommands(
        ("ovs-ports", "linux-bridge-ports", "tunnel-stops-iptables", "tunnel-stops-nft", "tunnel-stops-flows")
    ),
    wire=BridgePortWire,
    row=row,
    fields=BridgePort,
    columns=(
        Column("name", "PORT", "name", 1),
        Column("host", "HOST", "ref", 1),
        Column("bridge", "BRIDGE", "ref", 2),
        Column("type", "TYPE", "text", 3, help="system, internal, patch, vxlan, …"),
        Column("tag", "TAG", "number", 2, help=f"the local VLAN of a network on this host; {DEAD_VLAN} is cut off"),
        Column("link_state", "LINK", "status", 3, help="always up for tunnels, down for ports in a namespace"),
        Column("remote_ip", "TO", "text", 3, help="the other end of a tunnel"),
        Column("port_id", "NEUTRON PORT", "ref", 4),
        Column("peer", "PATCHED TO", "text", 4, help="the port of another bridge at the other end of a patch"),
        Column("error", "ERROR", "text", 4),
        Column("ofport", "OFPORT", "number", 5, help="its number in flows; -1: not plugged in"),
        Column("network_type", "NETWORK TYPE", "text", 6, wide=True),
        Column("segment", "SEGMENT", "number", 6, wide=True, help="VXLAN or VLAN number of its network"),
        Column("network_id", "NETWORK ID", "ref", 6, wide=True),
        Column("mac", "MAC", "text", 6, wide=True, help="of the server, router or DHCP port"),
        Column("mtu", "MTU", "number", 6, wide=True),
        Column("trunks", "TRUNKS", "text", 6, wide=True),
        Column("vlan_mode", "VLAN MODE", "status", 7, wide=True),
        Column("admin_state", "ADMIN", "status", 7, wide=True),
        Column("local_ip", "FROM", "text", 7, wide=True, help="this end of a tunnel"),
        Column("leaves_by", "LEAVES BY", "text", 7, wide=True, help="the interface that a tunnel goes out by"),
        Column("carrier", "CARRIER", "status", 7, wide=True, help="of the interface that a tunnel goes out by"),
        Column("bfd", "BFD", "status", 7, wide=True, help="whether the other end of a tunnel is heard"),
        Column("peer_host", "TO HOST", "ref", 6, wide=True, joined=True, help="the host at a tunnel's other end"),
        Column("stopped_by", "STOPPED BY", "text", 5, help="what drops here that which comes out of a tunnel"),
        Column("bond", "BOND", "text", 7, wide=True),
        Column("bond_mode", "BOND MODE", "text", 7, wide=True),
        Column("spanning_tree", "SPANNING TREE", "status", 7, wide=True, help="of a Linux bridge's port"),
        Column("engine", "ENGINE", "text", 7, wide=True, help="openvswitch or linux"),
        Column("packets", "PACKETS", "number", 7, wide=True),
        Column("errors", "ERRORS", "number", 7, wide=True),
        Column("dropped", "DROPPED", "number", 7, wide=True),
        Column("switch", "SWITCH", "ref", 8, wide=True, help="the bridge's id"),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("host", "bridge", "name"),
    health=health,
    rollup=Worst("ports of bridges", "well", none="ok"),
    detail=True,
    links=(
        Link("ports", "id", "port_id", "its Neutron port"),
        Link("bridges", "id", "switch", "its bridge"),
        Link("interfaces", "id", "id", "its interface"),
        Link("networks", "id", "network_id", "its network"),
        Link("hosts", "name", "host", "its host"),
    ),
    joins=("agents",),
    judged_with=("agents",),
    element="{name}@{host}",
    server_filters={"host": "host"},
    period=30.0,
    list_command="ovs-vsctl show",
    show_command="ssh {host} ovs-vsctl list Interface {name}",
)
