"""Daemons that report to Ceph's managers by themselves: gateways of objects (RGW), NFS and iSCSI gateways, mirrors.

One that falls silent is struck off the list after a minute: what is missing is told by the orchestrator, or its unit.
"""

from __future__ import annotations

from typing import Any

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.kinds.mons import short
from collectors.request import Ceph
from collectors.rollup import Count
from collectors.values import epoch


class ServiceWire(Wire):
    """A daemon of `service dump`."""

    gid: str | int
    type: str | None = None
    start_stamp: str | None = None
    addr: str | None = None
    metadata: dict[str, Any] | None = None


class Service(Row, frozen=True):
    """One daemon."""

    id: str
    name: str
    type: str | None
    host: str | None
    zone: str | None
    zonegroup: str | None
    realm: str | None
    frontend: str | None
    since: float | None
    version: str | None


def row(wire: ServiceWire, reading: Reading) -> Service:
    """Newer releases number daemons and name them in their metadata."""
    about = {key: str(value) for key, value in (wire.metadata or {}).items()}
    return Service(
        id=f"{wire.type or 'daemon'}.{wire.gid}",
        name=about.get("id") or str(wire.gid),
        type=word(wire.type),
        host=word(about.get("hostname")),
        zone=word(about.get("zone_name")),
        zonegroup=word(about.get("zonegroup_name")),
        realm=word(about.get("realm_name")),
        frontend=word(about.get("frontend_config#0")),
        since=epoch(wire.start_stamp),
        version=word(short(about.get("ceph_version"))),
    )


def health(service: Service, now: float) -> Health:
    """Who is listed has reported within a minute."""
    return OK


KIND = Kind(
    name="ceph-services",
    title="Ceph gateways",
    aliases=("rgw", "rgws", "ceph-gateways"),
    about="one row per daemon that reports by itself: object, NFS and iSCSI gateways, mirrors",
    system="ceph",
    optional=True,
    read=Ceph("services"),
    wire=ServiceWire,
    row=row,
    fields=Service,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("type", "TYPE", "text", 1, help="rgw, nfs, iscsi, rbd-mirror, cephfs-mirror"),
        Column("host", "HOST", "ref", 2),
        Column("zone", "ZONE", "text", 3, help="of object gateways"),
        Column("since", "SINCE", "time", 3, fresh=0.0),
        Column("frontend", "FRONTEND", "text", 5),
        Column("version", "VERSION", "text", 5),
        Column("zonegroup", "ZONE GROUP", "text", 6, wide=True),
        Column("realm", "REALM", "text", 6, wide=True),
        Column("id", "ID", "id", 7, wide=True),
    ),
    sort=("type", "host", "name"),
    health=health,
    rollup=Count("gateways"),
    links=(
        Link("units", "host", "host", "units on its host"),
        Link("hosts", "name", "host", "its host"),
    ),
    element="ceph",
    period=60.0,
    deadline=15.0,
    list_command="ceph service dump",
)
