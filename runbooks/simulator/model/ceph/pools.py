"""The pools of the cluster, and how full the cluster's images make them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from runbooks.simulator.model.ceph.images import IDLE, SAMPLE, sampled

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

OBJECT = 4 << 20
"""Bytes of a data object of an RBD image."""
LOOK, LARGE_LOOK = 5.0, 60.0
"""Seconds for which a count of the services' images holds."""
FULL, BACKFILLFULL, NEARFULL = 0.95, 0.90, 0.85
"""The ratios of the OSD map, Ceph's defaults."""


@dataclass(slots=True)
class Pool:
    """A replicated pool."""

    id: int
    name: str
    groups: int
    created: float
    application: str = "rbd"
    """Empty when nobody enabled one."""
    size: int = 3
    min_size: int = 2
    last_change: int = 20
    quota_bytes: int = 0
    quota_objects: int = 0

    @property
    def rbd(self) -> bool:
        """It holds images."""
        return self.name in ("images", "vms", "volumes", "scratch")

    @property
    def idle(self) -> bool:
        """Hardly anybody writes to it, so that its placement groups seldom report."""
        return self.name in IDLE


@dataclass(frozen=True, slots=True)
class Usage:
    """What a pool holds, one copy of it."""

    stored: int
    objects: int


SERVICE_POOLS = (("images", 32), ("vms", 64), ("volumes", 64), ("device_health_metrics", 1))
"""Name and placement groups, in the order in which they were made."""


def usage(cloud: Cloud, pool: Pool) -> Usage:
    """What it holds; of a large cloud, by the mean of some images, looked at once a minute."""
    if not pool.rbd:
        return Usage(0, 0)
    many = len(cloud.compute.servers)
    key = (many, len(cloud.storage.volumes.held), int(cloud.now() // (LARGE_LOOK if many > SAMPLE else LOOK)))
    if cloud.ceph.counted.get(pool.id, ((), None))[0] != key:
        cloud.ceph.counted[pool.id] = key, _services(cloud, pool)
    count, stored = cloud.ceph.counted[pool.id][1]
    extra = sum(image.used for image in cloud.ceph.images if image.pool == pool.name)
    return Usage(stored + extra, (stored + extra) // OBJECT + 3 * count + (1 if count else 0))


def _services(cloud: Cloud, pool: Pool) -> tuple[int, int]:
    """How many images the services have there, and the bytes of them."""
    count, sample = sampled(cloud, pool.name)
    stored = sum(image.used for image in sample)
    if sample and count > len(sample):
        stored = stored // len(sample) * count
    return count, stored


@lru_cache(maxsize=64)
def shares(pool: int, groups: int) -> tuple[float, ...]:
    """Which part of a pool's data each of its placement groups has: nearly the same, never quite."""
    raw = [1.0 + ((number * 2654435761 + pool * 40503) % 1000 / 1000 - 0.5) * 0.2 for number in range(groups)]
    total = sum(raw)
    return tuple(each / total for each in raw)
