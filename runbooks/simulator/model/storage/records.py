"""What Cinder keeps: volumes, snapshots, backups, volume types, services."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Attachment:
    """A volume is attached to a server."""

    id: str
    volume_id: str
    server_id: str
    device: str
    """`/dev/vdb`."""
    at: float
    host: str | None = None
    status: str = "attached"
    """`reserved` while no server has plugged it in."""


@dataclass(slots=True, kw_only=True)
class Volume:
    """A volume. Sizes are GiB, times seconds since the epoch."""

    id: str
    project_id: str
    user_id: str
    size: int
    created: float
    updated: float | None = None
    name: str | None = None
    description: str | None = None
    type_id: str | None = None
    status: str | None = None
    """What was set; None while it follows from its attachments: `available`, `reserved` or `in-use`."""
    host: str | None = None
    """`ctl01@rbd-1#rbd-1`; None until the scheduler chose one."""
    zone: str = "nova"
    bootable: bool = False
    readonly: bool = False
    multiattach: bool = False
    snapshot_id: str | None = None
    source_id: str | None = None
    migration_status: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    image_metadata: dict[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


@dataclass(slots=True, kw_only=True)
class Snapshot:
    """A snapshot of a volume."""

    id: str
    project_id: str
    user_id: str
    volume_id: str
    size: int
    created: float
    updated: float | None = None
    name: str | None = None
    description: str | None = None
    status: str = "available"
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Backup:
    """A backup of a volume."""

    id: str
    project_id: str
    user_id: str
    volume_id: str
    size: int
    created: float
    updated: float | None = None
    name: str | None = None
    description: str | None = None
    status: str = "available"
    container: str = "backups"
    host: str = ""
    fail_reason: str | None = None
    incremental: bool = False
    snapshot_id: str | None = None
    objects: int = 0


@dataclass(slots=True, kw_only=True)
class VolumeType:
    """A kind of volume that users choose."""

    id: str
    name: str
    description: str | None = None
    public: bool = True
    extra_specs: dict[str, str] = field(default_factory=dict)
    qos_specs_id: str | None = None


@dataclass(slots=True, kw_only=True)
class Service:
    """A row of Cinder's `services` table."""

    binary: str
    host: str
    """Its own name: `ctl01`, `ctl01@rbd-1`."""
    machine: str
    zone: str = "nova"
    disabled: bool = False
    disabled_reason: str | None = None
    frozen: bool = False
    replication_status: str = "disabled"
    active_backend_id: str | None = None
    replicas: tuple[str, ...] = ()
    """Of its back-end's `replication_device` in cinder.conf: the ids of the storage that it may fail over to."""
    configured: float = 0.0
    """When its part of cinder.conf was last written: what is there counts from its next start on."""
    modified: float | None = None
    """When an operator last changed it."""
