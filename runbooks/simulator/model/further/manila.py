"""Manila: shares of the first tenants, and its services, which report to the database every ten seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runbooks.simulator.model.times import SERVICE_DOWN_TIME

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

DAY = 86400.0
BACKEND, POOL = "cephfsnfs1", "cephfs"
SCHEDULER, SHARE, DATA = "manila-scheduler", "manila-share", "manila-data"
UNITS = {SCHEDULER: "manila_scheduler", SHARE: "manila_share", DATA: "manila_data"}


@dataclass(frozen=True, slots=True)
class Share:
    """A share."""

    id: str
    name: str
    project_id: str
    user_id: str
    size: int
    """GiB."""
    host: str
    """`ctl01@cephfsnfs1#cephfs`."""
    created: float
    protocol: str = "NFS"
    status: str = "available"


@dataclass(frozen=True, slots=True)
class ShareService:
    """One of Manila's services."""

    number: int
    binary: str
    host: str
    """Its own name, `ctl01@cephfsnfs1` of a backend."""
    machine: str


@dataclass(slots=True)
class Shares:
    """Manila of one region."""

    cloud: Cloud
    type_id: str
    shares: list[Share] = field(default_factory=list)
    services: list[ShareService] = field(default_factory=list)

    def heartbeat(self, service: ShareService) -> float:
        """When it last reported."""
        return self.cloud.reports[service.binary, service.host].heartbeat(self.cloud.now())

    def up(self, service: ShareService) -> bool:
        """Manila's `state`."""
        return self.cloud.now() - self.heartbeat(service) <= SERVICE_DOWN_TIME


def build_shares(cloud: Cloud) -> Shares:
    """Three shares; three services on each controller."""
    seed, now = cloud.seed, cloud.now()
    found = Shares(cloud, seed.uuid("share type", "default"))
    controllers = [host.name for host in cloud.hosts.with_role("control")]
    for binary, unit in UNITS.items():
        for host in controllers:
            label = f"{host}@{BACKEND}" if binary == SHARE else host
            found.services.append(ShareService(len(found.services) + 1, binary, label, host))
            cloud.reports.add(binary, label, host=host, unit=unit, channel="database")
    for place, (name, number, size) in enumerate((("media", 0, 500), ("datasets", 1, 2048), ("cache", 2, 50))):
        tenant = cloud.tenants[number]
        home = controllers[place % len(controllers)]
        found.shares.append(
            Share(
                id=seed.uuid("share", name),
                name=name,
                project_id=tenant.project_id,
                user_id=tenant.user_id,
                size=size,
                host=f"{home}@{BACKEND}#{POOL}",
                created=now - (60 - 15 * place) * DAY,
            )
        )
    return found
