"""Cinder's attachments: which volume is plugged into which server, as Cinder sees it.

The short list is read: the long one carries how to connect, passwords of iSCSI included, which belongs on no screen.
"""

from __future__ import annotations

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.request import Rest
from collectors.rollup import Count


class AttachmentWire(Wire):
    """`GET /attachments` (from 3.27 on)."""

    id: str
    status: str | None = None
    instance: str | None = None
    volume_id: str | None = None


class VolumeAttachment(Row, frozen=True):
    """One attachment."""

    id: str
    status: str | None
    volume_id: str | None
    server: str | None


def row(wire: AttachmentWire, reading: Reading) -> VolumeAttachment:
    """Cinder calls servers instances."""
    return VolumeAttachment(
        id=wire.id, status=word(wire.status), volume_id=wire.volume_id, server=wire.instance or None
    )


def health(attachment: VolumeAttachment, now: float) -> Health:
    """One in error blocks its volume; one that is plugged into nothing belongs to no server that could free it."""
    status = attachment.status or ""
    if status.startswith("error"):
        return critical(f"could not be {'detached' if status == 'error_detaching' else 'attached'}")
    if status == "attached" and not attachment.server:
        return warning("attached, but to no server")
    if status in ("attaching", "detaching"):
        return ok(f"{status}: on its way")
    return ok("reserved: a server may plug it in") if status == "reserved" else OK


KIND = Kind(
    name="attachments",
    title="Volume attachments",
    aliases=("attachment", "volume-attachments"),
    about="one row per volume that is plugged into a server, as Cinder sees it: status, volume, server",
    system="block-storage",
    read=Rest(
        "block-storage",
        "/attachments",
        "attachments",
        query=(("all_tenants", "1"),),
        microversion="3.70",
        page=1000,
        turn="offset",
    ),
    wire=AttachmentWire,
    row=row,
    fields=VolumeAttachment,
    name_field="id",
    columns=(
        Column("volume_id", "VOLUME", "ref", 2),
        Column("server", "SERVER", "ref", 2),
        Column("status", "STATUS", "status", 1, help="reserved, attaching, attached, detaching"),
        Column("id", "ID", "id", 4),
    ),
    sort=("volume_id", "server"),
    health=health,
    rollup=Count("attachments"),
    links=(
        Link("volumes", "id", "volume_id", "its volume"),
        Link("servers", "id", "server", "its server"),
    ),
    server_filters={"volume_id": "volume_id", "server": "instance_id", "status": "status"},
    period=60.0,
    deadline=120.0,
    list_command="openstack --os-volume-api-version 3.70 volume attachment list --all-projects",
    show_command="openstack --os-volume-api-version 3.70 volume attachment show {id}",
)
