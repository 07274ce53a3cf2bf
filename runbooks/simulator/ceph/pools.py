"""Documents about pools: their settings, and the space they take."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.pgmap import PgMap
from runbooks.simulator.model.ceph.pools import FULL, Pool, Usage
from runbooks.simulator.model.ceph.words import stamp

Doc = dict[str, Any]


def flag_names(ceph: Ceph, pool: Pool, pgmap: PgMap) -> list[str]:
    """Of the pool: `hashpspool`, what the space forces upon it, `selfmanaged_snaps`."""
    worst = [ceph.fullness(osd, pgmap) for osd in pgmap.used]
    forced = next((word for word in ("full", "backfillfull", "nearfull") if word in worst), "")
    use = pgmap.usage.get(pool.id, Usage(0, 0))
    over = (0 < pool.quota_bytes <= use.stored) or (0 < pool.quota_objects <= use.objects)
    space = ["full", "full_quota"] if over else [forced] if forced else []
    return ["hashpspool", *space, *(["selfmanaged_snaps"] if pool.rbd else [])]


_FLAGS = {
    "hashpspool": 1,
    "full": 2,
    "full_quota": 1 << 10,
    "nearfull": 1 << 11,
    "backfillfull": 1 << 12,
    "selfmanaged_snaps": 1 << 13,
}


def pool_row(ceph: Ceph, pool: Pool, pgmap: PgMap) -> Doc:
    """A pool of the OSD map; its id comes before, under a name of its own in each answer."""
    names = flag_names(ceph, pool, pgmap)
    counts = ("pg_num", "pg_placement_num", "pg_placement_num_target", "pg_num_target", "pg_num_pending")
    return {
        "pool_name": pool.name,
        "create_time": stamp(pool.created),
        "flags": sum(_FLAGS[name] for name in names),
        "flags_names": ",".join(names),
        "type": 1,
        "size": pool.size,
        "min_size": pool.min_size,
        "crush_rule": 0,
        "peering_crush_bucket_count": 0,
        "peering_crush_bucket_target": 0,
        "peering_crush_bucket_barrier": 0,
        "peering_crush_bucket_mandatory_member": 2147483647,
        "object_hash": 2,
        "pg_autoscale_mode": "off",
        **dict.fromkeys(counts, pool.groups),
        "last_pg_merge_meta": {
            "source_pgid": "0.0",
            "ready_epoch": 0,
            "last_epoch_started": 0,
            "last_epoch_clean": 0,
            "source_version": "0'0",
            "target_version": "0'0",
        },
        "last_change": str(pool.last_change),
        "last_force_op_resend": "0",
        "last_force_op_resend_prenautilus": "0",
        "last_force_op_resend_preluminous": "0",
        "auid": 0,
        "snap_mode": "selfmanaged",
        "snap_seq": 4 if pool.rbd else 0,
        "snap_epoch": 17 if pool.rbd else 0,
        "pool_snaps": [],
        "removed_snaps": "[]",
        "quota_max_bytes": pool.quota_bytes,
        "quota_max_objects": pool.quota_objects,
        "tiers": [],
        "tier_of": -1,
        "read_tier": -1,
        "write_tier": -1,
        "cache_mode": "none",
        "target_max_bytes": 0,
        "target_max_objects": 0,
        "cache_target_dirty_ratio_micro": 400000,
        "cache_target_dirty_high_ratio_micro": 600000,
        "cache_target_full_ratio_micro": 800000,
        "cache_min_flush_age": 0,
        "cache_min_evict_age": 0,
        "erasure_code_profile": "",
        "hit_set_params": {"type": "none"},
        "hit_set_period": 0,
        "hit_set_count": 0,
        "use_gmt_hitset": True,
        "min_read_recency_for_promote": 0,
        "min_write_recency_for_promote": 0,
        "hit_set_grade_decay_rate": 0,
        "hit_set_search_last_n": 0,
        "grade_table": [],
        "stripe_width": 0,
        "expected_num_objects": 0,
        "fast_read": False,
        "options": {} if pool.rbd else {"pg_num_max": 32, "pg_num_min": 1},
        "application_metadata": {pool.application: {}} if pool.application else {},
    }


def pool_list(ceph: Ceph) -> list[Doc]:
    """`ceph osd pool ls detail`."""
    pgmap = ceph.pgmap()
    return [{"pool_id": pool.id, **pool_row(ceph, pool, pgmap)} for pool in ceph.pools.values()]


def most_available(ceph: Ceph, pgmap: PgMap, size: int) -> int:
    """What a pool of so many copies can still take: until the fullest OSD is full."""
    if not pgmap.total:
        return 0
    worst = max(pgmap.used[osd] / pgmap.sizes[osd] for osd in pgmap.used)
    return max(int((FULL - worst) * pgmap.total), 0) // size


def df(ceph: Ceph, *, detail: bool = False) -> Doc:
    """`ceph df`, `ceph df detail`."""
    pgmap = ceph.pgmap()
    space = {
        "total_bytes": pgmap.total,
        "total_avail_bytes": pgmap.available,
        "total_used_bytes": pgmap.total_used,
        "total_used_raw_bytes": pgmap.total_used,
        "total_used_raw_ratio": pgmap.total_used / pgmap.total if pgmap.total else 0,
    }
    counts = dict.fromkeys(("num_osds", "num_per_pool_osds", "num_per_pool_omap_osds"), len(ceph.osds))
    pools = [
        {"name": pool.name, "id": pool.id, "stats": _stats(ceph, pool, pgmap, detail=detail)}
        for pool in ceph.pools.values()
    ]
    return {"stats": space | counts, "stats_by_class": {"hdd": space}, "pools": pools}


def _stats(ceph: Ceph, pool: Pool, pgmap: PgMap, *, detail: bool) -> Doc:
    use = pgmap.usage.get(pool.id, Usage(0, 0))
    used, room = use.stored * pool.size, most_available(ceph, pgmap, pool.size)
    share = used / (used + room * pool.size) if used else 0
    if not detail:
        found = {"stored": use.stored, "objects": use.objects, "kb_used": used >> 10, "bytes_used": used}
        return {**found, "percent_used": share, "max_avail": room}
    age = ceph.now - pool.created
    return {
        "stored": use.stored,
        "stored_data": use.stored,
        "stored_omap": 0,
        "objects": use.objects,
        "kb_used": used >> 10,
        "bytes_used": used,
        "data_bytes_used": used,
        "omap_bytes_used": 0,
        "percent_used": share,
        "max_avail": room,
        "quota_objects": pool.quota_objects,
        "quota_bytes": pool.quota_bytes,
        "dirty": 0,
        "rd": int(age * 40) if use.objects else 0,
        "rd_bytes": int(age * 40) * 16384 if use.objects else 0,
        "wr": int(age * 60) if use.objects else 0,
        "wr_bytes": int(age * 60) * 8192 if use.objects else 0,
        "compress_bytes_used": 0,
        "compress_under_bytes": 0,
        "stored_raw": used,
        "avail_raw": room * pool.size,
    }
