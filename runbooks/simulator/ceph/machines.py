"""What daemons tell about the machines that they run on, and the maps of daemons that this cluster has none of."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.daemons import LONG_VERSION, RELEASE, VERSION
from runbooks.simulator.model.ceph.words import stamp

Doc = dict[str, Any]


def mon_metadata(ceph: Ceph, name: str) -> Doc:
    """A monitor's machine."""
    head = {"name": name, "addrs": ceph.mon_address(name), **_version()}
    more = {"compression_algorithms": "none, snappy, zlib, zstd, lz4", "cpu": _CPU}
    return {**head, **more, "device_ids": "", "device_paths": "", "devices": "sda", **_system(ceph, name)}


def mgr_metadata(ceph: Ceph) -> list[Doc]:
    """The machines of the managers that the map knows, the active one first."""
    found = []
    for name in (ceph.managers.active, *ceph.managers.standbys):
        if not name:
            continue
        address = ceph.cloud.hosts[name].machine.address
        nonce = ceph.cloud.seed.number(1 << 32, "mgr metadata", name)
        head = {"name": name, "addr": address, "addrs": f"{address}:0/{nonce}"}
        found.append({**head, **_version(), "cpu": _CPU, **_system(ceph, name)})
    return found


_CPU = "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz"


def _version() -> Doc:
    return {"arch": "x86_64", "ceph_release": RELEASE, "ceph_version": LONG_VERSION, "ceph_version_short": VERSION}


def _system(ceph: Ceph, name: str) -> Doc:
    host = ceph.cloud.hosts[name]
    return {
        "distro": "debian",
        "distro_description": host.os_release,
        "distro_version": "12",
        "hostname": name,
        "kernel_description": "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)",
        "kernel_version": host.kernel,
        "mem_swap_kb": "8388608",
        "mem_total_kb": str(host.memory_kib),
        "os": "Linux",
    }


_FEATURES = {
    "feature_1": "base v0.20",
    "feature_2": "client writeable ranges",
    "feature_3": "default file layouts on dirs",
    "feature_4": "dir inode in separate object",
    "feature_5": "mds uses versioned encoding",
    "feature_6": "dirfrag is stored in omap",
    "feature_8": "no anchor table",
    "feature_9": "file layout v2",
    "feature_10": "snaprealm v2",
}


def fs_map() -> Doc:
    """`ceph fs dump` of a cluster without file systems."""
    return {
        "epoch": 1,
        "default_fscid": -1,
        "compat": {"compat": {}, "ro_compat": {}, "incompat": dict(_FEATURES)},
        "feature_flags": {"enable_multiple": True, "ever_enabled_multiple": True},
        "standbys": [],
        "filesystems": [],
    }


def service_map(ceph: Ceph) -> Doc:
    """`ceph service dump` of a cluster without gateways."""
    return {"epoch": 3, "modified": stamp(ceph.created + 900), "services": {}}
