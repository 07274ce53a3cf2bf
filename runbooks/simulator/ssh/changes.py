"""Starting and stopping units by a command: the model changes, and the write is noted for whoever judges a drill.

A container that systemd keeps comes back when it was stopped behind systemd's back.
"""

from __future__ import annotations

from typing import Literal

from runbooks.simulator.model.hosts import Unit
from runbooks.simulator.ssh.program import Place

Verb = Literal["start", "stop", "restart"]


def apply(place: Place, unit: Unit, verb: str, exit_status: int = 0) -> None:
    """Start, stop or restart `unit`; consequences spread at once. Stopping the engine stops its containers with it."""
    cloud, host, now = place.cloud, place.host.name, place.now
    cloud.catch_up()
    with_it = [other for other in place.host.units.values() if unit.name == "docker" and other.engine == "docker"]
    if verb in ("stop", "restart"):
        for other in with_it:
            if other.state in ("running", "hung"):
                cloud.hosts.set_unit(host, other.name, "stopped", now, 0)
        cloud.hosts.set_unit(host, unit.name, "stopped", now, exit_status)
        cloud.settle()  # others notice before it is back: a Keepalived that ends gives its addresses away
    if verb in ("start", "restart"):
        cloud.hosts.set_unit(host, unit.name, "running", now)
        for other in with_it:
            if other.enabled and other.state == "stopped":
                cloud.hosts.set_unit(host, other.name, "running", now)
    cloud.wrote(f"ssh:{host}", f"{unit.engine} {verb} {unit.name}", place.account.name, "exit 0")
    cloud.settle()


RESTART_SECONDS = 11.0
"""`RestartSec` of Kolla's units."""


def ended(place: Place, unit: Unit) -> None:
    """A container has ended, and not because systemd wanted it: what keeps it starts it again."""
    if not place.cloud.layout.kept or unit.name not in place.host.names or not unit.wanted:
        return
    cloud, host = place.cloud, place.host.name

    def again(at: float) -> None:
        if unit.wanted and unit.state in ("stopped", "failed"):
            cloud.hosts.set_unit(host, unit.name, "running", at)
            cloud.settle()

    cloud.timers.at(place.now + RESTART_SECONDS, again)


def process_id(place: Place, unit: Unit) -> int:
    """The number of the unit's main process: another one after each start."""
    return 1000 + place.cloud.seed.number(400_000, "pid", place.host.name, unit.name, int(unit.since))
