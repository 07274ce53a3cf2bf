"""Agents: what each reports, who hosts what, and moving networks and routers between them."""

from __future__ import annotations

from typing import Any

import msgspec

from runbooks.simulator.clock import stamp
from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.neutron import attributes_l3, networks, routers, views
from runbooks.simulator.http.neutron.errors import conflict, malformed, not_found
from runbooks.simulator.http.neutron.objects import Given, Objects
from runbooks.simulator.http.neutron.query import Row
from runbooks.simulator.http.neutron.reported import configurations
from runbooks.simulator.http.neutron.sources import Records
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network import dhcp
from runbooks.simulator.model.network.agents import DHCP, L3, OVN_GATEWAY
from runbooks.simulator.model.network.infrastructure import ha_network
from runbooks.simulator.model.network.records import Agent, NetworkRecord, Router
from runbooks.simulator.model.network.routers import HA_PORT


def agent(cloud: Cloud, record: Agent) -> Row:
    """An agent as Neutron sends it."""
    agents = cloud.network.agents
    if cloud.layout.network == "ovn":
        return _of_ovn(cloud, record)
    return {
        "id": record.id,
        "agent_type": record.kind,
        "binary": record.binary,
        "topic": record.topic,
        "host": record.host,
        "admin_state_up": record.admin_state_up,
        "created_at": stamp(record.created),
        "started_at": stamp(agents.started(record)),
        "heartbeat_timestamp": stamp(agents.heartbeat(record)),
        "description": record.description,
        "resources_synced": None,
        "availability_zone": record.zone,
        "alive": agents.alive(record),
        "configurations": configurations(cloud, record),
    }


def _of_ovn(cloud: Cloud, record: Agent) -> Row:
    """An agent of OVN: its heartbeat is always now, and of its start nothing is known."""
    gateway = record.kind == OVN_GATEWAY
    return {
        "id": record.id,
        "agent_type": record.kind,
        "binary": record.binary,
        "topic": record.topic,
        "host": record.host,
        "admin_state_up": record.admin_state_up,
        "heartbeat_timestamp": stamp(cloud.now()),
        "description": record.description or "",
        "availability_zone": record.zone,
        "alive": cloud.network.agents.alive(record),
        "configurations": {"chassis_name": record.host, "bridge-mappings": "physnet1:br-ex" if gateway else ""},
    }


def _update(call: Call, identity: str, changes: Given) -> None:
    record = _agent(call, identity)
    before = record.admin_state_up
    record.admin_state_up = changes.get("admin_state_up", before)
    record.description = changes.get("description", record.description)
    if record.admin_state_up != before:
        _switched(call.cloud, record)


def _switched(cloud: Cloud, record: Agent) -> None:
    """By default (`enable_services_on_agents_with_admin_state_down`) a disabled agent takes down what it runs."""
    network = cloud.network
    if record.kind == L3:
        network.routers.react(cloud.now())
    if record.kind == DHCP and network.agents.alive(record):
        if record.admin_state_up:
            dhcp.resync(cloud, record)
        else:
            for served in network.networks_on(record):
                dhcp.drop(cloud, served.id, record.host)


def _of_one(cloud: Cloud, record: Agent) -> Row:
    """An agent as the lists of one router's or network's agents show it."""
    return agent(cloud, record) | {"resource_versions": {}, "ha_chassis_priority": None}


def _delete(call: Call, identity: str) -> None:
    network = call.cloud.network
    record = _agent(call, identity)
    if record.kind == DHCP:
        for net in network.networks_on(record):
            network.dhcp_hosts[net.id].remove(record.host)
    if record.kind == L3:
        for router in network.routers.on_agent(record):
            network.routers.unbind(router, record.host)
    network.agents.delete(record)


def _agent(call: Call, identity: str) -> Agent:
    found = call.cloud.network.agents.get(identity)
    if found is None:
        raise not_found("agent", identity)
    return found


# Networks of DHCP agents


def _dhcp_networks(call: Call) -> Reply:
    record = _agent(call, call.args["agent_id"])
    found = call.cloud.network.networks_on(record) if record.kind == DHCP else []
    return Reply({"networks": [_whole_network(call.cloud, one) for one in found]})


def _whole_network(cloud: Cloud, record: NetworkRecord) -> Row:
    """A network as the scheduler's own listing shows it: with fields that `/networks` leaves out."""
    row = views.network(cloud, record)
    extra: dict[str, Row] = {
        "subnets": {"standard_attr_id": cloud.seed.number(9000, "standard_attr_id", record.id) + 1},
        "router:external": {"qinq": None, "vlan_transparent": None},
    }
    found: Row = {}
    for name, value in row.items():
        found[name] = value
        found |= extra.get(name, {})
    return found


def _add_network(call: Call) -> Reply:
    network = call.cloud.network
    network_id = _named(call, "network_id")
    if network_id not in network.networks:
        raise not_found("network", network_id)
    record = _agent(call, call.args["agent_id"])
    if record.kind != DHCP or not record.admin_state_up:
        raise ApiError(
            404, f"Agent {record.id} is not a valid DHCP Agent or has been disabled.", kind="InvalidDHCPAgent"
        )
    hosts = network.dhcp_hosts.setdefault(network_id, [])
    if record.host in hosts:
        raise conflict(
            "NetworkHostedByDHCPAgent",
            f"The network {network_id} has been already hosted by the DHCP Agent {record.id}.",
        )
    hosts.append(record.host)
    dhcp.wire(call.cloud, network_id, record.host)
    return Reply(b"null", 201)


