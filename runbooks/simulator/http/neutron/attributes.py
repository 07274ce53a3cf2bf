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
        """Whether `use` has the letter `what`."""
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


ID = Attribute("FS", values.uuid)
NAME = Attribute("FSPU")
PROJECT = Attribute("FSP", values.text, UNSET)
UP = Attribute("FSPU", values.boolean, True)
SHOWN = Attribute("")

STANDARD: dict[str, Attribute] = {
    "project_id": PROJECT,
    "tenant_id": PROJECT,
    "description": Attribute("FPU", values.description),
    "created_at": Attribute("S"),
    "updated_at": Attribute("S"),
    "revision_number": Attribute("FS", values.integer),
}
TAGS: dict[str, Attribute] = {name: Attribute("F") for name in ("tags", "tags-any", "not-tags", "not-tags-any")}

NETWORKS = Resource(
    "network",
    "networks",
    STANDARD
    | TAGS
    | {
        "id": ID,
        "name": NAME,
        "subnets": SHOWN,
        "admin_state_up": UP,
        "status": Attribute("FS"),
        "shared": Attribute("FPU", values.boolean, False),
        "ipv4_address_scope": SHOWN,
        "ipv6_address_scope": SHOWN,
        "is_default": Attribute("FPU", values.boolean, False),
        "router:external": Attribute("FPU", values.boolean, False),
        "l2_adjacency": SHOWN,
        "mtu": Attribute("FSPU", values.non_negative, 0),
        "availability_zones": SHOWN,
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
    STANDARD
    | TAGS
    | {
        "id": ID,
        "name": NAME,
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
    STANDARD
    | TAGS
    | {
        "id": ID,
        "name": NAME,
        "network_id": Attribute("FSP", values.uuid, REQUIRED),
        "admin_state_up": UP,
        "mac_address": Attribute("FSPU", values.mac, UNSET),
        "fixed_ips": Attribute("FPU", values.fixed_ips, UNSET),
        "device_id": Attribute("FSPU"),
        "device_owner": Attribute("FSPU"),
        "status": Attribute("FS"),
        "allowed_address_pairs": Attribute("PU", values.address_pairs, ()),
        "extra_dhcp_opts": Attribute("PU", values.list_of(values.mapping), ()),
        "ip_allocation": Attribute("FS"),
        "resource_request": SHOWN,
        "security_groups": Attribute("FPU", values.list_of(values.uuid), UNSET),
        "binding:vif_type": SHOWN,
        "binding:vif_details": SHOWN,
        "binding:vnic_type": Attribute("PU", _VNIC_TYPES, "normal"),
        "binding:host_id": Attribute("FPU", values.text_or_none, ""),
        "binding:profile": Attribute("PU", values.mapping, {}),
        "port_security_enabled": Attribute("PU", values.boolean, True),
        "qos_policy_id": Attribute("PU", values.uuid_or_none, None),
        "qos_network_policy_id": SHOWN,
    },
)
