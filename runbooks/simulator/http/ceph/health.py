"""The dashboard's documents about the whole cluster: the summary, and the health in short and in full."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.ceph import monitors, osds, pools
from runbooks.simulator.ceph.managers import mgr_dump, standbys
from runbooks.simulator.ceph.status import check_doc, mutes, traffic
from runbooks.simulator.http.ceph.crush import crush_map
from runbooks.simulator.http.ceph.documents import osd_map, osd_metadata, pools_with_stats
from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.daemons import LONG_VERSION

Doc = dict[str, Any]


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
    dump = osds.osd_dump(ceph)
    del dump["pg_temp"]
    df = pools.df(ceph, detail=True)
    return {
        "health": health(ceph),
        "mon_status": monitors.mon_status(ceph, ceph.monitors.leader() or ceph.monitors.names[0]),
        "fs_map": _FILE_SYSTEMS,
        "osd_map": {
            **dump,
            "osds": [osd_map(ceph, osd) for osd in ceph.osds.values()],
            **crush_map(ceph),
            "osd_metadata": {str(osd.id): osd_metadata(ceph, osd) for osd in ceph.osds.values()},
        },
        "scrub_status": _scrubbing(ceph),
        "pg_info": _pg_info(ceph),
        "mgr_map": mgr_dump(ceph),
        "pools": pools_with_stats(ceph),
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
