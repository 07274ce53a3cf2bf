"""Subnets: what an operator or tenant may change, and Neutron's refusals."""

from __future__ import annotations

import ipaddress
from uuid import uuid4

from runbooks.simulator.http.call import ApiError, Call
from runbooks.simulator.http.neutron import attributes, quotas, views
from runbooks.simulator.http.neutron.errors import bad_request, conflict, invalid_input, not_found
from runbooks.simulator.http.neutron.networks import AUTO_DELETED, set_fields
from runbooks.simulator.http.neutron.objects import Given, Objects
from runbooks.simulator.http.neutron.sources import Records
from runbooks.simulator.model.network import dhcp
from runbooks.simulator.model.network.addressing import default_gateway, default_pools, inside
from runbooks.simulator.model.network.records import Subnet

_FIELDS = {"name": "name", "description": "description", "enable_dhcp": "dhcp", "gateway_ip": "gateway"}


def _create(call: Call, given: Given) -> str:
    network, now = call.cloud.network, call.cloud.now()
    quotas.check(call, given["project_id"], "subnet")
    if given["network_id"] not in network.networks:
        raise not_found("network", given["network_id"])
    cidr = given.get("cidr")
    if cidr is None:
        raise bad_request("subnets", "a subnetpool must be specified in the absence of a cidr")
    net = ipaddress.ip_network(cidr)
    if net.version != given["ip_version"]:
        raise invalid_input(f"cidr '{cidr}' does not match the ip_version '{given['ip_version']}'")
    if net.prefixlen == 0:
        raise invalid_input("0 is not allowed as CIDR prefix length")
    if given["enable_dhcp"] and net.prefixlen > net.max_prefixlen - 2:
        raise invalid_input("Subnet has a prefix length that is incompatible with DHCP service enabled")
    for other in network.subnets_of(given["network_id"]):
        if net.overlaps(ipaddress.ip_network(other.cidr)):
            raise invalid_input(
                f"Requested subnet with cidr: {cidr} for network: {given['network_id']} overlaps with another subnet"
            )
    gateway = given["gateway_ip"] if "gateway_ip" in given else default_gateway(cidr)
    pools = _pools(given["allocation_pools"]) if given.get("allocation_pools") else default_pools(cidr, gateway)
    _check_pools(cidr, pools, gateway)
    record = Subnet(
        id=str(uuid4()),
        project_id=given["project_id"],
        name=given["name"],
        description=given["description"],
        created=now,
        updated=now,
        network_id=given["network_id"],
        cidr=cidr,
        ip_version=given["ip_version"],
        gateway=gateway,
        pools=pools,
        dhcp=given["enable_dhcp"],
        dns=tuple(given["dns_nameservers"]),
        host_routes=_routes(given["host_routes"]),
        ra_mode=given["ipv6_ra_mode"],
        address_mode=given["ipv6_address_mode"],
        service_types=tuple(given["service_types"]),
    )
    network.add_subnet(record)
    network.networks[record.network_id].touch(now)
    dhcp.schedule(call.cloud, record.network_id)
    return record.id


def _pools(given: list[dict[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((pool["start"], pool["end"]) for pool in given)


def _routes(given: list[dict[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((route["destination"], route["nexthop"]) for route in given)


def _check_pools(cidr: str, pools: tuple[tuple[str, str], ...], gateway: str | None) -> None:
    for low, high in pools:
        first, last = int(ipaddress.ip_address(low)), int(ipaddress.ip_address(high))
        if first > last:
            raise ApiError(400, f"The allocation pool {low}-{high} is not valid.", kind="InvalidAllocationPool")
        if not (inside(cidr, low) and inside(cidr, high)):
            raise conflict(
                "OutOfBoundsAllocationPool", f"The allocation pool {low}-{high} spans beyond the subnet cidr {cidr}."
            )
        if gateway is not None and first <= int(ipaddress.ip_address(gateway)) <= last:
            raise conflict(
                "GatewayConflictWithAllocationPools",
                f"Gateway ip {gateway} conflicts with allocation pool {low}-{high}.",
            )


def _update(call: Call, identity: str, changes: Given) -> None:
    network, now = call.cloud.network, call.cloud.now()
    record = network.subnets[identity]
    gateway = changes.get("gateway_ip", record.gateway)
    pools = _pools(changes["allocation_pools"]) if "allocation_pools" in changes else record.pools
    if gateway != record.gateway:
        for port in network.ports.on_network(record.network_id):
            if port.device_owner.startswith("network:") and (identity, record.gateway) in port.fixed_ips:
                raise conflict(
                    "GatewayIpInUse",
                    f"Current gateway ip {record.gateway} already in use by port {port.id}. Unable to update.",
                )
    _check_pools(record.cidr, pools, gateway)
    record.pools = pools
    if "dns_nameservers" in changes:
        record.dns = tuple(changes["dns_nameservers"])
    if "host_routes" in changes:
        record.host_routes = _routes(changes["host_routes"])
    if "service_types" in changes:
        record.service_types = tuple(changes["service_types"])
    set_fields(record, changes, _FIELDS)
    record.touch(now)
    dhcp.schedule(call.cloud, record.network_id)


def _delete(call: Call, identity: str) -> None:
    network = call.cloud.network
    record = network.subnets[identity]
    ports = [
        port for port in network.ports.on_network(record.network_id) if any(s == identity for s, _ in port.fixed_ips)
    ]
    if any(port.device_owner not in AUTO_DELETED for port in ports):
        raise conflict(
            "SubnetInUse",
            f"Unable to complete operation on subnet {identity}: One or more ports have an IP allocation from this "
            "subnet.",
        )
    for port in ports:
        network.ports.delete(port)
    network.remove_subnet(record)
    network.networks[record.network_id].touch(call.cloud.now())


SUBNETS = Objects(
    attributes.SUBNETS,
    lambda cloud: Records(cloud, cloud.network.subnets, views.subnet),
    _create,
    _update,
    _delete,
)
ROUTES = tuple(SUBNETS.routes())
