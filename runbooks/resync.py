"""Letting an agent do its work again: the restart of the agent that is responsible for what is wrong on a host.

What an agent owns is never mended by hand: it would not know of it, and its next synchronisation would undo it. Its
start is a full synchronisation, which makes anew what is missing.
"""

from __future__ import annotations

from typing import Any

from collectors.errors import NoSuchObject
from runbooks.expect import Expect
from runbooks.operation import Asked, Step, Work, work
from runbooks.service_steps import restart_step, service
from runbooks.unit_effects import effect

SYNC_SECONDS = 240.0
"""Seconds in which an agent that was started has made everything anew."""


def agent_of(asked: Asked, *names: str) -> Any:
    """The row of `units` of the first of these agents that the host has. Raises `NoSuchObject`, `SourceError`."""
    for name in names[:-1]:
        try:
            return service(asked.cloud, asked.row.host, name)
        except NoSuchObject:
            continue
    return service(asked.cloud, asked.row.host, names[-1])


def resync(asked: Asked, unit: Any, mended: Expect) -> Work:
    """Restart the agent, and wait until what it owns is as it should be."""
    notes = ["The agent makes anew what is missing; what is right stays as it is."]
    if unit.engine != "systemd":
        notes.append(
            "What it runs in its container (dnsmasq, keepalived, haproxy of metadata) ends and is started again: DHCP"
            " and HA routers on this host pause for seconds."
        )
    return work(
        restart_step(asked.cloud, unit),
        Step(f"wait until {unit.name} has synchronised", None, "", mended, SYNC_SECONDS),
        verify=(mended,),
        stops=f"for some seconds: {effect(unit.name).stops}",
        notes=tuple(notes),
    )
