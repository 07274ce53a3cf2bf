"""Router interfaces: `add_router_interface` and `remove_router_interface`."""

from __future__ import annotations

import ipaddress
from typing import Any

import msgspec

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.neutron import values
from runbooks.simulator.http.neutron.errors import bad_request, conflict, malformed, not_found
from runbooks.simulator.http.neutron.ports import allocate
from runbooks.simulator.http.neutron.routers import ROUTERS, add_port
from runbooks.simulator.model.network.records import Port, Router, Subnet
from runbooks.simulator.model.network.routers import HA_INTERFACE, HA_PORT, INTERFACE


def _add_interface(call: Call) -> Reply:
    network = call.cloud.network
    router = _router(call)
    wanted = _interface(call)
    if "port_id" in wanted and "subnet_id" in wanted:
        raise bad_request("router", "Cannot specify both subnet-id and port-id")
    owner = HA_INTERFACE if router.ha else INTERFACE
    if "port_id" in wanted:
        found = network.ports.get(wanted["port_id"])
        if found is None:
            raise not_found("port", wanted["port_id"])
        if found.device_id:
            raise conflict(
                "PortInUse",
                f"Unable to complete operation on port {found.id} for network {found.network_id}. Port already has an "
                f"attached device {found.device_id}.",
            )
        if not found.fixed_ips:
            raise bad_request("router", "Router port must have at least one fixed IP")
        subnet = network.subnets[found.fixed_ips[0][0]]
        _check_interface(call, router, subnet)
        hosts = network.routers.hosts.get(router.id, [])
        host = network.routers.active.get(router.id) or (hosts[0] if hosts else "")
        port = network.ports.change(
            found,
            device_id=router.id,
            device_owner=owner,
            host=host,
            status="ACTIVE",
            vif_type="ovs",
            security_groups=(),
        )
    else:
        known = network.subnets.get(wanted["subnet_id"])
        if known is None:
            raise not_found("subnet", wanted["subnet_id"])
        subnet = known
        if subnet.gateway is None:
            raise bad_request("router", "Subnet for router interface must have a gateway IP")
        _check_interface(call, router, subnet)
        fixed = allocate(call, subnet.network_id, [{"subnet_id": subnet.id, "ip_address": subnet.gateway}])
        port = add_port(call, router.project_id, subnet.network_id, router, owner, fixed)
    router.touch(call.cloud.now())
    return Reply(_info(router, port, subnet))


def _remove_interface(call: Call) -> Reply:
    network = call.cloud.network
    router = _router(call)
    wanted = _interface(call)
    ports = network.routers.interfaces(router.id)
    if "port_id" in wanted:
        port = next((one for one in ports if one.id == wanted["port_id"]), None)
        if port is None:
            raise ApiError(
                404,
                f"Router {router.id} does not have an interface with id {wanted['port_id']}",
                kind="RouterInterfaceNotFound",
            )
        if "subnet_id" in wanted and wanted["subnet_id"] not in [subnet for subnet, _ in port.fixed_ips]:
            raise conflict(
                "SubnetMismatchForPort",
                f"Subnet on port {port.id} does not match the requested subnet {wanted['subnet_id']}.",
            )
    else:
        if wanted["subnet_id"] not in network.subnets:
            raise not_found("subnet", wanted["subnet_id"])
        port = next((one for one in ports if wanted["subnet_id"] in [subnet for subnet, _ in one.fixed_ips]), None)
        if port is None:
            raise ApiError(
                404,
                f"Router {router.id} has no interface on subnet {wanted['subnet_id']}",
                kind="RouterInterfaceNotFoundForSubnet",
            )
    subnet = network.subnets[port.fixed_ips[0][0]]
    for floating in network.floating_ips.ascending():
        if floating.router_id == router.id and floating.port_id:
            target = network.ports.get(floating.port_id)
            if target is not None and subnet.id in [where for where, _ in target.fixed_ips]:
                raise conflict(
                    "RouterInterfaceInUseByFloatingIP",
                    f"Router interface for subnet {subnet.id} on router {router.id} cannot be deleted, as it is "
                    "required by one or more floating IPs.",
                )
    network.ports.delete(port)
    router.touch(call.cloud.now())
    return Reply(_info(router, port, subnet))


def _check_interface(call: Call, router: Router, subnet: Subnet) -> None:
    network = call.cloud.network
    for port in network.routers.ports(router.id):
        for where, _ in port.fixed_ips:
            other = network.subnets[where]
            if other.id == subnet.id:
                raise bad_request("router", f"Router already has a port on subnet {subnet.id}")
            if port.device_owner != HA_PORT and ipaddress.ip_network(other.cidr).overlaps(
                ipaddress.ip_network(subnet.cidr)
            ):
                raise bad_request(
                    "router",
                    f"Cidr {subnet.cidr} of subnet {subnet.id} overlaps with cidr {other.cidr} of subnet {other.id}",
                )


def _info(router: Router, port: Port, subnet: Subnet) -> dict[str, Any]:
    return {
        "id": router.id,
        "project_id": port.project_id,
        "port_id": port.id,
        "network_id": port.network_id,
        "subnet_id": subnet.id,
        "subnet_ids": [subnet.id],
        "tenant_id": port.project_id,
    }


def _router(call: Call) -> Router:
    ROUTERS.find(call, call.args["id"])
    return call.cloud.network.routers.by_id[call.args["id"]]


def _interface(call: Call) -> dict[str, str]:
    try:
        body = msgspec.json.decode(call.data) if call.data else {}
    except msgspec.DecodeError:
        raise malformed("Body contains invalid data") from None
    if not isinstance(body, dict) or not ("port_id" in body or "subnet_id" in body):
        raise bad_request("router", "Either subnet_id or port_id must be specified")
    for name in ("port_id", "subnet_id"):
        if name in body:
            try:
                values.uuid(body[name])
            except values.UnfitError as reason:
                raise bad_request("router", str(reason)) from None
    return body


ROUTES = (
    Route("PUT", "/v2.0/routers/{id}/add_router_interface", _add_interface, "member", "add_router_interface"),
    Route("PUT", "/v2.0/routers/{id}/remove_router_interface", _remove_interface, "member", "remove_router_interface"),
)
