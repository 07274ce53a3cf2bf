"""Network interfaces of the machines, in the host's own namespace: state, MTU, addresses, peers, bonds, errors.

What looks down and is not: Open vSwitch's own ports (`br-int`, `ovs-netdev`), a bridge without ports, a card that
nobody uses. A card that carries addresses, a bond or a bridge and has no carrier is down indeed.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import listed, percent, word
from collectors.request import HostCommands
from collectors.rollup import Worst

TUNNELLED = ("vxlan", "geneve", "gre")
OVERHEAD = 50
"""Bytes that VXLAN over IPv4 adds to a frame of the servers' networks."""
FAULTY, FAULTY_SHARE = 100, 0.1
"""Errors since the interface was made, and percent of its packets, from which on somebody should look."""
NOBODY = "00:00:00:00:00:00"
"""The partner of a bond to which no switch has spoken."""
SWITCH = ("tap", "openvswitch")
"""What Open vSwitch's own ports are to the kernel: of the userspace and of the kernel datapath."""


class InterfaceWire(Wire):
    """One interface, as `ip -d -s addr` tells it."""

    host: str
    name: str
    index: int | None = None
    flags: list[str] | None = None
    state: str | None = None
    mtu: int | None = None
    mac: str | None = None
    loopback: bool = False
    kind: str | None = None
    master: str | None = None
    promiscuity: int | None = None
    below: str | None = None
    below_index: int | None = None
    namespace_number: int | None = None
    peer_namespace: str | None = None
    addresses: list[str] = msgspec.field(default_factory=list)
    vlan: int | None = None
    bond_mode: str | None = None
    active_slave: str | None = None
    slave_state: str | None = None
    mii_status: str | None = None
    members: list[str] | None = None
    members_down: list[str] | None = None
    members_apart: list[str] | None = None
    lacp_partner: str | None = None
    lacp_trouble: str | None = None
    failures: int | None = None
    received: int | None = None
    sent: int | None = None
    packets: int | None = None
    errors: int | None = None
    dropped: int | None = None
    tunnel_addresses: list[str] | None = None


class Interface(Row, frozen=True):
    """One interface of one host."""

    id: str
    name: str
    host: str
    kind: str | None
    state: str | None
    admin_up: bool | None
    carrier: bool | None
    mtu: int | None
    mac: str | None
    addresses: str | None
    master: str | None
    peer: str | None
    peer_namespace: str | None
    vlan: int | None
    bond_mode: str | None
    active_slave: str | None
    slave_state: str | None
    mii_status: str | None
    members: str | None
    members_down: str | None
    members_apart: str | None
    lacp_partner: str | None
    lacp_trouble: str | None
    failures: int | None
    used: bool
    carries_tunnels: bool | None
    needs_mtu: int | None
    errors: int | None
    error_share: float | None
    dropped: int | None
    received: int | None
    sent: int | None
    index: int | None


def _kind(wire: InterfaceWire) -> str | None:
    return word("loopback" if wire.loopback else wire.kind or ("ethernet" if wire.mac else None))


def _peer(wire: InterfaceWire) -> str | None:
    """The other end of a veth, or what lies below a VLAN: by name here, by number in another namespace."""
    if wire.below is not None:
        return word(wire.below)
    return None if wire.below_index is None else f"#{wire.below_index}"


def _needed(reading: Reading) -> int | None:
    """The MTU that tunnels need so that the widest of the servers' networks fits; None while they are not known."""
    networks = reading.joins.get("networks", {}).values()
    widths = [network.mtu for network in networks if network.network_type in TUNNELLED and network.mtu]
    return max(widths) + OVERHEAD if widths else None


