"""Ironic's nodes: machines that the cloud gives out whole, how far they are, and what is the matter with them."""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import HOUR, lasting, word
from collectors.request import Rest
from collectors.rollup import Share
from collectors.values import epoch

RESTING: Final = frozenset({"active", "available", "manageable", "enroll", "rescue", "deleted"})
STUCK: Final = 2 * HOUR
"""Seconds after which a state on the way to another is stuck: a machine boots, is erased or written meanwhile."""


class NodeWire(Wire):
    """`GET /nodes/detail`; the name from 1.5, fault from 1.42, conductor from 1.49, retired from 1.61 on."""

    uuid: str
    name: str | None = None
    provision_state: str | None = None
    target_provision_state: str | None = None
    power_state: str | None = None
    target_power_state: str | None = None
    maintenance: bool | None = None
    maintenance_reason: str | None = None
    fault: str | None = None
    last_error: str | None = None
    instance_uuid: str | None = None
    resource_class: str | None = None
    driver: str | None = None
    conductor: str | None = None
    conductor_group: str | None = None
    reservation: str | None = None
    protected: bool | None = None
    retired: bool | None = None
    retired_reason: str | None = None
    owner: str | None = None
    lessee: str | None = None
    provision_updated_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class BaremetalNode(Row, frozen=True):
    """One node."""

    id: str
    name: str
    provision_state: str | None
    target_provision_state: str | None
    power_state: str | None
    maintenance: bool | None
    maintenance_reason: str | None
    fault: str | None
    last_error: str | None
    server: str | None
    resource_class: str | None
    driver: str | None
    conductor: str | None
    conductor_group: str | None
    reservation: str | None
    protected: bool | None
    retired: bool | None
    retired_reason: str | None
    owner: str | None
    lessee: str | None
    provision_updated_at: float | None
    created_at: float | None
    updated_at: float | None


def row(wire: NodeWire, reading: Reading) -> BaremetalNode:
    """One without a name is called by its id."""
    return BaremetalNode(
        id=wire.uuid,
        name=wire.name or wire.uuid,
        provision_state=word(wire.provision_state),
        target_provision_state=word(wire.target_provision_state),
        power_state=word(wire.power_state),
        maintenance=wire.maintenance,
        maintenance_reason=wire.maintenance_reason or None,
        fault=wire.fault or None,
        last_error=wire.last_error or None,
        server=wire.instance_uuid,
        resource_class=word(wire.resource_class),
        driver=word(wire.driver),
        conductor=word(wire.conductor),
        conductor_group=word(wire.conductor_group),
        reservation=word(wire.reservation),
        protected=wire.protected,
        retired=wire.retired,
        retired_reason=wire.retired_reason or None,
        owner=word(wire.owner),
        lessee=word(wire.lessee),
        provision_updated_at=epoch(wire.provision_updated_at),
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def health(node: BaremetalNode, now: float) -> Health:
    """Ironic itself puts a node it cannot reach into maintenance, with a fault; people do so with a reason."""
    state = node.provision_state or ""
    if node.fault:
        return critical(f"{node.fault}: {node.maintenance_reason}" if node.maintenance_reason else node.fault)
    if state == "error" or state.endswith("failed"):
        return critical(f"{state}: {node.last_error}" if node.last_error else state)
    if node.maintenance:
        why = node.maintenance_reason
        return ok(f"maintenance: {why}") if why else warning("in maintenance, no reason given")
    if node.retired:
        return ok(f"retired: {node.retired_reason}") if node.retired_reason else ok("retired")
    if state and state not in RESTING:
        return lasting(state, node.provision_updated_at, now, STUCK) or OK
    if state == "active" and node.power_state == "power off":
        return ok("given out, and powered off")
    if node.power_state is None and state and state != "enroll":
        return unknown("its power state is not known: its controller does not answer Ironic")
    return OK


KIND = Kind(
    name="baremetal-nodes",
    title="Bare metal nodes",
    aliases=("baremetal-node", "ironic", "baremetal"),
    about="one row per machine that Ironic gives out whole: state, power, faults, maintenance",
    system="baremetal",
    optional=True,
    read=Rest("baremetal", "/nodes/detail", "nodes", microversion="1.82", page=1000),
    wire=NodeWire,
    row=row,
    fields=BaremetalNode,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("provision_state", "STATE", "status", 1),
        Column("power_state", "POWER", "status", 2),
        Column("maintenance", "MAINTENANCE", "flag", 3, help="Ironic leaves it alone"),
        Column("resource_class", "CLASS", "text", 3, help="what flavors ask for"),
        Column("server", "SERVER", "ref", 4),
        Column("driver", "DRIVER", "text", 5),
        Column("conductor", "CONDUCTOR", "ref", 5, help="the host whose ironic-conductor takes care of it"),
        Column("target_provision_state", "TARGET", "status", 6, wide=True),
        Column("fault", "FAULT", "text", 6, wide=True),
        Column("last_error", "LAST ERROR", "text", 6, wide=True),
        Column("maintenance_reason", "WHY", "text", 6, wide=True, help="why it is in maintenance"),
        Column("retired", "RETIRED", "flag", 6, wide=True),
        Column("retired_reason", "RETIRED WHY", "text", 6, wide=True),
        Column("protected", "PROTECTED", "flag", 6, wide=True, help="Ironic refuses to take it back"),
        Column("conductor_group", "GROUP", "text", 6, wide=True),
        Column("reservation", "LOCKED BY", "text", 6, wide=True, help="the conductor that works on it"),
        Column("owner", "OWNER", "ref", 6, wide=True),
        Column("lessee", "LESSEE", "ref", 6, wide=True),
        Column("provision_updated_at", "SINCE", "time", 4, help="when its state changed"),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("id", "ID", "id", 6, wide=True),
    ),
    sort=("name",),
    health=health,
    rollup=Share("bare metal nodes", "well", bad="in trouble", none="ok"),
    links=(
        Link("servers", "id", "server", "the server that it is"),
        Link("hosts", "name", "conductor", "the host of its conductor"),
        Link("hypervisors", "name", "id", "its hypervisor"),
    ),
    server_filters={"provision_state": "provision_state", "resource_class": "resource_class", "driver": "driver"},
    period=30.0,
    deadline=60.0,
    list_command="openstack baremetal node list --long",
    show_command="openstack baremetal node show {id}",
)
