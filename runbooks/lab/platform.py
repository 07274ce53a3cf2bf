"""What the cloud stands on: memcached, HAProxy and the virtual address, Galera, RabbitMQ, and OpenStack's programs.

They wait for nothing of each other, so they come up side by side.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

from runbooks.lab import venv
from runbooks.lab.lab import Lab
from runbooks.lab.services import galera, haproxy, keepalived, memcached, rabbitmq


def _service(*modules: ModuleType) -> Callable[[Lab], None]:
    def bring_up(lab: Lab) -> None:
        for module in modules:
            module.install(lab)
            module.start(lab)

    return bring_up


TASKS: dict[str, Callable[[Lab], None]] = {
    "OpenStack's environment": venv.make,
    "MariaDB Galera": _service(galera),
    "RabbitMQ": _service(rabbitmq),
    "HAProxy and the virtual address": _service(haproxy, keepalived),
    "memcached": _service(memcached),
}


def up(lab: Lab) -> None:
    """All of it; the first that does not work is told when all have ended."""
    with ThreadPoolExecutor(len(TASKS)) as pool:
        doing = [pool.submit(_timed, lab, title, task) for title, task in TASKS.items()]
    for each in doing:
        each.result()


def _timed(lab: Lab, title: str, task: Callable[[Lab], None]) -> None:
    began = time.monotonic()
    task(lab)
    lab.say(f"  {title}: {time.monotonic() - began:.0f} s")
