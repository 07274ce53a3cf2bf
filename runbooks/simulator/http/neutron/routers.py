"""Routers: gateway, interfaces, static routes, and the agents that host them."""

from __future__ import annotations

import ipaddress
from typing import Any
from uuid import uuid4

from runbooks.simulator.http.call import ApiError, Call
from runbooks.simulator.http.neutron import attributes_l3, quotas, views
from runbooks.simulator.http.neutron.errors import bad_request, conflict, not_found
from runbooks.simulator.http.neutron.objects import Given, Objects
from runbooks.simulator.http.neutron.ports import allocate
from runbooks.simulator.http.neutron.sources import Records
from runbooks.simulator.model.network.agents import L3
from runbooks.simulator.model.network.bindings import bound
from runbooks.simulator.model.network.infrastructure import ha_network
from runbooks.simulator.model.network.records import Port, Router
from runbooks.simulator.model.network.routers import GATEWAY


def _create(call: Call, given: Given) -> str:
    network, now = call.cloud.network, call.cloud.now()
    quotas.check(call, given["project_id"], "router")
    agents = [agent for agent in network.agents.of_kind(L3) if agent.admin_state_up and network.agents.alive(agent)]
    ha = given.get("ha")
    router = Router(
        id=str(uuid4()),
        project_id=given["project_id"],
        name=given["name"],
        description=given["description"],
        created=now,
        updated=now,
        revision=1,
        admin_state_up=given["admin_state_up"],
        ha=len(agents) > 1 if ha is None else ha,
        distributed=bool(given.get("distributed")),
        flavor_id=given["flavor_id"],
        zone_hints=tuple(given["availability_zone_hints"]),
        vr_id=1,
    )
    wanted = given["external_gateway_info"]
    network.routers.by_id[router.id] = router
    try:
        if wanted is not None:
            _set_gateway(call, router, wanted)
    except ApiError:
        del network.routers.by_id[router.id]
        raise
    hosts = [agent.host for agent in (agents if router.ha else agents[:1])]
    if router.ha:
        ha_network(network, router.project_id, now, [(router, host) for host in hosts])
    for host in hosts:
        network.routers.bind(router, host)
    return router.id


def _update(call: Call, identity: str, changes: Given) -> None:
    router = call.cloud.network.routers.by_id[identity]
    for name in ("ha", "distributed"):
        if name in changes and changes[name] is not None and changes[name] != getattr(router, name):
            if changes.get("admin_state_up", router.admin_state_up):
                raise bad_request(
                    "router",
                    f"Cannot upgrade or downgrade {name} on an active router. Please set router "
                    "admin_state_up to False prior to upgrade",
                )
            setattr(router, name, changes[name])
    if "external_gateway_info" in changes:
        wanted = changes["external_gateway_info"]
        if wanted is None:
            _clear_gateway(call, router)
        else:
            _set_gateway(call, router, wanted)
    if "routes" in changes:
        _check_routes(call, router, changes["routes"])
        router.routes = tuple((route["destination"], route["nexthop"]) for route in changes["routes"])
    for name in ("name", "description", "admin_state_up"):
        if name in changes:
            setattr(router, name, changes[name])
    router.touch(call.cloud.now())


def _delete(call: Call, identity: str) -> None:
    routers = call.cloud.network.routers
    router = routers.by_id[identity]
    if routers.interfaces(identity):
        raise conflict("RouterInUse", f"Router {identity} still has ports")
    _clear_gateway(call, router)
    for port in list(routers.ports(identity)):
        call.cloud.network.ports.delete(port)
    routers.hosts.pop(identity, None)
    routers.active.pop(identity, None)
    del routers.by_id[identity]


def _check_routes(call: Call, router: Router, routes: list[dict[str, str]]) -> None:
    network = call.cloud.network
    limit = network.quota(router.project_id)["router_route"]
    if 0 <= limit < len(routes):
        raise conflict(
            "RoutesExhausted",
            f"Unable to complete operation for {router.id}. The number of routes exceeds the maximum {limit}.",
        )
    cidrs = [network.subnets[subnet].cidr for port in network.routers.ports(router.id) for subnet, _ in port.fixed_ips]
    for route in routes:
        if not any(ipaddress.ip_address(route["nexthop"]) in ipaddress.ip_network(cidr) for cidr in cidrs):
            raise ApiError(
                400,
                f"Invalid format for routes: {routes}, the nexthop is not connected with router",
                kind="InvalidRoutes",
            )


def _set_gateway(call: Call, router: Router, wanted: dict[str, Any]) -> None:
    network = call.cloud.network
    target = network.networks.get(wanted["network_id"])
    if target is None:
        raise not_found("network", wanted["network_id"])
    if not target.external:
        raise bad_request("router", f"Network {target.id} is not an external network")
    router.snat = wanted.get("enable_snat", router.snat)
    if router.gateway_network == target.id and "external_fixed_ips" not in wanted:
        return
    if router.gateway_network not in (None, target.id):
        _clear_gateway(call, router)
    old = network.ports.held.get(router.gateway_port or "")
    fixed = allocate(call, target.id, wanted.get("external_fixed_ips"), old.fixed_ips if old else ())
    if old is not None:
        network.ports.change(old, fixed_ips=fixed)
        return
    port = add_port(call, "", target.id, router, GATEWAY, fixed)
    router.gateway_network, router.gateway_port = target.id, port.id


def _clear_gateway(call: Call, router: Router) -> None:
    network = call.cloud.network
    if router.gateway_network is None:
        return
    if any(one.router_id == router.id for one in network.floating_ips.ascending()):
        raise conflict(
            "RouterExternalGatewayInUseByFloatingIp",
            f"Gateway cannot be updated for router {router.id}, since a gateway to external network "
            f"{router.gateway_network} is required by one or more floating IPs.",
        )
    port = network.ports.held.get(router.gateway_port or "")
    if port is not None:
        network.ports.delete(port)
    router.gateway_network = router.gateway_port = None


def add_port(
    call: Call, project: str, network_id: str, router: Router, owner: str, fixed: tuple[tuple[str, str], ...]
) -> Port:
    """A new port of a router, bound where the router is."""
    network, now = call.cloud.network, call.cloud.now()
    hosts = network.routers.hosts.get(router.id, [])
    host = network.routers.active.get(router.id) or (hosts[0] if hosts else "")
    identity = str(uuid4())
    binding = bound(call.cloud, network_id, host) if host else {"status": "DOWN", "vif_type": "unbound"}
    port = Port(
        id=identity,
        project_id=project,
        created=now,
        updated=now,
        revision=2,
        network_id=network_id,
        mac=call.cloud.seed.mac("port", identity),
        fixed_ips=fixed,
        device_id=router.id,
        device_owner=owner,
        host=host,
        status=binding["status"],
        vif_type=binding["vif_type"],
        port_security=False,
    )
    network.ports.add(port)
    return port


ROUTERS = Objects(
    attributes_l3.ROUTERS,
    lambda cloud: Records(cloud, cloud.network.routers.by_id, views.router),
    _create,
    _update,
    _delete,
    admin_fields=frozenset({"ha", "distributed"}),
)
ROUTES = tuple(ROUTERS.routes())
