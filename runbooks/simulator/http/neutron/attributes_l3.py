"""Neutron's attribute map, continued: what is not a network, subnet or port."""

from __future__ import annotations

from runbooks.simulator.http.neutron import values
from runbooks.simulator.http.neutron.attributes import (
    ID,
    NAME,
    PROJECT,
    REQUIRED,
    SHOWN,
    STANDARD,
    TAGS,
    UNSET,
    UP,
    Attribute,
    Resource,
)

ROUTERS = Resource(
    "router",
    "routers",
    STANDARD
    | TAGS
    | {
        "id": ID,
        "name": NAME,
        "admin_state_up": UP,
        "status": Attribute("S"),
        "external_gateway_info": Attribute("PU", values.gateway, None),
        "distributed": Attribute("PU", values.boolean_or_none, UNSET),
        "ha": Attribute("PU", values.boolean_or_none, UNSET),
        "routes": Attribute("U", values.host_routes, ()),
        "flavor_id": Attribute("SP", values.uuid_or_none, None),
        "availability_zones": SHOWN,
        "availability_zone_hints": Attribute("P", values.list_of(values.text), ()),
    },
)

FLOATING_IPS = Resource(
    "floatingip",
    "floatingips",
    STANDARD
    | TAGS
    | {
        "id": ID,
        "router_id": Attribute("FS", values.uuid_or_none),
        "floating_ip_address": Attribute("FSP", values.address_or_none, None),
        "subnet_id": Attribute("P", values.uuid_or_none, None),
        "floating_network_id": Attribute("FSP", values.uuid, REQUIRED),
        "port_id": Attribute("FPU", values.uuid_or_none, None),
        "fixed_ip_address": Attribute("FSPU", values.address_or_none, None),
        "status": Attribute("FS"),
        "port_details": SHOWN,
        "qos_policy_id": Attribute("PU", values.uuid_or_none, None),
    },
)

SECURITY_GROUPS = Resource(
    "security_group",
    "security-groups",
    STANDARD
    | TAGS
    | {
        "id": ID,
        "name": NAME,
        "security_group_rules": SHOWN,
        "shared": Attribute("F", values.boolean),
        "stateful": Attribute("FPU", values.boolean, True),
    },
)

SECURITY_GROUP_RULES = Resource(
    "security_group_rule",
    "security-group-rules",
    STANDARD
    | {
        "description": Attribute("FP", values.description),
        "id": ID,
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
        "id": ID,
        **{name: Attribute("FS") for name in ("agent_type", "binary", "topic", "host")},
        "admin_state_up": Attribute("FSU", values.boolean),
        "alive": Attribute("FS", values.boolean),
        **{name: Attribute("S") for name in ("created_at", "started_at", "heartbeat_timestamp")},
        "configurations": SHOWN,
        "description": Attribute("FSU", values.text_or_none),
        "resources_synced": SHOWN,
        "availability_zone": Attribute("F"),
    },
)

RBAC_POLICIES = Resource(
    "rbac_policy",
    "rbac-policies",
    {
        "id": ID,
        "object_type": Attribute("FP", values.text, REQUIRED),
        "object_id": Attribute("FP", values.uuid, REQUIRED),
        "target_tenant": Attribute("FPU", values.text, REQUIRED),
        "action": Attribute("FP", values.text, REQUIRED),
        "project_id": PROJECT,
        "tenant_id": PROJECT,
    },
    plural="rbac_policies",
    paged=False,
)

ADDRESS_GROUPS = Resource(
    "address_group",
    "address-groups",
    STANDARD | {"id": ID, "name": NAME, "addresses": Attribute("P", values.list_of(values.cidr), ()), "shared": SHOWN},
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
        **dict.fromkeys(("total_ips", "used_ips", "subnet_ip_availability", "ip_availability_details"), SHOWN),
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
    {"service_type": SHOWN, "name": SHOWN, "default": SHOWN},
    paged=False,
    checks_filters=False,
)

SUBNET_POOLS = Resource(
    "subnetpool",
    "subnetpools",
    STANDARD
    | TAGS
    | {
        "id": ID,
        "name": NAME,
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
