"""`df -PkT`: the file systems that hold data. Sizes in bytes."""

from __future__ import annotations

import re
from typing import Any

_LINE = re.compile(r"(\S.*?) +(\S+) +(\d+|-) +(\d+|-) +(-?\d+|-) +(?:(\d+)%|-) (/.*)")
_NOT_DATA = frozenset(
    [
        *("autofs", "binfmt_misc", "cgroup", "cgroup2", "configfs", "debugfs", "devtmpfs", "efivarfs", "hugetlbfs"),
        *("iso9660", "mqueue", "nsfs", "proc", "ramfs", "rpc_pipefs", "squashfs", "sysfs", "tmpfs", "tracefs"),
    ]
)


def disks(output: bytes) -> dict[str, Any]:
    """One mapping per file system: device, type, size, used, available, share (percent used, as df rounds it), mount.

    Memory and kernel file systems are left out, and so are containers' overlays (but for `/`) and a device's further
    mounts.
    """
    lines = output.decode("utf-8", "replace").splitlines()
    if not lines or not re.match(r"Filesystem +Type +", lines[0]):
        raise ValueError(f"no table of df: {output[:60]!r}")
    found: dict[str, dict[str, Any]] = {}
    for line in lines[1:]:
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"a line that df does not print: {line[:80]!r}")
        device, kind, size, used, available, share, mount = match.groups()
        overlay = kind in ("overlay", "aufs", "fuse-overlayfs")
        if kind in _NOT_DATA or (overlay and mount != "/") or mount.startswith("/run/"):
            continue
        if share is None or int(size) == 0:
            continue
        before = found.get(device)
        if before is not None and len(before["mount"]) <= len(mount):
            continue
        found[device] = {
            "device": device,
            "type": kind,
            "size": int(size) * 1024,
            "used": int(used) * 1024,
            "available": max(int(available), 0) * 1024,
            "share": int(share),
            "mount": mount,
        }
    return {"disks": sorted(found.values(), key=lambda disk: str(disk["mount"]))}
