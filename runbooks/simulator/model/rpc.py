"""Messages between Nova's parts: who must be alive for a step to happen, and waiting until they are.

A message to a dead service waits in its queue: the step happens when the service is back, not before. That is why a
server hangs in `scheduling` without conductors and in `powering-off` without its nova-compute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runbooks.simulator.model.timers import Step

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

RETRY = 2.0
"""How soon a waiting message is looked at again, seconds."""


class RefusedError(Exception):
    """What Nova refuses: status and words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks for an operation."""

    user_id: str
    project_id: str
    request_id: str
    admin: bool


def when(cloud: Cloud, ready: Callable[[], bool], at: float, step: Step) -> None:
    """Run `step` at `at`, or as soon after it as `ready`."""

    def attempt(now: float) -> None:
        if ready():
            step(now)
        else:
            cloud.timers.at(now + RETRY, attempt)

    cloud.timers.at(at, attempt)


def conductors(cloud: Cloud) -> bool:
    """True while messages reach some conductor that can write to the database."""
    return cloud.rabbitmq.serving() and cloud.galera.primary() and bool(cloud.hosts.alive("control", "nova_conductor"))


def schedulers(cloud: Cloud) -> bool:
    """True while a conductor can ask some scheduler."""
    return conductors(cloud) and bool(cloud.hosts.alive("control", "nova_scheduler"))


def compute(cloud: Cloud, host: str) -> bool:
    """True while messages reach nova-compute on `host`, and it can report to a conductor."""
    return conductors(cloud) and cloud.hosts[host].alive("nova_compute")
