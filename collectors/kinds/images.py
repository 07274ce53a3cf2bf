"""Glance's images: status, size, visibility, and in which stores their data is."""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import HOUR, joined_name, lasting, listed, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

STUCK: Final = 4 * HOUR
"""Seconds after which an upload or import is no longer under way."""

WAITING: Final = {
    "queued": "no data yet", "saving": "being uploaded", "uploading": "being uploaded", "importing": "being imported",
}  # fmt: skip


class ImageWire(Wire):
    """`GET /v2/images`; any other member is a property that somebody set."""

    id: str
    name: str | None = None
    status: str | None = None
    visibility: str | None = None
    size: int | None = None
    virtual_size: int | None = None
    disk_format: str | None = None
    container_format: str | None = None
    owner: str | None = None
    protected: bool | None = None
    os_hidden: bool | None = None
    min_disk: int | None = None
    min_ram: int | None = None
    stores: str | None = None
    os_glance_failed_import: str | None = None
    tags: list[str] | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Image(Row, frozen=True):
    """One image; sizes in bytes, `min_disk` in GiB and `min_ram` in MiB as Glance has them."""

    id: str
    name: str
    status: str | None
    visibility: str | None
    size: int | None
    virtual_size: int | None
    disk_format: str | None
    container_format: str | None
    project: str | None
    owner: str | None
    protected: bool | None
    os_hidden: bool | None
    min_disk: int | None
    min_ram: int | None
    stores: str | None
    failed_import: str | None
    tags: str | None
    created_at: float | None
    updated_at: float | None


def row(wire: ImageWire, reading: Reading) -> Image:
    """Flat already, but for times and names."""
    return Image(
        id=wire.id,
        name=wire.name or "",
        status=word(wire.status),
        visibility=word(wire.visibility),
        size=wire.size,
        virtual_size=wire.virtual_size,
        disk_format=word(wire.disk_format),
        container_format=word(wire.container_format),
        project=joined_name(reading, "projects", wire.owner),
        owner=word(wire.owner),
        protected=wire.protected,
        os_hidden=wire.os_hidden,
        min_disk=wire.min_disk,
        min_ram=wire.min_ram,
        stores=word(wire.stores),
        failed_import=wire.os_glance_failed_import or None,
        tags=listed(wire.tags),
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def health(image: Image, now: float) -> Health:
    """Only an active image can be booted; one that has waited for its data for hours will not get it."""
    if image.status == "killed":
        return critical("its upload failed")
    if image.failed_import:
        return warning(f"import failed in {image.failed_import}")
    if image.status in WAITING:
        return lasting(WAITING[image.status], image.updated_at, now, STUCK) or OK
    if image.status == "deactivated":
        return ok("deactivated: nobody but administrators can download it")
    if image.status == "pending_delete":
        return ok("waits to be deleted")
    return OK if image.status in ("active", "deleted") else unknown(f"status is {image.status or 'missing'}")


KIND = Kind(
    name="images",
    title="Images",
    aliases=("image",),
    about="one row per image: status, size, format, visibility, owner",
    system="image",
    read=Rest("image", "/images", "images", page=1000),
    wire=ImageWire,
    row=row,
    fields=Image,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 2),
        Column("visibility", "VISIBILITY", "text", 3, help="public, community, shared or private"),
        Column("size", "SIZE", "bytes", 2, help="of the file"),
        Column("disk_format", "FORMAT", "text", 3),
        Column("project", "OWNER", "ref", 4, joined=True),
        Column("stores", "STORES", "text", 5, help="where its data is"),
        Column("virtual_size", "VIRTUAL SIZE", "bytes", 6, wide=True, help="of the disk inside"),
        Column("container_format", "CONTAINER", "text", 6, wide=True),
        Column("protected", "PROTECTED", "flag", 6, wide=True, help="Glance refuses to delete it"),
        Column("os_hidden", "HIDDEN", "flag", 6, wide=True),
        Column("min_disk", "MIN DISK", "number", 6, wide=True, help="GiB"),
        Column("min_ram", "MIN RAM", "number", 6, wide=True, help="MiB"),
        Column("failed_import", "FAILED IMPORT", "text", 6, wide=True, help="stores that it did not reach"),
        Column("tags", "TAGS", "text", 6, wide=True),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("owner", "OWNER ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("images"),
    links=(
        Link("servers", "image", "id", "servers built from it"),
        Link("projects", "id", "owner", "its owner"),
    ),
    joins=("projects",),
    server_filters={"name": "name", "owner": "owner", "visibility": "visibility"},
    period=60.0,
    deadline=60.0,
    list_command="openstack image list --long",
    show_command="openstack image show {id}",
)