def row(wire: InterfaceWire, reading: Reading) -> Interface:
    """An interface is used when it has an address, a master, or somebody listens to all of its traffic."""
    flags = wire.flags
    wide = [address for address in wire.addresses if not address.startswith("fe80:")]
    ends = None
    if wire.tunnel_addresses is not None:
        ends = any(address.partition("/")[0] in wire.tunnel_addresses for address in wire.addresses)
    up = None if flags is None else "UP" in flags
    return Interface(
        id=f"{wire.host}/{wire.name}",
        name=word(wire.name) or "",
        host=word(wire.host) or "",
        kind=_kind(wire),
        state=word(wire.state),
        admin_up=up,
        carrier=("LOWER_UP" in flags) if flags is not None and up else None,
        mtu=wire.mtu,
        mac=wire.mac,
        addresses=listed(wire.addresses),
        master=word(wire.master),
        peer=_peer(wire),
        peer_namespace=word(wire.peer_namespace),
        vlan=wire.vlan,
        bond_mode=word(wire.bond_mode),
        active_slave=word(wire.active_slave),
        slave_state=word(wire.slave_state),
        mii_status=word(wire.mii_status),
        members=listed(wire.members) if wire.members else None,
        members_down=listed(wire.members_down) if wire.members_down else None,
        members_apart=listed(wire.members_apart) if wire.members_apart else None,
        lacp_partner=word(wire.lacp_partner) if wire.lacp_partner != NOBODY else "none",
        lacp_trouble=wire.lacp_trouble,
        failures=wire.failures,
        used=bool(wide or wire.master or wire.promiscuity),
        carries_tunnels=ends,
        needs_mtu=_needed(reading) if ends else None,
        errors=wire.errors,
        error_share=percent(wire.errors, wire.packets),
        dropped=wire.dropped,
        received=wire.received,
        sent=wire.sent,
        index=wire.index,
    )


def health(interface: Interface, now: float) -> Health:
    """No carrier where it is needed is critical; a lost slave of a bond, errors and too small an MTU are warnings."""
    if interface.admin_up is None:
        return unknown("its flags are missing")
    if not interface.admin_up:
        return _switched_off(interface)
    found = sorted(_complaints(interface), key=lambda complaint: complaint.rank)
    if not found:
        return OK
    level = found[0].level
    return Health(level, "; ".join(complaint.reason for complaint in found if complaint.level == level))


def _switched_off(interface: Interface) -> Health:
    if interface.kind in SWITCH or interface.name.startswith(("ovs-", "br-")):
        return ok("down, as ports of Open vSwitch's own are")
    if interface.used and interface.master:
        return warning(f"switched off, though it belongs to {interface.master}")
    return ok("switched off")


def _complaints(interface: Interface) -> Iterator[Health]:
    if not interface.carrier:
        yield _without_carrier(interface)
    if interface.mii_status is not None and interface.mii_status.upper() != "UP" and interface.carrier:
        yield warning(f"{interface.master} does not use it: its link is {interface.mii_status}")
    yield from _of_bonds(interface)
    if interface.needs_mtu is not None and interface.mtu is not None and interface.mtu < interface.needs_mtu:
        yield warning(
            f"carries tunnels with an MTU of {interface.mtu}: full packets of the servers need {interface.needs_mtu}"
        )
    if (interface.errors or 0) >= FAULTY and (interface.error_share or 0.0) >= FAULTY_SHARE:
        yield warning(f"{interface.errors:,} errors, {interface.error_share} % of its packets")


def _of_bonds(interface: Interface) -> Iterator[Health]:
    """A bond or team that has lost some of its interfaces still works, and nobody notices until it has lost all."""
    members = (interface.members or "").split(", ")
    if interface.carrier and interface.kind in ("bond", "team"):
        down = (interface.members_down or "").split(", ") if interface.members_down else []
        if down:
            left = len(members) - len(down)
            yield warning(f"runs on {left} of {len(members)} interfaces: {interface.members_down} down")
        if interface.lacp_partner == "none":
            yield warning("no switch answers its LACP: are its ports a channel there?")
        elif interface.members_apart:
            yield warning(f"{interface.members_apart}: in another channel of the switch, so it is not used")
    if interface.carrier and interface.lacp_trouble is not None:
        yield warning(f"{interface.master} does not use it: {interface.lacp_trouble}")


