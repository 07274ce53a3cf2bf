"""What Ceph itself says is wrong: one row per health check, with the daemons or groups that it is about.

The level of Ceph alone does not tell an outage: with two of three copies gone clients hang, and it still says
HEALTH_WARN. So what stops clients is critical here whatever Ceph calls it, and what is muted is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from collectors.health import Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import listed, word
from collectors.request import Ceph
from collectors.rollup import Complaints
from collectors.values import epoch

_STOPS: Final = {
    "PG_AVAILABILITY": "clients of these groups wait",
    "OSD_FULL": "clients cannot write",
    "POOL_FULL": "clients cannot write to it",
    "MGR_DOWN": "figures stand still, modules and dashboard are gone",
}
"""Checks that stop somebody's work, whatever level they have → what stops."""

_COUNTED: Final = re.compile(r"(\d+) pgs? (\w+)")
SHOWN: Final = 20
"""Lines of detail that are kept; the first ones name the cause."""


class CheckWire(Wire):
    """A check of `ceph health detail -f json`, with what `ceph status` says of the placement groups."""

    id: str
    severity: str | None = None
    summary: str | None = None
    count: int | None = None
    detail: list[str | None] | None = None
    muted: bool = False
    ttl: str | None = None
    status: str | None = None
    fsid: str | None = None
    groups: dict[str, Any] | None = None
    via: str | None = None


class Check(Row, frozen=True):
    """One health check."""

    id: str
    severity: str | None
    summary: str | None
    count: int | None
    first: str | None
    detail: str | None
    osd: str | None
    mon: str | None
    muted: bool
    muted_for: str | None
    muted_until: float | None
    status: str | None
    peering: bool
    degraded: float | None
    misplaced: float | None
    recovering: int | None
    via: str | None
    fsid: str | None


def _named(kind: str, texts: Iterable[str]) -> str | None:
    """The first daemon of the kind that the texts name: `osd.3`; of monitors the name alone, as they are listed."""
    pattern = re.compile(rf"\b{kind}\.([\w-]+)")
    found = next((match[1] for text in texts for match in pattern.finditer(text)), None)
    return found and (f"osd.{found}" if kind == "osd" else found)


def _share(groups: dict[str, Any], name: str) -> float | None:
    found = groups.get(name, 0.0 if groups else None)
    # While an OSD comes back Ceph tells shares above one.
    return None if not isinstance(found, int | float) else round(min(100.0 * found, 100.0), 1)


def _moment(ttl: str | None) -> float | None:
    """Ceph tells when a mute ends as a moment."""
    try:
        return epoch(ttl)
    except ValueError:
        return None


def _only_peering(summary: str) -> bool:
    """After a change groups are inactive for the seconds in which they agree; `pgs` tells those that do not end it."""
    counts = {what: int(number) for number, what in _COUNTED.findall(summary)}
    return counts.get("peering", 0) >= max(counts.get("inactive", 0), 1)


def row(wire: CheckWire, reading: Reading) -> Check:
    """The first line of the detail stands by itself: it names who."""
    lines, groups = [line for line in wire.detail or () if line], wire.groups or {}
    rate = groups.get("recovering_bytes_per_sec")
    return Check(
        id=wire.id,
        severity=word(wire.severity),
        summary=wire.summary,
        count=wire.count,
        first=lines[0] if lines else None,
        detail=listed(lines[:SHOWN]) if lines else None,
        osd=_named("osd", [wire.summary or "", *lines]),
        mon=_named("mon", [wire.summary or "", *lines]),
        muted=wire.muted,
        muted_for=wire.ttl or None,
        muted_until=_moment(wire.ttl),
        status=word(wire.status),
        peering=_only_peering(wire.summary or ""),
        degraded=_share(groups, "degraded_ratio"),
        misplaced=_share(groups, "misplaced_ratio"),
        recovering=round(rate) if isinstance(rate, int | float) and rate else None,
        via=word(wire.via),
        fsid=word(wire.fsid),
    )


def _sentence(check: Check) -> str:
    """Ceph's summary, then whom it is about, then whether it mends itself."""
    text = check.summary or check.id
    if check.first and check.count == 1 and check.first not in text:
        text += f": {check.first}"
    if check.recovering and check.id in ("PG_DEGRADED", "OBJECT_MISPLACED"):
        text += ", recovering"
    return text


def health(check: Check, now: float) -> Health:
    """As Ceph says, but what stops clients is critical, and what is muted is told and well."""
    if check.muted:
        until = f" for {check.muted_for}" if check.muted_for else " until it is unmuted"
        return ok(f"muted: {check.summary or check.id}{until}")
    if check.id in _STOPS and not check.peering:
        return critical(f"{_sentence(check)}; {_STOPS[check.id]}")
    if check.severity == "HEALTH_ERR":
        return critical(_sentence(check))
    if check.severity == "HEALTH_WARN":
        return warning(_sentence(check))
    return unknown(f"{check.severity or 'no severity'}: {_sentence(check)}")


KIND = Kind(
    name="ceph-health-checks",
    title="Ceph health checks",
    aliases=("ceph-health", "ceph", "ceph-status"),
    about="one row per health check of Ceph: what is wrong, with whom, whether it is muted",
    system="ceph",
    read=Ceph("health"),
    wire=CheckWire,
    row=row,
    fields=Check,
    name_field="id",
    columns=(
        Column("id", "CHECK", "name", 1),
        Column("summary", "SAYS", "text", 2),
        Column("first", "FIRST OF THEM", "text", 4),
        Column("osd", "OSD", "ref", 5, help="the first one that it names"),
        Column("mon", "MON", "ref", 6, wide=True, help="the first one that it names"),
        Column("muted", "MUTED", "flag", 4),
        Column("severity", "LEVEL", "status", 5, help="Ceph's own"),
        Column("count", "COUNT", "number", 6, wide=True, help="not always a count of things"),
        Column("degraded", "DEGRADED", "percent", 5, help="copies of objects that are missing"),
        Column("misplaced", "MISPLACED", "percent", 6, wide=True, help="copies that are not where they belong"),
        Column("recovering", "RECOVERING", "bytes", 6, wide=True, help="bytes in a second"),
        Column("muted_until", "MUTED UNTIL", "time", 6, wide=True, fresh=0.0),
        Column("muted_for", "MUTED FOR", "text", 6, wide=True),
        Column("status", "CLUSTER", "status", 6, wide=True),
        Column("detail", "DETAIL", "text", 7, wide=True),
        Column("peering", "PEERING", "flag", 8, wide=True, help="groups agree on their copies, for seconds"),
        Column("via", "ASKED VIA", "text", 8, wide=True, help="rados, dashboard or the program ceph"),
        Column("fsid", "CLUSTER ID", "id", 8, wide=True),
    ),
    sort=("id",),
    health=health,
    rollup=Complaints("health checks", "HEALTH_OK", told=True),
    links=(
        Link("osds", "name", "osd", "the OSD that it names"),
        Link("mons", "name", "mon", "the monitor that it names"),
    ),
    element="ceph",
    period=10.0,
    deadline=15.0,
    list_command="ceph health detail",
)
