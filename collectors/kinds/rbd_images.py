"""RBD images by the service that they belong to: volumes, servers' disks, images; and those that belong to nobody.

Cinder names them `volume-ID`, Nova `ID_disk`, Glance by the image's id; whoever is not among the cloud's own is an
orphan: space that nobody frees.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from collectors.health import OK, Health, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import listed, word
from collectors.request import Ceph
from collectors.rollup import Count
from collectors.values import epoch

_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAMES: Final = (
    (re.compile(rf"volume-({_UUID})(?:\.deleted)?"), "volumes"),
    (re.compile(rf"({_UUID})_disk(?:\.\w+)?"), "servers"),
    (re.compile(rf"({_UUID})"), "images"),
)
"""How Cinder (volume_name_template), Nova (images_type = rbd) and Glance name their images → kind of the owner."""


class ImageWire(Wire):
    """An image as the dashboard, librbd or `rbd ls -l` tells it."""

    pool_name: str
    name: str
    id: str | None = None
    size: int | None = None
    timestamp: str | None = None
    snapshots: list[dict[str, Any]] | None = None
    parent: dict[str, Any] | None = None
    namespace: str | None = None


class RbdImage(Row, frozen=True):
    """One image."""

    id: str
    name: str
    pool: str
    owner_kind: str | None
    owner: str | None
    owner_name: str | None
    orphan: bool | None
    looked_up: bool
    size: int | None
    snapshots: int
    snapshot_names: str | None
    parent: str | None
    created: float | None
    volume: str | None
    server: str | None
    image: str | None


def _owner(name: str) -> tuple[str | None, str | None]:
    """(kind, id) of whom an image of that name belongs to."""
    for pattern, kind in _NAMES:
        if found := pattern.fullmatch(name):
            return kind, found[1]
    return None, None


def _is_orphan(kind: str | None, known: Mapping[str, Any] | None, found: object) -> bool | None:
    """None while its owner's kind has not been read; and for images that are not listed, since Glance hides some."""
    if known is None or (kind == "images" and found is None):
        return None
    return found is None


def row(wire: ImageWire, reading: Reading) -> RbdImage:
    """An orphan is one whose owner's kind has been read and does not have it."""
    kind, identity = _owner(wire.name)
    known: Mapping[str, Any] | None = reading.joins.get(kind) if kind else None
    found = known.get(identity or "") if known is not None else None
    parent = wire.parent or {}
    return RbdImage(
        id=f"{wire.pool_name}/{wire.name}",
        name=wire.name,
        pool=word(wire.pool_name) or "",
        owner_kind=word(kind),
        owner=identity,
        owner_name=getattr(found, "name", None) or None,
        orphan=_is_orphan(kind, known, found),
        looked_up=known is not None,
        size=wire.size,
        snapshots=len(wire.snapshots or ()),
        snapshot_names=listed(each.get("name") for each in wire.snapshots or ()),
        parent=f"{parent.get('pool_name')}/{parent.get('image_name')}" if parent.get("image_name") else None,
        created=epoch(wire.timestamp),
        volume=identity if kind == "volumes" else None,
        server=identity if kind == "servers" else None,
        image=identity if kind == "images" else None,
    )


def health(image: RbdImage, now: float) -> Health:
    """Whoever belongs to nobody is told; names that no service gives are somebody else's business."""
    if image.owner_kind == "images" and image.orphan is None and image.looked_up:
        return unknown("none of the images that are listed: it is hidden, or an orphan")
    if image.orphan:
        return warning(f"an orphan: none of the {image.owner_kind} that we see has the id {image.owner}")
    return OK


KIND = Kind(
    name="rbd-images",
    title="RBD images",
    aliases=("rbd-image", "rbd"),
    about="one row per RBD image: its volume, server or image, size, snapshots, orphans",
    system="ceph",
    read=Ceph("rbd-images"),
    wire=ImageWire,
    row=row,
    fields=RbdImage,
    columns=(
        Column("name", "IMAGE", "name", 1),
        Column("pool", "POOL", "ref", 1),
        Column("owner_kind", "OF", "text", 2, help="by its name"),
        Column("owner_name", "OWNER", "ref", 3, joined=True),
        Column("size", "SIZE", "bytes", 2),
        Column("snapshots", "SNAPSHOTS", "number", 4),
        Column("parent", "CLONE OF", "ref", 5),
        Column("orphan", "ORPHAN", "flag", 4, joined=True, help="its owner is not among the cloud's"),
        Column("created", "CREATED", "time", 5, fresh=0.0),
        Column("owner", "OWNER ID", "ref", 6, wide=True),
        Column("snapshot_names", "SNAPSHOT NAMES", "text", 7, wide=True),
        Column("looked_up", "LOOKED UP", "flag", 8, wide=True, joined=True, help="its owner's kind has been read"),
        Column("volume", "VOLUME ID", "ref", 8, wide=True),
        Column("server", "SERVER ID", "ref", 8, wide=True),
        Column("image", "IMAGE ID", "ref", 8, wide=True),
        Column("id", "ID", "id", 7, wide=True),
    ),
    sort=("pool", "name"),
    health=health,
    rollup=Count("RBD images"),
    links=(
        Link("volumes", "id", "volume", "its volume", when="owner_kind=volumes"),
        Link("servers", "id", "server", "its server", when="owner_kind=servers"),
        Link("images", "id", "image", "its image", when="owner_kind=images"),
        Link("pools", "name", "pool", "its pool"),
    ),
    joins=("volumes", "servers", "images"),
    period=120.0,
    deadline=60.0,
    list_command="rbd ls --long --pool POOL",
    show_command="rbd info {id}",
)
