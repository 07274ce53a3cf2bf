"""Cinder's services: schedulers, volume services (one RBD backend each) and backup services on the controllers.

They write their heartbeats to the database themselves. The schedulers know the pools of the volume services that are
up and enabled: a backend whose service is down disappears from `get_pools`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runbooks.simulator.model.storage.records import Service
from runbooks.simulator.model.times import SERVICE_DOWN_TIME

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

BACKEND = "rbd-1"
SCHEDULER, VOLUME, BACKUP = "cinder-scheduler", "cinder-volume", "cinder-backup"
_UNITS = {SCHEDULER: "cinder_scheduler", VOLUME: "cinder_volume", BACKUP: "cinder_backup"}


@dataclass(slots=True)
class Services:
    """All of Cinder's services, in the order of their creation."""

    cloud: Cloud
    all: list[Service] = field(default_factory=list)

    def __iter__(self) -> Iterator[Service]:
        return iter(self.all)

    def find(self, binary: str, host: str) -> Service | None:
        """By binary and its own name (`ctl01@rbd-1`)."""
        return next((one for one in self.all if one.binary == binary and one.host == host), None)

    def heartbeat(self, service: Service) -> float:
        """When it last reported."""
        return self.cloud.reports[service.binary, service.host].heartbeat(self.cloud.now())

    def up(self, service: Service) -> bool:
        """Cinder's `state`."""
        return self.cloud.now() - self.heartbeat(service) <= SERVICE_DOWN_TIME

    def usable(self, binary: str) -> list[Service]:
        """Those of a binary that are up, enabled and answer now."""
        found = (one for one in self.all if one.binary == binary and not one.disabled and self.up(one))
        return [one for one in found if self.cloud.hosts[one.machine].alive(_UNITS[binary])]

    def scheduler_answers(self) -> bool:
        """True while a message to the schedulers reaches one that runs."""
        return self.cloud.rabbitmq.serving() and bool(self.cloud.hosts.alive("control", _UNITS[SCHEDULER]))

    def backends(self) -> list[Service]:
        """The volume services whose pools the schedulers know."""
        return [one for one in self.all if one.binary == VOLUME and not one.disabled and self.up(one)]


def build_services(cloud: Cloud) -> Services:
    """Three services on each controller, all up."""
    services = Services(cloud)
    for binary in (SCHEDULER, VOLUME, BACKUP):
        for host in cloud.hosts.with_role("control"):
            label = f"{host.name}@{BACKEND}" if binary == VOLUME else host.name
            services.all.append(Service(binary=binary, host=label, machine=host.name))
            cloud.reports.add(binary, label, host=host.name, unit=_UNITS[binary], channel="database")
    return services


def pool(service: Service) -> str:
    """The name of a volume service's only pool."""
    return f"{service.host}#{service.host.partition('@')[2]}"
