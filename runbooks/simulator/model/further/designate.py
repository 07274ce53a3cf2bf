"""Designate: zones of the first tenants, and its services, which report to the database every five seconds.

A change of a zone is PENDING until the workers have seen it on the name servers, and ERROR when they have not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

DAY = 86400.0
INTERVAL = 5.0
"""`heartbeat_interval`."""
DOWN_AFTER = 20.0
"""What is silent for longer is shown as DOWN by Designate itself."""
SERVICES = {"central": "designate_central", "mdns": "designate_mdns", "producer": "designate_producer",
            "worker": "designate_worker"}  # fmt: skip
"""Service as Designate names it → container."""


@dataclass(slots=True)
class Zone:
    """A zone."""

    id: str
    name: str
    project_id: str
    email: str
    created: float
    updated: float
    serial: int
    kind: str = "PRIMARY"
    status: str = "ACTIVE"
    action: str = "NONE"
    masters: tuple[str, ...] = ()
    transferred: float | None = None


@dataclass(slots=True)
class Dns:
    """Designate of one region."""

    cloud: Cloud
    pool_id: str
    zones: list[Zone] = field(default_factory=list)

    def services(self) -> list[tuple[str, str]]:
        """(service, host) of all."""
        return [(name, host.name) for name in SERVICES for host in self.cloud.hosts.with_role("control")]

    def heartbeat(self, name: str, host: str) -> float:
        """When it last reported."""
        return self.cloud.reports[f"designate-{name}", host].heartbeat(self.cloud.now())

    def up(self, name: str, host: str) -> bool:
        """Designate's own judgement."""
        return self.cloud.now() - self.heartbeat(name, host) <= DOWN_AFTER


def build_dns(cloud: Cloud) -> Dns:
    """Four zones, one of them a secondary."""
    seed, now = cloud.seed, cloud.now()
    dns = Dns(cloud, seed.uuid("designate pool"))
    plan = (("shop.example.", 0), ("api.shop.example.", 0), ("reports.example.", 1), ("mirror.example.", 2))
    for place, (name, number) in enumerate(plan):
        created = now - (90 - 20 * place) * DAY
        updated = created + 3 * DAY
        secondary = name.startswith("mirror")
        dns.zones.append(
            Zone(
                id=seed.uuid("zone", name),
                name=name,
                project_id=cloud.tenants[number].project_id,
                email=f"hostmaster@{name.rstrip('.')}",
                created=created,
                updated=updated,
                serial=int(updated),
                kind="SECONDARY" if secondary else "PRIMARY",
                masters=("192.0.2.53:53",) if secondary else (),
                transferred=now - 1200 if secondary else None,
            )
        )
    for name, host in dns.services():
        unit = SERVICES[name]
        cloud.reports.add(f"designate-{name}", host, host=host, unit=unit, channel="database", interval=INTERVAL)
    return dns
