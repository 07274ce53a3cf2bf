"""What Cinder's services do after the API has answered: volumes, snapshots and backups are made and removed.

Work begins at once and takes seconds of the cloud's clock. A scheduler must run to choose a backend (else the volume
stays `creating`), and a backend must be up (else it becomes `error`: no valid backend).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbooks.simulator.model.storage.services import BACKUP, SCHEDULER, pool

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.storage.records import Service

SCHEDULING = 1.0
CREATION = 2.0
IMAGE_COPY = 8.0
DELETION = 2.0
EXTENSION = 1.5
SNAPSHOT = 2.0
BACKUP_PER_GB = 1.0
"""Seconds each."""


def create(cloud: Cloud, volume_id: str, *, from_image: bool) -> None:
    """Have a new volume scheduled and made."""
    cloud.timers.at(cloud.now() + SCHEDULING, lambda at: _schedule(cloud, volume_id, from_image, at))


def _schedule(cloud: Cloud, volume_id: str, from_image: bool, at: float) -> None:
    storage = cloud.storage
    volume = storage.volumes.get(volume_id)
    if volume is None or not storage.services.usable(SCHEDULER) or not cloud.rabbitmq.serving():
        return
    found = [one for one in storage.services.backends() if not one.frozen]
    if not found:
        storage.volumes.change(volume, at, status="error")
        return
    chosen: Service = found[cloud.seed.number(len(found), "backend", volume_id)]
    storage.volumes.change(volume, at, host=pool(chosen), status="downloading" if from_image else "creating")
    done = at + CREATION + (IMAGE_COPY if from_image else 0)
    cloud.timers.at(done, lambda when: _made(cloud, volume_id, when))


def _made(cloud: Cloud, volume_id: str, at: float) -> None:
    storage = cloud.storage
    volume = storage.volumes.get(volume_id)
    if volume is None or volume.host is None or not runs(cloud, volume.host):
        return
    if volume.status in ("creating", "downloading"):
        storage.volumes.change(volume, at, status=None)


def delete(cloud: Cloud, volume_id: str) -> None:
    """Have a volume removed, with the snapshots that are `deleting`."""
    cloud.timers.at(cloud.now() + DELETION, lambda at: _removed(cloud, volume_id))


def _removed(cloud: Cloud, volume_id: str) -> None:
    storage = cloud.storage
    volume = storage.volumes.get(volume_id)
    if volume is None or volume.status != "deleting":
        return
    if volume.host is not None and not runs(cloud, volume.host):
        return  # the message waits for a cinder-volume that is not there
    for snapshot in [one for one in storage.snapshots.values() if one.volume_id == volume_id]:
        del storage.snapshots[snapshot.id]
    storage.volumes.delete(volume)


def extend(cloud: Cloud, volume_id: str, size: int) -> None:
    """Have a volume enlarged."""
    cloud.timers.at(cloud.now() + EXTENSION, lambda at: _extended(cloud, volume_id, size, at))


def _extended(cloud: Cloud, volume_id: str, size: int, at: float) -> None:
    volume = cloud.storage.volumes.get(volume_id)
    if volume is not None and volume.status == "extending" and volume.host and runs(cloud, volume.host):
        cloud.storage.volumes.change(volume, at, status=None, size=size)


def snapshot(cloud: Cloud, snapshot_id: str, *, remove: bool = False) -> None:
    """Have a snapshot made, or removed."""
    cloud.timers.at(cloud.now() + SNAPSHOT, lambda at: _snapshot_done(cloud, snapshot_id, remove, at))


def _snapshot_done(cloud: Cloud, snapshot_id: str, remove: bool, at: float) -> None:
    storage = cloud.storage
    found = storage.snapshots.get(snapshot_id)
    volume = storage.volumes.get(found.volume_id) if found is not None else None
    if found is None or (volume is not None and volume.host and not runs(cloud, volume.host)):
        return
    if remove and found.status == "deleting":
        del storage.snapshots[snapshot_id]
    elif not remove and found.status == "creating":
        found.status, found.updated = "available", at


def backup(cloud: Cloud, backup_id: str, *, remove: bool = False) -> None:
    """Have a backup made, or removed."""
    found = cloud.storage.backups[backup_id]
    takes = DELETION if remove else 2.0 + BACKUP_PER_GB * found.size
    cloud.timers.at(cloud.now() + takes, lambda at: _backup_done(cloud, backup_id, remove, at))


def _backup_done(cloud: Cloud, backup_id: str, remove: bool, at: float) -> None:
    storage = cloud.storage
    found = storage.backups.get(backup_id)
    if found is None or not storage.services.usable(BACKUP):
        return
    if remove and found.status == "deleting":
        del storage.backups[backup_id]
    elif not remove and found.status == "creating":
        found.status, found.updated, found.objects = "available", at, found.size
        volume = storage.volumes.get(found.volume_id)
        if volume is not None and volume.status == "backing-up":
            storage.volumes.change(volume, at, status=None)


def runs(cloud: Cloud, host: str) -> bool:
    """True while the cinder-volume of `ctl01@rbd-1#rbd-1` can be reached and works."""
    machine = host.partition("@")[0]
    return cloud.rabbitmq.serving() and machine in cloud.hosts and cloud.hosts[machine].alive("cinder_volume")
