"""The dashboard's documents about the daemons and the health of the cluster.

They are those of the commands in another dress: Python's floats for weights, lists for maps of checks, histories.
"""

from __future__ import annotations

from typing import Any

from runbooks.simulator.ceph import monitors, osds, pools
from runbooks.simulator.ceph.managers import ALWAYS_ON, mgr_dump, modules, standbys
from runbooks.simulator.ceph.status import check_doc, mutes, traffic
from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.daemons import LONG_VERSION, Osd
from runbooks.simulator.model.ceph.managers import MODULES
from runbooks.simulator.model.ceph.pgmap import META

Doc = dict[str, Any]

POINTS = 20
"""Of a history, one every two seconds."""


def history(now: float, value: float) -> list[list[float]]:
    """The last seconds of a number, all alike."""
    return [[round(now - 2.0 * (POINTS - place), 6), value] for place in range(POINTS)]


def health(ceph: Ceph) -> Doc:
    """The checks as a list, errors first."""
    checks = [
        {**check_doc(ceph, check, detail=True), "type": code}
        for code, check in sorted(ceph.checks().items(), key=lambda item: item[1].severity)
    ]
    return {"status": ceph.status(), "checks": checks, "mutes": mutes(ceph)}


def summary(ceph: Ceph) -> Doc:
    """`/api/summary`."""
    return {
        "health_status": ceph.status(),
        "mgr_id": ceph.managers.active,
        "mgr_host": ceph.managers.services(ceph.now).get("dashboard", ""),
        "have_mon_connection": bool(ceph.monitors.quorum),
        "executing_tasks": [],
        "finished_tasks": [],
        "version": LONG_VERSION,
        "rbd_mirroring": {"warnings": 0, "errors": 0},
    }


def _pg_info(ceph: Ceph) -> Doc:
    pgmap = ceph.pgmap()
    placed = sum(pgmap.held.values())
    return {
        "object_stats": {
            "num_objects": pgmap.objects,
            "num_object_copies": pgmap.copies,
            "num_objects_degraded": pgmap.degraded,
            "num_objects_misplaced": pgmap.misplaced,
            "num_objects_unfound": 0,
        },
        "statuses": dict(pgmap.states),
        "pgs_per_osd": placed / max(len(ceph.osds), 1),
    }


def _client_perf(ceph: Ceph) -> Doc:
    now = traffic(ceph)
    return {
        "read_bytes_sec": now.get("read_bytes_sec", 0),
        "read_op_per_sec": now.get("read_op_per_sec", 0),
        "recovering_bytes_per_sec": now.get("recovering_bytes_per_sec", 0),
        "write_bytes_sec": now.get("write_bytes_sec", 0),
        "write_op_per_sec": now.get("write_op_per_sec", 0),
    }


def _scrubbing(ceph: Ceph) -> str:
    if {"noscrub", "nodeep-scrub"} <= ceph.flags:
        return "Disabled"
    return "Active" if any("scrubbing" in name for name, _ in ceph.pgmap().states) else "Inactive"


def _rest(ceph: Ceph) -> Doc:
    """What both health documents end with."""
    return {
        "client_perf": _client_perf(ceph),
        "hosts": len(ceph.hosts),
        "rgw": 0,
        "iscsi_daemons": {"up": 0, "down": 0},
    }


def health_minimal(ceph: Ceph) -> Doc:
    """`/api/health/minimal`."""
    pgmap = ceph.pgmap()
    rows = [osds.osd_row(ceph, osd, pgmap) for osd in ceph.osds.values()]
    space = {
        "total_avail_bytes": pgmap.available,
        "total_bytes": pgmap.total,
        "total_used_raw_bytes": pgmap.total_used,
    }
    return {
        "health": health(ceph),
        "mon_status": {
            "monmap": {"mons": [{} for _ in ceph.monitors.names]},
            "quorum": monitors.ranks(ceph),
        },
        "fs_map": {"filesystems": [], "standbys": []},
        "osd_map": {"osds": [{key: row[key] for key in ("in", "up", "state")} for row in rows]},
        "scrub_status": _scrubbing(ceph),
        "pg_info": _pg_info(ceph),
        "mgr_map": {"active_name": ceph.managers.active, "standbys": standbys(ceph)},
        "pools": [{} for _ in ceph.pools],
        "df": {"stats": space},
        **_rest(ceph),
    }


def health_full(ceph: Ceph) -> Doc:
    """`/api/health/full`."""
    pgmap = ceph.pgmap()
    dump = osds.osd_dump(ceph)
    del dump["pg_temp"]
    df = pools.df(ceph, detail=True)
    return {
        "health": health(ceph),
        "mon_status": monitors.mon_status(ceph, ceph.monitors.leader() or ceph.monitors.names[0]),
        "fs_map": _FILE_SYSTEMS,
        "osd_map": {**dump, "osds": [osd_map(ceph, osd) for osd in ceph.osds.values()], **_crush(ceph)},
        "scrub_status": _scrubbing(ceph),
        "pg_info": _pg_info(ceph),
        "mgr_map": mgr_dump(ceph),
        "pools": [{"pool": pool.id, **pools.pool_row(ceph, pool, pgmap)} for pool in ceph.pools.values()],
        "df": {"stats": df["stats"], "pools": df["pools"]},
        **_rest(ceph),
    }


