"""What each agent reports about itself: `configurations`, with counts that follow the model."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network.agents import DHCP, L3, OVS
from runbooks.simulator.model.network.bindings import mappings
from runbooks.simulator.model.network.records import Agent
from runbooks.simulator.model.network.routers import HA_PORT

_OVS_CAPABILITIES = {
    "datapath_types": ["netdev", "system"],
    "iface_types": [
        *("afxdp", "afxdp-nonpmd", "bareudp", "erspan", "geneve", "gre", "gtpu", "internal"),
        *("ip6erspan", "ip6gre", "lisp", "patch", "stt", "system", "tap", "vxlan"),
    ],
}
_INVENTORY = {"allocation_ratio": 1.0, "min_unit": 1, "step_size": 1, "reserved": 0}


def configurations(cloud: Cloud, agent: Agent) -> dict[str, Any]:
    """The agent's own words."""
    if agent.kind == OVS:
        return _open_vswitch(cloud, agent)
    if agent.kind == DHCP:
        return _dhcp(cloud, agent)
    if agent.kind == L3:
        return _l3(cloud, agent)
    return {
        "log_agent_heartbeats": False,
        "metadata_proxy_socket": "/var/lib/neutron/kolla/metadata_proxy",
        "nova_metadata_host": cloud.layout.internal_vip,
        "nova_metadata_port": 8775,
    }


def _open_vswitch(cloud: Cloud, agent: Agent) -> dict[str, Any]:
    machine = cloud.hosts[agent.host].machine
    network = "network" in machine.roles
    return {
        "arp_responder_enabled": True,
        "baremetal_smartnic": False,
        "bridge_mappings": mappings(cloud, agent.host),
        "datapath_type": "system",
        "devices": cloud.network.ports.devices_on(agent.host),
        "enable_distributed_routing": False,
        "extensions": [],
        "in_distributed_mode": False,
        "integration_bridge": "br-int",
        "l2_population": True,
        "log_agent_heartbeats": False,
        "ovs_capabilities": _OVS_CAPABILITIES,
        "ovs_hybrid_plug": False,
        "resource_provider_bandwidths": {},
        "resource_provider_hypervisors": {
            "rp_tunnelled": agent.host,
            **({"br-ex": agent.host} if network else {}),
        },
        "resource_provider_inventory_defaults": _INVENTORY,
        "resource_provider_packet_processing_inventory_defaults": _INVENTORY,
        "resource_provider_packet_processing_with_direction": {},
        "resource_provider_packet_processing_without_direction": {},
        "tunnel_types": ["vxlan"],
        "tunneling_ip": machine.tunnel,
        "vhostuser_socket_dir": "/var/run/openvswitch",
    }


def _dhcp(cloud: Cloud, agent: Agent) -> dict[str, Any]:
    network = cloud.network
    given = network.networks_on(agent) if agent.admin_state_up else []
    served = [one for one in given if any(subnet.dhcp for subnet in network.subnets_of(one.id))]
    return {
        "dhcp_driver": "neutron.agent.linux.dhcp.Dnsmasq",
        "dhcp_lease_duration": 86400,
        "log_agent_heartbeats": False,
        "networks": len(served),
        "ports": sum(network.ports.count_on(one.id) for one in served),
        "subnets": sum(sum(subnet.dhcp for subnet in network.subnets_of(one.id)) for one in served),
    }


def _l3(cloud: Cloud, agent: Agent) -> dict[str, Any]:
    routers = cloud.network.routers
    mine = routers.on_agent(agent) if agent.admin_state_up else []
    held = cloud.network.ports.held.values()
    ids = {router.id for router in mine}
    own = [port for port in held if port.device_id in ids and port.device_owner != HA_PORT]
    gateways = sum(port.device_owner == "network:router_gateway" for port in own)
    return {
        "agent_mode": "legacy",
        "ex_gw_ports": gateways,
        "extensions": [],
        "floating_ips": cloud.network.floating_ips.count_of(ids),
        "handle_internal_only_routers": True,
        "interface_driver": "openvswitch",
        "interfaces": len(own) - gateways,
        "log_agent_heartbeats": False,
        "routers": len(mine),
    }
