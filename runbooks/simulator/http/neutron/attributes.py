"""Neutron's attribute map: which fields each resource has and what callers may do with each.

Taken from the API definitions of neutron-lib and neutron for the extensions that the recorded cloud had loaded
(`extensions.json` of the fixtures). `use` holds letters: F may filter a list, S may sort it, P may be given in POST,
U in PUT; a field without letters is only shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runbooks.simulator.http.neutron import values
from runbooks.simulator.http.neutron.values import Reader


class _Required:
    """The default of a field that POST must name."""


class _Unset:
    """The default of a field that the service fills in when POST does not name it."""


REQUIRED = _Required()
UNSET = _Unset()


@dataclass(frozen=True, slots=True)
class Attribute:
    """One field of one resource."""

    use: str
    read: Reader = values.text
    default: Any = ""

    def may(self, what: str) -> bool:
        return what in self.use


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object of the API."""

    name: str
    """`security_group`: the key of one object in bodies."""
    path: str
    """`security-groups`: the last part of the URL."""
    attributes: Mapping[str, Attribute]
    plural: str = ""
    """The key of lists when it is not `name` + `s`."""
    paged: bool = True
    checks_filters: bool = True
    """False where unknown filters are ignored instead of refused."""

    @property
    def collection(self) -> str:
        """`security_groups`: the key of lists in bodies."""
        return self.plural or self.name + "s"


_ID = Attribute("FS", values.uuid)
_NAME = Attribute("FSPU")
_PROJECT = Attribute("FSP", values.text, UNSET)
_UP = Attribute("FSPU", values.boolean, True)
_SHOWN = Attribute("")

_STANDARD: dict[str, Attribute] = {
    "project_id": _PROJECT,
    "tenant_id": _PROJECT,
    "description": Attribute("FPU", values.description),
    "created_at": Attribute("S"),
    "updated_at": Attribute("S"),
    "revision_number": Attribute("FS", values.integer),
}
_TAGS: dict[str, Attribute] = {name: Attribute("F") for name in ("tags", "tags-any", "not-tags", "not-tags-any")}

NETWORKS = Resource(
    "network",
    "networks",
    _STANDARD
    | _TAGS
    | {
        "id": _ID,
        "name": _NAME,
        "subnets": _SHOWN,
        "admin_state_up": _UP,
        "status": Attribute("FS"),
        "shared": Attribute("FPU", values.boolean, False),
        "ipv4_address_scope": _SHOWN,
        "ipv6_address_scope": _SHOWN,
        "is_default": Attribute("FPU", values.boolean, False),
        "router:external": Attribute("FPU", values.boolean, False),
        "l2_adjacency": _SHOWN,
        "mtu": Attribute("FSPU", values.non_negative, 0),
        "availability_zones": _SHOWN,
        "availability_zone_hints": Attribute("SP", values.list_of(values.text), ()),
        "port_security_enabled": Attribute("PU", values.boolean, True),
        "provider:network_type": Attribute("FPU", values.text, UNSET),
        "provider:physical_network": Attribute("FPU", values.text, UNSET),
        "provider:segmentation_id": Attribute("FPU", values.integer, UNSET),
        "qos_policy_id": Attribute("PU", values.uuid_or_none, None),
    },
)

_MODES = values.one_of("dhcpv6-stateful", "dhcpv6-stateless", "slaac", None)
SUBNETS = Resource(
    "subnet",
    "subnets",
    _STANDARD
    | _TAGS
    | {
        "id": _ID,
        "name": _NAME,
        "ip_version": Attribute("FSP", values.ip_version, REQUIRED),
        "network_id": Attribute("FSP", values.uuid, REQUIRED),
        "subnetpool_id": Attribute("FSP", values.uuid_or_none, UNSET),
        "prefixlen": Attribute("P", values.non_negative, UNSET),
        "cidr": Attribute("FSP", values.cidr_or_none, UNSET),
        "gateway_ip": Attribute("FSPU", values.address_or_none, UNSET),
        "allocation_pools": Attribute("PU", values.pools, UNSET),
        "dns_nameservers": Attribute("PU", values.list_of(values.address), ()),
        "host_routes": Attribute("PU", values.host_routes, ()),
        "enable_dhcp": Attribute("FSPU", values.boolean, True),
        "ipv6_ra_mode": Attribute("FSP", _MODES, None),
        "ipv6_address_mode": Attribute("FSP", _MODES, None),
        "segment_id": Attribute("FSPU", values.uuid_or_none, None),
        "router:external": Attribute("F", values.boolean),
        "shared": Attribute("F", values.boolean),
        "service_types": Attribute("PU", values.list_of(values.text), ()),
        "use_default_subnetpool": Attribute("P", values.boolean, False),
    },
)

