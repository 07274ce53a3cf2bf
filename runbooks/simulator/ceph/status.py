"""The status and the health of the whole cluster as documents."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.ceph.groups import object_sums
from runbooks.simulator.ceph.machines import service_map
from runbooks.simulator.ceph.managers import progress_events
from runbooks.simulator.ceph.monitors import quorum_age, ranks
from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.daemons import RELEASE
from runbooks.simulator.model.ceph.health import Check
from runbooks.simulator.model.ceph.managers import MODULES
from runbooks.simulator.model.ceph.words import stamp

Doc = dict[str, Any]


def health(ceph: Ceph, *, detail: bool) -> Doc:
    """`ceph health`, `ceph health detail`."""
    checks = {code: check_doc(ceph, check, detail=detail) for code, check in ceph.checks().items()}
    return {"status": ceph.status(), "checks": checks, "mutes": mutes(ceph)}


def check_doc(ceph: Ceph, check: Check, *, detail: bool) -> Doc:
    """One raised check."""
    found: Doc = {
        "severity": check.severity,
        "summary": {"message": check.message, "count": check.count},
    }
    if detail:
        found["detail"] = [{"message": line} for line in check.details]
    return {**found, "muted": check.code in ceph.reports.mutes}


def mutes(ceph: Ceph) -> list[Doc]:
    """The mutes, as `ceph health` tells them."""
    found = []
    for mute in ceph.reports.mutes.values():
        until = {"ttl": stamp(mute.until)} if mute.until is not None else {}
        rest = {"sticky": mute.sticky, "summary": mute.summary, "count": mute.count}
        found.append({"code": mute.code, **until, **rest})
    return found


def pg_summary(ceph: Ceph) -> Doc:
    """The part of the status about data."""
    pgmap = ceph.pgmap()
    return {
        "pgs_by_state": [{"state_name": name, "count": count} for name, count in pgmap.states],
        "num_pgs": len(pgmap.stats),
        "num_pools": len(ceph.pools),
        "num_objects": pgmap.objects,
        "data_bytes": pgmap.stored,
        "bytes_used": pgmap.total_used,
        "bytes_avail": pgmap.available,
        "bytes_total": pgmap.total,
        **_inactive(ceph),
        **object_sums(pgmap),
        **traffic(ceph),
    }


def _inactive(ceph: Ceph) -> Doc:
    stats = ceph.pgmap().stats
    count = sum("active" not in stat.state.split("+") for stat in stats)
    return {"inactive_pgs_ratio": count / len(stats)} if count else {}


def recovering(ceph: Ceph) -> float:
    """Bytes per second that are being copied."""
    now = ceph.now
    total = 0.0
    for group in ceph.groups.values():
        total += sum(400 << 20 for begin, end in group.moves.values() if begin <= now < end)
    return total if ceph.managers.serving(now) else 0.0


def traffic(ceph: Ceph) -> Doc:
    """What clients read and write, and what recovery copies, per second; absent where there is none."""
    found: Doc = {}
    if rate := recovering(ceph):
        found |= {
            "recovering_objects_per_sec": int(rate) >> 22,
            "recovering_bytes_per_sec": int(rate),
            "recovering_keys_per_sec": 0,
        }
    servers = len(ceph.cloud.compute.servers)
    if servers and ceph.managers.serving(ceph.now):
        busy = 0.8 + 0.4 * ceph.cloud.seed.fraction("traffic", int(ceph.now // 5))
        reads, writes = int(servers * 3 * busy), int(servers * 5 * busy)
        found |= {"read_bytes_sec": reads * 16384, "write_bytes_sec": writes * 8192}
        found |= {"read_op_per_sec": reads, "write_op_per_sec": writes}
    return found


def status(ceph: Ceph) -> Doc:
    """`ceph status`."""
    osds = ceph.osds.values()
    services = ceph.managers.services(ceph.now)
    return {
        "fsid": ceph.fsid,
        "health": health(ceph, detail=False),
        "election_epoch": ceph.monitors.epoch,
        "quorum": ranks(ceph),
        "quorum_names": list(ceph.monitors.quorum),
        "quorum_age": quorum_age(ceph),
        "monmap": {"epoch": 1, "min_mon_release_name": RELEASE, "num_mons": len(ceph.monitors.names)},
        "osdmap": {
            "epoch": ceph.epoch,
            "num_osds": len(osds),
            "num_up_osds": sum(osd.up for osd in osds),
            "osd_up_since": int(ceph.up_changed),
            "num_in_osds": sum(osd.inside for osd in osds),
            "osd_in_since": int(ceph.in_changed),
            "num_remapped_pgs": sum("remapped" in stat.state for stat in ceph.pgmap().stats),
        },
        "pgmap": pg_summary(ceph),
        "fsmap": {"epoch": 1, "by_rank": [], "up:standby": 0},
        "mgrmap": {
            "available": ceph.managers.available(ceph.now),
            "num_standbys": len(ceph.managers.standbys),
            "modules": list(MODULES),
            "services": services,
        },
        "servicemap": service_map(ceph),
        "progress_events": {
            event["id"]: {key: event[key] for key in ("message", "progress", "add_to_ceph_s")}
            for event in progress_events(ceph)
        },
    }
