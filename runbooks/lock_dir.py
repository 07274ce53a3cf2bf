"""The folder of locks and approvals: made where it is missing, and said in words whom it reaches.

By default it is `/run/lock/nephoscope`, which every user of this machine shares. Where that cannot be made, locks are
kept where only this user's consoles look, and the plan says so. It is made as `/run/lock` itself is: everybody may add
to it, nobody may remove another's file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from collectors.errors import BadConfiguration

NETWORK: Final = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "lustre", "beegfs", "gpfs", "ocfs2", "gfs2", "afs",
     "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.ceph-fuse", "fuse.s3fs", "fuse.moosefs", "orangefs")
)  # fmt: skip
"""File systems that other machines mount, too."""
MOUNTS: Final = Path("/proc/self/mounts")


def made(folder: Path, *, make: bool = True) -> Path:
    """The folder that is used for `folder`: itself, or this user's own. `make` it where it is missing.

    Raises `BadConfiguration` when neither can be.
    """
    if _usable(folder, make):
        return folder
    own = fallback(os.environ)
    if _usable(own, make, 0o700) or not make:
        return own
    why = f"no folder for locks: neither {folder} nor {own} can be made or written"
    raise BadConfiguration("lock_dir", why, f"sudo install -d -m 1777 {folder}, or set lock_dir")


def fallback(environ: Mapping[str, str]) -> Path:
    """Where only this user looks."""
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/") and os.path.isdir(runtime):
        return Path(runtime) / "nephoscope" / "locks"
    state = environ.get("XDG_STATE_HOME", "")
    base = Path(state) if state.startswith("/") else Path(os.path.expanduser("~")) / ".local" / "state"
    return base / "nephoscope" / "locks"


def _usable(folder: Path, make: bool, mode: int = 0o1777) -> bool:
    if make and not folder.exists():
        try:
            folder.mkdir(parents=True)
            folder.chmod(mode)
        except FileExistsError:
            pass  # somebody was faster
        except OSError:
            return False
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def shared(folder: Path, mounts: Path = MOUNTS) -> str:
    """Whom a lock in `folder` keeps out, in words, for the plan."""
    used = made(folder, make=False)
    if used != folder and folder.exists():
        return f"only your own consoles on this machine: {folder} cannot be written, so locks are in {used}"
    if used != folder and not _could_make(folder):
        return f"only your own consoles on this machine: {folder} cannot be made, so locks are in {used}"
    point, kind, source = mounted(folder, mounts)
    if kind in NETWORK:
        return f"shared: {folder} is on {kind} ({source} at {point}); consoles elsewhere must use the same folder"
    return f"only this machine: {folder} is on its own {kind or 'disk'}; consoles elsewhere are not kept out"


def _could_make(folder: Path) -> bool:
    """Would making it work? Nothing is made."""
    above = next((parent for parent in folder.parents if parent.exists()), Path("/"))
    return above.is_dir() and os.access(above, os.W_OK | os.X_OK)


def mounted(folder: Path, mounts: Path = MOUNTS) -> tuple[str, str, str]:
    """(mount point, file system type, what is mounted) of the file system that `folder` is or would be on."""
    real = os.path.realpath(folder)
    found = ("/", "", "")
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return found
    for line in lines:
        source, point, kind = (_unquoted(word) for word in (*line.split(" "), "", "", "")[:3])
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if kind and inside and len(point) >= len(found[0]):  # a later one of the same place covers the earlier
            found = (point, kind, source)
    return found


def _unquoted(word: str) -> str:
    """The kernel writes a space as `\\040`."""
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), word)
