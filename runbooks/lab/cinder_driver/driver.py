"""Cinder's driver of the lab: a volume is a sparse file on the volume service's host.

Loaded as cinder.volume.drivers.lab.
There is no device mapper and no iSCSI target in a host, so nothing is exported: a server that a volume is attached to
knows of it, and cannot read it. Sizes, snapshots, copies and what is left of the disk are real.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from cinder import interface
from cinder.volume import driver, volume_utils

GIB = 1 << 30


@interface.volumedriver
class LabVolumeDriver(driver.VolumeDriver):  # type: ignore[misc]
    """Volumes and snapshots are files in $state_path/volumes/BACKEND."""

    VERSION = "1.0"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = self.configuration.safe_get("volume_backend_name")
        self._folder = Path("/var/lib/cinder/volumes", self._name)

    def do_setup(self, context: Any) -> None:
        """Make the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def check_for_setup_error(self) -> None:
        """The folder can be written to. Raises OSError."""
        (self._folder / ".check").touch()

    def _update_volume_stats(self) -> None:
        disk = shutil.disk_usage(self._folder)
        used = sum(file.stat().st_size for file in self._folder.iterdir()) / GIB
        pool = {
            "pool_name": self._name,
            "total_capacity_gb": round(disk.total / GIB, 2),
            "free_capacity_gb": round(disk.free / GIB, 2),
            "provisioned_capacity_gb": round(used, 2),
            "allocated_capacity_gb": round(used, 2),
            "reserved_percentage": 0,
            "max_over_subscription_ratio": 50,
            "thin_provisioning_support": True,
            "thick_provisioning_support": False,
            "multiattach": True,
        }
        self._stats = {
            "volume_backend_name": self._name,
            "vendor_name": "Nephoscope lab",
            "driver_version": self.VERSION,
            "storage_protocol": "file",
            "pools": [pool],
        }

    def _file(self, thing: Any) -> Path:
        return self._folder / str(thing.name)

    def _sized(self, path: Path, gib: int) -> None:
        with path.open("ab") as file:
            os.truncate(file.fileno(), gib * GIB)

    def create_volume(self, volume: Any) -> None:
        """An empty sparse file."""
        self._sized(self._file(volume), volume.size)

    def delete_volume(self, volume: Any) -> None:
        """Remove the file; one that is gone is no trouble."""
        self._file(volume).unlink(missing_ok=True)

    def extend_volume(self, volume: Any, new_size: int) -> None:
        """A longer file."""
        self._sized(self._file(volume), new_size)

    def create_snapshot(self, snapshot: Any) -> None:
        """A copy that stays sparse."""
        self._copy(self._folder / snapshot.volume_name, self._file(snapshot))

    def delete_snapshot(self, snapshot: Any) -> None:
        """Remove the copy."""
        self._file(snapshot).unlink(missing_ok=True)

    def create_volume_from_snapshot(self, volume: Any, snapshot: Any) -> None:
        """A copy of the copy."""
        self._copy(self._file(snapshot), self._file(volume))
        self._sized(self._file(volume), volume.size)

    def create_cloned_volume(self, volume: Any, src_vref: Any) -> None:
        """A copy of a volume."""
        self._copy(self._file(src_vref), self._file(volume))
        self._sized(self._file(volume), volume.size)

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