def _without_carrier(interface: Interface) -> Health:
    if interface.slave_state is not None:
        return warning(f"no carrier: {interface.master} runs without it")
    if interface.kind == "bridge":
        return ok("no carrier: nothing is plugged into it")
    if interface.kind == "veth" and interface.used:
        return critical("no carrier: its other end is down")
    if interface.used:
        return critical("no carrier: cable, switch port or peer is down")
    return ok("no carrier, and nobody uses it")


KIND = Kind(
    name="interfaces",
    title="Interfaces",
    aliases=("interface", "nics", "nic"),
    about="one row per network interface of a host: state, MTU, addresses, bond, peer, errors",
    system="hosts",
    scope=Scope("host"),
    read=HostCommands(("links", "namespace-numbers", "tunnel-addresses")),
    wire=InterfaceWire,
    row=row,
    fields=Interface,
    columns=(
        Column("name", "INTERFACE", "name", 1),
        Column("host", "HOST", "ref", 1),
        Column("state", "STATE", "status", 2, help="the kernel's word; UNKNOWN is usual where there is no cable"),
        Column("kind", "KIND", "text", 3, help="ethernet, veth, vxlan, bond, vlan, tap, …"),
        Column("mtu", "MTU", "number", 2),
        Column("addresses", "ADDRESSES", "text", 3),
        Column("master", "MASTER", "ref", 4, help="the bridge or bond that it belongs to"),
        Column("peer", "PEER", "text", 4, help="other end or what is below; #N is an index in another namespace"),
        Column("peer_namespace", "PEER IN", "ref", 5, help="the namespace of the other end, where it has a name"),
        Column("errors", "ERRORS", "number", 4, help="received and sent, since the interface was made"),
        Column("dropped", "DROPPED", "number", 5),
        Column("mac", "MAC", "text", 6),
        Column("vlan", "VLAN", "number", 6, wide=True, help="of a vlan or vxlan interface: its number"),
        Column("bond_mode", "BOND MODE", "text", 6, wide=True),
        Column("active_slave", "ACTIVE SLAVE", "text", 6, wide=True, help="of a bond that uses one at a time"),
        Column("slave_state", "SLAVE STATE", "status", 6, wide=True, help="of a bond's interface: ACTIVE or BACKUP"),
        Column("mii_status", "MII STATUS", "status", 6, wide=True, help="what the bond thinks of its link"),
        Column("members", "MEMBERS", "text", 4, help="of a bond, team or bridge: the interfaces that belong to it"),
        Column("members_down", "DOWN", "text", 5, wide=True, help="its members that carry nothing now"),
        Column("members_apart", "APART", "text", 7, wide=True, help="its members that the switch bundles elsewhere"),
        Column("lacp_partner", "LACP PARTNER", "text", 6, wide=True, help="MAC of the switch, or none"),
        Column("lacp_trouble", "LACP TROUBLE", "text", 7, wide=True, help="of a member, as the switch sees it"),
        Column("failures", "LINK FAILURES", "number", 6, wide=True, help="of a member, since it joined"),
        Column("admin_up", "UP", "flag", 6, wide=True, help="switched on"),
        Column("carrier", "CARRIER", "flag", 6, wide=True, help="something answers at the other end"),
        Column("used", "USED", "flag", 7, wide=True, help="has an address, a master, or is read by a switch"),
        Column("carries_tunnels", "TUNNELS", "flag", 7, wide=True, help="Open vSwitch's tunnels begin at its address"),
        Column("needs_mtu", "NEEDS MTU", "number", 7, wide=True, joined=True, help="so that full packets fit"),
        Column("error_share", "ERRORS %", "percent", 7, wide=True),
        Column("received", "RECEIVED", "bytes", 7, wide=True),
        Column("sent", "SENT", "bytes", 7, wide=True),
        Column("index", "INDEX", "number", 8, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("host", "index"),
    health=health,
    rollup=Worst("interfaces", "well"),
    detail=True,
    links=(Link("hosts", "name", "host", "its host"),),
    joins=("networks",),
    judged_with=("networks",),
    element="{name}@{host}",
    server_filters={"host": "host"},
    period=30.0,
    list_command="ip -j -d -s addr",
    show_command="ssh {host} ip -d -s addr show dev {name}",
)
