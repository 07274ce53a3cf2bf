"""What Neutron keeps: networks, subnets, ports, routers, floating IPs, security groups, agents.

Plain records. What follows from other things (a network's subnets, an agent's `alive`, a server's port binding) is not
kept here but asked for when somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Record:
    """What Neutron's standard attributes give every object."""

    id: str
    project_id: str
    name: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    created: float = 0.0
    updated: float = 0.0
    revision: int = 0

    def touch(self, now: float) -> None:
        """Note a change: every one counts the revision up."""
        self.updated = now
        self.revision += 1


@dataclass(slots=True, kw_only=True)
class NetworkRecord(Record):
    """A network with its one segment."""

    admin_state_up: bool = True
    mtu: int = 1450
    shared: bool = False
    external: bool = False
    is_default: bool = False
    port_security: bool = True
    kind: str = "vxlan"
    """`provider:network_type`: flat, vlan, vxlan, local."""
    physical: str | None = None
    segment: int | None = None
    qos_policy_id: str | None = None
    zone_hints: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Subnet(Record):
    """A range of addresses of a network."""

    network_id: str
    cidr: str
    ip_version: int = 4
    gateway: str | None = None
    pools: tuple[tuple[str, str], ...] = ()
    """First and last address of each."""
    dhcp: bool = True
    dns: tuple[str, ...] = ()
    host_routes: tuple[tuple[str, str], ...] = ()
    """(destination, next hop)."""
    ra_mode: str | None = None
    address_mode: str | None = None
    service_types: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Port(Record):
    """A connection point on a network."""

    network_id: str
    mac: str
    fixed_ips: tuple[tuple[str, str], ...] = ()
    """(subnet's id, address)."""
    device_id: str = ""
    device_owner: str = ""
    host: str = ""
    """`binding:host_id`."""
    status: str = "DOWN"
    vif_type: str = "unbound"
    vnic_type: str = "normal"
    profile: dict[str, object] = field(default_factory=dict)
    admin_state_up: bool = True
    port_security: bool = True
    security_groups: tuple[str, ...] = ()
    address_pairs: tuple[tuple[str, str], ...] = ()
    """(address, MAC address)."""
    dhcp_options: tuple[tuple[str, str], ...] = ()
    qos_policy_id: str | None = None


@dataclass(slots=True, kw_only=True)
class Router(Record):
    """A router; its interfaces and gateway are ports that name it as their device."""

    admin_state_up: bool = True
    ha: bool = False
    distributed: bool = False
    gateway_network: str | None = None
    gateway_port: str | None = None
    snat: bool = True
    routes: tuple[tuple[str, str], ...] = ()
    flavor_id: str | None = None
    zone_hints: tuple[str, ...] = ()
    vr_id: int = 0
    """VRRP's virtual router id, of an HA router."""


@dataclass(slots=True, kw_only=True)
class FloatingIp(Record):
    """An external address, perhaps tied to a port's fixed address."""

    network_id: str
    address: str
    port_id: str | None = None
    fixed_address: str | None = None
    router_id: str | None = None
    qos_policy_id: str | None = None

    @property
    def status(self) -> str:
        """`ACTIVE` while it points at a port."""
        return "ACTIVE" if self.port_id else "DOWN"


@dataclass(slots=True, kw_only=True)
class Rule(Record):
    """A security group's rule."""

    group_id: str
    direction: str
    ethertype: str = "IPv4"
    protocol: str | None = None
    port_min: int | None = None
    port_max: int | None = None
    remote_prefix: str | None = None
    remote_group: str | None = None
    remote_address_group: str | None = None
    default: bool = False
    """Made with the group; Neutron has no description for those."""
    serial: int = 0
    """`standard_attr_id`."""


@dataclass(slots=True, kw_only=True)
class SecurityGroup(Record):
    """A set of rules for ports."""

    stateful: bool = True
    rules: list[Rule] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class RbacPolicy:
    """Who else may use an object."""

    id: str
    project_id: str
    object_type: str
    object_id: str
    action: str
    target: str


@dataclass(slots=True, kw_only=True)
class AddressGroup(Record):
    """A named list of address ranges for rules."""

    addresses: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Agent:
    """An agent's row. `alive` and its heartbeat come from the reports of its process."""

    id: str
    kind: str
    """`Open vSwitch agent`."""
    binary: str
    topic: str
    host: str
    zone: str | None
    created: float
    admin_state_up: bool = True
    description: str | None = None
    generation: int = 0
    """How often its row was deleted before."""
