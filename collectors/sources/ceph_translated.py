"""What the dashboard's answers say, as the commands of `ceph_commands` would have said it. Pure.

The dashboard's `/api/health/full` holds the maps nearly as the commands print them; here is what differs: health
checks are a list, flags are a list, daemons are told by host.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from collectors.sources.ceph_commands import RBD

_FULL: Final = "/api/health/full"


class Answer(msgspec.Struct, frozen=True):
    """How one command's answer is made of the answers to some paths."""

    paths: tuple[str, ...]
    of: Callable[..., Any]


def _health(full: Mapping[str, Any]) -> dict[str, Any]:
    said = full["health"]
    checks = said.get("checks") or []
    if not isinstance(checks, Mapping):
        checks = {each["type"]: each for each in checks}
    return {"status": said.get("status"), "checks": dict(checks), "mutes": said.get("mutes") or []}


def _status(full: Mapping[str, Any]) -> dict[str, Any]:
    objects, states = full["pg_info"]["object_stats"], full["pg_info"]["statuses"]
    copies, groups = objects.get("num_object_copies") or 0, sum(states.values())
    inactive = sum(count for state, count in states.items() if "active" not in state.split("+"))
    return {
        "fsid": full["mon_status"]["monmap"].get("fsid"),
        "mgrmap": {
            "available": bool(full["mgr_map"].get("active_name")),
            "num_standbys": len(full["mgr_map"].get("standbys") or ()),
        },
        "pgmap": {
            "num_pgs": groups,
            "inactive_pgs_ratio": inactive / groups if groups else 0.0,
            "degraded_ratio": (objects.get("num_objects_degraded") or 0) / copies if copies else 0.0,
            "misplaced_ratio": (objects.get("num_objects_misplaced") or 0) / copies if copies else 0.0,
            "recovering_bytes_per_sec": (full.get("client_perf") or {}).get("recovering_bytes_per_sec") or 0,
        },
    }


def _quorum(full: Mapping[str, Any]) -> dict[str, Any]:
    status = full["mon_status"]
    by_rank = {each["rank"]: each["name"] for each in status["monmap"]["mons"]}
    names = [by_rank[rank] for rank in status.get("quorum") or () if rank in by_rank]
    return {"quorum_names": names, "monmap": status["monmap"], "quorum_age": status.get("quorum_age")}


def _mgr_stat(full: Mapping[str, Any]) -> dict[str, Any]:
    found = full["mgr_map"]
    active = found.get("active_name") or ""
    return {"available": bool(active), "active_name": active, "num_standby": len(found.get("standbys") or ())}


def _mgr_metadata(full: Mapping[str, Any], hosts: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    where = {
        service["id"]: (host.get("hostname"), host.get("ceph_version"))
        for host in hosts
        for service in host.get("services") or ()
        if service.get("type") == "mgr"
    }
    names = [
        full["mgr_map"].get("active_name") or "",
        *(each["name"] for each in full["mgr_map"].get("standbys") or ()),
    ]
    return [
        {"name": name, "hostname": where.get(name, (None, None))[0], "ceph_version": where.get(name, (None, None))[1]}
        for name in names
        if name
    ]


def _osd_df(osds: list[Mapping[str, Any]]) -> dict[str, Any]:
    nodes = []
    for each in osds:
        stats = each.get("osd_stats") or {}
        size = stats.get("kb") or 0
        nodes.append(
            {
                "id": each["osd"],
                "kb": size,
                "kb_used": stats.get("kb_used"),
                "utilization": 100.0 * stats["kb_used"] / size if size and "kb_used" in stats else None,
                "pgs": stats.get("num_pgs"),
            }
        )
    return {"nodes": nodes}


def _osd_perf(osds: list[Mapping[str, Any]]) -> dict[str, Any]:
    infos = [{"id": each["osd"], "perf_stats": (each.get("osd_stats") or {}).get("perf_stat") or {}} for each in osds]
    return {"osdstats": {"osd_perf_infos": infos}}


def _metadata(full: Mapping[str, Any]) -> list[Any]:
    found = full["osd_map"].get("osd_metadata") or []
    if isinstance(found, Mapping):
        return [{"id": int(number), **(each or {})} for number, each in found.items()]
    return list(found)


def _pools(full: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for each in full["pools"]:
        uses = each.get("application_metadata") or {}
        uses = uses if isinstance(uses, Mapping) else {use: {} for use in uses}
        found.append({**each, "pool_id": each["pool"], "application_metadata": uses})
    return found


def _images(pools: list[Mapping[str, Any]]) -> list[Any]:
    return [image for pool in pools for image in pool.get("value") or ()]


ANSWERS: Final[Mapping[str, Answer]] = {
    "health": Answer((_FULL,), _health),
    "status": Answer((_FULL,), _status),
    "quorum_status": Answer((_FULL,), _quorum),
    "mgr stat": Answer((_FULL,), _mgr_stat),
    "mgr metadata": Answer((_FULL, "/api/host"), _mgr_metadata),
    "mgr services": Answer((_FULL,), lambda full: full["mgr_map"].get("services") or {}),
    "osd dump": Answer((_FULL,), lambda full: full["osd_map"]),
    "osd tree": Answer((_FULL,), lambda full: full["osd_map"]["tree"]),
    "osd metadata": Answer((_FULL,), _metadata),
    "osd df": Answer(("/api/osd",), _osd_df),
    "osd perf": Answer(("/api/osd",), _osd_perf),
    "osd pool ls": Answer((_FULL,), _pools),
    "df": Answer((_FULL,), lambda full: full["df"]),
    RBD: Answer(("/api/block/image",), _images),
}
"""Command → where the dashboard has it. Crashes, placement groups one by one and clock skews it has not."""
