"""What fills a file system of a host: the file system itself, and the folders and files on it that hold much.

`du` goes through the whole file system, for twenty seconds at most, so nothing asks for it by itself. `own` is what a
folder holds besides what is told of in rows of their own: the rows with most of that are what fills the disk.
"""

from __future__ import annotations

from typing import Final, Literal

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import percent, word
from collectors.request import HostCommands
from collectors.rollup import Count

LEAST: Final = 100 << 20
"""Bytes that a folder or file must hold to be told."""


class DiskUsageWire(Wire):
    """A file system (`df`), or a folder or file on it (`du`)."""

    host: str
    path: str
    folder: str = "/"
    what: Literal["file-system", "entry"] = "entry"
    bytes: int | None = None
    own: int | None = None
    size: int | None = None
    left: int | None = None
    type: str | None = None
    device: str | None = None
    unseen: int | None = None


class DiskUsage(Row, frozen=True):
    """One of them."""

    id: str
    path: str
    what: str
    bytes: int | None
    own: int | None
    share: float | None
    size: int | None
    left: int | None
    type: str | None
    device: str | None
    unseen: int | None
    folder: str
    place: str
    host: str


def row(wire: DiskUsageWire, reading: Reading) -> DiskUsage:
    """Of a file system `bytes` is what is used of it."""
    usable = None if wire.bytes is None or wire.left is None else wire.bytes + wire.left
    return DiskUsage(
        id=f"{wire.host}/{'' if wire.what == 'entry' else wire.what + ' '}{wire.path}",
        path=wire.path,
        what=wire.what,
        bytes=wire.bytes,
        own=wire.own,
        share=percent(wire.bytes, usable),
        size=wire.size,
        left=wire.left,
        type=word(wire.type),
        device=word(wire.device),
        unseen=wire.unseen,
        folder=wire.folder,
        place=f"{wire.host}/{wire.path}",
        host=word(wire.host) or "",
    )


def health(usage: DiskUsage, now: float) -> Health:
    """A folder is never ill; that a file system is full is told by its host."""
    return OK


KIND = Kind(
    name="disk-usages",
    title="Disk usage",
    aliases=("disk-usage", "du"),
    about="what fills a file system of a host: itself, and folders and files of 100 MiB and more",
    system="hosts",
    scope=Scope("parent", parent="hosts", parameter="host"),
    read=HostCommands(
        ("file-system folder=/", "disk-usage folder=/"),
        inside=("file-system folder={parent}", "disk-usage folder={parent}"),
    ),
    wire=DiskUsageWire,
    row=row,
    fields=DiskUsage,
    name_field="path",
    columns=(
        Column("path", "PATH", "name", 1),
        Column("bytes", "BYTES", "bytes", 1, help="with all that is below it"),
        Column("own", "OWN", "bytes", 2, help="besides what has rows of its own"),
        Column("what", "WHAT", "text", 4, help="file-system, or an entry: a folder or file on it"),
        Column("share", "USED", "percent", 3, help="of a file system: of what may be used"),
        Column("left", "LEFT", "bytes", 3, help="of a file system"),
        Column("size", "SIZE", "bytes", 6, wide=True),
        Column("type", "TYPE", "text", 6, wide=True),
        Column("device", "DEVICE", "text", 6, wide=True),
        Column("unseen", "UNSEEN", "number", 7, wide=True, help="folders that we may not look into"),
        Column("folder", "FOLDER", "text", 8, wide=True, help="what was asked for"),
        Column("place", "PLACE", "ref", 8, wide=True, help="the host and the path"),
        Column("host", "HOST", "ref", 8, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("-own",),
    health=health,
    rollup=Count("entries"),
    links=(
        Link("disk-usages", "host", "place", "what is below it"),
        Link("hosts", "name", "host", "its host"),
    ),
    period=300.0,
    deadline=50.0,
    list_command="du -axk --threshold=100M /",
    show_command="ssh {host} sudo du -axk --threshold=100M {path}",
)
