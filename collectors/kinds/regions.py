"""Keystone's regions: what the endpoints of the catalogue are grouped by."""

from __future__ import annotations

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.request import Rest
from collectors.rollup import Count


class RegionWire(Wire):
    """`GET /v3/regions`."""

    id: str
    description: str | None = None
    parent_region_id: str | None = None


class Region(Row, frozen=True):
    """One region; its id is its name."""

    id: str
    description: str | None
    parent_region_id: str | None


def row(wire: RegionWire, reading: Reading) -> Region:
    """Flat already."""
    return Region(id=wire.id, description=wire.description or None, parent_region_id=wire.parent_region_id)


def health(region: Region, now: float) -> Health:
    """A region is a word; what is in it has health."""
    return OK


KIND = Kind(
    name="regions",
    title="Regions",
    aliases=("region",),
    about="one row per region of the catalogue",
    system="identity",
    scope=Scope("cloud"),
    read=Rest("identity", "/regions", "regions"),
    wire=RegionWire,
    row=row,
    fields=Region,
    name_field="id",
    columns=(
        Column("id", "REGION", "name", 1),
        Column("description", "DESCRIPTION", "text", 2),
        Column("parent_region_id", "PARENT", "ref", 3, help="the region that it is part of"),
    ),
    sort=("id",),
    health=health,
    rollup=Count("regions"),
    links=(Link("endpoints", "region_id", "id", "its endpoints"),),
    period=60.0,
    list_command="openstack region list",
    show_command="openstack region show {id}",
)
