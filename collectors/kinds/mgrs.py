"""The managers of Ceph: who is active, who stands by.

Without an active one figures stand still, `osd df` and `pg ls` wait, and the dashboard is gone; data is served on.
"""

from __future__ import annotations

from collectors.health import OK, Health, critical, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import pairs, word
from collectors.kinds.mons import short
from collectors.request import Ceph
from collectors.rollup import Worst


class MgrWire(Wire):
    """`mgr stat`, `mgr metadata` and `mgr services` joined."""

    name: str
    hostname: str | None = None
    ceph_version: str | None = None
    active: bool = False
    available: bool | None = None
    standbys: int | None = None
    services: dict[str, str] | None = None


class Manager(Row, frozen=True):
    """One manager."""

    name: str
    active: bool
    role: str
    host: str | None
    standbys: int | None
    available: bool | None
    services: str | None
    version: str | None


def row(wire: MgrWire, reading: Reading) -> Manager:
    """A place for the active manager is there also when nobody fills it."""
    return Manager(
        name=word(wire.name) or "",
        active=wire.active,
        role="missing" if wire.active and not wire.available else "active" if wire.active else "standby",
        host=word(wire.hostname),
        standbys=wire.standbys,
        available=wire.available,
        services=pairs(wire.services),
        version=word(short(wire.ceph_version)),
    )


def health(manager: Manager, now: float) -> Health:
    """No active one is critical, none that stands by a warning at the active one."""
    if manager.role == "missing":
        return critical("no active manager: figures stand still, dashboard and modules are gone; data is served")
    if manager.active and manager.standbys == 0:
        return warning("no other manager stands by")
    return OK


KIND = Kind(
    name="mgrs",
    title="Ceph managers",
    aliases=("mgr", "ceph-mgrs"),
    about="one row per manager: active or standby, where its dashboard and metrics are",
    system="ceph",
    read=Ceph("mgrs"),
    wire=MgrWire,
    row=row,
    fields=Manager,
    key="name",
    columns=(
        Column("name", "MGR", "name", 1),
        Column("role", "ROLE", "status", 1),
        Column("host", "HOST", "ref", 2),
        Column("services", "SERVICES", "text", 3),
        Column("version", "VERSION", "text", 4),
        Column("active", "ACTIVE", "flag", 6, wide=True),
        Column("standbys", "STANDBYS", "number", 6, wide=True),
        Column("available", "ONE IS ACTIVE", "flag", 7, wide=True),
    ),
    sort=("role", "name"),
    health=health,
    rollup=Worst("managers", "well"),
    links=(
        Link("units", "host", "host", "units on its host"),
        Link("hosts", "name", "host", "its host"),
    ),
    element="ceph-mgr@{host}",
    period=15.0,
    deadline=15.0,
    list_command="ceph mgr dump",
)
