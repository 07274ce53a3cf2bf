"""Further OpenStack projects, in the profile that has everything: one host has one process of each service."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

from runbooks.lab import catalog
from runbooks.lab.api import wait_behind_proxy
from runbooks.lab.lab import Lab
from runbooks.lab.services import barbican, commands, designate, heat, manila, octavia

PROJECTS: tuple[ModuleType, ...] = (heat, barbican, designate, manila, octavia)


def up(lab: Lab) -> None:
    """Their files and accounts, then their tables and services."""
    for project in PROJECTS:
        project.install(lab)
    commands.install(lab, lab.further, *commands.FURTHER)
    lab.once("catalog-further", lambda: catalog.register(lab, *catalog.FURTHER))
    with ThreadPoolExecutor(len(PROJECTS)) as pool:
        doing = [pool.submit(_start, lab, project) for project in PROJECTS]
    for each in doing:
        each.result()
    for entry in catalog.FURTHER:
        wait_behind_proxy(lab, entry.port)


def _start(lab: Lab, project: ModuleType) -> None:
    began = time.monotonic()
    project.start(lab)
    lab.say(f"  {project.__name__.rpartition('.')[2].capitalize()}: {time.monotonic() - began:.0f} s")
