"""The tenants of the cloud: projects with a network each, by number.

Everything about a tenant follows from its number, so that the parts of the model (Keystone's projects, Neutron's
networks, Nova's servers) agree without asking each other. Small clouds have six; large ones one per 500 servers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from runbooks.simulator.ids import Seed

NAMES = ("web-shop", "analytics", "ci", "research", "intranet", "sandbox")


@dataclass(frozen=True, slots=True)
class Tenant:
    """One project with its network: names, ids, address range."""

    number: int
    name: str
    project_id: str
    user_id: str
    """Its member user, named `<project>-owner`."""
    network_id: str
    network_name: str
    subnet_id: str
    router_id: str
    security_group_id: str
    """Its security group `default`."""
    prefix: str
    """The first two octets of its /16: `10.64`."""

    @property
    def cidr(self) -> str:
        return f"{self.prefix}.0.0/16"

    def address(self, place: int) -> str:
        """The fixed address of its `place`-th server, from .0.10 up (below 65,000 of them)."""
        return f"{self.prefix}.{(place + 10) >> 8 & 255}.{(place + 10) & 255}"


@dataclass(frozen=True, slots=True)
class Tenants:
    """All tenants of one region."""

    seed: Seed
    region: str
    count: int

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> Tenant:
        if not 0 <= number < self.count:
            raise IndexError(number)
        return _tenant(self.seed, self.region, number)

    def by_project(self, project_id: str) -> Tenant | None:
        """The tenant with this project, None for projects without servers of their own at the beginning."""
        number = _numbers(self.seed, self.count).get(project_id)
        return None if number is None else self[number]


@lru_cache(maxsize=4)
def _numbers(seed: Seed, count: int) -> dict[str, int]:
    return {seed.hex("project", _name(number)): number for number in range(count)}


def _name(number: int) -> str:
    return NAMES[number] if number < len(NAMES) else f"tenant-{number:03}"


@lru_cache(maxsize=4096)
def _tenant(seed: Seed, region: str, number: int) -> Tenant:
    name = _name(number)
    return Tenant(
        number=number,
        name=name,
        project_id=seed.hex("project", name),
        user_id=seed.hex("user", f"{name}-owner"),
        network_id=seed.uuid("network", region, number),
        network_name=f"{name}-net",
        subnet_id=seed.uuid("subnet", region, number),
        router_id=seed.uuid("router", region, number),
        security_group_id=seed.uuid("security group", region, number),
        prefix=f"10.{64 + number % 128}",
    )


def tenants_for(seed: Seed, region: str, servers: int) -> Tenants:
    """As many tenants as a region with this number of servers has."""
    return Tenants(seed, region, max(len(NAMES), servers // 500))
