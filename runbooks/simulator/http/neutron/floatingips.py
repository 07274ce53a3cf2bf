"""Floating IPs: taken from an external network, tied to a port that a router reaches."""

from __future__ import annotations

from uuid import uuid4

from runbooks.simulator.http.call import ApiError, Call
from runbooks.simulator.http.neutron import attributes_l3, quotas
from runbooks.simulator.http.neutron.errors import bad_request, conflict, not_found
from runbooks.simulator.http.neutron.objects import Given, Objects
from runbooks.simulator.http.neutron.ports import taken
from runbooks.simulator.http.neutron.sources import FloatingIpRows
from runbooks.simulator.model.network.addressing import free, inside
from runbooks.simulator.model.network.records import FloatingIp, Port


def _create(call: Call, given: Given) -> str:
    network, now = call.cloud.network, call.cloud.now()
    quotas.check(call, given["project_id"], "floatingip")
    external = network.networks.get(given["floating_network_id"])
    if external is None:
        raise not_found("network", given["floating_network_id"])
    if not external.external:
        raise bad_request("floatingip", f"Network {external.id} is not a valid external network")
    subnets = [one for one in network.subnets_of(external.id) if one.ip_version == 4]
    if not subnets:
        raise bad_request("floatingip", f"Network {external.id} does not contain any IPv4 subnet")
    subnet = subnets[0]
    used = taken(call.cloud, subnet)
    address = given["floating_ip_address"]
    if address is None:
        address = next(free(subnet, used), None)
        if address is None:
            raise conflict("IpAddressGenerationFailure", f"No more IP addresses available on network {external.id}.")
    elif not inside(subnet.cidr, address):
        raise ApiError(
            400,
            f"IP address {address} is not a valid IP for any of the subnets on the specified network.",
            kind="InvalidIpForNetwork",
        )
    elif address in used:
        raise conflict("IpAddressAlreadyAllocated", f"IP address {address} already allocated in subnet {subnet.id}")
    floating = FloatingIp(
        id=str(uuid4()),
        project_id=given["project_id"],
        description=given["description"],
        created=now,
        updated=now,
        network_id=external.id,
        address=address,
        qos_policy_id=given["qos_policy_id"],
    )
    port_id, fixed, router_id = _target(call, floating, given["port_id"], given["fixed_ip_address"])
    floating.port_id, floating.fixed_address, floating.router_id = port_id, fixed, router_id
    network.floating_ips.add(floating)
    return floating.id


def _update(call: Call, identity: str, changes: Given) -> None:
    floating_ips = call.cloud.network.floating_ips
    floating = floating_ips.get(identity)
    if floating is None:
        raise not_found("floatingip", identity)
    found: Given = {name: changes[name] for name in ("description", "qos_policy_id") if name in changes}
    if "port_id" in changes or "fixed_ip_address" in changes:
        wanted = changes.get("port_id", floating.port_id)
        port_id, fixed, router_id = _target(call, floating, wanted, changes.get("fixed_ip_address"))
        found |= {"port_id": port_id, "fixed_address": fixed, "router_id": router_id}
    floating_ips.change(floating, **found)


def _delete(call: Call, identity: str) -> None:
    floating = call.cloud.network.floating_ips.get(identity)
    if floating is not None:
        call.cloud.network.floating_ips.delete(floating)


def _target(
    call: Call, floating: FloatingIp, port_id: str | None, address: str | None
) -> tuple[str | None, str | None, str | None]:
    """(port, fixed address, router) for an association; all None for none."""
    network = call.cloud.network
    if port_id is None:
        if address is not None:
            raise bad_request("floatingip", "fixed_ip_address cannot be specified without a port_id")
        return None, None, None
    port = network.ports.get(port_id)
    if port is None:
        raise not_found("port", port_id)
    if port.project_id != floating.project_id and not call.user.is_admin:
        raise bad_request(
            "floatingip",
            f"Cannot process floating IP association with Port {port_id}, since that port is owned by a different "
            "project",
        )
    subnet_id, fixed = _inner(port, address)
    if any(one.fixed_address == fixed and one.id != floating.id for one in network.floating_ips.of_port(port.id)):
        raise conflict(
            "FloatingIPPortAlreadyAssociated",
            f"Cannot associate floating IP {floating.address} ({floating.id}) with port {port_id} using fixed IP "
            f"{fixed}, as that fixed IP already has a floating IP on external network {floating.network_id}.",
        )
    for router in network.routers.by_id.values():
        if router.gateway_network == floating.network_id and any(
            subnet_id == where for one in network.routers.interfaces(router.id) for where, _ in one.fixed_ips
        ):
            return port_id, fixed, router.id
    raise ApiError(
        404,
        f"External network {floating.network_id} is not reachable from subnet {subnet_id}.  Therefore, cannot "
        f"associate Port {port_id} with a Floating IP.",
        kind="ExternalGatewayForFloatingIPNotFound",
    )


def _inner(port: Port, address: str | None) -> tuple[str, str]:
    fixed = [(subnet, one) for subnet, one in port.fixed_ips if ":" not in one]
    if address is not None:
        found = next(((subnet, one) for subnet, one in fixed if one == address), None)
        if found is None:
            raise bad_request("floatingip", f"Port {port.id} does not have fixed ip {address}")
        return found
    if not fixed:
        raise bad_request("floatingip", f"Cannot add floating IP to port {port.id} that has no fixed IPv4 addresses")
    if len(fixed) > 1:
        raise bad_request(
            "floatingip",
            f"Port {port.id} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when assigning "
            "a floating IP",
        )
    return fixed[0]


FLOATING_IPS = Objects(
    attributes_l3.FLOATING_IPS,
    FloatingIpRows,
    _create,
    _update,
    _delete,
    admin_fields=frozenset({"floating_ip_address"}),
)
ROUTES = tuple(FLOATING_IPS.routes())
