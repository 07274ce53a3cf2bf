"""What the cloud stands on, brought up side by side: memcached, HAProxy and the virtual address, Galera, RabbitMQ."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

from runbooks.lab.lab import Lab
from runbooks.lab.services import galera, haproxy, keepalived, memcached, rabbitmq

TASKS: dict[str, tuple[ModuleType, ...]] = {
    "MariaDB Galera": (galera,),
    "RabbitMQ": (rabbitmq,),
    "HAProxy and the virtual address": (haproxy, keepalived),
    "memcached": (memcached,),
}
"""What waits for nothing else of these; services of one task follow each other."""


def up(lab: Lab) -> None:
    """All of it; the first that does not work is told when all have ended."""
    with ThreadPoolExecutor(len(TASKS)) as pool:
        doing = [pool.submit(_up, lab, title, modules) for title, modules in TASKS.items()]
    for each in doing:
        each.result()


def _up(lab: Lab, title: str, modules: tuple[ModuleType, ...]) -> None:
    began = time.monotonic()
    for module in modules:
        module.install(lab)
        module.start(lab)
    lab.say(f"  {title}: {time.monotonic() - began:.0f} s")
