"""Nova's migrations: live and cold migrations, resizes and evacuations, from where to where, and how they ended.

Nova keeps them as long as their server, so a failure counts only while it is recent.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, ok
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import DAY, HOUR, ago, joined_name, lasting, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

FAILED: Final = frozenset({"error", "failed"})
OVER: Final = FAILED | {"completed", "done", "confirmed", "reverted", "cancelled", "finished"}
"""Statuses after which nothing moves any more; `finished` waits for the tenant."""

RECENT: Final = DAY
STUCK: Final = HOUR


class MigrationWire(Wire):
    """`GET /os-migrations`; `uuid` and type from 2.59 and 2.23 on."""

    id: str | int
    uuid: str | None = None
    instance_uuid: str | None = None
    migration_type: str | None = None
    status: str | None = None
    source_compute: str | None = None
    dest_compute: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    user_id: str | None = None
    project_id: str | None = None


class Migration(Row, frozen=True):
    """One migration."""

    id: str
    server: str | None
    migration_type: str | None
    status: str | None
    source_compute: str | None
    dest_compute: str | None
    created_at: float | None
    updated_at: float | None
    project: str | None
    project_id: str | None
    user_id: str | None
    uuid: str | None


def row(wire: MigrationWire, reading: Reading) -> Migration:
    """Flat already, but for times and names."""
    return Migration(
        id=str(wire.id),
        server=wire.instance_uuid,
        migration_type=word(wire.migration_type),
        status=word(wire.status),
        source_compute=word(wire.source_compute),
        dest_compute=word(wire.dest_compute),
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
        project=joined_name(reading, "projects", wire.project_id),
        project_id=word(wire.project_id),
        user_id=word(wire.user_id),
        uuid=wire.uuid,
    )


def health(migration: Migration, now: float) -> Health:
    """Failed today is critical, failed long ago is history; one that does not move is a warning."""
    last = migration.updated_at or migration.created_at
    if migration.status in FAILED:
        when = "" if last is None else f" {ago(now - last)}"
        recent = last is None or now - last < RECENT
        return critical(f"failed{when}") if recent else ok(f"failed{when}")
    if migration.status == "finished":
        return ok("waits to be confirmed or reverted")
    if migration.status in OVER:
        return OK
    return lasting(f"{migration.status or 'no status'}, nothing moved", last, now, STUCK) or OK


KIND = Kind(
    name="migrations",
    title="Migrations",
    aliases=("migration",),
    about="one row per migration, resize or evacuation: from, to, status",
    system="compute",
    read=Rest("compute", "/os-migrations", "migrations", microversion="2.96", page=1000, since="changes-since"),
    wire=MigrationWire,
    row=row,
    fields=Migration,
    name_field="server",
    columns=(
        Column("server", "SERVER", "ref", 1),
        Column("migration_type", "TYPE", "text", 2, help="live-migration, migration, resize or evacuation"),
        Column("status", "STATUS", "status", 1),
        Column("source_compute", "FROM", "ref", 2),
        Column("dest_compute", "TO", "ref", 2),
        Column("updated_at", "CHANGED", "time", 3),
        Column("created_at", "CREATED", "time", 5, wide=True),
        Column("project", "PROJECT", "ref", 5, joined=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("user_id", "USER ID", "ref", 6, wide=True),
        Column("uuid", "UUID", "id", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    health=health,
    rollup=Count("migrations"),
    links=(
        Link("servers", "id", "server", "its server"),
        Link("hypervisors", "host", "dest_compute", "where it went"),
        Link("hypervisors", "host", "source_compute", "where it was"),
    ),
    joins=("projects",),
    server_filters={"server": "instance_uuid", "status": "status", "migration_type": "migration_type"},
    deadline=60.0,
    list_command="openstack server migration list",
    show_command="openstack server migration list --server {server}",
)
