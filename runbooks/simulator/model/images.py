"""Glance of one region: images, who they are shared with, and what data they hold (sizes and sums only)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha512
from typing import TYPE_CHECKING

from runbooks.simulator.model.first_servers import IMAGES

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

DAY = 86400.0


@dataclass(slots=True)
class Member:
    """A project that a shared image was offered to."""

    project_id: str
    created: float
    updated: float
    status: str = "pending"


@dataclass(slots=True, kw_only=True)
class Image:
    """An image. Sizes are bytes (`min_ram` MiB, `min_disk` GiB), times seconds since the epoch."""

    id: str
    owner: str
    name: str | None
    created: float
    updated: float
    status: str = "queued"
    visibility: str = "shared"
    disk_format: str | None = None
    container_format: str | None = None
    size: int | None = None
    virtual_size: int | None = None
    checksum: str | None = None
    hash_value: str | None = None
    min_ram: int = 0
    min_disk: int = 0
    protected: bool = False
    hidden: bool = False
    stores: str | None = None
    tags: list[str] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)

    def fill(self, size: int, checksum: str, at: float) -> None:
        """Give it its data."""
        self.size, self.checksum, self.updated, self.status = size, checksum, at, "active"
        self.virtual_size = size
        self.hash_value = sha512(checksum.encode()).hexdigest()
        self.stores = "rbd"


@dataclass(slots=True)
class Images:
    """Glance of one region."""

    cloud: Cloud
    by_id: dict[str, Image] = field(default_factory=dict)

    def get(self, identity: str) -> Image | None:
        """The image with this id."""
        return self.by_id.get(identity)

    def add(self, image: Image) -> None:
        """Keep a new image."""
        self.by_id[image.id] = image

    def newest(self) -> Iterator[Image]:
        """All images, newest first, as Glance lists them."""
        return iter(sorted(self.by_id.values(), key=lambda image: (image.created, image.id), reverse=True))


_SYSTEMS = {"debian-12": "debian", "ubuntu-24.04": "ubuntu", "rocky-9": "rocky", "cirros-0.6.2": "cirros"}


def build_images(cloud: Cloud) -> Images:
    """The public images of the servers, one that a tenant shares, a deactivated one, one that was never uploaded."""
    images = Images(cloud)
    project = cloud.identity.project_named("admin")
    admin = project.id if project else ""
    for place, name in enumerate(IMAGES):
        image = _image(cloud, name, admin, 240 - 10 * place, megabytes=340 + 60 * place if name[0] != "c" else 21)
        image.visibility = "public"
        image.protected = name.startswith("debian")
        image.properties |= {
            "os_distro": _SYSTEMS[name],
            "os_version": name.rpartition("-")[2],
            "hw_rng_model": "virtio",
        }
        images.add(image)
    first, second = cloud.tenants[0], cloud.tenants[1]
    golden = _image(cloud, f"{first.name}-golden", first.project_id, 40, megabytes=2100)
    at = golden.created + 60
    golden.members[second.project_id] = Member(second.project_id, at, at + 900, "accepted")
    golden.tags = ["golden", "web"]
    old = _image(cloud, "debian-11", admin, 600, megabytes=310)
    old.visibility, old.status, old.hidden = "public", "deactivated", True
    private = _image(cloud, f"{second.name}-snapshot", second.project_id, 3, megabytes=5300)
    private.visibility = "private"
    private.properties |= {"image_type": "snapshot", "base_image_ref": cloud.seed.uuid("image", IMAGES[0])}
    never = Image(
        id=cloud.seed.uuid("image", "never-uploaded"),
        owner=second.project_id,
        name="never-uploaded",
        created=cloud.now() - 2 * DAY,
        updated=cloud.now() - 2 * DAY,
        disk_format="qcow2",
        container_format="bare",
    )
    for image in (golden, old, private, never):
        images.add(image)
    return images


def _image(cloud: Cloud, name: str, owner: str, days: float, *, megabytes: int) -> Image:
    at = cloud.now() - days * DAY
    image = Image(
        id=cloud.seed.uuid("image", name),
        owner=owner,
        name=name,
        created=at,
        updated=at,
        disk_format="raw" if megabytes > 2000 else "qcow2",
        container_format="bare",
    )
    exact = (megabytes << 20) + cloud.seed.number(1 << 11, "image size", name) * 512
    image.fill(exact, cloud.seed.hex("image data", name), at + 8)
    if image.disk_format == "qcow2":
        image.virtual_size = (2 << 30) if megabytes > 100 else 117_440_512
    return image
