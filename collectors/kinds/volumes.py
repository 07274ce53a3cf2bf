"""Cinder's volumes of every project: size, type, back-end, and what they are attached to."""

from __future__ import annotations

from typing import Final

import msgspec

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import GIB, HOUR, MINUTE, joined_name, lasting, listed, scaled, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

RESTING: Final = frozenset({"available", "in-use", "maintenance", "awaiting-transfer"})
"""Statuses in which nothing is under way."""

SHORT: Final = frozenset({"creating", "deleting", "attaching", "detaching", "reserved", "extending"})
STUCK: Final = 15 * MINUTE
STUCK_LONG: Final = 4 * HOUR
"""Seconds after which a change is stuck; those that copy the whole volume take longer."""


class Attachment(msgspec.Struct, gc=False):
    """Where it is plugged in."""

    server_id: str | None = None
    host_name: str | None = None
    device: str | None = None


class ImageMetadata(msgspec.Struct, gc=False):
    """The image that it was made from."""

    image_id: str | None = None


class VolumeWire(Wire):
    """`GET /volumes/detail`; host and project are shown to administrators."""

    id: str
    name: str | None = None
    status: str | None = None
    size: int | None = None
    volume_type: str | None = None
    host: str | None = msgspec.field(default=None, name="os-vol-host-attr:host")
    project_id: str | None = msgspec.field(default=None, name="os-vol-tenant-attr:tenant_id")
    attachments: list[Attachment] | None = None
    bootable: str | bool | None = None
    encrypted: bool | None = None
    multiattach: bool | None = None
    migration_status: str | None = None
    availability_zone: str | None = None
    snapshot_id: str | None = None
    source_volid: str | None = None
    volume_image_metadata: ImageMetadata | None = None
    user_id: str | None = None
    description: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Volume(Row, frozen=True):
    """One volume; size in bytes."""

    id: str
    name: str
    status: str | None
    size: int | None
    volume_type: str | None
    host: str | None
    server: str | None
    project: str | None
    project_id: str | None
    bootable: bool | None
    encrypted: bool | None
    multiattach: bool | None
    migration_status: str | None
    availability_zone: str | None
    snapshot_id: str | None
    source_volid: str | None
    image: str | None
    user_id: str | None
    description: str | None
    created_at: float | None
    updated_at: float | None


def row(wire: VolumeWire, reading: Reading) -> Volume:
    """Cinder writes `bootable` as a text."""
    return Volume(
        id=wire.id,
        name=wire.name or "",
        status=word(wire.status),
        size=scaled(wire.size, GIB),
        volume_type=word(wire.volume_type),
        host=word(wire.host),
        server=listed(a.server_id for a in wire.attachments or () if a.server_id),
        project=joined_name(reading, "projects", wire.project_id),
        project_id=word(wire.project_id),
        bootable=wire.bootable == "true" if isinstance(wire.bootable, str) else wire.bootable,
        encrypted=wire.encrypted,
        multiattach=wire.multiattach,
        migration_status=word(wire.migration_status),
        availability_zone=word(wire.availability_zone),
        snapshot_id=wire.snapshot_id,
        source_volid=wire.source_volid,
        image=word(wire.volume_image_metadata.image_id) if wire.volume_image_metadata else None,
        user_id=word(wire.user_id),
        description=wire.description or None,
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def health(volume: Volume, now: float) -> Health:
    """In error, stuck on the way from one state to another, or attached to nobody although in use."""
    status = volume.status or ""
    if status.startswith("error"):
        what = {"error": "in error", "error_deleting": "could not be deleted"}.get(status, status.replace("_", ": "))
        return critical(what)
    if status and status not in RESTING:
        limit = STUCK if status in SHORT else STUCK_LONG
        return lasting(status, volume.updated_at or volume.created_at, now, limit) or OK
    if status == "in-use" and not volume.server:
        return warning("in use, but attached to no server")
    if status == "maintenance":
        return ok("in maintenance")
    if volume.migration_status == "error":
        return warning("its last migration failed")
    return OK


KIND = Kind(
    name="volumes",
    title="Volumes",
    aliases=("volume", "vol"),
    about="one row per volume of any project: status, size, type, back-end, server",
    system="block-storage",
    read=Rest(
        "block-storage",
        "/volumes/detail",
        "volumes",
        query=(("all_tenants", "1"),),
        microversion="3.70",
        page=1000,
    ),
    wire=VolumeWire,
    row=row,
    fields=Volume,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 1),
        Column("size", "SIZE", "bytes", 2),
        Column("volume_type", "TYPE", "text", 4),
        Column("host", "BACKEND", "text", 3, help="machine@backend#pool"),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("server", "SERVER", "ref", 5, wide=True, help="what it is attached to"),
        Column("bootable", "BOOTABLE", "flag", 6, wide=True),
        Column("encrypted", "ENCRYPTED", "flag", 6, wide=True),
        Column("multiattach", "SHARED", "flag", 6, wide=True, help="may be attached several times"),
        Column("migration_status", "MIGRATION", "status", 6, wide=True),
        Column("availability_zone", "ZONE", "text", 6, wide=True),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("updated_at", "CHANGED", "time", 5, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("snapshot_id", "SNAPSHOT ID", "ref", 6, wide=True, help="the snapshot that it was made from"),
        Column("source_volid", "SOURCE ID", "ref", 6, wide=True, help="the volume that it was made from"),
        Column("image", "IMAGE ID", "ref", 6, wide=True, help="the image that it was made from"),
        Column("user_id", "USER ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("volumes"),
    links=(
        Link("servers", "id", "server", "the server it is attached to"),
        Link("projects", "id", "project_id", "its project"),
        Link("snapshots", "volume_id", "id", "its snapshots"),
        Link("backups", "volume_id", "id", "its backups"),
        Link("attachments", "volume_id", "id", "its attachments"),
        Link("volume-pools", "name", "host", "the pool that it is in"),
    ),
    joins=("projects",),
    server_filters={"name": "name", "status": "status", "project_id": "project_id"},
    period=30.0,
    deadline=120.0,
    list_command="openstack volume list --all-projects --long",
    show_command="openstack volume show {id}",
)
