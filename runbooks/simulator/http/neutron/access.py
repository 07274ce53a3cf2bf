"""Who sees what: Neutron's default policy, in short.

An admin sees everything. Others see their project's objects, shared and external networks with their subnets, and no
field that tells about the infrastructure. What somebody may not see does not exist for them (404).
"""

from __future__ import annotations

from runbooks.simulator.http.call import Call
from runbooks.simulator.http.neutron.query import Row

_INFRASTRUCTURE = {
    "network": ("provider:network_type", "provider:physical_network", "provider:segmentation_id"),
    "port": ("binding:profile", "binding:host_id", "binding:vif_type", "binding:vif_details", "resource_request"),
    "router": ("distributed", "ha"),
}
_ADMIN_ONLY = frozenset({"agent", "network_ip_availability"})
_OPEN = frozenset({"availability_zone", "service_provider", "extension"})


def may_see(call: Call, resource: str, row: Row) -> bool:
    """True when the caller may see this object."""
    if call.user.is_admin or resource in _OPEN:
        return True
    if resource in _ADMIN_ONLY:
        return False
    if row.get("project_id") == call.user.project:
        return True
    return bool(row.get("shared") or row.get("_shared") or row.get("router:external"))


def seen(call: Call, resource: str, row: Row) -> Row:
    """The object without the fields that the caller may not see."""
    hidden = () if call.user.is_admin else _INFRASTRUCTURE.get(resource, ())
    return {name: value for name, value in row.items() if name not in hidden} if hidden else row
