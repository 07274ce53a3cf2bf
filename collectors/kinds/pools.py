"""The pools of Ceph: copies, placement groups, what they are for, how full."""

from __future__ import annotations

from typing import Any, Final

from collectors.health import OK, Health, critical, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import listed, percent, word
from collectors.request import Ceph
from collectors.rollup import Worst
from collectors.trend import RATE_WINDOW, Trend

NEARLY: Final = 85
"""Percent of a pool's quota, or of what it can hold."""
_TYPES: Final = {1: "replicated", 3: "erasure"}


class PoolWire(Wire):
    """`osd pool ls detail`'s pool, with its figures of `df detail`."""

    pool_id: int
    pool_name: str
    type: int | str | None = None
    size: int | None = None
    min_size: int | None = None
    pg_num: int | None = None
    pg_num_target: int | None = None
    pg_autoscale_mode: str | None = None
    crush_rule: int | str | None = None
    flags_names: str | None = None
    application_metadata: dict[str, Any] | None = None
    quota_max_bytes: int | None = None
    quota_max_objects: int | None = None
    erasure_code_profile: str | None = None
    stats: dict[str, Any] | None = None
    profile: dict[str, Any] | None = None


class Pool(Row, frozen=True):
    """One pool."""

    id: str
    name: str
    application: str | None
    type: str | None
    size: int | None
    min_size: int | None
    pg_num: int | None
    pg_num_target: int | None
    autoscale: str | None
    crush_rule: str | None
    data_chunks: int | None
    coding_chunks: int | None
    failure_domain: str | None
    profile: str | None
    may_lose: int | None
    keeps_at: int | None
    stored: int | None
    bytes_used: int | None
    max_avail: int | None
    used: float | None
    objects: int | None
    quota_bytes: int | None
    quota_objects: int | None
    quota_used: float | None
    flags: str | None
    own: bool