def _remove_network(call: Call) -> Reply:
    network = call.cloud.network
    record = _agent(call, call.args["agent_id"])
    network_id = call.args["network_id"]
    if record.host not in network.dhcp_hosts.get(network_id, []) or record.kind != DHCP:
        raise conflict(
            "NetworkNotHostedByDhcpAgent", f"The network {network_id} is not hosted by the DHCP Agent {record.id}."
        )
    network.dhcp_hosts[network_id].remove(record.host)
    dhcp.unwire(call.cloud, network_id, record.host)
    return Reply(None, 204)


def _agents_of_network(call: Call) -> Reply:
    networks.NETWORKS.find(call, call.args["id"])
    return Reply({"agents": [_of_one(call.cloud, one) for one in call.cloud.network.dhcp_agents(call.args["id"])]})


# Routers of L3 agents


def _l3_routers(call: Call) -> Reply:
    record = _agent(call, call.args["agent_id"])
    found = call.cloud.network.routers.on_agent(record) if record.kind == L3 else []
    return Reply({"routers": [_whole_router(call.cloud, one) for one in found]})


def _whole_router(cloud: Cloud, record: Router) -> Row:
    """A router as the scheduler's own listing shows it."""
    row = views.router(cloud, record)
    extra: dict[str, Row] = {
        "status": {"enable_snat": record.snat},
        "external_gateway_info": {"gw_port_id": record.gateway_port},
        "ha": {"ha_vr_id": record.vr_id},
        "availability_zone_hints": {"enable_default_route_ecmp": False, "enable_default_route_bfd": False},
    }
    found: Row = {}
    for name, value in row.items():
        found[name] = value
        found |= extra.get(name, {})
    return found


def _add_router(call: Call) -> Reply:
    network = call.cloud.network
    router_id = _named(call, "router_id")
    router = network.routers.by_id.get(router_id)
    if router is None:
        raise not_found("router", router_id)
    record = _agent(call, call.args["agent_id"])
    if record.kind != L3 or not record.admin_state_up:
        raise ApiError(404, f"Agent {record.id} is not a L3 Agent or has been disabled", kind="InvalidL3Agent")
    hosts = network.routers.hosts.get(router.id, [])
    if record.host in hosts:
        return Reply(b"null", 201)
    if hosts and not router.ha:
        holder = network.routers.agents(router.id)
        raise conflict(
            "RouterHostedByL3Agent",
            f"The router {router.id} has been already hosted by the L3 Agent {holder[0].id if holder else ''}.",
        )
    if router.ha:
        ha_network(network, router.project_id, call.cloud.now(), [(router, record.host)])
    network.routers.bind(router, record.host)
    return Reply(b"null", 201)


def _remove_router(call: Call) -> Reply:
    network = call.cloud.network
    record = _agent(call, call.args["agent_id"])
    router = network.routers.by_id.get(call.args["router_id"])
    if router is None:
        raise not_found("router", call.args["router_id"])
    network.routers.unbind(router, record.host)
    for port in [one for one in network.routers.ports(router.id) if one.host == record.host]:
        if port.device_owner == HA_PORT:
            network.ports.delete(port)
    return Reply(None, 204)


def _agents_of_router(call: Call) -> Reply:
    routers.ROUTERS.find(call, call.args["id"])
    network = call.cloud.network
    states = network.routers.ha_states(network.routers.by_id[call.args["id"]])
    return Reply({"agents": [_of_one(call.cloud, one) | {"ha_state": state} for one, state in states]})


def _named(call: Call, name: str) -> str:
    try:
        body: Any = msgspec.json.decode(call.data)
        return str(body[name])
    except (msgspec.DecodeError, KeyError, TypeError):
        raise malformed("Body contains invalid data") from None


AGENTS = Objects(
    attributes_l3.AGENTS,
    lambda cloud: Records(cloud, {one.id: one for one in cloud.network.agents.all()}, agent),
    None,
    _update,
    _delete,
    writer="admin",
)
ROUTES = (
    *AGENTS.routes(),
    Route("GET", "/v2.0/agents/{agent_id}/dhcp-networks", _dhcp_networks, "admin", "get_dhcp-networks"),
    Route("POST", "/v2.0/agents/{agent_id}/dhcp-networks", _add_network, "admin", "create_dhcp-network"),
    Route(
        "DELETE", "/v2.0/agents/{agent_id}/dhcp-networks/{network_id}", _remove_network, "admin", "delete_dhcp-network"
    ),
    Route("GET", "/v2.0/agents/{agent_id}/l3-routers", _l3_routers, "admin", "get_l3-routers"),
    Route("POST", "/v2.0/agents/{agent_id}/l3-routers", _add_router, "admin", "create_l3-router"),
    Route("DELETE", "/v2.0/agents/{agent_id}/l3-routers/{router_id}", _remove_router, "admin", "delete_l3-router"),
    Route("GET", "/v2.0/networks/{id}/dhcp-agents", _agents_of_network, "admin", "get_dhcp-agents"),
    Route("GET", "/v2.0/routers/{id}/l3-agents", _agents_of_router, "admin", "get_l3-agents"),
)
