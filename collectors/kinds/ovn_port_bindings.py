"""OVN's port bindings: on which chassis each logical port is, where Neutron wants it, and whether it is up there.

A port without a host to be on is plugged in nowhere, and rightly bound to nothing. One that is wanted on a host and
claimed by none, or claimed and not up, is what a server waits for in vain when it starts.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import joined_name, listed, word
from collectors.request import Ovn
from collectors.rollup import Count

GATEWAY: Final = "chassisredirect"
RUNNING: Final = "ACTIVE"
"""Nova's status of a server whose interfaces exist."""
EVERYWHERE: Final = ("patch", "localnet", "localport", "vtep", "remote")
"""Types that belong to no single chassis."""


class BindingWire(Wire):
    """Port_Binding, with names in place of references."""

    port: str
    type: str = "vif"
    name: str | None = None
    device_id: str | None = None
    device_owner: str | None = None
    datapath: str | None = None
    datapath_name: str | None = None
    of: str | None = None
    of_id: str | None = None
    host: str | None = None
    further: list[str] | None = None
    wanted: list[str] | None = None
    missing: list[str] | None = None
    up: bool | None = None
    tunnel_key: int | None = None
    addresses: list[str] | None = None
    peer: str | None = None
    parent: str | None = None


class PortBinding(Row, frozen=True):
    """One port binding."""

    port: str
    name: str | None
    type: str
    host: str | None
    wanted: str | None
    missing: str | None
    up: bool | None
    further: str | None
    network: str | None
    of: str | None
    of_id: str | None
    datapath: str | None
    addresses: str | None
    device_id: str | None
    device_owner: str | None
    server: str | None
    server_status: str | None
    tunnel_key: int | None
    peer: str | None
    parent: str | None


def row(wire: BindingWire, reading: Reading) -> PortBinding:
    """Lists become text; the datapath is a network or a router of Neutron's."""
    kind = "networks" if wire.of == "switch" else "routers"
    return PortBinding(
        port=wire.port,
        name=wire.name or None,
        type=word(wire.type) or "vif",
        host=word(wire.host),
        wanted=word(listed(wire.wanted)),
        missing=word(listed(wire.missing)),
        up=None if wire.type in EVERYWHERE else wire.up,
        further=word(listed(wire.further)),
        network=word(joined_name(reading, kind, wire.of_id) or wire.datapath_name or wire.datapath),
        of=word(wire.of),
        of_id=word(wire.of_id),
        datapath=word(wire.datapath),
        addresses=listed(wire.addresses),
        device_id=word(wire.device_id),
        device_owner=word(wire.device_owner),
        server=joined_name(reading, "servers", wire.device_id),
        server_status=getattr(reading.joins.get("servers", {}).get(wire.device_id or ""), "status", None),
        tunnel_key=wire.tunnel_key,
        peer=wire.peer,
        parent=wire.parent,
    )


def health(binding: PortBinding, now: float) -> Health:
    """Only what is to be on one chassis can be wrong there."""
    if binding.type in EVERYWHERE:
        return OK
    if binding.type == GATEWAY:
        return OK if binding.host else critical("no chassis serves this gateway: nothing goes in or out")
    if binding.host is None:
        if binding.missing:
            return critical(f"wanted on {binding.missing}, which is no chassis")
        return _unclaimed(binding)
    if binding.up is False:
        return critical(f"claimed by {binding.host} and not up: its flows are not there")
    if binding.wanted and binding.host not in binding.wanted.split(", "):
        return warning(f"on {binding.host}, wanted on {binding.wanted}")
    return OK


def _unclaimed(binding: PortBinding) -> Health:
    """Rightly so while the server is off."""
    if not binding.wanted:
        return ok("plugged in nowhere")
    if binding.server_status == RUNNING:
        return critical(f"its server runs on {binding.wanted}, whose ovn-controller has not claimed it")
    if binding.server_status:
        return ok(f"its server is {binding.server_status}")
    return warning(f"wanted on {binding.wanted}, claimed by nobody: is its server off, or ovn-controller there?")


KIND = Kind(
    name="ovn-port-bindings",
    title="OVN port bindings",
    aliases=("port-bindings",),
    about="one row per logical port of OVN: the chassis it is on, the one it is wanted on, up or not",
    system="network",
    optional=True,
    read=Ovn("port-bindings"),
    wire=BindingWire,
    row=row,
    fields=PortBinding,
    key="port",
    name_field="port",
    columns=(
        Column("port", "PORT", "id", 2, help="of a port of Neutron's, its id there"),
        Column("name", "NAME", "name", 3),
        Column("type", "TYPE", "text", 1, help="vif: a server's; chassisredirect: the gateway of a router"),
        Column("host", "HOST", "ref", 1, help="whose chassis has claimed it"),
        Column("wanted", "WANTED ON", "text", 2, help="requested-chassis: where Neutron wants it"),
        Column("up", "UP", "flag", 1, help="its flows are on its host; said of what is on one host"),
        Column("network", "NETWORK", "ref", 2, joined=True, help="or router, of which it is a port"),
        Column("addresses", "ADDRESSES", "text", 4),
        Column("device_owner", "OWNER", "text", 5),
        Column("server", "SERVER", "ref", 4, joined=True),
        Column("server_status", "SERVER STATUS", "status", 5, joined=True, help="Nova's word"),
        Column("device_id", "DEVICE", "ref", 6, wide=True),
        Column("tunnel_key", "KEY", "number", 6, wide=True, help="its number within its network"),
        Column("further", "ALSO ON", "text", 6, wide=True, help="hosts that have it besides, during a migration"),
        Column("missing", "NO CHASSIS", "text", 6, wide=True, help="hosts it is wanted on that are no chassis"),
        Column("peer", "PEER", "text", 6, wide=True),
        Column("parent", "PARENT", "text", 6, wide=True, help="of a port of a trunk, or of a virtual one"),
        Column("of", "OF", "text", 7, wide=True, help="switch or router"),
        Column("of_id", "OF ID", "ref", 7, wide=True, help="the network's or router's id in Neutron"),
        Column("datapath", "DATAPATH", "text", 7, wide=True),
    ),
    sort=("network", "type", "port"),
    health=health,
    rollup=Count("port bindings"),
    links=(
        Link("ports", "id", "port", "the port in Neutron", when="type=vif"),
        Link("servers", "id", "device_id", "its server", when="type=vif"),
        Link("networks", "id", "of_id", "its network", when="of=switch"),
        Link("routers", "id", "of_id", "its router", when="of=router"),
        Link("ovn-chassis", "host", "host", "the chassis it is on"),
        Link("hosts", "name", "host", "the host it is on"),
    ),
    joins=("networks", "routers", "servers"),
    judged_with=("servers",),
    period=30.0,
    deadline=60.0,
    list_command="ovn-sbctl list Port_Binding",
    show_command="ovn-sbctl find Port_Binding logical_port={port}",
)
