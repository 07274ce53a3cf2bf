"""What Cinder's services do after the API has answered: volumes, snapshots and backups are made and removed.

Work takes seconds of the cloud's clock. A scheduler must run to choose a backend (until then the volume stays
`creating`), and a backend must be up (else it becomes `error`: no valid backend). A message to a service that is down
waits until it is back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbooks.simulator.model import rpc
from runbooks.simulator.model.storage.services import BACKUP, SCHEDULER, pool
from runbooks.simulator.model.timers import Step

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

SCHEDULING = 1.0
CREATION = 2.0
IMAGE_COPY = 8.0
DELETION = 2.0
EXTENSION = 1.5
RETYPE = 1.0
MIGRATION = 5.0
SNAPSHOT = 2.0
BACKUP_PER_GB = 1.0
"""Seconds each."""


def create(cloud: Cloud, volume_id: str, *, from_image: bool) -> None:
    """Have a new volume scheduled and made."""

    def schedule(at: float) -> None:
        volumes = cloud.storage.volumes
        volume = volumes.get(volume_id)
        if volume is None or volume.status != "creating":
            return
        found = [one for one in cloud.storage.services.backends() if not one.frozen]
        if not found:
            volumes.change(volume, at, status="error")
            return
        host = pool(found[cloud.seed.number(len(found), "backend", volume_id)])
        volumes.change(volume, at, host=host, status="downloading" if from_image else "creating")
        rpc.when(cloud, lambda: runs(cloud, host), at + CREATION + (IMAGE_COPY if from_image else 0), made)

    def made(at: float) -> None:
        volume = cloud.storage.volumes.get(volume_id)
        if volume is not None and volume.status in ("creating", "downloading"):
            cloud.storage.volumes.change(volume, at, status=None)

    rpc.when(cloud, lambda: _scheduling(cloud), cloud.now() + SCHEDULING, schedule)


def delete(cloud: Cloud, volume_id: str) -> None:
    """Have a volume removed, with its snapshots."""

    def removed(at: float) -> None:
        storage = cloud.storage
        volume = storage.volumes.get(volume_id)
        if volume is None or volume.status != "deleting":
            return
        for one in [one for one in storage.snapshots.values() if one.volume_id == volume_id]:
            del storage.snapshots[one.id]
        storage.volumes.delete(volume)

    _on_backend(cloud, volume_id, DELETION, removed)


def extend(cloud: Cloud, volume_id: str, size: int) -> None:
    """Have a volume enlarged."""

    def extended(at: float) -> None:
        volume = cloud.storage.volumes.get(volume_id)
        if volume is not None and volume.status == "extending":
            cloud.storage.volumes.change(volume, at, status=None, size=size)

    _on_backend(cloud, volume_id, EXTENSION, extended)


def retype(cloud: Cloud, volume_id: str, type_id: str, *, moves: bool) -> None:
    """Have a volume given another type: where it is, or (with `moves`) on a back-end of that type; else it stays."""

    def schedule(at: float) -> None:
        storage = cloud.storage
        volume, kind = storage.volumes.get(volume_id), storage.types.get(type_id)
        if volume is None or volume.status != "retyping":
            return
        wanted = "" if kind is None else kind.extra_specs.get("volume_backend_name", "")
        here = _name(volume.host or "")
        if wanted in ("", here):
            host = volume.host
        else:
            able = [pool(one) for one in storage.services.backends() if not one.frozen and _name(pool(one)) == wanted]
            host = able[0] if able and moves else None
        if kind is None or host is None:
            storage.volumes.change(volume, at, status=None)  # no valid back-end: it is given back as it was
            return
        takes = RETYPE if host == volume.host else MIGRATION
        rpc.when(cloud, lambda: runs(cloud, host), at + takes, lambda at: given(at, host))

    def given(at: float, host: str) -> None:
        volume = cloud.storage.volumes.get(volume_id)
        if volume is not None and volume.status == "retyping":
            cloud.storage.volumes.change(volume, at, status=None, type_id=type_id, host=host)

    rpc.when(cloud, lambda: _scheduling(cloud), cloud.now() + SCHEDULING, schedule)


def snapshot(cloud: Cloud, snapshot_id: str, *, remove: bool = False) -> None:
    """Have a snapshot made, or removed."""

    def done(at: float) -> None:
        found = cloud.storage.snapshots.get(snapshot_id)
        if found is not None and remove and found.status == "deleting":
            del cloud.storage.snapshots[snapshot_id]
        elif found is not None and not remove and found.status == "creating":
            found.status, found.updated = "available", at

    _on_backend(cloud, cloud.storage.snapshots[snapshot_id].volume_id, SNAPSHOT, done)


def backup(cloud: Cloud, backup_id: str, *, remove: bool = False) -> None:
    """Have a backup made, or removed."""
    storage = cloud.storage

    def done(at: float) -> None:
        found = storage.backups.get(backup_id)
        if found is None or found.status != ("deleting" if remove else "creating"):
            return
        if remove:
            del storage.backups[backup_id]
            return
        found.status, found.updated, found.objects = "available", at, found.size
        volume = storage.volumes.get(found.volume_id)
        if volume is not None and volume.status == "backing-up":
            storage.volumes.change(volume, at, status=None)

    takes = DELETION if remove else 2.0 + BACKUP_PER_GB * storage.backups[backup_id].size
    rpc.when(cloud, lambda: bool(storage.services.usable(BACKUP)), cloud.now() + takes, done)


def _on_backend(cloud: Cloud, volume_id: str, takes: float, step: Step) -> None:
    """Run `step` on the volume service of a volume; one without a backend needs none."""
    volume = cloud.storage.volumes.get(volume_id)
    host = volume.host if volume is not None else None
    rpc.when(cloud, lambda: host is None or runs(cloud, host), cloud.now() + takes, step)


def _name(host: str) -> str:
    """The back-end of `ctl01@rbd-1#rbd-1`."""
    return host.partition("@")[2].partition("#")[0]


def _scheduling(cloud: Cloud) -> bool:
    return cloud.rabbitmq.serving() and bool(cloud.storage.services.usable(SCHEDULER))


def runs(cloud: Cloud, host: str) -> bool:
    """True while the cinder-volume of `ctl01@rbd-1#rbd-1` can be reached and works."""
    machine = host.partition("@")[0]
    return cloud.rabbitmq.serving() and machine in cloud.hosts and cloud.hosts[machine].alive("cinder_volume")
