"""Ports: addresses are given out here, and what belongs to a router or DHCP agent is protected."""

from __future__ import annotations

from uuid import uuid4

from runbooks.simulator.http.call import ApiError, Call
from runbooks.simulator.http.neutron import attributes, quotas
from runbooks.simulator.http.neutron.errors import conflict, invalid_input, not_found
from runbooks.simulator.http.neutron.objects import Given, Objects
from runbooks.simulator.http.neutron.sources import PortRows
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network.addressing import free, inside
from runbooks.simulator.model.network.agents import OVS
from runbooks.simulator.model.network.bindings import carried
from runbooks.simulator.model.network.records import Port, Subnet

FixedIps = tuple[tuple[str, str], ...]

_PROTECTED = (
    "network:router_interface",
    "network:router_gateway",
    "network:ha_router_replicated_interface",
    "network:router_ha_interface",
    "network:floatingip",
)
_FIELDS = {
    "name": "name",
    "description": "description",
    "admin_state_up": "admin_state_up",
    "device_id": "device_id",
    "device_owner": "device_owner",
    "port_security_enabled": "port_security",
    "qos_policy_id": "qos_policy_id",
    "binding:vnic_type": "vnic_type",
    "binding:profile": "profile",
}


def _create(call: Call, given: Given) -> str:
    network, now = call.cloud.network, call.cloud.now()
    quotas.check(call, given["project_id"], "port")
    network_id = given["network_id"]
    if network_id not in network.networks:
        raise not_found("network", network_id)
    identity = str(uuid4())
    mac = given.get("mac_address") or call.cloud.seed.mac("port", identity)
    _check_mac(call, network_id, mac)
    secure = given["port_security_enabled"]
    groups = tuple(given["security_groups"]) if "security_groups" in given else _default_group(call, given, secure)
    _check_groups(call, groups)
    host, vif_type, status = _binding(call.cloud, network_id, given["binding:host_id"] or "")
    port = Port(
        id=identity,
        project_id=given["project_id"],
        name=given["name"],
        description=given["description"],
        created=now,
        updated=now,
        revision=1,
        network_id=network_id,
        mac=mac,
        fixed_ips=allocate(call, network_id, given.get("fixed_ips")),
        device_id=given["device_id"],
        device_owner=given["device_owner"],
        host=host,
        status=status,
        vif_type=vif_type,
        vnic_type=given["binding:vnic_type"],
        profile=given["binding:profile"],
        admin_state_up=given["admin_state_up"],
        port_security=secure,
        security_groups=groups,
        address_pairs=_pairs(given["allowed_address_pairs"], mac),
        dhcp_options=_options(given["extra_dhcp_opts"]),
        qos_policy_id=given["qos_policy_id"],
    )
    network.ports.add(port)
    return identity


def _update(call: Call, identity: str, changes: Given) -> None:
    network = call.cloud.network
    port = network.ports.get(identity)
    if port is None:
        raise not_found("port", identity)
    found = {_FIELDS[name]: value for name, value in changes.items() if name in _FIELDS}
    if "mac_address" in changes and changes["mac_address"] != port.mac:
        if port.vif_type == "ovs":
            raise conflict(
                "PortBound",
                f"Unable to complete operation on port {identity}, port is already bound, port type: ovs, "
                f"old_mac {port.mac}, new_mac {changes['mac_address']}.",
            )
        _check_mac(call, port.network_id, changes["mac_address"])
        found["mac"] = changes["mac_address"]
    if "fixed_ips" in changes:
        found["fixed_ips"] = allocate(call, port.network_id, changes["fixed_ips"], port.fixed_ips)
    if "security_groups" in changes:
        _check_groups(call, tuple(changes["security_groups"]))
        if changes["security_groups"] and not changes.get("port_security_enabled", port.port_security):
            raise ApiError(
                400,
                "Port security must be enabled and port must have an IP address in order to use security groups.",
                kind="PortSecurityAndIPRequiredForSecurityGroups",
            )
        found["security_groups"] = tuple(changes["security_groups"])
    elif changes.get("port_security_enabled") is False and port.security_groups:
        raise conflict(
            "PortSecurityPortHasSecurityGroup",
            "Port has security group associated. Cannot disable port security or IP address until security group is "
            "removed.",
        )
    if "allowed_address_pairs" in changes:
        found["address_pairs"] = _pairs(changes["allowed_address_pairs"], port.mac)
    if "extra_dhcp_opts" in changes:
        found["dhcp_options"] = _options(changes["extra_dhcp_opts"])
    if "binding:host_id" in changes:
        host = changes["binding:host_id"] or ""
        found["host"], found["vif_type"], found["status"] = _binding(call.cloud, port.network_id, host)
    network.ports.change(port, **found)


