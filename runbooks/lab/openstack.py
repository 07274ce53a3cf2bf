"""OpenStack comes up: the controllers' services first, then network and compute hosts.

Keystone and its catalogue come before those who look into it; tables are made beside that. On two cores most of the
time goes into tables and imports, so what does not wait for another runs side by side.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import ModuleType

from runbooks.lab import catalog, hosts
from runbooks.lab.api import wait_behind_proxy
from runbooks.lab.lab import Lab
from runbooks.lab.services import (
    cinder,
    commands,
    glance,
    keystone,
    neutron,
    neutron_agents,
    notification_agent,
    nova,
    nova_compute,
    ovs,
    placement,
)

APIS: tuple[ModuleType, ...] = (nova, neutron, placement, glance, cinder)
"""Those beside Keystone, the slowest first."""


def control(lab: Lab) -> None:
    """What runs on the controllers: all files, then all services."""
    for module in (keystone, *APIS, notification_agent):
        module.install(lab)
    for machine in lab.api:
        commands.install(lab, machine)
    notification_agent.start(lab)
    with ThreadPoolExecutor(len(APIS) + 1) as pool:
        identity = pool.submit(_timed, lab, "Keystone", lambda: _identity(lab))
        doing = [pool.submit(_timed, lab, _name(module), _starting(lab, module, identity)) for module in APIS]
    for each in (identity, *doing):
        each.result()
    for entry in catalog.ENTRIES:
        wait_behind_proxy(lab, entry.port)


def computes(lab: Lab) -> None:
    """Network and compute hosts, with all that runs on them: the files are there before they boot."""
    machines = [machine for machine in lab.machines.values() if hosts.later(machine)]
    modules = (*((ovs, neutron_agents) if lab.with_role("network") else ()), nova_compute)
    for module in modules:
        module.install(lab)
    for machine in machines:
        commands.install(lab, machine)
    lab.each(machines, hosts.boot)
    for module in modules:
        module.start(lab)


def _starting(lab: Lab, module: ModuleType, identity: Future[None]) -> Callable[[], None]:
    """Tables at once; the services themselves want a catalogue to look into."""

    def start() -> None:
        module.tables(lab)
        identity.result()
        module.start(lab)

    return start


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2].capitalize()


def _identity(lab: Lab) -> None:
    keystone.start(lab)
    wait_behind_proxy(lab, keystone.API.port)
    lab.once("catalog", lambda: catalog.register(lab, *catalog.ENTRIES))


def _timed(lab: Lab, name: str, task: Callable[[], None]) -> None:
    began = time.monotonic()
    task()
    lab.say(f"  {name}: {time.monotonic() - began:.0f} s")
