"""A service of a host as it is really run there: a unit of systemd, or a container of docker or podman.

Which of them it is, the host says (`units`); how it is started and stopped follows from that. Kolla (since 2023.1) has
a unit of systemd keep each container, which starts it again when it ends: there the unit is started and stopped, as
Kolla does it, or what was stopped would be back after ten seconds.
"""

from __future__ import annotations

from typing import Any

from collectors.call import HostCall
from collectors.errors import NoSuchObject
from runbooks.cloud import Cloud
from runbooks.operations.entries import host_call

PATIENCE = 120
"""Seconds that a container is given to end by itself, before its engine kills it."""


def daemon(cloud: Cloud, host: str, name: str) -> Any:
    """The row of `units` that is this service on this host: its container, where there is one.

    Raises `NoSuchObject` when the host has none of that name, `SourceError` when it cannot be asked.
    """
    found = [row for row in cloud.rows("units", target=host) if row.name == name and row.load != "not-found"]
    for row in sorted(found, key=lambda each: each.engine == "systemd"):
        return row
    raise NoSuchObject("units", f"{host} has no {name}", f"`nephoscope get units host={host}`")


def keeper(cloud: Cloud, unit: Any) -> Any:
    """What starts and stops it: the unit of systemd that keeps its container where there is one, else itself.

    Raises `SourceError`.
    """
    if unit.engine == "systemd":
        return unit
    name = f"kolla-{unit.name}-container"
    found = cloud.rows("units", target=unit.host, engine="systemd", name=name)
    return next((row for row in found if row.load not in ("not-found", "masked")), unit)


def started(cloud: Cloud, unit: Any) -> HostCall:
    """The call that starts it. Raises `SourceError`."""
    unit = keeper(cloud, unit)
    if unit.engine == "systemd":
        return host_call(unit.host, "unit-start", unit=unit.name)
    return host_call(unit.host, "container-start", engine=unit.engine, container=unit.name)


def stopped(cloud: Cloud, unit: Any, seconds: int = PATIENCE) -> HostCall:
    """The call that stops it. Raises `SourceError`."""
    unit = keeper(cloud, unit)
    if unit.engine == "systemd":
        return host_call(unit.host, "unit-stop", unit=unit.name)
    return host_call(unit.host, "container-stop", engine=unit.engine, container=unit.name, seconds=str(seconds))


def image(unit: Any) -> str:
    """The image of a container, as its engine takes it."""
    if not unit.tag:
        return str(unit.image)
    return f"{unit.image}{'@' if unit.tag.startswith('sha256:') else ':'}{unit.tag}"
