"""What fills a broker's memory and disk, and when that raises its alarms.

A forgotten queue whose reader was taken away long ago fills memory; a file that somebody left beside the broker's data
fills the disk. Whoever purges the one, or removes the other, is rid of the alarm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runbooks.simulator.model import disks
from runbooks.simulator.model.messaging import INDEX, MESSAGE

if TYPE_CHECKING:
    from runbooks.simulator.model.rabbitmq import RabbitMQ

PRESSED: Final = 1.03
"""Share of the configured watermark that a pressed node uses."""
AT_REST: Final = 310_000_000
"""Bytes that an idle node uses."""
SHORT: Final = 4096
"""Bytes by which a filled disk is below its limit."""
FORGOTTEN: Final = "notifications.sample"
"""Of measurements that nobody collects any more."""
DUMP: Final = f"{disks.ENGINE}/volumes/mariadb_backup/_data/before-upgrade.sql"
"""On the file system where Kolla has the broker's data too."""


def fill_memory(rabbitmq: RabbitMQ, host: str, on: bool) -> None:
    """A queue that nobody reads fills the node's memory above the watermark that is configured; or it is gone again."""
    if not on:
        rabbitmq.messaging.lost(host)
        return
    missing = PRESSED * rabbitmq.watermark(host) - AT_REST
    rabbitmq.messaging.forget(FORGOTTEN, host, int(missing / (MESSAGE + INDEX)) + 1)
    rabbitmq.nodes[host].memory_since = rabbitmq.cloud.now()


def fill_disk(rabbitmq: RabbitMQ, host: str, on: bool) -> None:
    """A file leaves less on the file system than must be; or it is gone again."""
    machine, node = rabbitmq.cloud.hosts[host], rabbitmq.nodes[host]
    machine.left.pop(DUMP, None)
    if on:
        left = (node.disk_limit - SHORT) // 1024
        machine.left[DUMP] = max(disks.available(machine, disks.mount_of(machine, DUMP)) - left, 0)
        node.disk_since = rabbitmq.cloud.now()


def held(rabbitmq: RabbitMQ, host: str) -> tuple[int, int]:
    """(processes of queues, bodies of messages): bytes that forgotten queues hold on the node of this host."""
    messages = rabbitmq.messaging.forgotten_on(host)
    return messages * INDEX, messages * MESSAGE


def free(rabbitmq: RabbitMQ, host: str, at: float) -> int:
    """Bytes that were left at the moment `at`; logs grow there, and are rotated every hour."""
    machine = rabbitmq.cloud.hosts[host]
    left = disks.available(machine, disks.mount_of(machine, disks.BROKER))
    if at < rabbitmq.nodes[host].disk_since:
        left += machine.left.get(DUMP, 0)
    return left * 1024 - int(at) % 3600 * 4096


def weigh(rabbitmq: RabbitMQ, host: str, *, exists: bool = True) -> None:
    """Raise the node's alarms, or let them go: by what is used, what is left, and the limits."""
    node = rabbitmq.nodes[host]
    limit = rabbitmq.watermark(host) if node.memory_limit is None else node.memory_limit
    node.memory_alarm = exists and AT_REST + sum(held(rabbitmq, host)) >= limit
    node.disk_alarm = exists and free(rabbitmq, host, rabbitmq.cloud.now()) < node.disk_limit
