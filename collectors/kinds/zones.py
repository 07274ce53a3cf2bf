"""Designate's zones of every project: whether the name servers have what was asked for."""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import MINUTE, joined_name, lasting, listed, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

STUCK: Final = 15 * MINUTE
"""Seconds after which a change that the name servers have not confirmed is stuck."""


class ZoneWire(Wire):
    """`GET /zones` with `X-Auth-All-Projects`."""

    id: str
    name: str = ""
    status: str | None = None
    action: str | None = None
    type: str | None = None
    serial: int | None = None
    ttl: int | None = None
    email: str | None = None
    masters: list[str] | None = None
    project_id: str | None = None
    pool_id: str | None = None
    shared: bool | None = None
    description: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    transferred_at: str | None = None


class Zone(Row, frozen=True):
    """One zone."""

    id: str
    name: str
    status: str | None
    action: str | None
    type: str | None
    serial: int | None
    ttl: float | None
    email: str | None
    masters: str | None
    project: str | None
    project_id: str | None
    pool_id: str | None
    shared: bool | None
    description: str | None
    created_at: float | None
    updated_at: float | None
    transferred_at: float | None


def row(wire: ZoneWire, reading: Reading) -> Zone:
    """The project's name is joined."""
    return Zone(
        id=wire.id,
        name=wire.name,
        status=word(wire.status),
        action=word(wire.action),
        type=word(wire.type),
        serial=wire.serial,
        ttl=wire.ttl,
        email=wire.email,
        masters=listed(wire.masters),
        project=joined_name(reading, "projects", wire.project_id),
        project_id=word(wire.project_id),
        pool_id=word(wire.pool_id),
        shared=wire.shared,
        description=wire.description or None,
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
        transferred_at=epoch(wire.transferred_at),
    )


def health(zone: Zone, now: float) -> Health:
    """In error: the name servers never confirmed; a secondary zone without a transfer holds nothing."""
    doing = (zone.action or "").lower()
    change = doing if doing and doing != "none" else "change"
    if zone.status == "ERROR":
        return critical(f"its {change} did not reach the name servers")
    if zone.status == "PENDING":
        since = zone.updated_at or zone.created_at
        return lasting(f"{change} not confirmed by the name servers", since, now, STUCK) or OK
    if zone.type == "SECONDARY" and zone.transferred_at is None:
        return warning("secondary, but never transferred from its masters")
    return OK


KIND = Kind(
    name="zones",
    title="DNS zones",
    aliases=("zone", "dns-zones", "designate"),
    about="one row per DNS zone of any project: status, serial, whether the name servers have it",
    system="dns",
    optional=True,
    read=Rest("dns", "/zones", "zones", page=1000, headers=(("X-Auth-All-Projects", "true"),)),
    wire=ZoneWire,
    row=row,
    fields=Zone,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 1, help="ACTIVE: the name servers have it"),
        Column("action", "ACTION", "text", 2, help="what is being done to it"),
        Column("type", "TYPE", "text", 3, help="PRIMARY, SECONDARY or CATALOG"),
        Column("serial", "SERIAL", "id", 3),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("email", "EMAIL", "text", 6, wide=True),
        Column("ttl", "TTL", "duration", 6, wide=True),
        Column("masters", "MASTERS", "text", 6, wide=True),
        Column("shared", "SHARED", "flag", 6, wide=True),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("updated_at", "CHANGED", "time", 4),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("transferred_at", "TRANSFERRED", "time", 6, wide=True),
        Column("pool_id", "POOL ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("zones"),
    links=(Link("projects", "id", "project_id", "its project"),),
    joins=("projects",),
    server_filters={"name": "name", "status": "status", "type": "type"},
    period=60.0,
    deadline=60.0,
    list_command="openstack zone list --all-projects",
    show_command="openstack zone show --all-projects {id}",
)