def _delete(call: Call, identity: str) -> None:
    network = call.cloud.network
    port = network.ports.get(identity)
    if port is None:
        raise not_found("port", identity)
    if port.device_owner in _PROTECTED:
        raise conflict(
            "ServicePortInUse",
            f"Port {identity} cannot be deleted directly via the port API: has device owner {port.device_owner}.",
        )
    network.ports.delete(port)


def allocate(call: Call, network_id: str, wanted: list[dict[str, str]] | None, own: FixedIps = ()) -> FixedIps:
    """Addresses for a port: the ones asked for, or one of each address family. Raises ApiError 400, 409."""
    network = call.cloud.network
    subnets = network.subnets_of(network_id)
    if wanted is None:
        versions = {subnet.ip_version: subnet for subnet in reversed(subnets)}
        found = [_next(call, subnet) for _, subnet in sorted(versions.items())]
        return tuple(found)
    return tuple(_fixed(call, network_id, subnets, one, own) for one in wanted)


def _fixed(
    call: Call, network_id: str, subnets: list[Subnet], wanted: dict[str, str], own: FixedIps
) -> tuple[str, str]:
    address = wanted.get("ip_address")
    if not subnets:
        raise invalid_input("IP allocation requires subnets for network")
    if "subnet_id" in wanted:
        subnet = next((one for one in subnets if one.id == wanted["subnet_id"]), None)
        if subnet is None:
            raise invalid_input(
                f"Failed to create port on network {network_id}, because fixed_ips included invalid subnet "
                f"{wanted['subnet_id']}"
            )
        if address is not None and not inside(subnet.cidr, address):
            raise ApiError(
                400, f"IP address {address} is not a valid IP for the specified subnet.", kind="InvalidIpForSubnet"
            )
    elif address is not None:
        subnet = next((one for one in subnets if inside(one.cidr, address)), None)
        if subnet is None:
            raise ApiError(
                400,
                f"IP address {address} is not a valid IP for any of the subnets on the specified network.",
                kind="InvalidIpForNetwork",
            )
    else:
        raise invalid_input("IP allocation requires subnet_id or ip_address")
    if address is None:
        return _next(call, subnet)
    taken = call.cloud.network.ports.addresses(subnet.id)
    if address in taken and (subnet.id, address) not in own:
        raise conflict("IpAddressAlreadyAllocated", f"IP address {address} already allocated in subnet {subnet.id}")
    return subnet.id, address


def _next(call: Call, subnet: Subnet) -> tuple[str, str]:
    address = next(free(subnet, taken(call.cloud, subnet)), None)
    if address is None:
        raise conflict("IpAddressGenerationFailure", f"No more IP addresses available on network {subnet.network_id}.")
    return subnet.id, address


def taken(cloud: Cloud, subnet: Subnet) -> set[str]:
    """The addresses of a subnet that nobody new can have."""
    network = cloud.network
    found = network.ports.addresses(subnet.id)
    return found | network.floating_ips.taken() if subnet.network_id == network.external_id else found


def _binding(cloud: Cloud, network_id: str, host: str) -> tuple[str, str, str]:
    """(host, vif_type, status) of a port bound to `host`: it takes a living Open vSwitch agent, and a bridge there."""
    if not host:
        return "", "unbound", "DOWN"
    agent = cloud.network.agents.on(OVS, host)
    if agent is None or not cloud.network.agents.alive(agent) or not carried(cloud, network_id, host):
        return host, "binding_failed", "DOWN"
    return host, "ovs", "DOWN"


def _check_mac(call: Call, network_id: str, mac: str) -> None:
    if any(port.mac == mac for port in call.cloud.network.ports.on_network(network_id)):
        raise conflict(
            "MacAddressInUse",
            f"Unable to complete operation for network {network_id}. The mac address {mac} is in use.",
        )


def _default_group(call: Call, given: Given, secure: bool) -> tuple[str, ...]:
    owner = given["device_owner"]
    if not secure or owner.startswith("network:"):
        return ()
    return call.cloud.network.groups_named(given["project_id"], ("default",))


def _check_groups(call: Call, groups: tuple[str, ...]) -> None:
    missing = [identity for identity in groups if identity not in call.cloud.network.security_groups]
    if missing:
        raise not_found("security_group", ", ".join(missing))


def _pairs(given: list[dict[str, str]], mac: str) -> tuple[tuple[str, str], ...]:
    return tuple((pair["ip_address"], pair.get("mac_address", mac)) for pair in given)


def _options(given: list[dict[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(one.get("opt_name", "")), str(one.get("opt_value", ""))) for one in given)


PORTS = Objects(
    attributes.PORTS,
    PortRows,
    _create,
    _update,
    _delete,
    admin_fields=frozenset({"binding:host_id", "binding:profile"}),
)
ROUTES = tuple(PORTS.routes())
