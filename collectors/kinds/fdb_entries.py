"""Which addresses one bridge has heard behind which port: Open vSwitch's MAC table, or a Linux bridge's.

Read only for the bridge that is opened. An address that moves between a server's port and the uplink is a loop, or a
second machine with that address; one that is not there has not been heard for five minutes.
"""

from __future__ import annotations

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import word
from collectors.request import HostCommands
from collectors.rollup import Count


class FdbEntryWire(Wire):
    """One line of `ovs-appctl fdb/show`, or of `bridge fdb`."""

    host: str
    bridge: str
    mac: str
    port: str | None = None
    ofport: str | None = None
    vlan: int | None = None
    age: int | None = None
    static: bool = False
    remote_ip: str | None = None


class FdbEntry(Row, frozen=True):
    """One address."""

    id: str
    mac: str
    port: str | None
    vlan: int | None
    age: int | None
    static: bool
    remote_ip: str | None
    ofport: str | None
    host: str
    bridge: str
    switch: str


def row(wire: FdbEntryWire, reading: Reading) -> FdbEntry:
    """The same address may be known in several VLANs, and behind several remote ends."""
    place = "/".join(str(part) for part in (wire.vlan, wire.mac, wire.port, wire.remote_ip) if part is not None)
    return FdbEntry(
        id=place,
        mac=wire.mac,
        port=word(wire.port),
        vlan=wire.vlan,
        age=wire.age,
        static=wire.static,
        remote_ip=wire.remote_ip,
        ofport=word(wire.ofport),
        host=word(wire.host) or "",
        bridge=word(wire.bridge) or "",
        switch=word(f"{wire.host}/{wire.bridge}") or "",
    )


def health(entry: FdbEntry, now: float) -> Health:
    """What was heard was heard."""
    return OK


KIND = Kind(
    name="fdb-entries",
    title="Forwarding entries",
    aliases=("fdb-entry", "fdb", "mac-table"),
    about="one row per MAC address that a bridge has heard: behind which port, in which VLAN, how long ago",
    system="network",
    scope=Scope("parent", parent="bridges", parameter="bridge"),
    read=HostCommands(
        ("ovs-fdb bridge={parent}", "ovs-port-names bridge={parent}", "linux-fdb bridge={parent}"),
    ),
    wire=FdbEntryWire,
    row=row,
    fields=FdbEntry,
    name_field="mac",
    columns=(
        Column("mac", "MAC", "name", 1),
        Column("port", "PORT", "ref", 1, help="the bridge's port behind which it was heard"),
        Column("vlan", "VLAN", "number", 2, help="the local VLAN of a network on this host"),
        Column("age", "HEARD", "duration", 2, help="how long ago; forgotten after five minutes"),
        Column("remote_ip", "BEHIND", "text", 3, help="the other end of a VXLAN of a Linux bridge"),
        Column("static", "STATIC", "flag", 5, help="put there, not heard"),
        Column("ofport", "OFPORT", "text", 6, wide=True),
        Column("host", "HOST", "ref", 8, wide=True),
        Column("bridge", "BRIDGE", "ref", 8, wide=True),
        Column("switch", "SWITCH", "ref", 8, wide=True, help="the bridge's id"),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("vlan", "mac"),
    health=health,
    rollup=Count("addresses"),
    links=(
        Link("ports", "mac_address", "mac", "its Neutron port"),
        Link("bridges", "id", "switch", "its bridge"),
        Link("hosts", "name", "host", "its host"),
    ),
    period=30.0,
    list_command="ovs-appctl fdb/show",
    show_command="ssh {host} ovs-appctl fdb/show {bridge}",
)
