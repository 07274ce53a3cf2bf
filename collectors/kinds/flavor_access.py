"""Which projects may use one private flavor; Nova keeps no such list of a public one, and answers 404 for it.

Nova tells it flavor by flavor, so it is found through its flavor.
"""

from __future__ import annotations

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import joined_name, word
from collectors.request import Rest
from collectors.rollup import Count


class FlavorAccessWire(Wire):
    """`GET /flavors/ID/os-flavor-access`."""

    tenant_id: str
    flavor_id: str | None = None


class FlavorAccess(Row, frozen=True):
    """One project that may use the flavor."""

    project_id: str
    project: str | None
    flavor: str | None


def row(wire: FlavorAccessWire, reading: Reading) -> FlavorAccess:
    """The flavor is the one that was asked for."""
    return FlavorAccess(
        project_id=wire.tenant_id,
        project=joined_name(reading, "projects", wire.tenant_id),
        flavor=word(wire.flavor_id or reading.parent),
    )


def health(access: FlavorAccess, now: float) -> Health:
    """An entry of a list."""
    return OK


KIND = Kind(
    name="flavor-access",
    title="Flavor access",
    aliases=("flavor-projects",),
    about="one row per project that may use a private flavor",
    system="compute",
    scope=Scope("parent", parent="flavors", parameter="flavor"),
    read=Rest("compute", "/flavors/{parent}/os-flavor-access", "flavor_access", microversion="2.96"),
    wire=FlavorAccessWire,
    row=row,
    fields=FlavorAccess,
    key="project_id",
    name_field="project_id",
    columns=(
        Column("project", "PROJECT", "text", 1, help="its name", joined=True),
        Column("project_id", "PROJECT ID", "id", 1),
        Column("flavor", "FLAVOR", "ref", 6, wide=True),
    ),
    sort=("project", "project_id"),
    health=health,
    rollup=Count("projects"),
    links=(Link("projects", "id", "project_id", "the project"), Link("flavors", "id", "flavor", "the flavor")),
    joins=("projects",),
    period=60.0,
    list_command="openstack flavor show FLAVOR -c access_project_ids",
)
