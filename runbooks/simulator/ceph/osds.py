"""Documents about OSDs: the OSD map, the tree, metadata and latencies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runbooks.simulator.ceph.pools import pool_row
from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.daemons import LONG_VERSION, RELEASE, VERSION, Osd
from runbooks.simulator.model.ceph.osd_map import address, base_port, nonce
from runbooks.simulator.model.ceph.pgmap import PgMap
from runbooks.simulator.model.ceph.words import stamp, stamp_z

Doc = dict[str, Any]

BASE_FLAGS = ("sortbitwise", "recovery_deletes", "purged_snapdirs", "pglog_hardlimit")
_BASE_BITS = 5_799_936
_BITS = {
    "pauserd": 1 << 2, "pausewr": 1 << 3, "noup": 1 << 5, "nodown": 1 << 6, "noout": 1 << 7, "noin": 1 << 8,
    "nobackfill": 1 << 9, "norecover": 1 << 10, "noscrub": 1 << 11, "nodeep-scrub": 1 << 12, "notieragent": 1 << 13,
    "norebalance": 1 << 14, "nosnaptrim": 1 << 20,
}  # fmt: skip
_FEATURES = 4540138314316775423
_FLOAT = 65536
"""Weights are kept in 16.16 fixed point."""
ROOT = -1


def crush_weight(osd: Osd) -> float:
    """Its size in TiB, in fixed point."""
    return int(osd.size / (1 << 40) * _FLOAT) / _FLOAT


def host_id(ceph: Ceph, host: str) -> int:
    """The number of a host's bucket: -3, -5, -7."""
    return -3 - 2 * ceph.hosts.index(host)


def number(value: float) -> float | int:
    """As Ceph prints it: no `.0`."""
    return int(value) if value == int(value) else value


def flag_list(ceph: Ceph) -> list[str]:
    """All flags in the map's order."""
    return [*ceph.warning_flags(), *BASE_FLAGS]


def osd_dump(ceph: Ceph) -> Doc:
    """`ceph osd dump`."""
    pgmap = ceph.pgmap()
    return {
        "epoch": ceph.epoch,
        "fsid": ceph.fsid,
        "created": stamp(ceph.created),
        "modified": stamp(ceph.modified),
        "last_up_change": stamp(ceph.up_changed),
        "last_in_change": stamp(ceph.in_changed),
        "flags": ",".join(flag_list(ceph)),
        "flags_num": _BASE_BITS + sum(_BITS[flag] for flag in ceph.flags),
        "flags_set": sorted(flag_list(ceph)),
        "crush_version": 7,
        "full_ratio": 0.94999998807907104,
        "backfillfull_ratio": 0.89999997615814209,
        "nearfull_ratio": 0.85000002384185791,
        "cluster_snapshot": "",
        "pool_max": max(ceph.pools, default=0),
        "max_osd": len(ceph.osds),
        "require_min_compat_client": "luminous",
        "min_compat_client": "jewel",
        "require_osd_release": RELEASE,
        "pools": [{"pool": pool.id, **pool_row(ceph, pool, pgmap)} for pool in ceph.pools.values()],
        "osds": [osd_row(ceph, osd, pgmap) for osd in ceph.osds.values()],
        "osd_xinfo": [_xinfo(osd) for osd in ceph.osds.values()],
        "pg_upmap": [],
        "pg_upmap_items": [],
        "pg_temp": [
            {"pgid": stat.id, "osds": list(stat.acting)}
            for stat in pgmap.stats
            if stat.acting and stat.up != stat.acting
        ],
        "primary_temp": [],
        "blocklist": {},
        "range_blocklist": {},
        "erasure_code_profiles": {"default": {"k": "2", "m": "2", "plugin": "jerasure", "technique": "reed_sol_van"}},
        "removed_snaps_queue": [],
        "new_removed_snaps": [],
        "new_purged_snaps": [],
        "crush_node_flags": {name: sorted(flags) for name, flags in ceph.node_flags.items()},
        "device_class_flags": {},
        "stretch_mode": {
            "stretch_mode_enabled": False,
            "stretch_bucket_count": 0,
            "degraded_stretch_mode": 0,
            "recovering_stretch_mode": 0,
            "stretch_mode_bucket": 0,
        },
    }


def osd_row(ceph: Ceph, osd: Osd, pgmap: PgMap) -> Doc:
    """One OSD of the map."""
    host, which, port = ceph.cloud.hosts[osd.host].machine.address, nonce(ceph, osd), base_port(osd)
    places = {"public": 0, "cluster": 1, "heartbeat_back": 3, "heartbeat_front": 2}

    def vector(place: int) -> Doc:
        first = port + 2 * place
        return {
            "addrvec": [
                {"type": kind, "addr": f"{host}:{first + more}", "nonce": which}
                for more, kind in enumerate(("v2", "v1"))
            ]
        }

    full = ceph.fullness(osd.id, pgmap)
    return {
        "osd": osd.id,
        "uuid": osd.uuid,
        "up": int(osd.up),
        "in": int(osd.inside),
        "weight": number(int(osd.weight * _FLOAT) / _FLOAT),
        "primary_affinity": number(osd.affinity),
        "last_clean_begin": 0,
        "last_clean_end": 0,
        "up_from": osd.up_from,
        "up_thru": osd.up_thru,
        "down_at": osd.down_at,
        "lost_at": 0,
        **{f"{name}_addrs": vector(place) for name, place in places.items()},
        **{f"{name}_addr": f"{host}:{port + 2 * place + 1}/{which}" for name, place in places.items()},
        "state": ["exists", *([full] if full else []), *sorted(osd.flags), *(["up"] if osd.up else [])],
    }


