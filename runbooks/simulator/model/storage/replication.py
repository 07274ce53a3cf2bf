"""Back-ends that replicate to a second storage, and failing over to it, as cinder-volume does it.

No back-end of this cloud replicates from the beginning. One does once `replication_device` is in its part of
cinder.conf and its service was started again. Failing over tells Cinder where the data is from now on: the service is
disabled, and the volumes that were not replicated are in error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runbooks.simulator.model import rpc
from runbooks.simulator.model.storage.work import runs

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.storage.records import Service, Volume

HOME = "default"
"""What stands for the first storage: failing over to it is failing back."""
TAKES = 4.0
"""Seconds."""
_DEVICE = re.compile(r"^\s*replication_device\s*=\s*(?:.*,)?\s*backend_id:([^,\s]+)", re.M)


def configure(service: Service, text: str, now: float) -> None:
    """Its part of cinder.conf was written."""
    service.replicas, service.configured = tuple(_DEVICE.findall(text)), now


def status(cloud: Cloud, service: Service) -> str:
    """Cinder's `replication_status` of a volume service."""
    if service.replication_status != "disabled" or not service.replicas:
        return service.replication_status
    machine = cloud.hosts[service.machine]
    return "enabled" if machine.started("cinder_volume") > service.configured else "disabled"


def fail_over(cloud: Cloud, service: Service, target: str | None) -> None:
    """Begin to fail over to the storage `target` (None: the first of them), or back to the first."""
    before = status(cloud, service)
    service.replication_status, service.modified = "failing-over", cloud.now()

    def done(at: float) -> None:
        found = target or next(iter(service.replicas), "")
        service.modified = at
        if found == HOME:
            service.replication_status, service.active_backend_id = "enabled", ""
            service.disabled = service.frozen
            service.disabled_reason = "frozen" if service.frozen else ""
        elif found not in service.replicas:
            service.replication_status = before  # the driver knows no such storage, and its log alone says so
        else:
            service.replication_status, service.active_backend_id = "failed-over", found
            service.disabled, service.disabled_reason = True, "failed-over"
            _lose(cloud, service, at)

    rpc.when(cloud, lambda: runs(cloud, service.host), cloud.now() + TAKES, done)


def _lose(cloud: Cloud, service: Service, at: float) -> None:
    """What was not replicated is in error, with its snapshots, and stays so after failing back."""
    storage = cloud.storage
    lost = [one for one in storage.volumes.newest() if (one.host or "").startswith(f"{service.host}#")]
    for volume in lost:
        if _replicated(cloud, volume):
            continue
        storage.volumes.change(volume, at, status="error")
        for snapshot in storage.snapshots.values():
            if snapshot.volume_id == volume.id:
                snapshot.status = "error"


def _replicated(cloud: Cloud, volume: Volume) -> bool:
    kind = cloud.storage.types.get(volume.type_id or "")
    return kind is not None and kind.extra_specs.get("replication_enabled") == "<is> True"
