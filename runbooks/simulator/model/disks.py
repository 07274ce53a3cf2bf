"""What the file systems of a host hold: what every host has, what its containers write, and what somebody left there.

Sizes are KiB, as `df` and `du` count. The standing part is a share of the file system, told apart by folder; what was
left there (`Host.left`) is a file each. df, du, Prometheus and the broker all ask here, so they agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from runbooks.simulator.model.hosts import Host

ENGINE: Final = "/var/lib/docker"
BROKER: Final = f"{ENGINE}/volumes/rabbitmq/_data"
"""Where Kolla keeps what a broker must not lose."""
_BROKER_FILES: Final = {
    "mnesia/rabbit@{host}/quorum/rabbit@{host}": 214_016,
    "mnesia/rabbit@{host}/coordination/rabbit@{host}": 66_560,
    "mnesia/rabbit@{host}/msg_stores/vhosts/628WB79CIFDYO9LJI6DKMI09L/msg_store_persistent": 20_500,
    "mnesia/rabbit@{host}/schema.DAT": 52,
}
"""File or folder → KiB; most of it is the write-ahead logs of the quorum queues."""
_FOLDERS: Final[Mapping[str, tuple[tuple[str, float], ...]]] = {
    "/": (
        ("/usr/lib", 0.16), ("/usr/share", 0.06), ("/usr/bin", 0.02), ("/boot", 0.01), ("/var/lib/apt", 0.01),
        ("/var/log/journal", 0.1), ("/srv/mirror", 0.64),
    ),
    ENGINE: (
        (f"{ENGINE}/overlay2", 0.71), (f"{ENGINE}/volumes/kolla_logs/_data", 0.16),
        (f"{ENGINE}/volumes/mariadb/_data", 0.11), (f"{ENGINE}/containers", 0.015), (f"{ENGINE}/image", 0.005),
    ),
}  # fmt: skip
"""Mount point → its folders, each with its share of what is used."""
_PLAIN: Final = 0.95
"""ext4 keeps 5 % for root."""


def usable(host: Host, mount: str) -> int:
    """What may be used of it."""
    size = host.disks[mount][1]
    return size if mount == "/boot/efi" else int(size * _PLAIN)


def used(host: Host, mount: str) -> int:
    """What is used of it."""
    standing = int(usable(host, mount) * host.disks[mount][2])
    return min(
        standing + sum(kib for path, kib in host.left.items() if mount_of(host, path) == mount), usable(host, mount)
    )


def available(host: Host, mount: str) -> int:
    """What is left of it."""
    return usable(host, mount) - used(host, mount)


def mount_of(host: Host, path: str) -> str:
    """The mount point of the file system that holds a path."""
    holding = [mount for mount in host.disks if path == mount or path.startswith(f"{mount.rstrip('/')}/")]
    return max(holding, key=len, default="/")


def contents(host: Host, mount: str) -> dict[str, int]:
    """Path → KiB: the files that were left, and folders of many small ones; none is inside another one."""
    found = {path: kib for path, kib in host.left.items() if mount_of(host, path) == mount}
    if mount == mount_of(host, BROKER) and "rabbitmq" in host.names:
        found |= {f"{BROKER}/{name.format(host=host.name)}": kib for name, kib in _BROKER_FILES.items()}
    rest = used(host, mount) - sum(found.values())
    for path, share in _FOLDERS.get(mount, ((mount, 1.0),)):
        found[path] = int(rest * share)
    return found


def is_folder(host: Host, path: str) -> bool:
    """True for the folders of `contents`, and those above them."""
    path = path.rstrip("/") or "/"
    below = f"{path.rstrip('/')}/"
    return path in host.disks or any(
        known.startswith(below) or (known == path and known not in host.left)
        for mount in host.disks
        for known in contents(host, mount)
    )
