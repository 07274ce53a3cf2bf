"""Manila's shares of every project: file systems that servers mount, with their status and who may mount them."""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import GIB, HOUR, MINUTE, joined_name, lasting, scaled, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

RESTING: Final = frozenset({"available", "inactive", "deleted", "awaiting_transfer", "unmanaged"})
SLOW: Final = frozenset({"migrating", "migrating_to", "replication_change", "reverting", "extending", "shrinking"})
STUCK: Final = 30 * MINUTE
STUCK_LONG: Final = 6 * HOUR
"""Seconds after which a change is stuck; those that move data take longer. Manila tells only when it was made."""


class ShareWire(Wire):
    """`GET /shares/detail`; host and share server are shown to administrators."""

    id: str
    name: str | None = None
    status: str | None = None
    size: int | None = None
    share_proto: str | None = None
    share_type_name: str | None = None
    project_id: str | None = None
    host: str | None = None
    availability_zone: str | None = None
    access_rules_status: str | None = None
    task_state: str | None = None
    has_replicas: bool | None = None
    replication_type: str | None = None
    is_public: bool | None = None
    share_network_id: str | None = None
    share_server_id: str | None = None
    snapshot_id: str | None = None
    description: str | None = None
    user_id: str | None = None
    created_at: str | None = None


class SharedFileSystem(Row, frozen=True):
    """One share; size in bytes."""

    id: str
    name: str
    status: str | None
    size: int | None
    share_proto: str | None
    share_type: str | None
    host: str | None
    project: str | None
    access_rules_status: str | None
    task_state: str | None
    has_replicas: bool | None
    replication_type: str | None
    is_public: bool | None
    availability_zone: str | None
    description: str | None
    share_network_id: str | None
    share_server_id: str | None
    snapshot_id: str | None
    user_id: str | None
    project_id: str | None
    created_at: float | None


def row(wire: ShareWire, reading: Reading) -> SharedFileSystem:
    """The project's name is joined."""
    return SharedFileSystem(
        id=wire.id,
        name=wire.name or "",
        status=word(wire.status),
        size=scaled(wire.size, GIB),
        share_proto=word(wire.share_proto),
        share_type=word(wire.share_type_name),
        host=word(wire.host),
        project=joined_name(reading, "projects", wire.project_id),
        access_rules_status=word(wire.access_rules_status),
        task_state=word(wire.task_state),
        has_replicas=wire.has_replicas,
        replication_type=word(wire.replication_type),
        is_public=wire.is_public,
        availability_zone=word(wire.availability_zone),
        description=wire.description or None,
        share_network_id=word(wire.share_network_id),
        share_server_id=word(wire.share_server_id),
        snapshot_id=wire.snapshot_id,
        user_id=word(wire.user_id),
        project_id=word(wire.project_id),
        created_at=epoch(wire.created_at),
    )


def health(share: SharedFileSystem, now: float) -> Health:
    """In error, stuck while it is made, or with rules for access that never reached the back-end."""
    status = share.status or ""
    if "error" in status:
        return critical("in error" if status == "error" else status.replace("_", " "))
    if status in ("creating", "deleting", "managing", "unmanaging"):
        return (lasting(status, share.created_at, now, STUCK) if status == "creating" else None) or OK
    if status in SLOW:
        return ok(f"{status.replace('_', ' ')}: it moves data")
    if share.access_rules_status == "error":
        return warning("its access rules could not be applied")
    if (share.task_state or "").endswith("error"):
        return warning("its last migration failed")
    return OK


KIND = Kind(
    name="shares",
    title="Shares",
    aliases=("share", "manila"),
    about="one row per shared file system of any project: status, size, protocol, back-end",
    system="shared-file-system",
    optional=True,
    read=Rest(
        "shared-file-system",
        "/shares/detail",
        "shares",
        query=(("all_tenants", "1"),),
        microversion="2.65",
        page=1000,
        turn="offset",
    ),
    wire=ShareWire,
    row=row,
    fields=SharedFileSystem,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("status", "STATUS", "status", 1),
        Column("size", "SIZE", "bytes", 2),
        Column("share_proto", "PROTOCOL", "text", 2),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("host", "BACKEND", "text", 3, help="machine@backend#pool"),
        Column("share_type", "TYPE", "text", 4),
        Column("access_rules_status", "ACCESS", "status", 4, help="whether its rules for access are applied"),
        Column("task_state", "TASK", "status", 6, wide=True),
        Column("has_replicas", "REPLICAS", "flag", 6, wide=True),
        Column("replication_type", "REPLICATION", "text", 6, wide=True),
        Column("is_public", "PUBLIC", "flag", 6, wide=True, help="every project sees it"),
        Column("availability_zone", "ZONE", "text", 6, wide=True),
        Column("description", "DESCRIPTION", "text", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("share_network_id", "NETWORK ID", "ref", 6, wide=True),
        Column("share_server_id", "SERVER ID", "ref", 6, wide=True, help="the share server that exports it"),
        Column("snapshot_id", "SNAPSHOT ID", "ref", 6, wide=True, help="the snapshot that it was made from"),
        Column("user_id", "USER ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("shares"),
    links=(Link("projects", "id", "project_id", "its project"),),
    joins=("projects",),
    server_filters={"name": "name", "status": "status", "project_id": "project_id"},
    period=60.0,
    deadline=60.0,
    list_command="openstack share list --all-projects",
    show_command="openstack share show {id}",
)
