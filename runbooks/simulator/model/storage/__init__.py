"""Cinder of one region: services, volumes, snapshots, backups, types, quotas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runbooks.simulator.model.storage.records import Backup, Snapshot, Volume, VolumeType
from runbooks.simulator.model.storage.services import Services, build_services
from runbooks.simulator.model.storage.volumes import SIZES, Volumes

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

DAY = 86400.0
QUOTA = {
    "volumes": 10,
    "per_volume_gigabytes": -1,
    "snapshots": 10,
    "gigabytes": 1000,
    "backups": 10,
    "backup_gigabytes": 1000,
    "groups": 10,
}
"""Cinder's defaults, as recorded; each type adds three of its own, unlimited."""


@dataclass(slots=True)
class Storage:
    """Cinder of one region."""

    cloud: Cloud
    services: Services
    volumes: Volumes
    default_type: str
    """The type of volumes for which nobody named one."""
    capacity_gb: float
    """Of the Ceph pool that all backends share."""
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    backups: dict[str, Backup] = field(default_factory=dict)
    types: dict[str, VolumeType] = field(default_factory=dict)
    quotas: dict[str, dict[str, int]] = field(default_factory=dict)
    """What differs from `QUOTA`, by project."""

    def quota(self, project_id: str) -> dict[str, int]:
        """The limits of a project, by resource and by type; -1 is unlimited."""
        limits = dict(QUOTA)
        groups = limits.pop("groups")
        for kind in self.types.values():
            limits |= {f"{what}_{kind.name}": -1 for what in ("volumes", "gigabytes", "snapshots")}
        limits["groups"] = groups
        return limits | self.quotas.get(project_id, {})

    def used(self, project_id: str) -> dict[str, int]:
        """What a project uses of each of its limits."""
        found = dict.fromkeys(self.quota(project_id), 0)
        for volume in self.volumes.of_project(project_id):
            found["volumes"] += 1
            found["gigabytes"] += volume.size
            self._count(found, volume.type_id, volumes=1, gigabytes=volume.size)
        for snapshot in self.snapshots.values():
            if snapshot.project_id == project_id:
                found["snapshots"] += 1
                found["gigabytes"] += snapshot.size
                volume_type = self.type_of(snapshot.volume_id)
                self._count(found, volume_type, snapshots=1, gigabytes=snapshot.size)
        for backup in self.backups.values():
            if backup.project_id == project_id:
                found["backups"] += 1
                found["backup_gigabytes"] += backup.size
        return found

    def _count(self, found: dict[str, int], type_id: str | None, **more: int) -> None:
        kind = self.types.get(type_id or "")
        for what, amount in more.items():
            if kind is not None:
                found[f"{what}_{kind.name}"] += amount

    def type_of(self, volume_id: str) -> str | None:
        """The type of a volume."""
        volume = self.volumes.get(volume_id)
        return volume.type_id if volume else None

    def allocated_gb(self) -> int:
        """What all volumes together were promised; of the beginning's ones, by their average."""
        count = len(range(0, self.cloud.compute.servers.count, 4)) - len(self.volumes.gone)
        return sum(volume.size for volume in self.volumes.held.values()) + round(count * sum(SIZES) / len(SIZES))


def build_storage(cloud: Cloud) -> Storage:
    """A healthy Cinder: a type, the servers' volumes, some that nobody uses, snapshots, backups."""
    seed, region = cloud.seed, cloud.layout.region
    default = VolumeType(
        id=seed.uuid("volume type", "rbd-1"),
        name="rbd-1",
        description="Ceph, three copies",
        extra_specs={"volume_backend_name": "rbd-1"},
    )
    plain = VolumeType(
        id=seed.uuid("volume type", "__DEFAULT__"), name="__DEFAULT__", description="Default Volume Type"
    )
    needed = cloud.servers / 4 * sum(SIZES) / len(SIZES)
    storage = Storage(cloud, build_services(cloud), Volumes(cloud), default.id, max(51_200.0, round(needed * 1.8, 2)))
    cloud.storage = storage
    storage.types = {kind.id: kind for kind in (default, plain)}
    share = -(-cloud.servers // len(cloud.tenants))
    for number in range(len(cloud.tenants)):
        project = cloud.tenants[number].project_id
        storage.quotas[project] = {"volumes": max(20, share), "gigabytes": max(5000, 200 * share), "snapshots": 50}
    _spare(storage, seed.uuid("volume", region, "spare"))
    _copies(storage)
    return storage


def _spare(storage: Storage, first: str) -> None:
    """Volumes without a server: available ones, one whose deletion failed, one that never came about."""
    cloud = storage.cloud
    controller = cloud.hosts.with_role("control")[0].name
    for place, (name, size, status) in enumerate(
        (
            ("archive", 500, None),
            ("scratch", 10, None),
            ("old-database", 100, "error_deleting"),
            ("import", 50, "error"),
        )
    ):
        tenant = cloud.tenants[place]
        born = cloud.network.built - (60 - 15 * place) * DAY
        storage.volumes.add(
            Volume(
                id=cloud.seed.uuid("volume", cloud.layout.region, name) if place else first,
                project_id=tenant.project_id,
                user_id=tenant.user_id,
                size=size,
                created=born,
                updated=born + 4,
                name=name,
                type_id=storage.default_type,
                status=status,
                host=None if status == "error" else f"{controller}@rbd-1#rbd-1",
            )
        )


def _copies(storage: Storage) -> None:
    """Nightly snapshots and a backup of a volume in use of each of the first two tenants that have one."""
    cloud = storage.cloud
    first = (cloud.tenants[number] for number in range(min(len(cloud.tenants), 12)))
    used = [(tenant, one) for tenant in first for one in _in_use(storage, tenant.project_id)]
    for number, (tenant, volume) in enumerate(used[:2]):
        for night in range(1, 4):
            at = cloud.network.built - night * DAY
            snapshot = Snapshot(
                id=cloud.seed.uuid("snapshot", volume.id, night),
                project_id=tenant.project_id,
                user_id=tenant.user_id,
                volume_id=volume.id,
                size=volume.size,
                created=at,
                updated=at + 2,
                name=f"nightly-{night}",
            )
            storage.snapshots[snapshot.id] = snapshot
        failed = number == 1
        backup = Backup(
            id=cloud.seed.uuid("backup", volume.id),
            project_id=tenant.project_id,
            user_id=tenant.user_id,
            volume_id=volume.id,
            size=volume.size,
            created=cloud.network.built - 7 * DAY,
            updated=cloud.network.built - 7 * DAY + 600,
            name="weekly",
            status="error" if failed else "available",
            fail_reason="Backup should only be performed on an available or in-use volume" if failed else None,
            host=cloud.hosts.with_role("control")[0].name,
            objects=0 if failed else volume.size,
        )
        storage.backups[backup.id] = backup


def _in_use(storage: Storage, project_id: str) -> list[Volume]:
    """At most one attached volume of a project."""
    return [one for one in storage.volumes.of_project(project_id) if one.attachments][:1]
