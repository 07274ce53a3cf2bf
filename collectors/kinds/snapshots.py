"""Cinder's snapshots of every project: of which volume, how large, whether they are usable."""

from __future__ import annotations

from typing import Final

import msgspec

from collectors.health import OK, Health, critical
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import GIB, MINUTE, joined_name, lasting, scaled, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

RESTING: Final = frozenset({"available", "deleted"})
STUCK: Final = 30 * MINUTE
"""Seconds after which one that is being made or deleted is stuck: a back-end does it in moments, or by copying."""


class SnapshotWire(Wire):
    """`GET /snapshots/detail`; project and progress are shown to administrators."""

    id: str
    name: str | None = None
    status: str | None = None
    size: int | None = None
    volume_id: str | None = None
    project_id: str | None = msgspec.field(default=None, name="os-extended-snapshot-attributes:project_id")
    progress: str | None = msgspec.field(default=None, name="os-extended-snapshot-attributes:progress")
    description: str | None = None
    user_id: str | None = None
    group_snapshot_id: str | None = None
    consumes_quota: bool | None = None
    created_at: str | None = None
    updated_at: str | None = None


class VolumeSnapshot(Row, frozen=True):
    """One snapshot; size in bytes."""

    id: str
    name: str
    status: str | None
    size: int | None
    volume_id: str | None
    project: str | None
    project_id: str | None
    progress: str | None
    description: str | None
    user_id: str | None
    group_snapshot_id: str | None
    consumes_quota: bool | None
    created_at: float | None
    updated_at: float | None


def row(wire: SnapshotWire, reading: Reading) -> VolumeSnapshot:
    """The project's name is joined."""
    return VolumeSnapshot(
        id=wire.id,
        name=wire.name or "",
        status=word(wire.status),
        size=scaled(wire.size, GIB),
        volume_id=wire.volume_id,
        project=joined_name(reading, "projects", wire.project_id),
        project_id=word(wire.project_id),
        progress=word(wire.progress),
        description=wire.description or None,
        user_id=word(wire.user_id),
        group_snapshot_id=wire.group_snapshot_id,
        consumes_quota=wire.consumes_quota,
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def health(snapshot: VolumeSnapshot, now: float) -> Health:
    """In error, or stuck while it is made or deleted."""
    status = snapshot.status or ""
    if status.startswith("error"):
        return critical("could not be deleted" if status == "error_deleting" else "in error")
    if status and status not in RESTING:
        return lasting(status, snapshot.updated_at or snapshot.created_at, now, STUCK) or OK
    return OK


KIND = Kind(
    name="snapshots",
    title="Volume snapshots",
    aliases=("snapshot", "volume-snapshots", "snap"),
    about="one row per snapshot of a volume, of any project: status, size, volume",
    system="block-storage",
    read=Rest(
        "block-storage",
        "/snapshots/detail",
        "snapshots",
        query=(("all_tenants", "1"),),
        microversion="3.70",
        page=1000,
    ),
    wire=SnapshotWire,
    row=row,
    fields=VolumeSnapshot,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 1),
        Column("size", "SIZE", "bytes", 2, help="of the volume when it was made"),
        Column("created_at", "CREATED", "time", 2),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("volume_id", "VOLUME", "ref", 4),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("progress", "PROGRESS", "text", 6, wide=True),
        Column("consumes_quota", "IN QUOTA", "flag", 6, wide=True),
        Column("group_snapshot_id", "GROUP", "ref", 6, wide=True, help="the group's snapshot that it belongs to"),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("user_id", "USER ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("snapshots"),
    links=(
        Link("volumes", "id", "volume_id", "its volume"),
        Link("volumes", "snapshot_id", "id", "volumes made from it"),
        Link("projects", "id", "project_id", "its project"),
    ),
    joins=("projects",),
    server_filters={"name": "name", "status": "status", "volume_id": "volume_id", "project_id": "project_id"},
    period=60.0,
    deadline=120.0,
    list_command="openstack volume snapshot list --all-projects --long",
    show_command="openstack volume snapshot show {id}",
)
