"""The chassis of OVN: hosts whose ovn-controller wires ports, whether it follows, and what is bound there.

There is no heartbeat: the configuration is counted up (`nb_cfg`, by Neutron when somebody looks at its agents), and
every ovn-controller writes down up to where it has followed. A graceful stop removes the chassis, a crash leaves it; so
does a host that came back under another name, and then both claim its ports.
"""

from __future__ import annotations

from typing import Any, Final

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Wire
from collectors.kinds._shared import listed, word
from collectors.request import Ovn
from collectors.rollup import Share
from collectors.values import age

DOWN: Final = 75.0
"""Seconds after which Neutron calls an agent dead (`agent_down_time`)."""
TAKING_OVER: Final = 10.0
"""Seconds that an ovn-controller may take for a change."""


class ChassisWire(Wire):
    """Chassis, Chassis_Private and Encap of one chassis; `left`: only its Chassis_Private is there."""

    name: str
    hostname: str | None = None
    encaps: list[str] | None = None
    addresses: list[str] | None = None
    nb_cfg: int | None = None
    wanted: int | None = None
    updated: float | None = None
    counted: float | None = None
    gateway: bool = False
    mappings: str | None = None
    datapath: str | None = None
    zones: list[str] | None = None
    ports: int | None = None
    gateway_ports: int | None = None
    newer: list[str] | None = None
    left: bool = False


class OvnChassis(Row, frozen=True):
    """One chassis."""

    name: str
    host: str
    role: str
    nb_cfg: int | None
    wanted: int | None
    behind: int | None
    updated: float | None
    counted: float | None
    ports: int | None
    gateway_ports: int | None
    agent_alive: bool | None
    encaps: str | None
    addresses: str | None
    mappings: str | None
    datapath: str | None
    zones: str | None
    newer: str | None
    left: bool


def row(wire: ChassisWire, reading: Reading) -> OvnChassis:
    """Lists become text; Neutron's agent is the row with the chassis's name as its id."""
    agent: Any = reading.joins.get("agents", {}).get(wire.name)
    behind = None if wire.wanted is None or wire.nb_cfg is None else max(wire.wanted - wire.nb_cfg, 0)
    return OvnChassis(
        name=wire.name,
        host=word(wire.hostname) or wire.name,
        role="gateway" if wire.gateway else "host",
        nb_cfg=wire.nb_cfg,
        wanted=wire.wanted,
        behind=behind,
        updated=wire.updated,
        counted=wire.counted,
        ports=wire.ports,
        gateway_ports=wire.gateway_ports,
        agent_alive=getattr(agent, "alive", None),
        encaps=word(listed(wire.encaps)),
        addresses=word(listed(wire.addresses)),
        mappings=word(wire.mappings),
        datapath=word(wire.datapath),
        zones=word(listed(wire.zones)),
        newer=word(listed(wire.newer)),
        left=wire.left,
    )


def health(chassis: OvnChassis, now: float) -> Health:
    """One that does not follow is dead; what is wired there stays, nothing new comes up."""
    if chassis.left:
        return warning("left over: its chassis is gone, only Chassis_Private is there; Neutron shows a dead agent")
    if chassis.newer:
        return warning(f"stale: {chassis.host} has come back as {chassis.newer}; delete this chassis")
    if chassis.behind is None:
        return unknown("whether it follows is not known")
    if silent := _silent(chassis, now):
        carried = _carried(chassis)
        return critical(f"its ovn-controller has not followed for {age(silent)}{carried}")
    if not chassis.encaps:
        return warning("has no tunnel end: it reaches no other host")
    return OK


def _silent(chassis: OvnChassis, now: float) -> float:
    """Seconds since it should have followed; 0 when it may yet.

    It lags by one for a moment whenever the configuration is counted up, also after hours without; by more than that it
    has missed an earlier one, of which only its own time tells.
    """
    waited = None if chassis.counted is None else now - chassis.counted
    since = None if chassis.updated is None else now - chassis.updated
    behind = chassis.behind or 0
    if behind == 1:
        return waited if waited is not None and waited > DOWN else 0.0
    if behind == 2 and waited is not None and waited < TAKING_OVER:
        return 0.0
    if behind > 1 and (since is None or since > DOWN):
        return since or waited or DOWN
    return 0.0


def _carried(chassis: OvnChassis) -> str:
    found = [(chassis.ports or 0, "port"), (chassis.gateway_ports or 0, "router gateway")]
    parts = [f"{number} {noun}" + ("" if number == 1 else "s") for number, noun in found if number]
    return f"; {' and '.join(parts)} on it" if parts else ""


KIND = Kind(
    name="ovn-chassis",
    title="OVN chassis",
    aliases=("ovn-controllers", "ovn-hosts"),
    about="one row per host in OVN: whether its ovn-controller follows, gateway or not, what is bound there",
    system="network",
    optional=True,
    read=Ovn("chassis"),
    wire=ChassisWire,
    row=row,
    fields=OvnChassis,
    key="name",
    name_field="host",
    columns=(
        Column("host", "HOST", "name", 1),
        Column("role", "ROLE", "text", 1, help="gateway: it may serve gateways of routers (enable-chassis-as-gw)"),
        Column("behind", "BEHIND", "number", 2, help="how often the configuration was counted up without it"),
        Column("updated", "FOLLOWED", "time", 2, help="when it last wrote down that it has", fresh=60.0),
        Column("ports", "PORTS", "number", 2, help="bound there"),
        Column("gateway_ports", "GATEWAYS", "number", 2, help="gateways of routers that it serves now"),
        Column("addresses", "TUNNEL IP", "text", 3, help="where other hosts' tunnels end"),
        Column("encaps", "ENCAP", "text", 4),
        Column("agent_alive", "AGENT ALIVE", "flag", 4, joined=True, help="what Neutron says of it"),
        Column("mappings", "BRIDGE MAPPINGS", "text", 5, help="physical network:bridge"),
        Column("name", "CHASSIS", "id", 5, help="its system-id"),
        Column("nb_cfg", "NB CFG", "number", 6, wide=True, help="up to where it has followed"),
        Column("wanted", "WANTED", "number", 6, wide=True, help="up to where it should"),
        Column("counted", "COUNTED", "time", 6, wide=True, help="when the configuration was counted up last"),
        Column("datapath", "DATAPATH", "text", 6, wide=True, help="system: the kernel's; netdev: in ovs-vswitchd"),
        Column("zones", "ZONES", "text", 6, wide=True, help="transport zones: tunnels are made within them"),
        Column("newer", "NEWER", "text", 7, wide=True, help="chassis of the same host that followed later"),
        Column("left", "LEFT OVER", "flag", 7, wide=True),
    ),
    sort=("role", "host"),
    health=health,
    rollup=Share("chassis", "alive", by="role", bad="dead"),
    links=(
        Link("ovn-port-bindings", "host", "host", "ports bound there"),
        Link("agents", "id", "name", "its agent in Neutron"),
        Link("bridges", "host", "host", "bridges on its host"),
        Link("hosts", "name", "host", "its host"),
    ),
    joins=("agents",),
    runs=Runs(host="{host}", unit="ovn-controller"),
    element="ovn-controller@{host}",
    period=15.0,
    list_command="ovn-sbctl list Chassis_Private",
    show_command="ovn-sbctl list Chassis {name}",
)
