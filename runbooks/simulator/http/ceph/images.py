"""`/api/block/image`: every RBD image of every pool, with its snapshots and its settings. And the cluster's log."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from runbooks.simulator import ceph as documents
from runbooks.simulator.ceph.monitors import addresses
from runbooks.simulator.ceph.tables import pg_line
from runbooks.simulator.clock import iso_z
from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.images import RbdImage, images
from runbooks.simulator.model.ceph.words import stamp

Doc = dict[str, Any]

FEATURES = ("deep-flatten", "exclusive-lock", "fast-diff", "layering", "object-map")
LINES = 30
"""Of each log."""
PERIOD = 2.0
"""How often the managers log their counts, seconds."""


@cache
def _options() -> dict[str, str]:
    found: dict[str, str] = json.loads((Path(documents.__file__).parent / "rbd_options.json").read_text())
    return found


def image_list(ceph: Ceph, pool: str = "") -> list[Doc]:
    """By pool; pools without images are not listed."""
    found = []
    for each in ceph.pools.values():
        if not each.rbd or (pool and each.name != pool):
            continue
        rows = [_image(image) for image in images(ceph.cloud, each.name)]
        if rows:
            found.append({"value": rows, "pool_name": each.name})
    return found


def _image(image: RbdImage) -> Doc:
    made = iso_z(image.created)
    parent = None
    if image.parent:
        pool, _, rest = image.parent.partition("/")
        name, _, snap = rest.partition("@")
        parent = {"pool_name": pool, "pool_namespace": "", "image_name": name, "snap_name": snap}
    snapshots: list[Doc] = [
        {
            "id": 4 + number,
            "size": image.size,
            "name": name,
            "namespace": 0,
            "mirror_mode": "journal",
            "timestamp": made,
            "is_protected": image.pool == "images",
            "used_bytes": None,
            "children": [],
            "disk_usage": 0 if number else image.used,
        }
        for number, name in enumerate(image.snapshots)
    ]
    return {
        "size": image.size,
        "obj_size": 1 << image.order,
        "num_objs": image.objects,
        "order": image.order,
        "block_name_prefix": f"rbd_data.{image.id}",
        "mirror_mode": "journal",
        "name": image.name,
        "unique_id": f"{image.pool}/{image.id}",
        "id": image.id,
        "image_format": 2,
        "pool_name": image.pool,
        "namespace": "",
        "features": 61,
        "features_name": list(FEATURES),
        "timestamp": made,
        "stripe_count": 1,
        "stripe_unit": 1 << image.order,
        "data_pool": None,
        "parent": parent,
        "snapshots": snapshots,
        "total_disk_usage": image.used,
        "disk_usage": 0 if snapshots else image.used,
        "configuration": [{"name": name, "value": value, "source": 0} for name, value in _options().items()],
    }


def logs(ceph: Ceph) -> Doc:
    """`/api/logs/all`: newest first."""
    now, managers = ceph.now, ceph.managers
    address = ceph.cloud.hosts[managers.active].machine.address
    who = {
        "name": f"mgr.{managers.active}",
        "rank": f"mgr.{managers.gid}",
        "addrs": {"addrvec": [{"type": "any", "addr": f"{address}:0", "nonce": managers.gid}]},
    }
    count = int((now - managers.changed) // PERIOD)
    text = pg_line(ceph)
    lines = []
    for back in range(LINES):
        at, number = now - back * PERIOD, count - back
        lines.append((at, _line(who, at, number, "cluster", "[DBG]", f"pgmap v{number}: {text}")))
    for number, entry in enumerate(ceph.reports.log):
        origin = _origin(ceph, entry.name, who)
        lines.append((entry.at, _line(origin, entry.at, number, "cluster", f"[{entry.priority}]", entry.message)))
    lines.sort(key=lambda line: -line[0])
    leader = _origin(ceph, f"mon.{ceph.monitors.leader()}", who)
    asked = f"from='mgr.{managers.gid} {address}:0/{managers.gid}' entity='mgr.{managers.active}' "
    audit = [_line(leader, now - PERIOD * back, count - back, "audit", "[INF]", asked) for back in range(LINES)]
    return {"clog": [line for _, line in lines[:LINES]], "audit_log": audit}


def _origin(ceph: Ceph, name: str, otherwise: Doc) -> Doc:
    kind, _, which = name.partition(".")
    if kind != "mon" or which not in ceph.monitors.names:
        return {**otherwise, "name": name, "rank": name}
    return {"name": name, "rank": f"mon.{ceph.monitors.rank(which)}", "addrs": {"addrvec": addresses(ceph, which)}}


def _line(who: Doc, at: float, number: int, channel: str, priority: str, message: str) -> Doc:
    return {**who, "stamp": stamp(at), "seq": number, "channel": channel, "priority": priority, "message": message}
