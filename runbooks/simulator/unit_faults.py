"""A unit that is killed: what many faults are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from runbooks.ground.declared import FaultError
from runbooks.simulator.model.cloud import Cloud

Undo = Callable[[], None]
KILLED: Final = 137


def kill(cloud: Cloud, host: str, unit: str) -> Undo:
    """The unit is killed; undone by starting it. Raises `FaultError` where nothing of it could die."""
    if unit not in cloud.hosts[host].names:
        raise FaultError(f"{host} does not run {unit}")
    if not cloud.hosts[host].up:
        raise FaultError(f"{host} is down: nothing runs there that could die")
    cloud.hosts.set_unit(host, unit, "failed", cloud.now(), KILLED)
    return lambda: cloud.hosts.set_unit(host, unit, "running", cloud.now())
