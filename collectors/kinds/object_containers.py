"""Swift's containers of our own account: how many objects and how much. Swift has no list of all accounts."""

from __future__ import annotations

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch


class ContainerWire(Wire):
    """`GET` of the account as JSON; `last_modified` since 2.9, the policy since 2.32."""

    name: str
    count: int | None = None
    bytes: int | None = None
    last_modified: str | None = None
    storage_policy: str | None = None


class ObjectContainer(Row, frozen=True):
    """One container; its name is its id."""

    name: str
    objects: int | None
    size: int | None
    changed_at: float | None
    storage_policy: str | None


def row(wire: ContainerWire, reading: Reading) -> ObjectContainer:
    """Swift counts bytes."""
    return ObjectContainer(
        name=wire.name,
        objects=wire.count,
        size=wire.bytes,
        changed_at=epoch(wire.last_modified),
        storage_policy=word(wire.storage_policy),
    )


def health(container: ObjectContainer, now: float) -> Health:
    """A container is a name for objects."""
    return OK


KIND = Kind(
    name="object-containers",
    title="Object containers",
    aliases=("object-container", "swift-containers", "buckets"),
    about="one row per container of our own account in Swift: objects and bytes",
    system="object-store",
    optional=True,
    read=Rest("object-store", "", "", query=(("format", "json"),), page=10000, turn="name"),
    wire=ContainerWire,
    row=row,
    fields=ObjectContainer,
    key="name",
    columns=(
        Column("name", "NAME", "name", 1),
        Column("objects", "OBJECTS", "number", 1),
        Column("size", "SIZE", "bytes", 1),
        Column("changed_at", "CHANGED", "time", 3),
        Column("storage_policy", "POLICY", "text", 4, help="where and how often its objects are kept"),
    ),
    sort=("name",),
    health=health,
    rollup=Count("containers"),
    period=60.0,
    deadline=60.0,
    list_command="openstack container list --long",
    show_command="openstack container show {name}",
)