_VNIC_TYPES = values.one_of(
    *("normal", "direct", "macvtap", "baremetal", "direct-physical", "virtio-forwarder", "smart-nic", "vdpa"),
    *("accelerator-direct", "accelerator-direct-physical", "remote-managed"),
)
PORTS = Resource(
    "port",
    "ports",
    _STANDARD
    | _TAGS
    | {
        "id": _ID,
        "name": _NAME,
        "network_id": Attribute("FSP", values.uuid, REQUIRED),
        "admin_state_up": _UP,
        "mac_address": Attribute("FSPU", values.mac, UNSET),
        "fixed_ips": Attribute("FPU", values.fixed_ips, UNSET),
        "device_id": Attribute("FSPU"),
        "device_owner": Attribute("FSPU"),
        "status": Attribute("FS"),
        "allowed_address_pairs": Attribute("PU", values.address_pairs, ()),
        "extra_dhcp_opts": Attribute("PU", values.list_of(values.mapping), ()),
        "ip_allocation": Attribute("FS"),
        "resource_request": _SHOWN,
        "security_groups": Attribute("FPU", values.list_of(values.uuid), UNSET),
        "binding:vif_type": _SHOWN,
        "binding:vif_details": _SHOWN,
        "binding:vnic_type": Attribute("PU", _VNIC_TYPES, "normal"),
        "binding:host_id": Attribute("FPU", values.text_or_none, ""),
        "binding:profile": Attribute("PU", values.mapping, {}),
        "port_security_enabled": Attribute("PU", values.boolean, True),
        "qos_policy_id": Attribute("PU", values.uuid_or_none, None),
        "qos_network_policy_id": _SHOWN,
    },
)

ROUTERS = Resource(
    "router",
    "routers",
    _STANDARD
    | _TAGS
    | {
        "id": _ID,
        "name": _NAME,
        "admin_state_up": _UP,
        "status": Attribute("S"),
        "external_gateway_info": Attribute("PU", values.gateway, None),
        "distributed": Attribute("PU", values.boolean_or_none, UNSET),
        "ha": Attribute("PU", values.boolean_or_none, UNSET),
        "routes": Attribute("U", values.host_routes, ()),
        "flavor_id": Attribute("SP", values.uuid_or_none, None),
        "availability_zones": _SHOWN,
        "availability_zone_hints": Attribute("P", values.list_of(values.text), ()),
    },
)

FLOATING_IPS = Resource(
    "floatingip",
    "floatingips",
    _STANDARD
    | _TAGS
    | {
        "id": _ID,
        "router_id": Attribute("FS", values.uuid_or_none),
        "floating_ip_address": Attribute("FSP", values.address_or_none, None),
        "subnet_id": Attribute("P", values.uuid_or_none, None),
        "floating_network_id": Attribute("FSP", values.uuid, REQUIRED),
        "port_id": Attribute("FPU", values.uuid_or_none, None),
        "fixed_ip_address": Attribute("FSPU", values.address_or_none, None),
        "status": Attribute("FS"),
        "port_details": _SHOWN,
        "qos_policy_id": Attribute("PU", values.uuid_or_none, None),
    },
)

SECURITY_GROUPS = Resource(
    "security_group",
    "security-groups",
    _STANDARD
    | _TAGS
    | {
        "id": _ID,
        "name": _NAME,
        "security_group_rules": _SHOWN,
        "shared": Attribute("F", values.boolean),
        "stateful": Attribute("FPU", values.boolean, True),
    },
)

