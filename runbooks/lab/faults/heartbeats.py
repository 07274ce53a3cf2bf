"""Compute services and agents that die: the unit tells at once, Nova and Neutron when heartbeats have been missing.

So the fault is there as soon as the unit is dead, and it is gone only when the API calls the service up again: a
console that looked in between would still show it, and rightly.
"""

from __future__ import annotations

from collections.abc import Callable

from runbooks.lab import api
from runbooks.lab.faults.fault import Fault, Parameters
from runbooks.lab.faults.units import killed, unit_where
from runbooks.lab.lab import Lab
from runbooks.lab.shell import LabError

HEALING = 240
"""Seconds: an agent that comes back declares its queues anew and may wait for one answer of the server that is lost."""


def _compute_up(lab: Lab, parameters: Parameters) -> bool:
    services = api.admin(lab).call("compute", "GET", f"/os-services?host={parameters['host']}&binary=nova-compute")
    return all(each["state"] == "up" for each in services["services"])


def _agent_alive(lab: Lab, parameters: Parameters) -> bool:
    query = f"host={parameters['host']}&binary={parameters['binary']}&fields=alive"
    found = api.admin(lab).call("network", "GET", f"/v2.0/agents?{query}")
    return all(each["alive"] for each in found["agents"])


def reported(fault: Fault, up: Callable[[Lab, Parameters], bool]) -> Fault:
    """The same fault, which is gone only when the API says so, too."""

    def in_effect(lab: Lab, parameters: Parameters) -> bool:
        if fault.in_effect(lab, parameters):
            return True
        try:
            return not up(lab, parameters)
        except LabError:
            return True  # no answer is no proof that it healed

    return Fault(fault.inject, fault.undo, in_effect, fault.refuse, HEALING)


FAULTS = {
    "compute-service-dead": reported(killed(unit_where("nova-compute")), _compute_up),
    "agent-dead": reported(killed(lambda lab, parameters: [(parameters["host"], parameters["binary"])]), _agent_alive),
}
"""The faults of this file."""
