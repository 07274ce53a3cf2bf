"""Octavia's load balancers: whether their configuration could be applied, and whether they serve.

These are two things. The provisioning status is about the last change: in error, nothing more can be changed; the
operating status is about the traffic: in error, nobody is served.
"""

from __future__ import annotations

from typing import Final

import msgspec

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import MINUTE, joined_name, lasting, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

STUCK: Final = 30 * MINUTE
"""Seconds after which a pending change is stuck: Octavia lets go of it only by hand."""


class Id(msgspec.Struct, gc=False):
    """A listener or pool of it."""

    id: str | None = None


class LoadBalancerWire(Wire):
    """`GET /lbaas/loadbalancers`, of every project for administrators."""

    id: str
    name: str | None = None
    provisioning_status: str | None = None
    operating_status: str | None = None
    admin_state_up: bool | None = None
    vip_address: str | None = None
    vip_port_id: str | None = None
    vip_network_id: str | None = None
    provider: str | None = None
    flavor_id: str | None = None
    availability_zone: str | None = None
    listeners: list[Id] | None = None
    pools: list[Id] | None = None
    project_id: str | None = None
    description: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class LoadBalancer(Row, frozen=True):
    """One load balancer."""

    id: str
    name: str
    provisioning_status: str | None
    operating_status: str | None
    vip_address: str | None
    provider: str | None
    listeners: int
    pools: int
    project: str | None
    admin_state_up: bool | None
    availability_zone: str | None
    description: str | None
    vip_port_id: str | None
    vip_network_id: str | None
    flavor_id: str | None
    project_id: str | None
    created_at: float | None
    updated_at: float | None


def row(wire: LoadBalancerWire, reading: Reading) -> LoadBalancer:
    """Listeners and pools are counted."""
    return LoadBalancer(
        id=wire.id,
        name=wire.name or "",
        provisioning_status=word(wire.provisioning_status),
        operating_status=word(wire.operating_status),
        vip_address=wire.vip_address,
        provider=word(wire.provider),
        listeners=len(wire.listeners or ()),
        pools=len(wire.pools or ()),
        project=joined_name(reading, "projects", wire.project_id),
        admin_state_up=wire.admin_state_up,
        availability_zone=word(wire.availability_zone),
        description=wire.description or None,
        vip_port_id=wire.vip_port_id,
        vip_network_id=word(wire.vip_network_id),
        flavor_id=word(wire.flavor_id),
        project_id=word(wire.project_id),
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def health(balancer: LoadBalancer, now: float) -> Health:
    """Who is not served comes before what cannot be changed."""
    serving, change = balancer.operating_status or "", balancer.provisioning_status or ""
    if serving == "ERROR":
        return critical("serves nobody: all its members are in error")
    if change == "ERROR":
        return critical(
            f"its last change failed; it cannot be changed, and is {serving.lower() or 'not known to serve'}"
        )
    if serving == "DEGRADED":
        return warning("some of its members are in error")
    if change.startswith("PENDING_"):
        return (
            lasting(f"{change.lower().replace('_', ' ')}", balancer.updated_at or balancer.created_at, now, STUCK) or OK
        )
    if balancer.admin_state_up is False:
        return ok("disabled: it takes no traffic")
    if serving == "OFFLINE":
        return warning("offline: nothing says that it serves") if balancer.listeners else ok("offline: no listeners")
    return OK


KIND = Kind(
    name="load-balancers",
    title="Load balancers",
    aliases=("load-balancer", "lbs", "lb", "octavia"),
    about="one row per load balancer of any project: does it serve, could its last change be made",
    system="load-balancer",
    optional=True,
    read=Rest("load-balancer", "/lbaas/loadbalancers", "loadbalancers", page=1000),
    wire=LoadBalancerWire,
    row=row,
    fields=LoadBalancer,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("operating_status", "OPERATING", "status", 1, help="whether it serves"),
        Column("provisioning_status", "PROVISIONING", "status", 1, help="how its last change went"),
        Column("vip_address", "ADDRESS", "text", 2),
        Column("provider", "PROVIDER", "text", 4),
        Column("listeners", "LISTENERS", "number", 4),
        Column("pools", "POOLS", "number", 5),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("admin_state_up", "ENABLED", "flag", 6, wide=True),
        Column("availability_zone", "ZONE", "text", 6, wide=True),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("vip_port_id", "PORT ID", "ref", 6, wide=True),
        Column("vip_network_id", "NETWORK ID", "ref", 6, wide=True),
        Column("flavor_id", "FLAVOR ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("load balancers"),
    links=(
        Link("amphorae", "load_balancer_id", "id", "its amphorae"),
        Link("ports", "id", "vip_port_id", "the port of its address"),
        Link("projects", "id", "project_id", "its project"),
    ),
    joins=("projects",),
    server_filters={"name": "name", "project_id": "project_id", "operating_status": "operating_status"},
    period=30.0,
    deadline=60.0,
    list_command="openstack loadbalancer list",
    show_command="openstack loadbalancer show {id}",
)
