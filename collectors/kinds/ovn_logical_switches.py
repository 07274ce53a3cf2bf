"""OVN's logical switches: one for each of Neutron's networks, whether northd has made a datapath of it, who is plugged.

Neutron calls it `neutron-` and the network's id; its tunnel key in the southbound database is there once northd has
taken it over.
"""

from __future__ import annotations

from collectors.health import OK, Health, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import joined_name, listed, word
from collectors.request import Ovn
from collectors.rollup import Count


class SwitchWire(Wire):
    """Logical_Switch with counts of its ports, and the tunnel key of its Datapath_Binding."""

    id: str
    name: str | None = None
    network: str | None = None
    network_id: str | None = None
    mtu: int | None = None
    revision: int | None = None
    ports: int | None = None
    server_ports: int | None = None
    wanted: int | None = None
    wanted_up: int | None = None
    router_ports: int | None = None
    physical: list[str] | None = None
    tunnel_key: int | None = None


class LogicalSwitch(Row, frozen=True):
    """One logical switch."""

    id: str
    name: str
    network: str | None
    network_id: str | None
    tunnel_key: int | None
    ports: int | None
    server_ports: int | None
    not_up: int | None
    router_ports: int | None
    physical: str | None
    mtu: int | None
    revision: int | None


def row(wire: SwitchWire, reading: Reading) -> LogicalSwitch:
    """The network's name is Neutron's own, else the one that OVN was told."""
    not_up = None if wire.wanted is None or wire.wanted_up is None else wire.wanted - wire.wanted_up
    return LogicalSwitch(
        id=wire.id,
        name=wire.name or "",
        network=joined_name(reading, "networks", wire.network_id) or wire.network,
        network_id=word(wire.network_id),
        tunnel_key=wire.tunnel_key,
        ports=wire.ports,
        server_ports=wire.server_ports,
        not_up=not_up,
        router_ports=wire.router_ports,
        physical=word(listed(wire.physical)),
        mtu=wire.mtu,
        revision=wire.revision,
    )


def health(switch: LogicalSwitch, now: float) -> Health:
    """Without a datapath nothing of it is on any host."""
    if switch.tunnel_key is None:
        return warning("northd has made no datapath of it: nothing of it is on any host")
    if switch.not_up:
        return ok(f"{switch.not_up} of {switch.server_ports} ports of servers not up: are those off?")
    return OK


KIND = Kind(
    name="ovn-logical-switches",
    title="OVN switches",
    aliases=("ovn-switches", "logical-switches"),
    about="one row per logical switch of OVN: its network in Neutron, tunnel key, ports, those that are not up",
    system="network",
    optional=True,
    read=Ovn("logical-switches"),
    wire=SwitchWire,
    row=row,
    fields=LogicalSwitch,
    name_field="network",
    columns=(
        Column("network", "NETWORK", "name", 1, joined=True),
        Column("tunnel_key", "KEY", "number", 1, help="of its datapath; none: northd has not taken it over"),
        Column("ports", "PORTS", "number", 1),
        Column("server_ports", "SERVERS", "number", 2, help="ports of servers"),
        Column("not_up", "NOT UP", "number", 2, help="ports of servers wanted on a host and not up there"),
        Column("router_ports", "ROUTERS", "number", 3, help="ports of routers"),
        Column("physical", "PHYSICAL", "text", 3, help="physical networks that it goes out to"),
        Column("mtu", "MTU", "number", 5),
        Column("revision", "REVISION", "number", 6, wide=True, help="of the network in Neutron, when OVN was told"),
        Column("name", "SWITCH", "text", 4),
        Column("network_id", "NETWORK ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 6, wide=True),
    ),
    sort=("network",),
    health=health,
    rollup=Count("logical switches"),
    links=(
        Link("ovn-port-bindings", "of_id", "network_id", "its ports in OVN"),
        Link("networks", "id", "network_id", "its network in Neutron"),
        Link("ports", "network_id", "network_id", "its ports in Neutron"),
    ),
    joins=("networks",),
    period=30.0,
    deadline=30.0,
    list_command="ovn-nbctl show",
    show_command="ovn-nbctl show {name}",
)