_FILE_SYSTEMS: Doc = {
    "epoch": 1,
    "default_fscid": -1,
    "compat": {
        "compat": {},
        "ro_compat": {},
        "incompat": {
            "feature_1": "base v0.20",
            "feature_2": "client writeable ranges",
            "feature_3": "default file layouts on dirs",
            "feature_4": "dir inode in separate object",
            "feature_5": "mds uses versioned encoding",
            "feature_6": "dirfrag is stored in omap",
            "feature_8": "no anchor table",
            "feature_9": "file layout v2",
            "feature_10": "snaprealm v2",
        },
    },
    "feature_flags": {"enable_multiple": True, "ever_enabled_multiple": True},
    "standbys": [],
    "filesystems": [],
}
"""There are none."""


def _crush(ceph: Ceph) -> Doc:
    """The tree, and the map that it is made of."""
    types = ("osd", "host", "chassis", "rack", "row", "pdu", "pod", "room", "datacenter", "zone", "region", "root")
    nodes = list(osds.tree_nodes(ceph))
    weights = {osd.id: int(osds.crush_weight(osd) * 65536) for osd in ceph.osds.values()}
    buckets = []
    for node in sorted((node for node in nodes if node["type"] != "osd"), key=lambda node: -int(node["id"])):
        children = node["children"][::-1]
        inside = [each if each >= 0 else None for each in children]
        items = []
        for place, child in enumerate(children):
            own = [osd for osd in ceph.osds.values() if child in (osd.id, osds.host_id(ceph, osd.host))]
            items.append({"id": child, "weight": sum(weights[osd.id] for osd in own), "pos": place})
        buckets.append(
            {
                "id": node["id"],
                "name": node["name"],
                "type_id": node["type_id"],
                "type_name": node["type"],
                "weight": sum(item["weight"] for item in items),
                "alg": "straw2",
                "hash": "rjenkins1",
                "items": items if inside else [],
            }
        )
    return {
        "tree": osds.osd_tree(ceph),
        "crush": {
            "devices": [{"id": osd.id, "name": osd.name, "class": "hdd"} for osd in ceph.osds.values()],
            "types": [{"type_id": number, "name": name} for number, name in enumerate(types)],
            "buckets": buckets,
            "rules": [CRUSH_RULE],
            "tunables": _TUNABLES,
            "choose_args": {},
        },
    }


CRUSH_RULE: Doc = {
    "rule_id": 0,
    "rule_name": "replicated_rule",
    "ruleset": 0,
    "type": 1,
    "min_size": 1,
    "max_size": 10,
    "steps": [
        {"op": "take", "item": -1, "item_name": "default"},
        {"op": "chooseleaf_firstn", "num": 0, "type": "host"},
        {"op": "emit"},
    ],
}
_TUNABLES: Doc = {
    "choose_local_tries": 0,
    "choose_local_fallback_tries": 0,
    "choose_total_tries": 50,
    "chooseleaf_descend_once": 1,
    "chooseleaf_vary_r": 1,
    "chooseleaf_stable": 1,
    "straw_calc_version": 1,
    "allowed_bucket_algs": 54,
    "profile": "jewel",
    "optimal_tunables": 1,
    "legacy_tunables": 0,
    "minimum_required_version": "jewel",
    "require_feature_tunables": 1,
    "require_feature_tunables2": 1,
    "has_v2_rules": 0,
    "require_feature_tunables3": 1,
    "has_v3_rules": 0,
    "has_v4_buckets": 1,
    "require_feature_tunables5": 1,
    "has_v5_rules": 0,
}


def osd_map(ceph: Ceph, osd: Osd) -> Doc:
    """An OSD of the map: weights are floats here."""
    row = osds.osd_row(ceph, osd, ceph.pgmap())
    return {**row, "weight": float(row["weight"]), "primary_affinity": 1.0}


