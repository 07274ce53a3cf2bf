"""Nova of one region: services, compute nodes, servers, flavors, aggregates, keypairs, server groups, quotas."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from runbooks.simulator.model import notifications
from runbooks.simulator.model.actions import Actions
from runbooks.simulator.model.flavors import Flavor, flavors
from runbooks.simulator.model.hypervisors import Hypervisors
from runbooks.simulator.model.migrations import Migrations, build_migrations
from runbooks.simulator.model.server import Server
from runbooks.simulator.model.servers import Servers
from runbooks.simulator.model.services import Services, build_services

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

QUOTA = {
    "cores": 20,
    "instances": 10,
    "key_pairs": 100,
    "metadata_items": 128,
    "ram": 51200,
    "server_group_members": 10,
    "server_groups": 10,
}
"""Nova's defaults."""


@dataclass(slots=True)
class Aggregate:
    """A host aggregate."""

    number: int
    id: str
    name: str
    created: float
    zone: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    updated: float | None = None


@dataclass(frozen=True, slots=True)
class Keypair:
    """A user's public key."""

    name: str
    user_id: str
    public_key: str
    fingerprint: str
    created: float
    kind: str = "ssh"


@dataclass(slots=True)
class ServerGroup:
    """Servers that should be together or apart."""

    id: str
    name: str
    policy: str
    members: list[str]
    project_id: str
    user_id: str


@dataclass(slots=True)
class Compute:
    """Nova of one region."""

    cloud: Cloud
    flavors: dict[str, Flavor]
    """By id."""
    servers: Servers
    services: Services
    hypervisors: Hypervisors
    actions: Actions
    aggregates: dict[int, Aggregate] = field(default_factory=dict)
    keypairs: list[Keypair] = field(default_factory=list)
    groups: dict[str, ServerGroup] = field(default_factory=dict)
    quotas: dict[str, dict[str, int]] = field(default_factory=dict)
    """What differs from `QUOTA`, by project."""
    deleted: dict[str, Server] = field(default_factory=dict)
    """Servers that were deleted, oldest first; for `changes-since`."""
    migrations: Migrations = field(init=False)

    @property
    def flavors_by_name(self) -> dict[str, Flavor]:
        return {flavor.name: flavor for flavor in self.flavors.values()}

    def react(self, now: float) -> None:
        """A nova-compute that starts after its servers were evacuated cleans up: allocations, migration records."""
        for migration in self.migrations:
            if migration.kind != "evacuation" or migration.status != "done":
                continue
            unit = self.cloud.hosts[migration.source].units["nova_compute"]
            if self.cloud.hosts[migration.source].alive("nova_compute") and unit.since > migration.created:
                migration.set("completed", now)
                held = self.cloud.placement.held.get(migration.server_id)
                if held is not None:
                    held.by_host.pop(migration.source, None)
                    if not held.by_host:
                        del self.cloud.placement.held[migration.server_id]

    def quota(self, project_id: str) -> dict[str, int]:
        """The limits of a project; -1 is unlimited."""
        return QUOTA | self.quotas.get(project_id, {})

    def zone(self, host: str) -> str:
        """The availability zone of a compute."""
        return next((one.zone for one in self.aggregates.values() if one.zone and host in one.hosts), "nova")


def build_compute(cloud: Cloud) -> Compute:
    """A healthy Nova with `cloud.servers` servers."""
    seed, layout = cloud.seed, cloud.layout
    kinds = {flavor.id: flavor for flavor in flavors(seed, (cloud.tenants[3].project_id,))}
    compute = Compute(
        cloud=cloud,
        flavors=kinds,
        servers=Servers(seed, layout, cloud.tenants, list(kinds.values()), cloud.servers, cloud.clock),
        services=build_services(cloud),
        hypervisors=Hypervisors(cloud),
        actions=Actions(seed),
    )
    cloud.compute = compute
    compute.actions.heard = partial(notifications.of_action, cloud)
    compute.migrations = build_migrations(cloud)
    _groupings(cloud, compute)
    cloud.reactions.append(compute.react)
    return compute


def _groupings(cloud: Cloud, compute: Compute) -> None:
    """Two racks, a keypair per tenant, a server group, quotas that the servers fit in."""
    seed, now = cloud.seed, cloud.now()
    names = [host.name for host in cloud.hosts.with_role("compute")]
    for number, rack in ((1, "rack-a"), (2, "rack-b")):
        compute.aggregates[number] = Aggregate(
            number=number,
            id=seed.uuid("aggregate", cloud.layout.region, rack),
            name=rack,
            created=now - 190 * 86400,
            metadata={"rack": rack[-1]},
            hosts=names[number - 1 :: 2],
        )
    for tenant in (cloud.tenants[number] for number in range(len(cloud.tenants))):
        raw = seed.digest("keypair", tenant.name, size=32)
        compute.keypairs.append(
            Keypair(
                name="ops",
                user_id=tenant.user_id,
                public_key=f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{raw.hex()[:43]} ops@{tenant.name}",
                fingerprint=":".join(f"{byte:02x}" for byte in raw[:16]),
                created=now - 180 * 86400,
            )
        )
        share = -(-cloud.servers // len(cloud.tenants))
        compute.quotas[tenant.project_id] = {
            "instances": max(20, 2 * share),
            "cores": max(80, 12 * share),
            "ram": max(262144, 32768 * share),
        }
    first = [server for server in (compute.servers.at(number) for number in (0, len(cloud.tenants))) if server]
    if cloud.servers > len(cloud.tenants):
        tenant = cloud.tenants[0]
        group_id = seed.uuid("server group", cloud.layout.region)
        members = [server.id for server in first]
        compute.groups[group_id] = ServerGroup(
            group_id, "web-apart", "soft-anti-affinity", members, tenant.project_id, tenant.user_id
        )
