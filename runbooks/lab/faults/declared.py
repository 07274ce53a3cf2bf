"""A request for a fault, held against the declarations and against what this lab has."""

from __future__ import annotations

from collections.abc import Mapping

from runbooks.ground import declared
from runbooks.ground.declared import FaultError, Place
from runbooks.lab.lab import Lab

_OURS = ("systemd-", "dbus", "ssh.", "sshd", "-.", "init.", "user@")
"""Units whose loss would leave no way to take a fault back."""


def checked(lab: Lab, name: str, given: Mapping[str, object]) -> dict[str, str]:
    """The parameters of the fault `name` with defaults filled in. Raises FaultError when anything is wrong."""
    hosts = {machine.name: machine.roles for machine in lab.machines.values()}
    found = declared.checked(Place("lab", hosts, f"none in the profile {lab.layout.profile}"), name, given)
    for key, parameter in declared.plans("lab")[name].parameters.items():
        value = found[key]
        if parameter.type == "unit" and f"{value}.".startswith(_OURS):
            words = f"without {value} nothing could be taken back; choose a service of the cloud"
            raise FaultError(f"{name}: {key}: {words}")
    return found
