"""Documents about placement groups: lists, states in sum, those that are stuck, what would happen without an OSD."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.health_groups import STUCK
from runbooks.simulator.model.ceph.pgmap import PgMap, Stat
from runbooks.simulator.model.ceph.words import stamp

Doc = dict[str, Any]

_STATES = {
    "inactive": "active",
    "unclean": "clean",
    "stale": "unstale",
    "undersized": "fullsized",
    "degraded": "undegraded",
}
"""What `dump_stuck` can be asked for → the moment it goes by."""


def pg_row(ceph: Ceph, stat: Stat) -> Doc:
    """A placement group as its primary reported it."""
    version = f"{stat.epoch}'{stat.objects * 3}"
    logged = min(stat.objects * 3, 3000)
    return {
        "pgid": stat.id,
        "version": version,
        "reported_seq": stat.objects * 3 + int(stat.fresh - stat.born) // 5,
        "reported_epoch": ceph.epoch,
        "state": stat.state,
        "last_fresh": stamp(stat.fresh),
        "last_change": stamp(stat.changed),
        "last_active": stamp(stat.last("active")),
        "last_peered": stamp(stat.last("peered")),
        "last_clean": stamp(stat.last("clean")),
        "last_became_active": stamp(stat.changed),
        "last_became_peered": stamp(stat.changed),
        "last_unstale": stamp(stat.last("unstale")),
        "last_undegraded": stamp(stat.last("undegraded")),
        "last_fullsized": stamp(stat.last("fullsized")),
        "mapping_epoch": stat.epoch,
        "log_start": "0'0",
        "ondisk_log_start": "0'0",
        "created": 7,
        "last_epoch_clean": stat.epoch,
        "parent": "0.0",
        "parent_split_bits": 0,
        "last_scrub": version,
        "last_scrub_stamp": stamp(stat.scrubbed),
        "last_deep_scrub": version,
        "last_deep_scrub_stamp": stamp(stat.deep_scrubbed),
        "last_clean_scrub_stamp": stamp(stat.scrubbed),
        "log_size": logged,
        "ondisk_log_size": logged,
        **{
            f"{what}stats_invalid": False
            for what in ("", "dirty_", "omap_", "hitset_", "hitset_bytes_", "pin_", "manifest_")
        },
        "snaptrimq_len": 0,
        "stat_sum": _sums(stat),
        "up": list(stat.up),
        "acting": list(stat.acting),
        "avail_no_missing": [],
        "object_location_counts": [],
        "blocked_by": [],
        "up_primary": stat.up[0] if stat.up else -1,
        "acting_primary": stat.acting[0] if stat.acting else -1,
        "purged_snaps": [],
    }


def _sums(stat: Stat) -> Doc:
    zero = (
        *("num_objects_recovered", "num_bytes_recovered", "num_keys_recovered", "num_objects_omap"),
        *("num_objects_hit_set_archive", "num_bytes_hit_set_archive", "num_flush", "num_flush_kb", "num_evict"),
        *("num_evict_kb", "num_promote", "num_flush_mode_high", "num_flush_mode_low", "num_evict_mode_some"),
        *("num_evict_mode_full", "num_objects_pinned", "num_legacy_snapsets", "num_large_omap_objects"),
        *("num_objects_manifest", "num_omap_bytes", "num_omap_keys", "num_objects_repaired"),
    )
    return {
        "num_bytes": stat.bytes,
        "num_objects": stat.objects,
        "num_object_clones": 0,
        "num_object_copies": stat.copies,
        "num_objects_missing_on_primary": 0,
        "num_objects_missing": 0,
        "num_objects_degraded": stat.degraded,
        "num_objects_misplaced": stat.misplaced,
        "num_objects_unfound": 0,
        "num_objects_dirty": stat.objects,
        "num_whiteouts": 0,
        "num_read": stat.objects * 9,
        "num_read_kb": stat.objects * 90,
        "num_write": stat.objects * 14,
        "num_write_kb": stat.objects * 400,
        "num_scrub_errors": stat.errors,
        "num_shallow_scrub_errors": 0,
        "num_deep_scrub_errors": stat.errors,
        **dict.fromkeys(zero, 0),
    }


def pg_ls(ceph: Ceph, states: Iterable[str] = (), pool: int | None = None) -> list[Stat]:
    """The groups that are in any of the states (all without), sorted by id."""
    wanted = set(states) - {"all"}
    return [
        stat
        for stat in ceph.pgmap().stats
        if (not wanted or wanted & set(stat.state.split("+"))) and (pool is None or stat.pool == pool)
    ]


def stuck(ceph: Ceph, kinds: Iterable[str] = (), threshold: float = STUCK) -> list[Stat]:
    """The groups that have been in one of the states for longer than the threshold."""
    wanted = list(kinds) or ["unclean"]
    now = ceph.now
    return [
        stat
        for stat in ceph.pgmap().stats
        if any(_STATES[kind] in stat.lost and now - stat.lost[_STATES[kind]] > threshold for kind in wanted)
    ]


def pg_stat(ceph: Ceph) -> Doc:
    """`ceph pg stat`."""
    pgmap = ceph.pgmap()
    return {
        "pg_ready": True,
        "pg_summary": {
            "num_pg_by_state": [{"name": name, "num": count} for name, count in pgmap.states],
            "num_pgs": len(pgmap.stats),
            "num_bytes": pgmap.stored,
            "total_bytes": pgmap.total,
            "total_avail_bytes": pgmap.available,
            "total_used_bytes": pgmap.total_used,
            "total_used_raw_bytes": pgmap.total_used,
            **object_sums(pgmap),
        },
    }


def object_sums(pgmap: PgMap) -> Doc:
    """Degraded and misplaced copies; nothing where there are none."""
    found: Doc = {}
    for name, part in (("degraded", pgmap.degraded), ("misplaced", pgmap.misplaced)):
        if part:
            ratio = part / pgmap.copies if pgmap.copies else 0
            found |= {f"{name}_objects": part, f"{name}_total": pgmap.copies, f"{name}_ratio": ratio}
    return found


def brief(stat: Stat) -> Doc:
    """An element of `ceph pg dump pgs_brief`."""
    row = {"pgid": stat.id, "state": stat.state, "up": list(stat.up), "acting": list(stat.acting)}
    primary = {"up_primary": stat.up[0] if stat.up else -1, "acting_primary": stat.acting[0] if stat.acting else -1}
    return row | primary


def ok_to_stop(ceph: Ceph, osds: list[int]) -> Doc:
    """What would become of the groups if these OSDs stopped."""
    fine, offline, degraded = 0, [], []
    for stat in ceph.pgmap().stats:
        left = [osd for osd in stat.acting if osd not in osds]
        if len(left) == len(stat.acting) and stat.acting:
            continue
        if len(left) < ceph.pools[stat.pool].min_size:
            offline.append(stat.id)
        else:
            fine += 1
            degraded.append(stat.id)
    found: Doc = {"ok_to_stop": not offline, "osds": osds, "num_ok_pgs": fine, "num_not_ok_pgs": len(offline)}
    if offline:
        found["bad_become_inactive"] = offline
    if degraded:
        found["ok_become_degraded"] = degraded
    return found


def safe_to_destroy(ceph: Ceph, osds: list[int]) -> Doc:
    """Which of these OSDs hold nothing that counts."""
    pgmap = ceph.pgmap()
    clean = all("clean" in stat.state.split("+") for stat in pgmap.stats)
    found: Doc = {"safe_to_destroy": [], "active": [], "missing_stats": [], "stored_pgs": []}
    for osd in osds:
        if osd not in ceph.osds:
            continue
        if pgmap.held.get(osd, 0):
            found["active"].append(osd)
        elif not ceph.osds[osd].up and not clean:
            found["missing_stats"].append(osd)
        elif any(osd in group.homes for group in ceph.groups.values()) and not clean:
            found["stored_pgs"].append(osd)
        else:
            found["safe_to_destroy"].append(osd)
    return found
