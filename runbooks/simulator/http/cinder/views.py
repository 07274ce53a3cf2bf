"""Cinder's objects as it sends them; which fields there are depends on the microversion and on who asks."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.clock import iso
from runbooks.simulator.http.call import Call
from runbooks.simulator.http.cinder.query import both_links
from runbooks.simulator.model.storage.records import Attachment, Backup, Snapshot, Volume, VolumeType

Row = dict[str, Any]


def moment(at: float | None) -> str | None:
    """A time as Cinder's database keeps it: whole seconds, printed with microseconds."""
    return None if at is None else iso(float(int(at)))


def volume_summary(call: Call, record: Volume) -> Row:
    """A volume as `GET /volumes` lists it."""
    return {"id": record.id, "name": record.name, "links": both_links(call, "volumes", record.id)}


def volume(call: Call, record: Volume) -> Row:
    """A whole volume."""
    storage = call.cloud.storage
    admin = call.user.is_admin
    kind = storage.types.get(record.type_id or "")
    row: Row = {
        "id": record.id,
        "status": storage.volumes.status(record),
        "size": record.size,
        "availability_zone": record.zone,
        "created_at": moment(record.created),
        "updated_at": moment(record.updated),
        "name": record.name,
        "description": record.description,
        "volume_type": kind.name if kind else None,
        "snapshot_id": record.snapshot_id,
        "source_volid": record.source_id,
        "metadata": record.metadata,
        "links": both_links(call, "volumes", record.id),
        "user_id": record.user_id,
        "bootable": str(record.bootable).lower(),
        "encrypted": False,
        "replication_status": None,
        "consistencygroup_id": None,
        "multiattach": record.multiattach,
        "attachments": [_attached(call, one) for one in record.attachments if one.status == "attached"],
    }
    if admin:
        row["migration_status"] = record.migration_status
    if call.version >= (3, 13):
        row["group_id"] = None
    if admin and call.version >= (3, 21):
        row["provider_id"] = None
    if call.version >= (3, 48):
        row["shared_targets"] = False if call.version < (3, 69) else None
        row["service_uuid"] = service_uuid(call, record.host)
    if admin and call.version >= (3, 61):
        row["cluster_name"] = None
    if call.version >= (3, 63):
        row["volume_type_id"] = record.type_id
    if call.version >= (3, 65):
        row["consumes_quota"] = True
    if admin:
        row["os-vol-host-attr:host"] = record.host
        row["os-vol-mig-status-attr:migstat"] = record.migration_status
        row["os-vol-mig-status-attr:name_id"] = None
    row["os-vol-tenant-attr:tenant_id"] = record.project_id
    if record.image_metadata:
        row["volume_image_metadata"] = record.image_metadata
    return row


def service_uuid(call: Call, host: str | None) -> str | None:
    """The id of the volume service behind `ctl01@rbd-1#rbd-1`."""
    return None if host is None else call.cloud.seed.uuid("cinder service", host.partition("#")[0])


def _attached(call: Call, one: Attachment) -> Row:
    return {
        "id": one.volume_id,
        "attachment_id": one.id,
        "volume_id": one.volume_id,
        "server_id": one.server_id,
        "host_name": one.host if call.user.is_admin else None,
        "device": one.device,
        "attached_at": moment(one.at),
    }


def attachment(one: Attachment, *, detail: bool) -> Row:
    """An attachment as its own API shows it."""
    row: Row = {"id": one.id, "status": one.status, "instance": one.server_id, "volume_id": one.volume_id}
    if detail and one.status == "reserved":
        row |= {"attached_at": "", "detached_at": "", "attach_mode": None, "connection_info": {}}
    elif detail:
        row |= {
            "attached_at": moment(one.at),
            "detached_at": "",
            "attach_mode": "rw",
            "connection_info": {
                "attachment_id": one.id,
                "driver_volume_type": "rbd",
                "name": f"volumes/volume-{one.volume_id}",
                "volume_id": one.volume_id,
            },
        }
    return row


def snapshot(call: Call, record: Snapshot) -> Row:
    """A whole snapshot."""
    row: Row = {
        "id": record.id,
        "created_at": moment(record.created),
        "updated_at": moment(record.updated),
        "name": record.name,
        "description": record.description,
        "volume_id": record.volume_id,
        "status": record.status,
        "size": record.size,
        "metadata": record.metadata,
    }
    if call.version >= (3, 14):
        row["group_snapshot_id"] = None
    if call.version >= (3, 41):
        row["user_id"] = record.user_id
    if call.version >= (3, 65):
        row["consumes_quota"] = True
    row["os-extended-snapshot-attributes:project_id"] = record.project_id
    row["os-extended-snapshot-attributes:progress"] = "100%" if record.status == "available" else "0%"
    return row


def backup_summary(call: Call, record: Backup) -> Row:
    """A backup as `GET /backups` lists it."""
    return {"id": record.id, "name": record.name, "links": both_links(call, "backups", record.id)}


def backup(call: Call, record: Backup) -> Row:
    """A whole backup."""
    row: Row = {
        "id": record.id,
        "status": record.status,
        "size": record.size,
        "object_count": record.objects,
        "availability_zone": "nova",
        "container": record.container,
        "created_at": moment(record.created),
        "updated_at": moment(record.updated),
        "name": record.name,
        "description": record.description,
        "fail_reason": record.fail_reason,
        "volume_id": record.volume_id,
        "links": both_links(call, "backups", record.id),
        "is_incremental": record.incremental,
        "has_dependent_backups": False,
        "snapshot_id": record.snapshot_id,
        "data_timestamp": moment(record.created),
    }
    if call.version >= (3, 43):
        row["metadata"] = {}
    if call.version >= (3, 18) and call.user.is_admin:
        row["os-backup-project-attr:project_id"] = record.project_id
    if call.version >= (3, 56):
        row["user_id"] = record.user_id
    return row


def volume_type(call: Call, record: VolumeType) -> Row:
    """A volume type."""
    row: Row = {
        "id": record.id,
        "name": record.name,
        "is_public": record.public,
        "description": record.description,
        "extra_specs": dict(record.extra_specs),
    }
    if call.user.is_admin:
        row["qos_specs_id"] = record.qos_specs_id
    row["os-volume-type-access:is_public"] = record.public
    return row
