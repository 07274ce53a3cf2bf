"""DHCP: which agents serve a network, and the ports that they make for themselves on it.

A network with a subnet that has DHCP is given to every living DHCP agent (`dhcp_agents_per_network` is 2 in Kolla);
two seconds later each agent has made its port, if it is alive then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from runbooks.simulator.model.network.addressing import free
from runbooks.simulator.model.network.agents import DHCP, dhcp_device
from runbooks.simulator.model.network.records import Agent, Port

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

PER_NETWORK = 2
"""`dhcp_agents_per_network`."""
WIRING = 2.0
"""Seconds until an agent has set up a network."""


def schedule(cloud: Cloud, network_id: str) -> None:
    """Give a network to the living DHCP agents when none has it, and have its agents wire it."""
    network = cloud.network
    if not any(subnet.dhcp for subnet in network.subnets_of(network_id)):
        return
    if not network.dhcp_hosts.get(network_id):
        agents = [
            agent for agent in network.agents.of_kind(DHCP) if agent.admin_state_up and network.agents.alive(agent)
        ]
        network.dhcp_hosts[network_id] = [agent.host for agent in agents]
    for host in network.dhcp_hosts[network_id]:
        wire(cloud, network_id, host)


def wire(cloud: Cloud, network_id: str, host: str) -> None:
    """Have the agent of `host` make its port on a network, a little later."""
    cloud.timers.at(cloud.now() + WIRING, lambda at: _make_port(cloud, network_id, host, at))


def unwire(cloud: Cloud, network_id: str, host: str) -> None:
    """The agent of `host` no longer serves the network: Neutron keeps its port in reserve for the next one."""
    for port in list(cloud.network.ports.of_device(dhcp_device(host, network_id))):
        cloud.network.ports.change(port, device_id="reserved_dhcp_port", host="", vif_type="unbound", status="DOWN")


def resync(cloud: Cloud, agent: Agent) -> None:
    """The agent asks for its networks; it is given those too that have DHCP and too few agents."""
    network = cloud.network
    for subnet in list(network.subnets.values()):
        hosts = network.dhcp_hosts.setdefault(subnet.network_id, [])
        if subnet.dhcp and agent.host not in hosts and len(hosts) < PER_NETWORK:
            hosts.append(agent.host)
    for served in network.networks_on(agent):
        wire(cloud, served.id, agent.host)


def drop(cloud: Cloud, network_id: str, host: str) -> None:
    """The agent of `host` was disabled: it ends its DHCP server and releases its port."""
    for port in list(cloud.network.ports.of_device(dhcp_device(host, network_id))):
        cloud.network.ports.delete(port)


def _make_port(cloud: Cloud, network_id: str, host: str, at: float) -> None:
    network = cloud.network
    agent = network.agents.on(DHCP, host)
    if agent is None or not agent.admin_state_up or not network.agents.alive(agent):
        return
    if host not in network.dhcp_hosts.get(network_id, ()):
        return
    device = dhcp_device(host, network_id)
    if any(True for _ in network.ports.of_device(device)):
        return
    spare = next((p for p in network.ports.of_device("reserved_dhcp_port") if p.network_id == network_id), None)
    if spare is not None:
        network.ports.change(spare, device_id=device, host=host, vif_type="ovs", status="ACTIVE")
        return
    subnets = [subnet for subnet in network.subnets_of(network_id) if subnet.dhcp]
    fixed = [(subnet.id, address) for subnet in subnets for address in _first(cloud, subnet.id)]
    if not fixed:
        return
    identity = str(uuid4())
    network.ports.add(
        Port(
            id=identity,
            project_id=network.networks[network_id].project_id,
            created=at,
            updated=at,
            revision=4,
            network_id=network_id,
            mac=cloud.seed.mac("port", identity),
            fixed_ips=tuple(fixed),
            device_id=device,
            device_owner="network:dhcp",
            host=host,
            status="ACTIVE",
            vif_type="ovs",
            port_security=False,
        )
    )


def _first(cloud: Cloud, subnet_id: str) -> list[str]:
    """The next free address of a subnet, or none."""
    network = cloud.network
    subnet = network.subnets[subnet_id]
    found = next(free(subnet, network.ports.addresses(subnet_id) | {subnet.gateway or ""}), None)
    return [found] if found is not None else []
