"""File systems of Ceph: which ranks have a metadata server, and who could take over.

A rank without a server makes clients hang at the first path that it keeps; one that is damaged waits for a person.
"""

from __future__ import annotations

from typing import Any

from collectors.health import OK, Health, critical, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import listed
from collectors.request import Ceph
from collectors.rollup import Worst


class FilesystemWire(Wire):
    """An element of `fs dump`'s `filesystems`: its `mdsmap`, with the names of the daemons that stand by."""

    id: int
    fs_name: str | None = None
    max_mds: int | None = None
    up: dict[str, int] | None = None
    failed: list[int] | None = None
    damaged: list[int] | None = None
    info: dict[str, dict[str, Any]] | None = None
    standbys: list[str] | None = None
    standby_count_wanted: int | None = None
    metadata_pool: int | None = None
    data_pools: list[int] | None = None


class Filesystem(Row, frozen=True):
    """One file system."""

    id: str
    name: str
    ranks: int | None
    up: int
    servers: str | None
    busy: str | None
    replaying: int
    failed: str | None
    damaged: str | None
    standbys: int
    standbys_wanted: int | None
    standing_by: str | None
    metadata_pool: str | None


def row(wire: FilesystemWire, reading: Reading) -> Filesystem:
    """Servers by rank; those that follow a rank closely (standby-replay) stand by, too."""
    told = sorted((wire.info or {}).values(), key=lambda each: (each.get("rank", -1), str(each.get("name"))))
    follow = [each for each in told if each.get("state") == "up:standby-replay"]
    serve = [each for each in told if each not in follow]
    states = [(each, str(each.get("state") or "").removeprefix("up:")) for each in serve]
    return Filesystem(
        id=str(wire.id),
        name=wire.fs_name or str(wire.id),
        ranks=wire.max_mds,
        up=sum(1 for _, state in states if state in ("active", "clientreplay", "stopping")),
        servers=listed(f"{each.get('rank')}: {each.get('name')}" for each, _ in states),
        busy=listed(f"{each.get('name')} {state}" for each, state in states if state not in ("active", "")),
        replaying=len(follow),
        failed=listed(wire.failed or ()),
        damaged=listed(wire.damaged or ()),
        standbys=len(wire.standbys or ()) + len(follow),
        standbys_wanted=wire.standby_count_wanted,
        standing_by=listed([*(wire.standbys or ()), *(str(each.get("name")) for each in follow)]),
        metadata_pool=None if wire.metadata_pool is None else str(wire.metadata_pool),
    )


def health(system: Filesystem, now: float) -> Health:
    """Damaged or without a server is critical; taking over, too few ranks or nobody to take over a warning."""
    if system.damaged:
        return critical(f"rank {system.damaged} is damaged: it waits for a person")
    if system.failed:
        helped = f"; {system.standing_by} could take over" if system.standing_by else "; nobody stands by"
        return critical(f"rank {system.failed} has no metadata server: its clients hang{helped}")
    if not system.up:
        return critical(f"no metadata server is active{f': {system.busy}' if system.busy else ''}")
    if system.busy:
        return warning(f"its metadata servers are not all active: {system.busy}")
    if system.ranks is not None and system.up < system.ranks:
        return warning(f"{system.up} of {system.ranks} ranks have a metadata server")
    if system.standbys < (system.standbys_wanted or 0):
        return warning(f"{system.standbys} of {system.standbys_wanted} metadata servers stand by")
    return OK


KIND = Kind(
    name="ceph-filesystems",
    title="Ceph file systems",
    aliases=("ceph-filesystem", "cephfs", "mds"),
    about="one row per file system of Ceph: its metadata servers by rank, who stands by",
    system="ceph",
    optional=True,
    read=Ceph("filesystems"),
    wire=FilesystemWire,
    row=row,
    fields=Filesystem,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("ranks", "RANKS", "number", 2, help="metadata servers that shall share it"),
        Column("up", "UP", "number", 1, help="ranks that serve"),
        Column("servers", "SERVERS", "text", 2, help="by rank"),
        Column("standbys", "STANDBYS", "number", 2, help="who could take over"),
        Column("busy", "NOT ACTIVE", "text", 4, help="servers that are on their way, with their states"),
        Column("failed", "FAILED", "text", 4, help="ranks without a server"),
        Column("damaged", "DAMAGED", "text", 4, help="ranks whose metadata is damaged"),
        Column("standing_by", "STANDING BY", "text", 5),
        Column("standbys_wanted", "WANTED", "number", 6, wide=True, help="standbys below which Ceph warns"),
        Column("replaying", "FOLLOWING", "number", 6, wide=True, help="standbys that follow a rank closely"),
        Column("metadata_pool", "METADATA POOL", "ref", 6, wide=True),
        Column("id", "ID", "id", 7, wide=True),
    ),
    sort=("name",),
    health=health,
    rollup=Worst("file systems", "served", none="ok"),
    detail=True,
    links=(Link("pools", "id", "metadata_pool", "the pool of its metadata"),),
    element="ceph",
    period=30.0,
    deadline=15.0,
    list_command="ceph fs status",
    show_command="ceph fs get {name}",
)