def _xinfo(osd: Osd) -> Doc:
    return {
        "osd": osd.id,
        "down_stamp": stamp(osd.changed) if osd.down_at else "0.000000",
        "laggy_probability": 0,
        "laggy_interval": 0,
        "features": _FEATURES,
        "old_weight": 0 if osd.inside else _FLOAT,
        "last_purged_snaps_scrub": stamp(osd.created),
        "dead_epoch": osd.down_at - 1 if osd.down_at else 0,
    }


def tree_nodes(ceph: Ceph) -> Iterator[Doc]:
    """The buckets and OSDs of the CRUSH tree, in its order."""
    buckets = [host_id(ceph, host) for host in ceph.hosts]
    yield {"id": ROOT, "name": "default", "type": "root", "type_id": 11, "children": buckets[::-1]}
    for host in ceph.hosts:
        own = [osd for osd in ceph.osds.values() if osd.host == host]
        yield {
            "id": host_id(ceph, host),
            "name": host,
            "type": "host",
            "type_id": 1,
            "pool_weights": {},
            "children": [osd.id for osd in own][::-1],
        }
        yield from (tree_leaf(osd) for osd in own)


def tree_leaf(osd: Osd) -> Doc:
    """One OSD of the tree."""
    return {
        "id": osd.id,
        "device_class": "hdd",
        "name": osd.name,
        "type": "osd",
        "type_id": 0,
        "crush_weight": crush_weight(osd),
        "depth": 2,
        "pool_weights": {},
        "exists": 1,
        "status": "up" if osd.up else "down",
        "reweight": number(int(osd.weight * _FLOAT) / _FLOAT),
        "primary_affinity": number(osd.affinity),
    }


def osd_tree(ceph: Ceph) -> Doc:
    """`ceph osd tree`."""
    return {"nodes": list(tree_nodes(ceph)), "stray": []}


def osd_metadata(ceph: Ceph, osd: Osd) -> Doc:
    """What an OSD told about its machine when it booted."""
    host = ceph.cloud.hosts[osd.host]
    device = f"sd{chr(ord('c') + osd.id % 3)}"
    return {
        "id": osd.id,
        "arch": "x86_64",
        "back_addr": address(ceph, osd, 1),
        "back_iface": "",
        "bluefs": "1",
        "bluefs_dedicated_db": "0",
        "bluefs_dedicated_wal": "0",
        "bluefs_single_shared_device": "1",
        "bluestore_bdev_access_mode": "blk",
        "bluestore_bdev_block_size": "4096",
        "bluestore_bdev_devices": device,
        "bluestore_bdev_driver": "KernelDevice",
        "bluestore_bdev_path": f"/var/lib/ceph/osd/ceph-{osd.id}/block",
        "bluestore_bdev_rotational": "1",
        "bluestore_bdev_size": str(osd.size),
        "bluestore_bdev_support_discard": "0",
        "bluestore_bdev_type": "hdd",
        "bluestore_min_alloc_size": "4096",
        "ceph_release": RELEASE,
        "ceph_version": LONG_VERSION,
        "ceph_version_short": VERSION,
        "ceph_version_when_created": LONG_VERSION,
        "container_image": "quay.io/ceph/ceph:v16.2.15",
        "cpu": "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz",
        "created_at": stamp_z(osd.created),
        "default_device_class": "hdd",
        "device_ids": f"{device}=ST18000NM000J-2TV103_{ceph.cloud.seed.hex('disk', osd.id)[:8].upper()}",
        "device_paths": f"{device}=/dev/disk/by-path/pci-0000:3b:00.0-sas-phy{osd.id % 3}-lun-0",
        "devices": device,
        "distro": "debian",
        "distro_description": host.os_release,
        "distro_version": "12",
        "front_addr": address(ceph, osd, 0),
        "front_iface": "",
        "hb_back_addr": address(ceph, osd, 3),
        "hb_front_addr": address(ceph, osd, 2),
        "hostname": osd.host,
        "journal_rotational": "1",
        "kernel_description": "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)",
        "kernel_version": host.kernel,
        "mem_swap_kb": "8388608",
        "mem_total_kb": str(host.memory_kib),
        "network_numa_unknown_ifaces": "back_iface,front_iface",
        "objectstore_numa_unknown_devices": device,
        "os": "Linux",
        "osd_data": f"/var/lib/ceph/osd/ceph-{osd.id}",
        "osd_objectstore": "bluestore",
        "osdspec_affinity": "",
        "rotational": "1",
    }


def latency_ms(ceph: Ceph, osd: Osd, at: float | None = None) -> int:
    """Of its writes, milliseconds, now or at a moment before."""
    moment = ceph.now if at is None else at
    if osd.slow_since is not None and moment >= osd.slow_since:
        return 800 + ceph.cloud.seed.number(700, "slow", osd.id, int(moment // 5))
    return 2 + ceph.cloud.seed.number(9, "latency", osd.id, int(moment // 5))


def osd_perf(ceph: Ceph) -> Doc:
    """`ceph osd perf`."""
    rows = []
    for osd in ceph.osds.values():
        found = latency_ms(ceph, osd)
        values = {"commit_latency_ms": found, "apply_latency_ms": found}
        values |= {"commit_latency_ns": found * 1_000_000, "apply_latency_ns": found * 1_000_000}
        rows.append({"id": osd.id, "perf_stats": values})
    return {"pg_ready": True, "osdstats": {"osd_perf_infos": rows}}
