"""`df -PkT` and `du -axk`: the file systems that hold data, and what is on them. Sizes in bytes."""

from __future__ import annotations

import re
from typing import Any

_LINE = re.compile(r"(\S.*?) +(\S+) +(\d+|-) +(\d+|-) +(-?\d+|-) +(?:(\d+)%|-) (/.*)")
_COMPLAINT = re.compile(r"(?:/\S+/)?(?:du|sudo|timeout): ")
_ENTRY = re.compile(r"(\d+)\t(/.*)")
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


def holding(output: bytes) -> list[dict[str, Any]]:
    """The file system of a folder: path (where it is mounted), bytes (used), size, left, type, device."""
    lines = output.decode("utf-8", "replace").splitlines()
    match = _LINE.fullmatch(lines[1]) if len(lines) == 2 else None
    if match is None or not match[3].isdigit() or not match[4].isdigit():
        raise ValueError(f"no file system of df: {output[:60]!r}")
    device, kind, size, used, available, _, mount = match.groups()
    left = max(int(available), 0) * 1024
    return [
        {"what": "file-system", "path": mount, "bytes": int(used) * 1024, "size": int(size) * 1024, "left": left}
        | {"type": kind, "device": device}
    ]


def usage(output: bytes) -> list[dict[str, Any]]:
    """Folders and files: path, bytes (with all below), own (besides what is told too), unseen (folders not opened).

    `du` tells what is in a folder before the folder. Lines that are no entries are its complaints: many a file goes
    while it looks, and that is none. A name with a line break in it is told by its first line. Raises `ValueError`.
    """
    told: dict[str, int] = {}
    unseen = 0
    for line in output.decode("utf-8", "replace").splitlines():
        match = _ENTRY.fullmatch(line)
        if match is not None:
            told[match[2]] = int(match[1]) * 1024
        elif _COMPLAINT.match(line):
            unseen += "ermission denied" in line
        elif line.strip() and not told:
            raise ValueError(f"no line of du: {line[:60]!r}")
    own = dict(told)
    for path, inside in told.items():
        above = _above(path, told)
        if above is not None:
            own[above] -= inside
    return [{"path": path, "bytes": told[path], "own": max(own[path], 0), "unseen": unseen} for path in told]


def _above(path: str, told: dict[str, int]) -> str | None:
    """The nearest folder above it that is told too."""
    while path not in ("", "/"):
        path = path.rpartition("/")[0] or "/"
        if path in told:
            return path
    return None
