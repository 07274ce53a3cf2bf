"""Cinder's driver of the lab: a volume is a sparse file on the volume service's host.

Loaded as cinder.volume.drivers.lab.
There is no device mapper and no iSCSI target in a host, so nothing is exported: a server that a volume is attached to
knows of it, and cannot read it. Sizes, snapshots, copies and what is left of the disk are real.

A back-end has two pools, so that a volume can migrate. Where cinder.conf names a `replication_device`, each file is on
that storage as well (a hard link: never out of step), and the back-end can fail over to it and back.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from cinder import exception, interface
from cinder.volume import driver, volume_utils

GIB = 1 << 30
HOME = "default"
"""What Cinder calls the storage that a back-end begins with."""


@interface.volumedriver
class LabVolumeDriver(driver.VolumeDriver):  # type: ignore[misc]
    """Volumes and snapshots are files in $state_path/volumes/BACKEND/STORAGE/POOL."""

    VERSION = "1.0"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = self.configuration.safe_get("volume_backend_name")
        self._pools = (self._name, f"{self._name}-spare")
        self._folder = Path("/var/lib/cinder/volumes", self._name)
        self._targets = [each["backend_id"] for each in self.configuration.safe_get("replication_device") or ()]
        self._active = kwargs.get("active_backend_id") or HOME

    def do_setup(self, context: Any) -> None:
        """Make the folders."""
        for storage in (HOME, *self._targets):
            for pool in self._pools:
                (self._folder / storage / pool).mkdir(parents=True, exist_ok=True)

    def check_for_setup_error(self) -> None:
        """The folder can be written to. Raises OSError."""
        (self._folder / ".check").touch()

    def _update_volume_stats(self) -> None:
        replication = {
            "replication_enabled": bool(self._targets),
            "replication_type": ["sync"],
            "replication_count": len(self._targets),
            "replication_targets": self._targets,
        }
        self._stats = {
            "volume_backend_name": self._name,
            "vendor_name": "Nephoscope lab",
            "driver_version": self.VERSION,
            "storage_protocol": "file",
            "pools": [self._pool(name) | replication for name in self._pools],
        } | replication

    def _pool(self, name: str) -> dict[str, Any]:
        """The second one reserves half of itself, so that the scheduler prefers the first."""
        disk = shutil.disk_usage(self._folder)
        used = sum(file.stat().st_size for file in (self._folder / self._active / name).iterdir()) / GIB
        return {
            "pool_name": name,
            "total_capacity_gb": round(disk.total / GIB, 2),
            "free_capacity_gb": round(disk.free / GIB, 2),
            "provisioned_capacity_gb": round(used, 2),
            "allocated_capacity_gb": round(used, 2),
            "reserved_percentage": 0 if name == self._pools[0] else 50,
            "max_over_subscription_ratio": 50,
            "thin_provisioning_support": True,
            "thick_provisioning_support": False,
            "multiattach": True,
        }

    def _everywhere(self, thing: Any) -> list[Path]:
        """Its file on each storage, the one that is in use first."""
        pool = volume_utils.extract_host(getattr(thing, "volume", thing).host, "pool")
        storages = sorted((HOME, *self._targets), key=lambda storage: storage != self._active)
        return [self._folder / storage / pool / str(thing.name) for storage in storages]

    def _file(self, thing: Any) -> Path:
        return self._everywhere(thing)[0]

    def _kept(self, volume: Any) -> dict[str, Any]:
        """It is as large as it should be, and on each storage where its type replicates; what Cinder is told of it."""
        first, *others = self._everywhere(volume)
        self._sized(first, volume.size)
        if not volume.is_replicated():
            return {}
        for other in others:
            other.unlink(missing_ok=True)
            other.hardlink_to(first)
        return {"replication_status": "enabled"}

    def _sized(self, path: Path, gib: int) -> None:
        with path.open("ab") as file:
            os.truncate(file.fileno(), gib * GIB)

    def create_volume(self, volume: Any) -> dict[str, Any]:
        """An empty sparse file."""
        return self._kept(volume)

    def delete_volume(self, volume: Any) -> None:
        """Remove the file; one that is gone is no trouble."""
        for path in self._everywhere(volume):
            path.unlink(missing_ok=True)

    def migrate_volume(self, context: Any, volume: Any, host: dict[str, Any]) -> tuple[bool, None]:
        """To the other pool of this back-end; elsewhere Cinder copies."""
        if volume_utils.extract_host(host["host"]) != volume_utils.extract_host(volume.host):
            return False, None
        pool = volume_utils.extract_host(host["host"], "pool")
        for path in self._everywhere(volume):
            if path.exists():
                path.rename(path.parent.parent / pool / path.name)
        return True, None

    def failover_host(
        self, context: Any, volumes: Any, secondary_id: str | None = None, groups: Any = None
    ) -> tuple[str, list[dict[str, Any]], list[Any]]:
        """To the storage that it replicates to, or back. Raises InvalidReplicationTarget for one that it has not."""
        wanted = secondary_id or next(iter(self._targets), "")
        if wanted not in (HOME, *self._targets):
            raise exception.InvalidReplicationTarget(reason=f"{wanted or 'none'} is no replication_device")
        self._active = wanted
        status = "enabled" if wanted == HOME else "failed-over"
        return wanted, [{"volume_id": each.id, "updates": {"replication_status": status}} for each in volumes], []

    def extend_volume(self, volume: Any, new_size: int) -> None:
        """A longer file."""
        self._sized(self._file(volume), new_size)

    def create_snapshot(self, snapshot: Any) -> None:
        """A copy that stays sparse."""
        self._copy(self._file(snapshot.volume), self._file(snapshot))

    def delete_snapshot(self, snapshot: Any) -> None:
        """Remove the copy."""
        self._file(snapshot).unlink(missing_ok=True)

    def create_volume_from_snapshot(self, volume: Any, snapshot: Any) -> dict[str, Any]:
        """A copy of the copy."""
        self._copy(self._file(snapshot), self._file(volume))
        return self._kept(volume)

    def create_cloned_volume(self, volume: Any, src_vref: Any) -> dict[str, Any]:
        """A copy of a volume."""
        self._copy(self._file(src_vref), self._file(volume))
        return self._kept(volume)

    def _copy(self, source: Path, target: Path) -> None:
        self._execute("cp", "--sparse=always", str(source), str(target))

    def copy_image_to_volume(
        self, context: Any, volume: Any, image_service: Any, image_id: str, disable_sparse: bool = False
    ) -> None:
        """The image's bytes at the beginning of the file; raw images only."""
        with self._file(volume).open("wb") as file:
            image_service.download(context, image_id, file)
        self._sized(self._file(volume), volume.size)

    def copy_volume_to_image(self, context: Any, volume: Any, image_service: Any, image_meta: Any) -> None:
        """The file as an image."""
        volume_utils.upload_volume(context, image_service, image_meta, str(self._file(volume)), volume)

    def ensure_export(self, context: Any, volume: Any) -> None:
        """Nothing is exported."""

    def create_export(self, context: Any, volume: Any, connector: Any) -> None:
        """Nothing is exported."""

    def remove_export(self, context: Any, volume: Any) -> None:
        """Nothing is exported."""

    def initialize_connection(self, volume: Any, connector: Any) -> dict[str, Any]:
        """Where the file is."""
        return {"driver_volume_type": "local", "data": {"device_path": str(self._file(volume))}}

    def terminate_connection(self, volume: Any, connector: Any, **kwargs: Any) -> None:
        """Nothing is connected."""
