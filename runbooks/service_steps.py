"""Steps that start, stop and restart a service of a host, and the proof that it runs since then.

Many operations end in one of these: a restart of an agent that wires again, of the Keepalived that should lose, of a
cache. They say the same everywhere, and the same proof holds: the service runs, and has been started after the call.
"""

from __future__ import annotations

from typing import Any

from collectors.call import HostCall
from collectors.errors import NoSuchObject
from runbooks.cloud import Cloud
from runbooks.daemons import PATIENCE, keeper, started, stopped
from runbooks.expect import Expect
from runbooks.operation import Step
from runbooks.operations.entries import host_call
from runbooks.unit_effects import plain

UP_SECONDS = 90.0
"""Seconds in which a service that was started must run."""
_UNUSABLE = ("masked", "not-found")
_ENGINES = ("docker", "podman", "systemd")


def service(cloud: Cloud, host: str, name: str) -> Any:
    """The row of `units` that is this service on this host, whatever its deployment calls it; containers come first.

    Raises `NoSuchObject` when the host has none of that name, `SourceError` when it cannot be asked.
    """
    snapshot = cloud.snapshot("units", target=host)
    rows = [row for row in cloud.rows("units", target=host) if plain(row.name) == name and row.load not in _UNUSABLE]
    for row in sorted(rows, key=lambda each: _ENGINES.index(each.engine)):
        return row
    if snapshot.errors:
        raise snapshot.errors[0]
    raise NoSuchObject("units", f"{host} has no {name}", f"`nephoscope get units host={host}`")


def restarted(cloud: Cloud, unit: Any) -> HostCall:
    """The call that restarts it. Raises `SourceError`."""
    unit = keeper(cloud, unit)
    if unit.engine == "systemd":
        return host_call(unit.host, "unit-restart", unit=unit.name)
    return host_call(
        unit.host, "container-restart", engine=unit.engine, container=unit.name, seconds=str(PATIENCE // 2)
    )


def runs(unit: Any) -> Expect:
    """It runs, and has been started after the call."""
    word, fails = ("active", "state=failed since>{began}") if unit.engine == "systemd" else ("running", "")
    return Expect("units", unit.id, f"state={word} since>{{began}}", fails, target=unit.host)


def restart_step(cloud: Cloud, unit: Any) -> Step:
    """Restart it."""
    return Step(
        f"restart {unit.name} on {unit.host}",
        restarted(cloud, unit),
        "",
        runs(unit),
        UP_SECONDS + PATIENCE,
        float(PATIENCE),
    )


def start_step(cloud: Cloud, unit: Any) -> Step:
    """Start it."""
    return Step(
        f"start {unit.name} on {unit.host}",
        started(cloud, unit),
        "",
        runs(unit),
        UP_SECONDS + PATIENCE,
        float(PATIENCE),
    )


def stop_step(cloud: Cloud, unit: Any) -> Step:
    """Stop it; a service may end as failed when it does not like the signal."""
    where = "state!=active state!=deactivating" if unit.engine == "systemd" else "state!=running"
    expect = Expect("units", unit.id, where, target=unit.host)
    return Step(
        f"stop {unit.name} on {unit.host}", stopped(cloud, unit), "", expect, UP_SECONDS + PATIENCE, PATIENCE + 30.0
    )