def osd_full(ceph: Ceph, osd: Osd) -> Doc:
    """An element of `/api/osd`."""
    pgmap, now = ceph.pgmap(), ceph.now
    size, used, held = osd.size, pgmap.used.get(osd.id, 0), pgmap.held.get(osd.id, 0)
    meta = META if osd.id in pgmap.used else 0
    latency = osds.latency_ms(ceph, osd)
    peers = [other.id for other in ceph.osds.values() if other.host != osd.host]
    leaf = osds.tree_leaf(osd)
    host = next(node for node in osds.tree_nodes(ceph) if node["name"] == osd.host)
    rates = {"op_w": 4.0 + osd.id, "op_in_bytes": 32768.0, "op_r": 2.0 + osd.id, "op_out_bytes": 65536.0}
    rates = rates if osd.up else dict.fromkeys(rates, 0.0)
    stats = {
        "osd": osd.id,
        "up_from": osd.up_from,
        "seq": (osd.up_from << 32) + int(now - osd.changed) // 5,
        "num_pgs": held,
        "num_osds": 1,
        "num_per_pool_osds": 1,
        "num_per_pool_omap_osds": 1,
        "kb": size >> 10,
        "kb_used": used >> 10,
        "kb_used_data": (used - meta) >> 10,
        "kb_used_omap": 0,
        "kb_used_meta": meta >> 10,
        "kb_avail": (size - used) >> 10,
        "statfs": {
            "total": size,
            "available": size - used,
            "internally_reserved": 0,
            "allocated": used - meta,
            "data_stored": used - meta,
            "data_compressed": 0,
            "data_compressed_allocated": 0,
            "data_compressed_original": 0,
            "omap_allocated": 0,
            "internal_metadata": meta,
        },
        "hb_peers": peers,
        "snap_trim_queue_len": 0,
        "num_snap_trimming": 0,
        "num_shards_repaired": 0,
        "op_queue_age_hist": {"histogram": [], "upper_bound": 1},
        "perf_stat": {
            "commit_latency_ms": float(latency),
            "apply_latency_ms": float(latency),
            "commit_latency_ns": latency * 1_000_000,
            "apply_latency_ns": latency * 1_000_000,
        },
        "alerts": [],
    }
    return {
        **osd_map(ceph, osd),
        "id": osd.id,
        "osd_stats": stats,
        "tree": {**leaf, "reweight": float(leaf["reweight"]), "primary_affinity": 1.0},
        "host": host,
        "stats": {**rates, "numpg": held, "stat_bytes": size, "stat_bytes_used": used},
        "stats_history": {name: history(now, rate) for name, rate in rates.items()},
        "operational_status": "unmanaged",
    }


def osd_one(ceph: Ceph, osd: Osd) -> Doc:
    """`/api/osd/N`."""
    metadata = osds.osd_metadata(ceph, osd)
    del metadata["id"]
    return {
        "osd_map": {**osd_map(ceph, osd), "id": osd.id},
        "osd_metadata": metadata,
        "operational_status": "unmanaged",
    }


def monitor(ceph: Ceph) -> Doc:
    """`/api/monitor`."""
    mons, now = ceph.monitors, ceph.now
    found = monitors.mon_status(ceph, mons.leader())
    rows = []
    for row in found["monmap"]["mons"]:
        sessions = 5.0 if row["name"] in mons.quorum else 0.0
        rows.append({**row, "stats": {"num_sessions": [[at, int(value)] for at, value in history(now, sessions)]}})
    found["monmap"]["mons"] = rows
    return {
        "mon_status": found,
        "in_quorum": [row for row in rows if row["name"] in mons.quorum],
        "out_quorum": [row for row in rows if row["name"] not in mons.quorum],
    }


def hosts(ceph: Ceph) -> list[Doc]:
    """`/api/host`."""
    found = []
    for host in ceph.hosts:
        services = [("mgr", name) for name in (ceph.managers.active, *ceph.managers.standbys) if name == host]
        services += [("mon", name) for name in ceph.monitors.names if name == host]
        services += [("osd", str(osd.id)) for osd in ceph.osds.values() if osd.host == host]
        found.append(
            {
                "hostname": host,
                "services": [{"type": kind, "id": name, "ceph_version": LONG_VERSION} for kind, name in services],
                "ceph_version": LONG_VERSION,
                "addr": "",
                "labels": [],
                "sources": {"ceph": True, "orchestrator": False},
                "status": "",
            }
        )
    return found


def pool_list(ceph: Ceph) -> list[Doc]:
    """`/api/pool`."""
    pgmap = ceph.pgmap()
    words = {"type": "replicated", "crush_rule": "replicated_rule"}
    found = []
    for pool in ceph.pools.values():
        row = {"pool": pool.id, **pools.pool_row(ceph, pool, pgmap), **words}
        found.append({**row, "application_metadata": list(row["application_metadata"])})
    return found


_TYPED = {"True": True, "False": False}


def module_list(ceph: Ceph) -> list[Doc]:
    """`/api/mgr/module`: defaults are typed here."""
    always = ALWAYS_ON["pacific"]
    found = []
    for module in modules():
        if module["name"] == "selftest":
            continue
        options = {
            name: {**option, "default_value": _typed(option)} for name, option in module["module_options"].items()
        }
        name = module["name"]
        enabled = name in always or name in MODULES
        found.append({"name": name, "enabled": enabled, "always_on": name in always, "options": options})
    return found


def _typed(option: Doc) -> Any:
    value, kind = option["default_value"], option["type"]
    if kind == "bool":
        return _TYPED.get(value, value.lower() == "true")
    if kind in ("int", "uint", "secs", "size") and value.lstrip("-").isdigit():
        return int(value)
    return float(value) if kind == "float" and value else value
