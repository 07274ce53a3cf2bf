"""Cinder's backups of every project: full or incremental, of which volume, where, and whether they can be relied on."""

from __future__ import annotations

from typing import Final

import msgspec

from collectors.health import OK, Health, critical
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import GIB, HOUR, joined_name, lasting, scaled, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

RESTING: Final = frozenset({"available", "deleted"})
STUCK: Final = 12 * HOUR
"""Seconds after which one that is being written or restored is stuck: it copies the whole volume."""


class BackupWire(Wire):
    """`GET /backups/detail`; project from 3.18, user from 3.56, encryption key from 3.64 on."""

    id: str
    name: str | None = None
    status: str | None = None
    size: int | None = None
    volume_id: str | None = None
    snapshot_id: str | None = None
    is_incremental: bool | None = None
    has_dependent_backups: bool | None = None
    container: str | None = None
    object_count: int | None = None
    availability_zone: str | None = None
    fail_reason: str | None = None
    description: str | None = None
    data_timestamp: str | None = None
    project_id: str | None = msgspec.field(default=None, name="os-backup-project-attr:project_id")
    user_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Backup(Row, frozen=True):
    """One backup; size in bytes."""

    id: str
    name: str
    status: str | None
    size: int | None
    incremental: bool | None
    volume_id: str | None
    project: str | None
    project_id: str | None
    data_at: float | None
    has_dependents: bool | None
    container: str | None
    object_count: int | None
    availability_zone: str | None
    fail_reason: str | None
    snapshot_id: str | None
    description: str | None
    user_id: str | None
    created_at: float | None
    updated_at: float | None


def row(wire: BackupWire, reading: Reading) -> Backup:
    """`data_at` is the moment that a restore goes back to."""
    return Backup(
        id=wire.id,
        name=wire.name or "",
        status=word(wire.status),
        size=scaled(wire.size, GIB),
        incremental=wire.is_incremental,
        volume_id=wire.volume_id,
        project=joined_name(reading, "projects", wire.project_id),
        project_id=word(wire.project_id),
        data_at=epoch(wire.data_timestamp),
        has_dependents=wire.has_dependent_backups,
        container=word(wire.container),
        object_count=wire.object_count,
        availability_zone=word(wire.availability_zone),
        fail_reason=wire.fail_reason or None,
        snapshot_id=wire.snapshot_id,
        description=wire.description or None,
        user_id=word(wire.user_id),
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def health(backup: Backup, now: float) -> Health:
    """A backup in error restores nothing; what depends on one cannot be restored without it."""
    status = backup.status or ""
    if status.startswith("error"):
        what = "could not be deleted" if status == "error_deleting" else "failed"
        return critical(f"{what}: {backup.fail_reason}" if backup.fail_reason else what)
    if status and status not in RESTING:
        return lasting(status, backup.updated_at or backup.created_at, now, STUCK) or OK
    return OK


KIND = Kind(
    name="backups",
    title="Volume backups",
    aliases=("backup", "volume-backups"),
    about="one row per backup of a volume, of any project: status, full or incremental, age of its data",
    system="block-storage",
    read=Rest(
        "block-storage",
        "/backups/detail",
        "backups",
        query=(("all_tenants", "1"),),
        microversion="3.70",
        page=1000,
    ),
    wire=BackupWire,
    row=row,
    fields=Backup,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 1),
        Column("data_at", "DATA", "time", 2, help="the moment that a restore goes back to"),
        Column("incremental", "INCREMENTAL", "flag", 2, help="it needs the backups before it"),
        Column("size", "SIZE", "bytes", 3, help="of the volume"),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("volume_id", "VOLUME", "ref", 5),
        Column("has_dependents", "NEEDED", "flag", 5, help="others build on it, so it cannot be deleted"),
        Column("container", "CONTAINER", "text", 6, wide=True, help="where it is kept"),
        Column("object_count", "OBJECTS", "number", 6, wide=True),
        Column("availability_zone", "ZONE", "text", 6, wide=True),
        Column("fail_reason", "WHY", "text", 6, wide=True, help="why it failed"),
        Column("snapshot_id", "SNAPSHOT ID", "ref", 6, wide=True, help="the snapshot that it was made from"),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("user_id", "USER ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("backups"),
    links=(
        Link("volumes", "id", "volume_id", "its volume"),
        Link("snapshots", "id", "snapshot_id", "the snapshot that it was made from"),
        Link("projects", "id", "project_id", "its project"),
    ),
    joins=("projects",),
    server_filters={"name": "name", "status": "status", "volume_id": "volume_id"},
    period=60.0,
    deadline=120.0,
    list_command="openstack volume backup list --all-projects --long",
    show_command="openstack volume backup show {id}",
)