def _count(found: Any) -> int | None:
    return round(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _chunks(profile: dict[str, Any], name: str) -> int | None:
    """`k` or `m` of a profile: Ceph writes them as text."""
    found = str(profile.get(name, ""))
    return int(found) if found.isdecimal() else None


def row(wire: PoolWire, reading: Reading) -> Pool:
    """`percent_used` is a share there; a quota of 0 is none."""
    stats = wire.stats or {}
    stored, objects = _count(stats.get("stored")), _count(stats.get("objects"))
    share = stats.get("percent_used")
    by_bytes, by_objects = percent(stored, wire.quota_max_bytes), percent(objects, wire.quota_max_objects)
    kind = wire.type if isinstance(wire.type, str) else _TYPES.get(wire.type or 0)
    profile = wire.profile if wire.profile and kind == "erasure" else {}
    data = _chunks(profile, "k")
    least = data if kind == "erasure" else 1
    return Pool(
        id=str(wire.pool_id),
        name=wire.pool_name,
        application=listed(sorted(wire.application_metadata or ())),
        type=word(kind),
        size=wire.size,
        min_size=wire.min_size,
        pg_num=wire.pg_num,
        pg_num_target=wire.pg_num_target,
        autoscale=word(wire.pg_autoscale_mode),
        crush_rule=None if wire.crush_rule is None else str(wire.crush_rule),
        data_chunks=data,
        coding_chunks=_chunks(profile, "m"),
        # Ceph's own default, when a profile does not name it.
        failure_domain=word(str(profile.get("crush-failure-domain") or "host")) if profile else None,
        profile=word(wire.erasure_code_profile) if kind == "erasure" else None,
        may_lose=None if wire.size is None or wire.min_size is None else max(wire.size - wire.min_size, 0),
        keeps_at=None if wire.size is None or least is None else max(wire.size - least, 0),
        stored=stored,
        bytes_used=_count(stats.get("bytes_used")),
        max_avail=_count(stats.get("max_avail")),
        used=round(min(100.0 * share, 100.0), 1) if isinstance(share, int | float) else None,
        objects=objects,
        quota_bytes=wire.quota_max_bytes or None,
        quota_objects=wire.quota_max_objects or None,
        quota_used=max((each for each in (by_bytes, by_objects) if each is not None), default=None),
        flags=word(wire.flags_names),
        # Pools of Ceph's own modules (.mgr, device_health_metrics, .rgw.root) are looked after by it.
        own=wire.pool_name.startswith(".") or wire.pool_name == "device_health_metrics",
    )


def _domain(pool: Pool) -> str:
    return pool.failure_domain or "OSD"


def health(pool: Pool, now: float) -> Health:
    """Full stops its clients; a copy too few, no application, nearly full are warnings."""
    flags = (pool.flags or "").split(",")
    if "full_quota" in flags:
        return critical("its quota is used up: clients cannot write")
    if "full" in flags:
        return critical("full: clients cannot write")
    if pool.size is not None and pool.size < 2:
        return warning("a single copy: an OSD that dies takes data with it")
    if pool.min_size is not None and pool.size is not None and pool.type == "replicated" and pool.min_size < 2:
        return warning(f"min_size {pool.min_size}: clients may write when a single copy is left")
    if pool.data_chunks is not None and pool.min_size is not None and pool.min_size <= pool.data_chunks:
        return warning(
            f"min_size {pool.min_size} is k: clients may write when losing one more {_domain(pool)} loses data"
        )
    if "nearfull" in flags or "backfillfull" in flags:
        return warning("its OSDs are nearly full")
    if pool.used is not None and pool.used >= NEARLY:
        return warning(f"{pool.used:.0f} % of what it can hold")
    if pool.quota_used is not None and pool.quota_used >= NEARLY:
        return warning(f"{pool.quota_used:.0f} % of its quota")
    if pool.application is None and not pool.own and pool.objects:
        return warning("no application is enabled on it")
    return OK


KIND = Kind(
    name="pools",
    title="Ceph pools",
    aliases=("pool", "ceph-pools"),
    about="one row per pool of Ceph: use, copies, placement groups, what it is for",
    system="ceph",
    read=Ceph("pools"),
    wire=PoolWire,
    row=row,
    fields=Pool,
    columns=(
        Column("name", "POOL", "name", 1),
        Column("application", "FOR", "text", 2),
        Column("used", "USED", "percent", 1),
        Column("stored", "STORED", "bytes", 2, help="without copies"),
        Column("max_avail", "ROOM FOR", "bytes", 2, help="until its fullest OSD is full"),
        Column("objects", "OBJECTS", "number", 4),
        Column("size", "COPIES", "number", 3, help="of an erasure code: pieces, k + m"),
        Column("min_size", "AT LEAST", "number", 4, help="with fewer copies, or pieces, clients wait"),
        Column("may_lose", "MAY LOSE", "number", 4, help="failure domains that may be gone before clients wait"),
        Column("keeps_at", "DATA KEEPS", "number", 5, help="failure domains that may be gone before data is lost"),
        Column("data_chunks", "K", "number", 5, help="of an erasure code: pieces that are needed"),
        Column("coding_chunks", "M", "number", 5, help="of an erasure code: pieces on top"),
        Column("failure_domain", "DOMAIN", "text", 6, help="of an erasure code: no two pieces are in the same one"),
        Column("profile", "PROFILE", "text", 6, wide=True, help="of an erasure code"),
        Column("pg_num", "PGS", "number", 4),
        Column("autoscale", "AUTOSCALE", "text", 6, wide=True),
        Column("pg_num_target", "PGS WANTED", "number", 6, wide=True),
        Column("type", "TYPE", "text", 6, wide=True),
        Column("crush_rule", "RULE", "text", 6, wide=True),
        Column("bytes_used", "WITH COPIES", "bytes", 6, wide=True),
        Column("quota_bytes", "QUOTA", "bytes", 6, wide=True),
        Column("quota_objects", "QUOTA OBJECTS", "number", 7, wide=True),
        Column("quota_used", "OF QUOTA", "percent", 6, wide=True),
        Column("flags", "FLAGS", "text", 7, wide=True),
        Column("own", "CEPH'S OWN", "flag", 7, wide=True),
        Column("id", "ID", "id", 7, wide=True),
    ),
    trends=(
        Trend("used", "used", ceiling=100.0, query="100 * max(ceph_pool_percent_used{pool_id=$id})"),
        Trend("stored, without copies", "stored", query="max(ceph_pool_stored{pool_id=$id})"),
        Trend(
            "bytes that clients read per second",
            role="bytes",
            query=f"max(rate(ceph_pool_rd_bytes{{pool_id=$id}}{RATE_WINDOW}))",
        ),
        Trend(
            "bytes that clients write per second",
            role="bytes",
            query=f"max(rate(ceph_pool_wr_bytes{{pool_id=$id}}{RATE_WINDOW}))",
        ),
    ),
    sort=("name",),
    health=health,
    rollup=Worst("pools", "well", none="ok"),
    detail=True,
    links=(
        Link("rbd-images", "pool", "name", "images in it", when="application=rbd"),
        Link("pgs", "pool", "name", "groups of it that are not clean"),
    ),
    element="ceph",
    period=30.0,
    deadline=15.0,
    list_command="ceph osd pool ls detail; ceph df",
    show_command="ceph osd pool get {name} all",
)
