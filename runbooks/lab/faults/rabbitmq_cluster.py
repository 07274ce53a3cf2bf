"""RabbitMQ's cluster in the eyes of its nodes, and how it becomes whole again after a fault.

A node that paused (`pause_minority`) starts its broker again by itself once it sees a majority, but only once: where
its tables do not come in time, it stays up and out for good. A start right after a crash can wait for a node that
waits for it. The mending is an operator's: wait, then end what still takes no clients, and start it again.
"""

from __future__ import annotations

from typing import Any

from runbooks.ground.declared import FaultError
from runbooks.lab.faults import web
from runbooks.lab.faults.fault import Parameters
from runbooks.lab.faults.units import remove_drop_in, state
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine, accepts
from runbooks.lab.services import rabbitmq
from runbooks.lab.shell import wait_until

UNIT = rabbitmq.UNIT
WAIT = 90.0
"""Seconds in which a node usually joins again, several times over."""
ROUNDS = 3
"""How often what is out is started again."""


def nodes(lab: Lab, machine: Machine) -> dict[str, dict[str, Any]]:
    """Every node, as the host's own node sees it; empty when it says nothing."""
    password = web.basic("monitor", lab.secrets["rabbitmq_monitor"])
    found = web.decoded(f"http://{machine.address}:{rabbitmq.MANAGEMENT}/api/nodes", password, 6)
    return {each["name"].partition("@")[2]: each for each in found or []}


def whole(lab: Lab) -> bool:
    """True when every node runs, in the eyes of all, without partitions."""
    views = [nodes(lab, machine) for machine in lab.control]
    return all(
        len(view) == len(lab.control)
        and all(each.get("running") and not each.get("partitions") for each in view.values())
        for view in views
    )


def must_be_whole(lab: Lab, parameters: Parameters) -> None:
    """Raises FaultError unless every node runs."""
    if not whole(lab):
        raise FaultError("some RabbitMQ node is out already: first let the cluster heal")


def bring_back(lab: Lab, *machines: Machine) -> None:
    """Start these nodes, side by side, and wait until the cluster is whole. Hosts that are off start theirs at boot."""
    for machine in machines:
        if machine.running:
            remove_drop_in(machine, UNIT)
            _start(machine)
    heal(lab)


def heal(lab: Lab) -> None:
    """Until the cluster is whole, or nothing has helped; what stays out is started again meanwhile."""
    for _ in range(ROUNDS):
        if wait_until(lambda: whole(lab), WAIT, 2) or not all(machine.running for machine in lab.control):
            return
        for machine in lab.control:
            if not accepts(machine.address, rabbitmq.PORT, 2):
                end(machine)
                _start(machine)
    wait_until(lambda: whole(lab), WAIT, 2)


def end(machine: Machine) -> None:
    """End a node that may not hear its own tools."""
    machine.run("systemctl", "kill", "--signal=KILL", UNIT, check=False)
    wait_until(lambda: state(machine, UNIT) in ("failed", "inactive", "activating"), 20)
    machine.run("systemctl", "stop", UNIT, check=False, seconds=90)


def _start(machine: Machine) -> None:
    """Not waited for: systemd's own wait ends when a node waits for another that is not there yet."""
    machine.run("systemctl", "reset-failed", UNIT, check=False)
    machine.run("systemctl", "start", "--no-block", UNIT)
