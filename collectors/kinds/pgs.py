"""Placement groups of Ceph that are not active and clean: which pool, which OSDs, since when, what they wait for.

Groups that are well are not listed: a cluster has thousands. `stuck … for 11m` in Ceph's own words counts from the
last change of state; here is how long it has not been clean, and whether clients wait.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from collectors.health import Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.request import Ceph
from collectors.rollup import Complaints
from collectors.values import age, epoch

SETTLES: Final = 10.0
"""Seconds that peering after a change may take without anybody being worried."""
_NOBODY: Final = 2147483647
"""Stands in a list of OSDs where none could be found (CRUSH_ITEM_NONE)."""


class GroupWire(Wire):
    """An entry of `pg ls`, with the name of its pool."""

    pgid: str
    pool: str | None = None
    state: str | None = None
    up: list[int] | None = None
    acting: list[int] | None = None
    acting_primary: int | None = None
    blocked_by: list[int] | None = None
    last_change: str | None = None
    last_clean: str | None = None
    last_active: str | None = None
    last_scrub_stamp: str | None = None
    last_deep_scrub_stamp: str | None = None
    stat_sum: dict[str, Any] | None = None


class Group(Row, frozen=True):
    """One placement group."""

    id: str
    pool: str | None
    state: str | None
    active: bool
    osds: str | None
    acting: str | None
    up: str | None
    primary: str | None
    blocked_by: str | None
    objects: int | None
    degraded: int | None
    misplaced: int | None
    unfound: int | None
    not_clean_since: float | None
    changed: float | None
    not_active_since: float | None
    scrubbed: float | None
    deep_scrubbed: float | None


def _named(numbers: Iterable[int] | None) -> str | None:
    found = ["none" if number in (_NOBODY, -1) else f"osd.{number}" for number in numbers or ()]
    return " ".join(found) or None


def row(wire: GroupWire, reading: Reading) -> Group:
    """`osds` names every OSD that has to do with it, so that a filter by one OSD finds it."""
    every = dict.fromkeys(number for number in [*(wire.acting or ()), *(wire.up or ())] if number not in (_NOBODY, -1))
    counts = wire.stat_sum or {}
    active = "active" in (wire.state or "").split("+")
    primary = wire.acting_primary
    return Group(
        id=wire.pgid,
        pool=word(wire.pool),
        state=word(wire.state),
        active=active,
        osds=_named(every),
        acting=_named(wire.acting),
        up=_named(wire.up),
        primary=f"osd.{primary}" if primary is not None and primary not in (_NOBODY, -1) else None,
        blocked_by=_named(wire.blocked_by),
        objects=counts.get("num_objects"),
        degraded=counts.get("num_objects_degraded") or None,
        misplaced=counts.get("num_objects_misplaced") or None,
        unfound=counts.get("num_objects_unfound") or None,
        not_clean_since=epoch(wire.last_clean),
        changed=epoch(wire.last_change),
        not_active_since=None if active else epoch(wire.last_active),
        scrubbed=epoch(wire.last_scrub_stamp),
        deep_scrubbed=epoch(wire.last_deep_scrub_stamp),
    )


def _lasts(seconds: float) -> str:
    return " just now" if seconds < SETTLES else f" for {age(seconds)}"


def health(group: Group, now: float) -> Health:
    """Clients that wait, lost or differing data are critical; fewer copies a warning; data on its way is well."""
    states = (group.state or "unknown").split("+")
    lasts = "" if group.changed is None else _lasts(now - group.changed)
    if "unknown" in states:
        return unknown("no OSD has told its state")
    if group.unfound:
        return critical(f"{group.unfound} objects found on no OSD")
    if "inconsistent" in states:
        return critical(f"copies differ: deep scrub found errors; primary {group.primary}")
    if not group.active:
        if group.changed is not None and now - group.changed < SETTLES and "peering" in states:
            return warning(f"{group.state}{lasts}")
        by = f"; blocked by {group.blocked_by}" if group.blocked_by else ""
        return critical(f"{group.state}{lasts}: its clients wait{by}")
    if "stale" in states:
        return critical(f"stale{lasts}: no OSD reports it any more")
    if "degraded" in states or "undersized" in states:
        return warning(f"{'recovering' if 'recovering' in states else 'a copy is missing'}{lasts}")
    return ok(f"{group.state}{lasts}")


KIND = Kind(
    name="pgs",
    title="PGs not clean",
    aliases=("pg", "ceph-pgs", "placement-groups"),
    about="one row per placement group that is not active and clean: state, OSDs, since when",
    system="ceph",
    read=Ceph("pgs", one="pg"),
    wire=GroupWire,
    row=row,
    fields=Group,
    name_field="id",
    columns=(
        Column("id", "PG", "name", 1),
        Column("pool", "POOL", "ref", 2),
        Column("state", "STATE", "status", 1),
        Column("acting", "ACTING", "text", 2, help="OSDs that serve it now, the leading one first"),
        Column("degraded", "DEGRADED", "number", 3, help="objects with a copy less"),
        Column("unfound", "UNFOUND", "number", 4),
        Column("changed", "SINCE", "time", 3, fresh=0.0),
        Column("blocked_by", "BLOCKED BY", "text", 4),
        Column("misplaced", "MISPLACED", "number", 5, wide=True),
        Column("objects", "OBJECTS", "number", 5, wide=True),
        Column("up", "UP", "text", 6, wide=True, help="OSDs that it belongs on"),
        Column("primary", "LEADS", "ref", 6, wide=True),
        Column("active", "ACTIVE", "flag", 6, wide=True, help="clients are served"),
        Column("not_clean_since", "LAST CLEAN", "time", 6, wide=True, fresh=0.0),
        Column("not_active_since", "LAST ACTIVE", "time", 6, wide=True, fresh=0.0),
        Column("scrubbed", "SCRUB", "time", 7, wide=True, fresh=0.0),
        Column("deep_scrubbed", "DEEP SCRUB", "time", 7, wide=True, fresh=0.0),
        Column("osds", "OSDS", "text", 7, wide=True, help="all that have to do with it"),
    ),
    sort=("id",),
    health=health,
    rollup=Complaints("groups that are not clean", "all groups are clean"),
    links=(
        Link("osds", "name", "primary", "the OSD that leads it"),
        Link("pools", "name", "pool", "its pool"),
    ),
    element="ceph",
    period=15.0,
    deadline=20.0,
    list_command="ceph pg dump_stuck; ceph pg ls degraded",
    show_command="ceph pg {id} query",
)
