"""Neutron's objects as it sends them: same keys, in the same order, as recorded."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.clock import iso_z
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network.agents import L3
from runbooks.simulator.model.network.records import (
    AddressGroup,
    FloatingIp,
    NetworkRecord,
    Port,
    RbacPolicy,
    Record,
    Router,
    Rule,
    SecurityGroup,
    Subnet,
)

Row = dict[str, Any]


def _stamps(record: Record) -> Row:
    return {
        "tags": list(record.tags),
        "created_at": iso_z(record.created),
        "updated_at": iso_z(record.updated),
        "revision_number": record.revision,
    }


def network(cloud: Cloud, record: NetworkRecord) -> Row:
    """A network; only external ones tell `is_default`."""
    row: Row = {
        "id": record.id,
        "name": record.name,
        "tenant_id": record.project_id,
        "project_id": record.project_id,
        "admin_state_up": record.admin_state_up,
        "mtu": record.mtu,
        "status": "ACTIVE",
        "subnets": [subnet.id for subnet in cloud.network.subnets_of(record.id)],
        "shared": record.shared,
        "availability_zone_hints": list(record.zone_hints),
        "availability_zones": ["nova"] if record.id in cloud.network.dhcp_hosts else [],
        "ipv4_address_scope": None,
        "ipv6_address_scope": None,
        "router:external": record.external,
        "description": record.description,
        "port_security_enabled": record.port_security,
        "qos_policy_id": record.qos_policy_id,
        "l2_adjacency": True,
    }
    if record.external:
        row["is_default"] = record.is_default
    row |= _stamps(record)
    row["provider:network_type"] = record.kind
    row["provider:physical_network"] = record.physical
    row["provider:segmentation_id"] = record.segment
    return row


def subnet(cloud: Cloud, record: Subnet) -> Row:
    """A subnet; `_shared` is for filters and not sent."""
    owner = cloud.network.networks[record.network_id]
    return {
        "id": record.id,
        "name": record.name,
        "project_id": record.project_id,
        "network_id": record.network_id,
        "ip_version": record.ip_version,
        "subnetpool_id": None,
        "enable_dhcp": record.dhcp,
        "ipv6_ra_mode": record.ra_mode,
        "ipv6_address_mode": record.address_mode,
        "gateway_ip": record.gateway,
        "cidr": record.cidr,
        "allocation_pools": [{"start": low, "end": high} for low, high in record.pools],
        "host_routes": [{"destination": to, "nexthop": via} for to, via in record.host_routes],
        "dns_nameservers": list(record.dns),
        "description": record.description,
        "router:external": owner.external,
        "service_types": list(record.service_types),
        "segment_id": None,
        **_stamps(record),
        "tenant_id": record.project_id,
        "_shared": owner.shared,
    }


def port(cloud: Cloud, record: Port) -> Row:
    """A port with its binding."""
    bound = record.vif_type == "ovs"
    return {
        "id": record.id,
        "name": record.name,
        "network_id": record.network_id,
        "project_id": record.project_id,
        "mac_address": record.mac,
        "admin_state_up": record.admin_state_up,
        "status": record.status,
        "device_id": record.device_id,
        "device_owner": record.device_owner,
        "fixed_ips": [{"subnet_id": where, "ip_address": address} for where, address in record.fixed_ips],
        "allowed_address_pairs": [{"ip_address": address, "mac_address": mac} for address, mac in record.address_pairs],
        "extra_dhcp_opts": [
            {"opt_name": name, "opt_value": value, "ip_version": 4} for name, value in record.dhcp_options
        ],
        "security_groups": list(record.security_groups),
        "description": record.description,
        "binding:vnic_type": record.vnic_type,
        "binding:profile": record.profile,
        "binding:host_id": record.host,
        "binding:vif_type": record.vif_type,
        "binding:vif_details": _VIF_DETAILS | {"bound_drivers": {"0": _DRIVERS[cloud.layout.network]}} if bound else {},
        "port_security_enabled": record.port_security,
        "qos_policy_id": record.qos_policy_id,
        "qos_network_policy_id": None,
        "resource_request": None,
        "ip_allocation": "immediate" if record.fixed_ips else "none",
        **_stamps(record),
        "tenant_id": record.project_id,
    }


_VIF_DETAILS: Row = {
    "connectivity": "l2",
    "port_filter": True,
    "ovs_hybrid_plug": False,
    "datapath_type": "system",
    "bridge_name": "br-int",
}
_DRIVERS = {"ovs": "openvswitch", "ovn": "ovn"}


def router(cloud: Cloud, record: Router) -> Row:
    """A router; its zones are its agents'."""
    zones = {agent.zone for agent in cloud.network.routers.agents(record.id) if agent.kind == L3}
    return {
        "id": record.id,
        "name": record.name,
        "project_id": record.project_id,
        "admin_state_up": record.admin_state_up,
        "status": "ACTIVE" if record.admin_state_up else "DOWN",
        "external_gateway_info": gateway(cloud, record),
        "description": record.description,
        "availability_zones": sorted(zone for zone in zones if zone),
        "distributed": record.distributed,
        "ha": record.ha,
        "availability_zone_hints": list(record.zone_hints),
        "routes": [{"destination": to, "nexthop": via} for to, via in record.routes],
        "flavor_id": record.flavor_id,
        **_stamps(record),
        "tenant_id": record.project_id,
    }


