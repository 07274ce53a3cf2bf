"""Documents about the managers: their map, their modules, what runs in which version, crashes, progress."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.daemons import LONG_VERSION, VERSION, Crash
from runbooks.simulator.model.ceph.managers import MODULES
from runbooks.simulator.model.ceph.words import stamp, stamp_z

Doc = dict[str, Any]

_FEATURES = 4540138314316775423
_OPTION = (
    *("name", "type", "level", "flags", "default_value", "min", "max", "enum_allowed", "desc", "long_desc", "tags"),
    "see_also",
)
_ALWAYS = (
    *("balancer", "crash", "devicehealth", "orchestrator", "pg_autoscaler", "progress", "rbd_support", "status"),
    *("telemetry", "volumes"),
)
ALWAYS_ON = {
    "nautilus": [
        *("balancer", "crash", "devicehealth", "orchestrator_cli", "progress", "rbd_support", "status", "volumes"),
    ],
    "octopus": list(_ALWAYS),
    "pacific": list(_ALWAYS),
}


@cache
def modules() -> list[Doc]:
    """Every module that a manager of this release has, with its options."""
    raw = json.loads((Path(__file__).parent / "modules.json").read_text())
    return [
        {
            "name": name,
            "can_run": can_run,
            "error_string": error,
            "module_options": {values[0]: dict(zip(_OPTION, values, strict=True)) for values in options},
        }
        for name, (can_run, error, options) in raw.items()
    ]


def mgr_dump(ceph: Ceph) -> Doc:
    """`ceph mgr dump`."""
    managers, now = ceph.managers, ceph.now
    address = ceph.cloud.hosts[managers.active].machine.address if managers.active else ""
    nonce = ceph.cloud.seed.number(1 << 32, "mgr nonce", managers.gid)
    vector = [
        {"type": kind, "addr": f"{address}:{port}", "nonce": nonce} for kind, port in (("v2", 6824), ("v1", 6825))
    ]
    return {
        "epoch": managers.epoch,
        "active_gid": managers.gid if managers.active else 0,
        "active_name": managers.active,
        "active_addrs": {"addrvec": vector if managers.active else []},
        "active_addr": f"{address}:6825/{nonce}" if managers.active else ":/0",
        "active_change": stamp(managers.changed),
        "active_mgr_features": _FEATURES if managers.active else 0,
        "available": managers.available(now),
        "standbys": standbys(ceph),
        "modules": list(MODULES),
        "available_modules": modules(),
        "services": managers.services(now),
        "always_on_modules": ALWAYS_ON,
        "last_failure_osd_epoch": 7,
        "active_clients": [
            {"name": name, "addrvec": [{"type": "v2", "addr": f"{address}:0", "nonce": nonce ^ number}]}
            for number, name in enumerate(("devicehealth", "rbd_support", "volumes"), 1)
            if managers.active
        ],
    }


def standbys(ceph: Ceph) -> list[Doc]:
    """The managers that stand by."""
    return [
        {"gid": 4115 + place, "name": name, "mgr_features": _FEATURES, "available_modules": modules()}
        for place, name in enumerate(ceph.managers.standbys)
    ]


def mgr_stat(ceph: Ceph) -> Doc:
    """`ceph mgr stat`."""
    managers = ceph.managers
    return {
        "epoch": managers.epoch,
        "available": managers.available(ceph.now),
        "active_name": managers.active,
        "num_standby": len(managers.standbys),
    }


def versions(ceph: Ceph) -> Doc:
    """`ceph versions`: of the daemons that the maps know as running."""
    counts = {
        "mon": len(ceph.monitors.quorum),
        "mgr": bool(ceph.managers.active) + len(ceph.managers.standbys),
        "osd": sum(osd.up for osd in ceph.osds.values()),
        "mds": 0,
    }
    found: Doc = {name: {LONG_VERSION: count} if count else {} for name, count in counts.items()}
    return {**found, "overall": {LONG_VERSION: sum(counts.values())}}


def crash_info(ceph: Ceph, crash: Crash) -> Doc:
    """`ceph crash info`, an element of `ceph crash ls`."""
    host = ceph.cloud.hosts[crash.host]
    found = {
        "backtrace": [
            "/lib/x86_64-linux-gnu/libpthread.so.0(+0x13140) [0x7f0c1d2f5140]",
            "gsignal()",
            "abort()",
            f"/usr/bin/{crash.process}(+0x5a1b2c) [0x55d0c5a1b2c0]",
            "clone()",
        ],
        "ceph_version": VERSION,
        "crash_id": crash.id,
        "entity_name": crash.entity,
        "os_id": "12",
        "os_name": host.os_release,
        "os_version": "12 (bookworm)",
        "os_version_id": "12",
        "process_name": crash.process,
        "stack_sig": ceph.cloud.seed.digest("stack", crash.entity, size=32).hex(),
        "timestamp": stamp_z(crash.at),
        "utsname_hostname": crash.host,
        "utsname_machine": "x86_64",
        "utsname_release": host.kernel,
        "utsname_sysname": "Linux",
        "utsname_version": "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)",
    }
    return found | ({"archived": stamp(crash.at)} if crash.id in ceph.reports.archived else {})


def progress_events(ceph: Ceph) -> list[Doc]:
    """What the progress module follows: data that moves because an OSD was taken out or in."""
    now = ceph.now
    moves = [span for group in ceph.groups.values() for span in group.moves.values()]
    if not moves or not ceph.managers.serving(now):
        return []
    began, until = min(begin for begin, _ in moves), max(end for _, end in moves)
    out = next((osd for osd in ceph.osds.values() if not osd.inside), None)
    turned, which = (
        ("out", out.id) if out else ("in", min(osd for group in ceph.groups.values() for osd in group.moves))
    )
    began = max(min(began, ceph.in_changed), ceph.in_changed)
    done = min(max((now - began) / max(until - began, 1.0), 0.0), 1.0)
    return [
        {
            "id": ceph.cloud.seed.uuid("progress", which, began),
            "message": f"Rebalancing after osd.{which} marked {turned}",
            "refs": [["osd", which]],
            "progress": round(done, 6),
            "started_at": began,
            "finished_at": 0.0,
            "add_to_ceph_s": True,
            "time_remaining": int(until - now),
        }
    ]