SECURITY_GROUP_RULES = Resource(
    "security_group_rule",
    "security-group-rules",
    _STANDARD
    | {
        "description": Attribute("FP", values.description),
        "id": _ID,
        "security_group_id": Attribute("FSP", values.text, REQUIRED),
        "remote_group_id": Attribute("FSP", values.text_or_none, None),
        "remote_address_group_id": Attribute("FSP", values.text_or_none, None),
        "remote_ip_prefix": Attribute("FSP", values.cidr_or_none, None),
        "direction": Attribute("FSP", values.one_of("ingress", "egress"), REQUIRED),
        "protocol": Attribute("FSP", values.protocol, None),
        "port_range_min": Attribute("FSP", values.port_number, None),
        "port_range_max": Attribute("FSP", values.port_number, None),
        "ethertype": Attribute("FSP", values.ether_type, "IPv4"),
        "normalized_cidr": Attribute("FS", values.cidr_or_none),
        "belongs_to_default_sg": Attribute("F", values.boolean_or_none),
    },
)

AGENTS = Resource(
    "agent",
    "agents",
    {
        "id": _ID,
        **{name: Attribute("FS") for name in ("agent_type", "binary", "topic", "host")},
        "admin_state_up": Attribute("FSU", values.boolean),
        "alive": Attribute("FS", values.boolean),
        **{name: Attribute("S") for name in ("created_at", "started_at", "heartbeat_timestamp")},
        "configurations": _SHOWN,
        "description": Attribute("FSU", values.text_or_none),
        "resources_synced": _SHOWN,
        "availability_zone": Attribute("F"),
    },
)

RBAC_POLICIES = Resource(
    "rbac_policy",
    "rbac-policies",
    {
        "id": _ID,
        "object_type": Attribute("FP", values.text, REQUIRED),
        "object_id": Attribute("FP", values.uuid, REQUIRED),
        "target_tenant": Attribute("FPU", values.text, REQUIRED),
        "action": Attribute("FP", values.text, REQUIRED),
        "project_id": _PROJECT,
        "tenant_id": _PROJECT,
    },
    plural="rbac_policies",
    paged=False,
)

ADDRESS_GROUPS = Resource(
    "address_group",
    "address-groups",
    _STANDARD
    | {"id": _ID, "name": _NAME, "addresses": Attribute("P", values.list_of(values.cidr), ()), "shared": _SHOWN},
)

IP_AVAILABILITIES = Resource(
    "network_ip_availability",
    "network-ip-availabilities",
    {
        "network_id": Attribute("FS", values.uuid),
        "network_name": Attribute("F"),
        "project_id": Attribute("F"),
        "tenant_id": Attribute("F"),
        "ip_version": Attribute("F", values.integer),
        **dict.fromkeys(("total_ips", "used_ips", "subnet_ip_availability", "ip_availability_details"), _SHOWN),
    },
    plural="network_ip_availabilities",
)

AVAILABILITY_ZONES = Resource(
    "availability_zone",
    "availability_zones",
    {name: Attribute("F") for name in ("name", "resource", "state")},
    paged=False,
)

SERVICE_PROVIDERS = Resource(
    "service_provider",
    "service-providers",
    {"service_type": _SHOWN, "name": _SHOWN, "default": _SHOWN},
    paged=False,
    checks_filters=False,
)

SUBNET_POOLS = Resource(
    "subnetpool",
    "subnetpools",
    _STANDARD
    | _TAGS
    | {
        "id": _ID,
        "name": _NAME,
        "shared": Attribute("FSP", values.boolean, False),
        "is_default": Attribute("FSPU", values.boolean, False),
        "ip_version": Attribute("FS", values.integer),
        "address_scope_id": Attribute("FSPU", values.uuid_or_none, None),
        "prefixes": Attribute("PU", values.list_of(values.cidr), REQUIRED),
        **{
            name: Attribute("FSPU", values.integer, UNSET)
            for name in ("default_prefixlen", "min_prefixlen", "max_prefixlen")
        },
        "default_quota": Attribute("FSPU", values.integer, UNSET),
    },
)
