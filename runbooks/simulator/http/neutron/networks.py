"""Networks: what an operator or tenant may change, and Neutron's refusals."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from runbooks.simulator.http.call import Call
from runbooks.simulator.http.neutron import attributes, quotas, views
from runbooks.simulator.http.neutron.errors import conflict, invalid_input
from runbooks.simulator.http.neutron.objects import Given, Objects
from runbooks.simulator.http.neutron.sources import Records
from runbooks.simulator.model.network.bindings import PHYSICAL
from runbooks.simulator.model.network.records import NetworkRecord, RbacPolicy

AUTO_DELETED = frozenset({"network:dhcp", "network:distributed", "network:floatingip_agent_gateway"})
"""Owners of ports that go with their network."""
_FIELDS = {
    "name": "name",
    "description": "description",
    "admin_state_up": "admin_state_up",
    "mtu": "mtu",
    "shared": "shared",
    "router:external": "external",
    "is_default": "is_default",
    "port_security_enabled": "port_security",
    "qos_policy_id": "qos_policy_id",
}


def _create(call: Call, given: Given) -> str:
    network = call.cloud.network
    quotas.check(call, given["project_id"], "network")
    kind, physical, segment = _segment(call, given)
    now = call.cloud.now()
    overlay, narrower = call.cloud.layout.overlay
    mtu = given["mtu"] or (narrower if kind == overlay else 1500)
    record = NetworkRecord(
        id=str(uuid4()),
        project_id=given["project_id"],
        name=given["name"],
        description=given["description"],
        created=now,
        updated=now,
        revision=1,
        admin_state_up=given["admin_state_up"],
        mtu=mtu,
        shared=given["shared"],
        external=given["router:external"],
        is_default=given["is_default"],
        port_security=given["port_security_enabled"],
        kind=kind,
        physical=physical,
        segment=segment,
        qos_policy_id=given["qos_policy_id"],
        zone_hints=tuple(given["availability_zone_hints"]),
    )
    network.networks[record.id] = record
    if record.external:
        _share_as_external(call, record)
    return record.id


def _segment(call: Call, given: Given) -> tuple[str, str | None, int | None]:
    network = call.cloud.network
    overlay, _ = call.cloud.layout.overlay
    kind = given.get("provider:network_type", overlay)
    physical = given.get("provider:physical_network")
    segment = given.get("provider:segmentation_id")
    taken = {(one.kind, one.physical, one.segment) for one in network.networks.values()}
    if kind not in ("flat", "vlan", overlay, "local"):
        raise invalid_input(f"network_type value '{kind}' not supported")
    if kind in ("flat", "vlan"):
        if physical is None:
            raise invalid_input(f"physical_network required for {kind} provider network")
        if physical != PHYSICAL:
            raise invalid_input(
                f"physical_network '{physical}' unknown for {kind.upper() if kind == 'vlan' else kind} provider network"
            )
    if kind == "flat" and ("flat", physical, None) in taken:
        raise conflict("FlatNetworkInUse", f"Unable to create the flat network. Physical network {physical} is in use.")
    if kind == "vlan":
        segment = segment or next(number for number in range(1, 4095) if (kind, physical, number) not in taken)
        if not 1 <= segment <= 4094:
            raise invalid_input("segmentation_id out of range (1 through 4094)")
        if (kind, physical, segment) in taken:
            raise conflict(
                "VlanIdInUse",
                f"Unable to create the network. The VLAN {segment} on physical network {physical} is in use.",
            )
    if kind == overlay:
        if physical is not None:
            raise invalid_input(f"physical_network prohibited for {kind} provider network")
        used = {number for what, _, number in taken if what == kind}
        segment = segment or next(number for number in range(2000, 1 << 24) if number not in used)
        if segment in used:
            raise conflict("TunnelIdInUse", f"Unable to create the network. The tunnel ID {segment} is in use.")
    return kind, physical if kind in ("flat", "vlan") else None, segment if kind in ("vlan", overlay) else None


def _share_as_external(call: Call, record: NetworkRecord) -> None:
    policy = RbacPolicy(
        id=str(uuid4()),
        project_id=record.project_id,
        object_type="network",
        object_id=record.id,
        action="access_as_external",
        target="*",
    )
    call.cloud.network.rbac_policies[policy.id] = policy


def _update(call: Call, identity: str, changes: Given) -> None:
    network = call.cloud.network
    record = network.networks[identity]
    external = changes.get("router:external", record.external)
    if (
        record.external
        and not external
        and any(port.device_owner == "network:router_gateway" for port in network.ports.on_network(identity))
    ):
        raise conflict(
            "ExternalNetworkInUse",
            f"External network {identity} cannot be updated to be made non-external, since it has existing gateway "
            "ports.",
        )
    if external and not record.external:
        _share_as_external(call, record)
    set_fields(record, changes, _FIELDS)
    record.touch(call.cloud.now())


def _delete(call: Call, identity: str) -> None:
    network = call.cloud.network
    ports = list(network.ports.on_network(identity))
    used = [port.id for port in ports if port.device_owner not in AUTO_DELETED]
    if used:
        raise conflict(
            "NetworkInUse",
            f"Unable to complete operation on network {identity}. There are one or more ports still in use on the "
            f"network, id for these ports is: {','.join(used)}.",
        )
    for port in ports:
        network.ports.delete(port)
    for subnet in network.subnets_of(identity):
        network.remove_subnet(subnet)
    network.dhcp_hosts.pop(identity, None)
    for policy in [one for one in network.rbac_policies.values() if one.object_id == identity]:
        del network.rbac_policies[policy.id]
    del network.networks[identity]


def set_fields(record: Any, changes: Given, fields: dict[str, str]) -> None:
    """Set what was given: `fields` tells which field of the record a name means."""
    for name, value in changes.items():
        if name in fields:
            setattr(record, fields[name], value)


NETWORKS = Objects(
    attributes.NETWORKS,
    lambda cloud: Records(cloud, cloud.network.networks, views.network),
    _create,
    _update,
    _delete,
    admin_fields=frozenset(
        {
            "shared",
            "is_default",
            "router:external",
            "provider:network_type",
            "provider:physical_network",
            "provider:segmentation_id",
        }
    ),
)
ROUTES = tuple(NETWORKS.routes())
