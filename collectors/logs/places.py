"""Where a service's log is on one host, from what the host has: its units, its containers, its log files. Pure.

People call a service by many names: `nova-compute` (its binary), `nova_compute` (Kolla's container),
`openstack-nova-compute` (RDO's unit). They all mean the same log, wherever that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

import msgspec

MOST_FILES: Final = 60
"""Log files that are read on one host: those that were written last."""
MOST_CONTAINERS: Final = 2

_CALLED: Final[Mapping[str, tuple[str, ...]]] = {
    "galera": ("mariadb", "mysql", "mysqld"),
    "mariadb": ("mariadb", "mysqld"),
    "rabbitmq": ("rabbitmq", "rabbitmq-server"),
    "neutron-server": ("neutron-server", "neutron-api", "neutron-rpc-server", "neutron-periodic-workers"),
    "openvswitch-vswitchd": ("openvswitch-vswitchd", "ovs-vswitchd"),
    "openvswitch-db": ("openvswitch-db", "ovsdb-server"),
    "nova-libvirt": ("nova-libvirt", "libvirtd"),
}
"""A name → the names under which its log may lie."""


class Has(msgspec.Struct, frozen=True):
    """What one host has that logs."""

    units: tuple[str, ...] = ()
    """systemd's services, without `.service`."""
    containers: tuple[tuple[str, str], ...] = ()
    """(engine, name)."""
    files: tuple[str, ...] = ()
    """Log files, those that were written last first."""


class Places(msgspec.Struct, frozen=True):
    """Where to read."""

    units: tuple[str, ...] = ()
    containers: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.units or self.containers or self.files)


def has(rows: Iterable[Mapping[str, Any]], since: float = 0.0) -> Has:
    """From the rows of the entries `services`, `docker-containers`, `podman-containers` and `log-files`.

    Files that were last written before `since` are left out.
    """
    units: list[str] = []
    containers: list[tuple[str, str]] = []
    files: list[tuple[float, str]] = []
    for row in rows:
        if "path" in row:
            if row["at"] >= since:
                files.append((row["at"], str(row["path"])))
        elif row.get("engine") == "systemd":
            units.append(str(row.get("name") or ""))
        elif row.get("engine") and row.get("name"):
            containers.append((str(row["engine"]), str(row["name"])))
    return Has(tuple(units), tuple(containers), tuple(path for _, path in sorted(files, reverse=True)))


def plain(name: str) -> str:
    """The name without what only some distributions put around it."""
    return name.lower().replace("_", "-").removesuffix(".service").removeprefix("openstack-")


def _meant(wanted: str) -> tuple[str, ...]:
    name = plain(wanted)
    return _CALLED.get(name, (name,))


def _fits(name: str, meant: Sequence[str]) -> bool:
    return any(fnmatchcase(plain(name), pattern) for pattern in meant)


def places(wanted: Sequence[str], here: Has) -> Places:
    """Where the logs of the services `wanted` (names, globs) are; empty when this host has none of them.

    A container that has a log file writes only its start to the engine, so its file is read as well.
    """
    meant = [pattern for name in wanted for pattern in _meant(name)]
    units = tuple(unit for unit in here.units if _fits(unit, meant))
    containers = tuple(each for each in here.containers if _fits(each[1], meant))
    files = [path for path in here.files if _file_fits(path, meant)]
    return Places(units, containers[:MOST_CONTAINERS], tuple(files[:MOST_FILES]))


def _file_fits(path: str, meant: Sequence[str]) -> bool:
    """By the file's own name, or by its folder's: `/var/log/rabbitmq/rabbit@ctl01.log`."""
    folder, _, name = path.rpartition("/")
    stem = plain(name.partition(".log")[0])
    service = plain(folder.rpartition("/")[2])
    own = any(
        fnmatchcase(stem, pattern) or (fnmatchcase(stem, f"{pattern}-*") and service in pattern) for pattern in meant
    )
    return own or any(
        service == pattern or pattern == f"{service}-server" for pattern in meant if pattern != "neutron-server"
    )


def near(wanted: Sequence[str], here: Iterable[Has]) -> list[str]:
    """Names that somebody may have meant."""
    from difflib import get_close_matches

    known = {plain(name) for has in here for name in (*has.units, *(name for _, name in has.containers))}
    found = [close for name in wanted for close in get_close_matches(plain(name), known, 3, 0.6)]
    return list(dict.fromkeys(found)) or sorted(known)[:8]
