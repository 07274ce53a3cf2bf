"""The systemd services of a host: the model's own, and those that every Debian machine has besides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from runbooks.simulator.model.hosts import Unit
from runbooks.simulator.ssh.program import Place


@dataclass(frozen=True, slots=True)
class Service:
    """One service in systemd's words."""

    name: str
    """With `.service`."""
    load: str
    active: str
    sub: str
    description: str
    enabled: str
    """The unit file's state; "" without a file."""
    since: float | None
    """When it last became active or stopped being so; None when it never was."""
    unit: Unit | None = None

    @property
    def result(self) -> str:
        return "exit-code" if self.active == "failed" else "success"


_ALWAYS = (
    ("auditd", "not-found", "inactive", "dead", "auditd.service", ""),
    ("console-setup", "loaded", "active", "exited", "Set console font and keymap", "enabled"),
    ("display-manager", "not-found", "inactive", "dead", "display-manager.service", ""),
    ("emergency", "loaded", "inactive", "dead", "Emergency Shell", "static"),
    ("getty@tty1", "loaded", "active", "running", "Getty on tty1", "enabled"),
    ("keyboard-setup", "loaded", "active", "exited", "Set the console keyboard layout", "enabled"),
    ("kmod-static-nodes", "loaded", "active", "exited", "Create List of Static Device Nodes", "static"),
    ("logrotate", "loaded", "inactive", "dead", "Rotate log files", "static"),
    ("man-db", "loaded", "inactive", "dead", "Daily man-db regeneration", "static"),
    ("modprobe@dm_mod", "loaded", "inactive", "dead", "Load Kernel Module dm_mod", "static"),
    ("modprobe@fuse", "loaded", "inactive", "dead", "Load Kernel Module fuse", "static"),
    ("plymouth-start", "not-found", "inactive", "dead", "plymouth-start.service", ""),
    ("rescue", "loaded", "inactive", "dead", "Rescue Shell", "static"),
    ("systemd-fsck-root", "loaded", "inactive", "dead", "File System Check on Root Device", "enabled-runtime"),
    ("systemd-journal-flush", "loaded", "active", "exited", "Flush Journal to Persistent Storage", "static"),
    ("systemd-modules-load", "loaded", "active", "exited", "Load Kernel Modules", "static"),
    ("systemd-random-seed", "loaded", "active", "exited", "Load/Save Random Seed", "static"),
    ("systemd-remount-fs", "loaded", "active", "exited", "Remount Root and Kernel File Systems", "enabled-runtime"),
    ("systemd-sysctl", "loaded", "active", "exited", "Apply Kernel Variables", "static"),
    ("systemd-sysusers", "loaded", "active", "exited", "Create System Users", "static"),
    ("systemd-tmpfiles-clean", "loaded", "inactive", "dead", "Cleanup of Temporary Directories", "static"),
    ("systemd-tmpfiles-setup", "loaded", "active", "exited", "Create System Files and Directories", "static"),
    ("systemd-update-utmp", "loaded", "active", "exited", "Record System Boot/Shutdown in UTMP", "static"),
    ("systemd-user-sessions", "loaded", "active", "exited", "Permit User Sessions", "static"),
)
"""(name, load, active, sub, description, unit file state)."""
_ONESHOTS = frozenset(("networking",))
"""Services of the model whose process ends after its work."""
_RELOADABLE = frozenset(("ssh", "docker", "dbus"))
"""Services of the model whose unit file has an ExecReload in Debian 12."""


def reloads(service: Service) -> bool:
    """Whether `systemctl reload` is for it."""
    return service.unit is not None and service.unit.name in _RELOADABLE


def keeps(service: Service) -> bool:
    """Whether it is a unit that keeps a container."""
    return service.unit is not None and service.unit.engine == "docker"


def services(place: Place) -> list[Service]:
    """Every service that systemd has in memory, sorted by name."""
    return sorted(_found(place), key=lambda service: service.name)


def find(place: Place, name: str) -> Service | None:
    """By name, with or without `.service`."""
    wanted = full_name(name)
    return next((service for service in services(place) if service.name == wanted), None)


def full_name(name: str) -> str:
    """`chrony` → `chrony.service`; names with another suffix stay."""
    return name if name.rpartition(".")[2] in ("service", "timer", "target", "socket", "mount") else f"{name}.service"


def _found(place: Place) -> Iterator[Service]:
    booted = place.host.booted
    for name, load, active, sub, description, enabled in _ALWAYS:
        since = booted + 5 if active == "active" else None
        yield Service(f"{name}.service", load, active, sub, description, enabled, since)
    for unit in place.host.units.values():
        if unit.engine == "docker":
            if place.cloud.layout.kept and unit.name in place.host.names:
                yield _keeper(unit)
            continue
        active, sub = {
            "running": ("active", "exited" if unit.name in _ONESHOTS else "running"),
            "hung": ("active", "running"),
            "stopped": ("inactive", "dead"),
            "failed": ("failed", "failed"),
        }[unit.state]
        enabled = "enabled" if unit.enabled else "disabled"
        yield Service(
            f"{unit.name}.service", "loaded", active, sub, unit.description or unit.name, enabled, unit.since, unit
        )


def _keeper(unit: Unit) -> Service:
    """The unit with which Kolla has systemd start a container and attach to it, again and again (`Restart=always`)."""
    name = f"kolla-{unit.name}-container.service"
    active, sub = {
        "running": ("active", "running"),
        "hung": ("active", "running"),
        "stopped": ("activating", "auto-restart") if unit.wanted else ("inactive", "dead"),
        "failed": ("failed", "failed"),
    }[unit.state]
    return Service(name, "loaded", active, sub, f"docker {name}", "enabled", unit.since, unit)


def system_state(place: Place) -> str:
    """`running`, or `degraded` while some service has failed."""
    return "degraded" if any(service.active == "failed" for service in services(place)) else "running"