def gateway(cloud: Cloud, record: Router) -> Row | None:
    """A router's `external_gateway_info`."""
    found = cloud.network.ports.held.get(record.gateway_port or "")
    if record.gateway_network is None or found is None:
        return None
    return {
        "network_id": record.gateway_network,
        "external_fixed_ips": [{"subnet_id": where, "ip_address": address} for where, address in found.fixed_ips],
        "enable_snat": record.snat,
    }


def floating_ip(cloud: Cloud, record: FloatingIp) -> Row:
    """A floating IP with what it points at."""
    target = cloud.network.ports.get(record.port_id) if record.port_id else None
    return {
        "id": record.id,
        "tenant_id": record.project_id,
        "project_id": record.project_id,
        "floating_ip_address": record.address,
        "floating_network_id": record.network_id,
        "router_id": record.router_id,
        "port_id": record.port_id,
        "fixed_ip_address": record.fixed_address,
        "status": record.status,
        "description": record.description,
        "qos_policy_id": record.qos_policy_id,
        "port_details": None
        if target is None
        else {
            "name": target.name,
            "network_id": target.network_id,
            "mac_address": target.mac,
            "admin_state_up": target.admin_state_up,
            "status": target.status,
            "device_id": target.device_id,
            "device_owner": target.device_owner,
        },
        **_stamps(record),
    }


def security_group(cloud: Cloud, record: SecurityGroup) -> Row:
    """A security group with its rules."""
    return {
        "id": record.id,
        "name": record.name,
        "stateful": record.stateful,
        "tenant_id": record.project_id,
        "project_id": record.project_id,
        "description": record.description,
        "shared": False,
        "security_group_rules": [rule(cloud, one) for one in record.rules],
        **_stamps(record),
    }


def rule(cloud: Cloud, record: Rule) -> Row:
    """A rule as it is inside of its group."""
    return {
        "id": record.id,
        "project_id": record.project_id,
        "security_group_id": record.group_id,
        "ethertype": record.ethertype,
        "direction": record.direction,
        "protocol": record.protocol,
        "port_range_min": record.port_min,
        "port_range_max": record.port_max,
        "remote_ip_prefix": record.remote_prefix,
        "remote_address_group_id": record.remote_address_group,
        "normalized_cidr": record.remote_prefix,
        "remote_group_id": record.remote_group,
        "standard_attr_id": record.serial,
        "belongs_to_default_sg": None,
        "description": None if record.default else record.description,
        **_stamps(record),
        "tenant_id": record.project_id,
    }


def rbac_policy(cloud: Cloud, record: RbacPolicy) -> Row:
    """An RBAC policy."""
    return {
        "id": record.id,
        "project_id": record.project_id,
        "action": record.action,
        "object_id": record.object_id,
        "target_tenant": record.target,
        "object_type": record.object_type,
        "tenant_id": record.project_id,
    }


def address_group(cloud: Cloud, record: AddressGroup) -> Row:
    """An address group."""
    return {
        "id": record.id,
        "name": record.name,
        "description": record.description,
        "project_id": record.project_id,
        "shared": False,
        "addresses": list(record.addresses),
        **_stamps(record),
        "tenant_id": record.project_id,
    }
