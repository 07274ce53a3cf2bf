"""A host's disk: a sparse file with its own ext4, and on it what the host changed of the image (an overlay).

So a disk can really run full, and what one host writes no other sees. The image itself is never written to.
"""

from __future__ import annotations

import os
from pathlib import Path

from runbooks.lab.shell import LabError, pause, run


def mounted(path: Path) -> bool:
    """True when something is mounted exactly there."""
    return str(path) in mounts()


def mounts() -> list[str]:
    """Where anything is mounted, in the order of mounting."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        # The kernel writes blanks, tabs, line ends and backslashes in octal.
        return [line.split()[4].encode().decode("unicode_escape") for line in file]


def mount_disk(folder: Path, image: Path, name: str, gib: int) -> Path:
    """Mount the host's root (made if it is missing) and return where it is."""
    disk, root, file = folder / "disk", folder / "root", folder / "disk.img"
    for each in (folder, disk, root):
        each.mkdir(mode=0o755, exist_ok=True)
    if not mounted(disk):
        if not file.exists():
            _format(file, gib)
        run(("mount", "-o", "loop,discard,noatime", str(file), str(disk)))
    upper, work = disk / "upper", disk / "work"
    for each in (upper, work):
        each.mkdir(mode=0o755, exist_ok=True)
    if not mounted(root):
        layers = f"lowerdir={image},upperdir={upper},workdir={work}"
        run(("mount", "-t", "overlay", f"nephoscope-{name}", "-o", layers, str(root)))
    return root


def _format(file: Path, gib: int) -> None:
    """A file system on a sparse file, whole or not at all."""
    partial = file.with_name("disk.new")
    partial.unlink(missing_ok=True)
    with partial.open("wb") as empty:
        os.truncate(empty.fileno(), gib << 30)
    run(("mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1", str(partial)))
    partial.rename(file)


def unmount(path: Path, seconds: float = 5) -> None:
    """Unmount what is there, however often. Raises LabError when it stays busy."""
    tries = max(1, int(seconds / 0.25))
    for left in range(tries, -1, -1):
        if not mounted(path):
            return
        if run(("umount", str(path)), check=False).ok:
            continue
        if left:
            pause(0.25)
    if mounted(path):
        raise LabError(f"cannot unmount {path}", "something still uses it", "see `fuser -vm` there")


def unmount_disk(folder: Path) -> None:
    """Unmount the host's root and disk."""
    unmount(folder / "root")
    unmount(folder / "disk")


def inside(root: Path, path: str) -> Path:
    """Where the host's `path` is on this machine: links are followed as the host would, never out of its root."""
    parts = [part for part in reversed(Path(path).parts) if part != "/"]
    at: list[str] = []
    links = 0
    while parts:
        part = parts.pop()
        if part == "..":
            at = at[:-1]
            continue
        here = root.joinpath(*at, part)
        if not here.is_symlink():
            at.append(part)
            continue
        links += 1
        if links > 40:
            raise LabError(f"{path} of the host", "too many links")
        target = Path(os.readlink(here))
        if target.is_absolute():
            at = []
        parts += [each for each in reversed(target.parts) if each != "/"]
    return root.joinpath(*at)


def unmount_below(path: Path) -> None:
    """Unmount everything at and below `path`, the last mount first."""
    for each in reversed(mounts()):
        if each == str(path) or each.startswith(f"{path}/"):
            unmount(Path(each))


def remove_tree(path: Path) -> None:
    """Remove a folder of ours with all that is in it, and never anything that is mounted in it."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    unmount_below(path)
    run(("rm", "-rf", "--one-file-system", "--", str(path)), seconds=300)
