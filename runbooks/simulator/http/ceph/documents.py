"""The dashboard's documents about OSDs, monitors, hosts, pools and the managers' modules.

They are those of the commands in another dress: Python's floats for weights, histories of numbers, lists for maps.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from runbooks.simulator.ceph import monitors, osds, pools
from runbooks.simulator.ceph.managers import ALWAYS_ON, modules
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


def osd_map(ceph: Ceph, osd: Osd) -> Doc:
    """An OSD of the map: weights are floats here."""
    row = osds.osd_row(ceph, osd, ceph.pgmap())
    return {**row, "weight": float(row["weight"]), "primary_affinity": float(row["primary_affinity"])}


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
        "tree": {**leaf, "reweight": float(leaf["reweight"]), "primary_affinity": float(leaf["primary_affinity"])},
        "host": host,
        "stats": {**rates, "numpg": held, "stat_bytes": size, "stat_bytes_used": used},
        "stats_history": {name: history(now, rate) for name, rate in rates.items()},
        "operational_status": "unmanaged",
    }


def osd_metadata(ceph: Ceph, osd: Osd) -> Doc:
    """What an OSD told when it booted, without its number."""
    found = osds.osd_metadata(ceph, osd)
    del found["id"]
    return found


def osd_one(ceph: Ceph, osd: Osd) -> Doc:
    """`/api/osd/N`."""
    return {
        "osd_map": {**osd_map(ceph, osd), "id": osd.id},
        "osd_metadata": osd_metadata(ceph, osd),
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


def pool_list(ceph: Ceph, *, stats: bool = False) -> list[Doc]:
    """`/api/pool`, `/api/pool?stats=true`."""
    words = {"type": "replicated", "crush_rule": "replicated_rule"}
    found = []
    for row in pools_with_stats(ceph):
        if not stats:
            del row["pg_status"], row["stats"]
        found.append({**row, **words, "application_metadata": list(row["application_metadata"])})
    return found


def pools_with_stats(ceph: Ceph) -> list[Doc]:
    """The pools with what they hold and the states of their placement groups."""
    pgmap, now = ceph.pgmap(), round(ceph.now, 6)
    space = {each["id"]: each["stats"] for each in pools.df(ceph, detail=True)["pools"]}
    found = []
    for pool in ceph.pools.values():
        states = Counter(stat.state for stat in pgmap.stats if stat.pool == pool.id)
        stats = {name: {"latest": value, "rate": 0.0, "rates": [[now, 0.0]]} for name, value in space[pool.id].items()}
        found.append({"pool": pool.id, **pools.pool_row(ceph, pool, pgmap), "pg_status": dict(states), "stats": stats})
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
