"""Documents about the space of OSDs: how full each is, and how evenly they are filled."""

from __future__ import annotations

from math import sqrt
from typing import Any

from runbooks.simulator.ceph.osds import tree_leaf
from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.daemons import Osd
from runbooks.simulator.model.ceph.pgmap import META, PgMap

Doc = dict[str, Any]


def osd_df(ceph: Ceph) -> Doc:
    """`ceph osd df`: the space of the OSDs that are in; those that are out show none."""
    pgmap = ceph.pgmap()
    average = 100 * pgmap.total_used / pgmap.total if pgmap.total else 0.0
    nodes = [_space(osd, pgmap, average) for osd in ceph.osds.values()]
    ratios = [node["var"] for node in nodes if node["kb"]]
    total, used, meta = pgmap.total >> 10, pgmap.total_used >> 10, len(pgmap.used) * (META >> 10)
    spread = [node["utilization"] - average for node in nodes if node["kb"]]
    return {
        "nodes": nodes,
        "stray": [],
        "summary": {
            "total_kb": total,
            "total_kb_used": used,
            "total_kb_used_data": used - meta,
            "total_kb_used_omap": 0,
            "total_kb_used_meta": meta,
            "total_kb_avail": total - used,
            "average_utilization": average,
            "min_var": min(ratios, default=0),
            "max_var": max(ratios, default=0),
            "dev": sqrt(sum(each * each for each in spread) / len(spread)) if spread else 0,
        },
    }


def _space(osd: Osd, pgmap: PgMap, average: float) -> Doc:
    size, used = pgmap.sizes.get(osd.id, 0) >> 10, pgmap.used.get(osd.id, 0) >> 10
    meta = META >> 10 if size else 0
    share = 100 * used / size if size else 0
    leaf = tree_leaf(osd)
    return {
        **{key: leaf[key] for key in ("id", "device_class", "name", "type", "type_id", "crush_weight", "depth")},
        "pool_weights": {},
        "reweight": leaf["reweight"],
        "kb": size,
        "kb_used": used,
        "kb_used_data": used - meta,
        "kb_used_omap": 0,
        "kb_used_meta": meta,
        "kb_avail": size - used,
        "utilization": share,
        "var": share / average if average else 0,
        "pgs": pgmap.held.get(osd.id, 0),
        "status": leaf["status"],
    }
