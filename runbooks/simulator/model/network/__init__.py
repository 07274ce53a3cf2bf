"""Neutron of one region: agents, networks, subnets, ports, routers, floating IPs, security groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runbooks.simulator.model.network.agents import DHCP, Agents
from runbooks.simulator.model.network.floating import FloatingIps
from runbooks.simulator.model.network.ports import Ports
from runbooks.simulator.model.network.records import (
    AddressGroup,
    NetworkRecord,
    RbacPolicy,
    Rule,
    SecurityGroup,
    Subnet,
)
from runbooks.simulator.model.network.routers import Routers

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud
    from runbooks.simulator.model.network.records import Agent
    from runbooks.simulator.model.tenants import Tenant

QUOTA = {
    "network": 100,
    "subnet": 100,
    "subnetpool": -1,
    "port": 500,
    "router_route": 30,
    "router": 10,
    "floatingip": 50,
    "rbac_policy": 10,
    "security_group": 10,
    "security_group_rule": 100,
    "trunk": -1,
}
"""Neutron's defaults, as recorded."""


@dataclass(slots=True)
class Network:
    """Neutron of one region."""

    cloud: Cloud
    built: float
    """When the simulated cloud began."""
    agents: Agents
    external_id: str
    """The external network's id."""
    networks: dict[str, NetworkRecord] = field(default_factory=dict)
    subnets: dict[str, Subnet] = field(default_factory=dict)
    security_groups: dict[str, SecurityGroup] = field(default_factory=dict)
    rbac_policies: dict[str, RbacPolicy] = field(default_factory=dict)
    address_groups: dict[str, AddressGroup] = field(default_factory=dict)
    quotas: dict[str, dict[str, int]] = field(default_factory=dict)
    """What differs from `QUOTA`, by project."""
    dhcp_hosts: dict[str, list[str]] = field(default_factory=dict)
    """Network → the hosts whose DHCP agents serve it."""
    ports: Ports = field(init=False)
    routers: Routers = field(init=False)
    floating_ips: FloatingIps = field(init=False)
    _tenants: dict[str, int] = field(default_factory=dict)
    """Network → number of the tenant that had it from the beginning."""
    _subnets_of: dict[str, set[str]] = field(default_factory=dict)
    _serial: int = 100

    def __post_init__(self) -> None:
        self.ports = Ports(self.cloud)
        self.routers = Routers(self.cloud)
        self.floating_ips = FloatingIps(self.cloud)
        tenants = self.cloud.tenants
        self._tenants = {tenants[number].network_id: number for number in range(len(tenants))}

    def next_serial(self) -> int:
        """A `standard_attr_id`: Neutron counts all of its objects with one counter; a new VXLAN id too."""
        self._serial += 1
        return self._serial

    def tenant_of(self, network_id: str) -> Tenant | None:
        """The tenant that had this network from the beginning."""
        number = self._tenants.get(network_id)
        return None if number is None else self.cloud.tenants[number]

    def subnets_of(self, network_id: str) -> list[Subnet]:
        """The subnets of a network, by id."""
        return [self.subnets[identity] for identity in sorted(self._subnets_of.get(network_id, ()))]

    def add_subnet(self, subnet: Subnet) -> None:
        """Keep a new subnet."""
        self.subnets[subnet.id] = subnet
        self._subnets_of.setdefault(subnet.network_id, set()).add(subnet.id)

    def remove_subnet(self, subnet: Subnet) -> None:
        """Forget a subnet."""
        del self.subnets[subnet.id]
        self._subnets_of[subnet.network_id].remove(subnet.id)

    def dhcp_agents(self, network_id: str) -> list[Agent]:
        """The DHCP agents that serve a network."""
        hosts = self.dhcp_hosts.get(network_id, [])
        return [agent for agent in self.agents.of_kind(DHCP) if agent.host in hosts]

    def networks_on(self, agent: Agent) -> list[NetworkRecord]:
        """The networks that a DHCP agent serves, by id."""
        ids = sorted(identity for identity, hosts in self.dhcp_hosts.items() if agent.host in hosts)
        return [self.networks[identity] for identity in ids]

    def rules(self) -> list[Rule]:
        """All rules of all security groups, by id."""
        found = [rule for group in self.security_groups.values() for rule in group.rules]
        return sorted(found, key=lambda rule: rule.id)

    def groups_named(self, project_id: str, names: tuple[str, ...]) -> tuple[str, ...]:
        """Ids of a project's security groups with these names, for a server's ports; an id stands for itself."""
        tenant = self.cloud.tenants.by_project(project_id)
        if names == ("default",) and tenant is not None:
            return (tenant.security_group_id,)
        groups = self.security_groups
        return tuple(
            one.id for one in groups.values() if one.id in names or (one.project_id == project_id and one.name in names)
        )

    def floating_of(self, port_id: str) -> str:
        """The floating address that points at a port; empty when none does."""
        return next((one.address for one in self.floating_ips.of_port(port_id)), "")

    def quota(self, project_id: str) -> dict[str, int]:
        """The limits of a project; -1 is unlimited."""
        return QUOTA | self.quotas.get(project_id, {})


def build_network(cloud: Cloud) -> Network:
    """A healthy Neutron."""
    from runbooks.simulator.model.network.build import build

    return build(cloud)
