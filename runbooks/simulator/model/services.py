"""Nova's service records: conductors, schedulers and computes, with what operators set on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runbooks.simulator.model.reports import Reports
from runbooks.simulator.model.times import SERVICE_DOWN_TIME

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

UNITS = {"nova-conductor": "nova_conductor", "nova-scheduler": "nova_scheduler", "nova-compute": "nova_compute"}


@dataclass(slots=True)
class Service:
    """A row of Nova's `services` table."""

    number: int
    """Its id below microversion 2.53."""
    id: str
    """Its id from 2.53 on."""
    binary: str
    host: str
    zone: str
    disabled: bool = False
    disabled_reason: str | None = None
    forced_down: bool = False


class Services:
    """All of Nova's services, in the order of their creation."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._all: dict[tuple[str, str], Service] = {}

    def add(self, service: Service) -> None:
        self._all[service.binary, service.host] = service

    def remove(self, service: Service) -> None:
        del self._all[service.binary, service.host]
        self._reports.remove(service.binary, service.host)

    def __iter__(self) -> Iterator[Service]:
        return iter(self._all.values())

    def __len__(self) -> int:
        return len(self._all)

    def find(self, binary: str, host: str) -> Service | None:
        return self._all.get((binary, host))

    def compute(self, host: str) -> Service | None:
        """The nova-compute of this host."""
        return self._all.get(("nova-compute", host))

    def by_id(self, service_id: str) -> Service | None:
        """By UUID, or by number as older microversions name it."""
        return next((one for one in self if service_id in (one.id, str(one.number))), None)

    def heartbeat(self, service: Service, now: float) -> float:
        """When it last reported."""
        return self._reports[service.binary, service.host].heartbeat(now)

    def up(self, service: Service, now: float) -> bool:
        """Nova's `state`: reported within the last minute, and nobody forced it down."""
        return not service.forced_down and now - self.heartbeat(service, now) <= SERVICE_DOWN_TIME


def build_services(cloud: Cloud) -> Services:
    """Conductors and schedulers on the controllers, a compute service on each compute, all up."""
    services = Services(cloud.reports)
    number = 2  # 1 and 2 are cell-mapping leftovers, as on most clouds
    plan = [
        *(("nova-scheduler", host, "internal", "database") for host in cloud.hosts.with_role("control")),
        *(("nova-conductor", host, "internal", "database") for host in cloud.hosts.with_role("control")),
        *(("nova-compute", host, "nova", "conductor") for host in cloud.hosts.with_role("compute")),
    ]
    for binary, host, zone, channel in plan:
        number += 1
        services.add(Service(number, cloud.seed.uuid("service", binary, host.name), binary, host.name, zone))
        cloud.reports.add(binary, host.name, host=host.name, unit=UNITS[binary], channel=channel)
    return services
