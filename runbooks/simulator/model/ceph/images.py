"""RBD images: those behind Glance's images, Cinder's volumes and Nova's disks, and those that nobody knows any more.

They are computed from the services' own records, so that an image appears and goes with its volume or server.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

IDLE = frozenset(("images", "device_health_metrics"))
SAMPLE = 500
"""Images of a pool that are counted one by one."""
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class RbdImage:
    """An image of a pool."""

    pool: str
    name: str
    id: str
    size: int
    used: int
    created: float
    snapshots: tuple[str, ...] = ()
    """Names; the one of a Glance image is protected."""
    parent: str = ""
    """`images/UUID@snap` of a clone."""
    order: int = 22
    """The size of its objects, as a power of two."""

    @property
    def objects(self) -> int:
        return -(-self.size // (1 << self.order))


def images(cloud: Cloud, pool: str) -> Iterator[RbdImage]:
    """All images of a pool."""
    yield from _of_service(cloud, pool)
    yield from (image for image in cloud.ceph.images if image.pool == pool)


def find(cloud: Cloud, pool: str, name: str) -> RbdImage | None:
    """One image by its name."""
    return next((image for image in images(cloud, pool) if image.name == name), None)


def sampled(cloud: Cloud, pool: str) -> tuple[int, list[RbdImage]]:
    """How many images the service has in the pool, and the first of them."""
    first = list(islice(_of_service(cloud, pool), SAMPLE + 1))
    if len(first) <= SAMPLE:
        return len(first), first
    many = len(cloud.compute.servers)
    return (many if pool == "vms" else many // 4), first


def _of_service(cloud: Cloud, pool: str) -> Iterator[RbdImage]:
    if pool == "images":
        yield from _glance(cloud)
    elif pool == "volumes":
        yield from _cinder(cloud)
    elif pool == "vms":
        yield from _nova(cloud)


def rbd_id(cloud: Cloud, *words: object) -> str:
    """The id inside the pool, as `rbd info` shows it."""
    return cloud.seed.hex("rbd", *words)[:12]


def _glance(cloud: Cloud) -> Iterator[RbdImage]:
    for image in cloud.images.by_id.values():
        if image.size is not None and image.stores == "rbd":
            made = rbd_id(cloud, image.id)
            yield RbdImage("images", image.id, made, image.size, image.size, image.created, ("snap",), order=23)


def _cinder(cloud: Cloud) -> Iterator[RbdImage]:
    held: dict[str, list[str]] = {}
    for snapshot in cloud.storage.snapshots.values():
        held.setdefault(snapshot.volume_id, []).append(f"snapshot-{snapshot.id}")
    for volume in cloud.storage.volumes.newest():
        if volume.host is None:
            continue  # no back end ever took it
        name, size = f"volume-{volume.id}", volume.size * GIB
        taken = tuple(held.get(volume.id, ()))
        used = int(size * (0.15 + 0.5 * cloud.seed.fraction("written", volume.id))) >> 22 << 22
        yield RbdImage("volumes", name, rbd_id(cloud, name), size, used, volume.created, taken)


def _nova(cloud: Cloud) -> Iterator[RbdImage]:
    for server in cloud.compute.servers.newest():
        if not server.image_id or server.launched is None:
            continue  # it boots from a volume, or never came about
        name, size = f"{server.id}_disk", server.flavor.disk * GIB
        used = int(size * (0.05 + 0.4 * cloud.seed.fraction("written", server.id))) >> 22 << 22
        parent = f"images/{server.image_id}@snap" if cloud.images.get(server.image_id) else ""
        yield RbdImage("vms", name, rbd_id(cloud, name), size, used, server.launched, parent=parent)


def orphans(cloud: Cloud) -> list[RbdImage]:
    """What was left behind: a volume that Cinder's database lost, the disk of a server whose host died meanwhile."""
    seed, now = cloud.seed, cloud.now()
    volume = f"volume-{seed.uuid('orphan', 'volume')}"
    disk = f"{seed.uuid('orphan', 'disk')}_disk"
    return [
        RbdImage("volumes", volume, rbd_id(cloud, volume), 40 * GIB, 11 * GIB, now - 71 * 86400.0),
        RbdImage("vms", disk, rbd_id(cloud, disk), 20 * GIB, 3 * GIB, now - 33 * 86400.0),
    ]
