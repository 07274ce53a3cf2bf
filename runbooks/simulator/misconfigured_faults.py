"""Faults of configurations and of rights: a wrong bridge mapping, another secret, a client that is in no group.

The first two are what a file on one host says; the service has been started again with it, and is alive. The third is
only what a tenant's rules say: everything works as it was told to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from runbooks.ground.declared import FaultError
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network import bindings
from runbooks.simulator.model.network.groups import group
from runbooks.simulator.model.network.records import Port, Rule
from runbooks.simulator.model.wires.metadata import AGENT as METADATA_AGENT
from runbooks.simulator.unit_faults import Undo

SWITCH_AGENT: Final = "neutron_openvswitch_agent"
SWITCH_CONFIG: Final = "/etc/kolla/neutron-openvswitch-agent/openvswitch_agent.ini"
METADATA_CONFIG: Final = "/etc/kolla/neutron-metadata-agent/metadata_agent.ini"
MISTYPED: Final = "physnet-1"
SERVERS, CLIENTS = "nephoscope-fault-servers", "nephoscope-fault-clients"
PORT: Final = 22
"""What the rule is for: the servers listen on SSH."""


def _configured(cloud: Cloud, host: str, unit: str, path: str) -> None:
    """The file was written, and the service started again."""
    now = cloud.now()
    cloud.damage.rewritten[host, path] = now
    if cloud.hosts[host].units[unit].state in ("running", "hung"):
        cloud.hosts.set_unit(host, unit, "stopped", now)
        cloud.hosts.set_unit(host, unit, "running", now)


def _runs(cloud: Cloud, host: str, unit: str) -> None:
    if unit not in cloud.hosts[host].names or not cloud.hosts[host].alive(unit):
        raise FaultError(f"{unit} does not run on {host}")


def _bridge_mapping_wrong(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    host = given["host"]
    _runs(cloud, host, SWITCH_AGENT)
    cloud.damage.mapped_as[host] = MISTYPED
    _configured(cloud, host, SWITCH_AGENT, SWITCH_CONFIG)

    def back() -> None:
        cloud.damage.mapped_as.pop(host, None)
        _configured(cloud, host, SWITCH_AGENT, SWITCH_CONFIG)
        bindings.retry(cloud, host)

    return back


def _metadata_secret_wrong(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    host, spans = given["host"], cloud.damage.other_secret.setdefault(given["host"], [])
    _runs(cloud, host, METADATA_AGENT)
    spans.append((cloud.now(), None))
    _configured(cloud, host, METADATA_AGENT, METADATA_CONFIG)

    def back() -> None:
        begin, _ = spans.pop()
        spans.append((begin, cloud.now()))
        _configured(cloud, host, METADATA_AGENT, METADATA_CONFIG)

    return back


def _port(cloud: Cloud, name: str) -> Port:
    """The port of the server of that name."""
    found = [one for one in cloud.compute.servers.newest() if one.name == name and one.vm_state == "active"]
    ports = list(cloud.network.ports.of_server(found[0])) if found else []
    if not ports:
        raise FaultError(f"there is no server {name} that is ACTIVE and has a port")
    return ports[0]


def _member_missing(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    """The server's port has only the group with the rule; nobody is in the group that the rule is for."""
    port, client = _port(cloud, given["server"]), _port(cloud, given["client"])
    if port.id == client.id or port.network_id != client.network_id:
        raise FaultError(f"{given['server']} and {given['client']} are not two servers of one network")
    network, seed, now = cloud.network, cloud.seed, cloud.now()
    clients = seed.uuid("security group", CLIENTS, port.project_id)
    servers = seed.uuid("security group", SERVERS, port.project_id)
    if servers in network.security_groups:
        raise FaultError(f"the project of {given['server']} has a group {SERVERS} already")
    for identity, name in ((clients, CLIENTS), (servers, SERVERS)):
        group(network, port.project_id, identity, now, name=name, description="a fault of the simulator")
    for protocol, number, remote in (("icmp", None, None), ("tcp", PORT, clients)):
        rule = Rule(
            id=seed.uuid("rule", servers, protocol), project_id=port.project_id, created=now, updated=now,
            group_id=servers, direction="ingress", protocol=protocol, port_min=number, port_max=number,
            remote_group=remote, serial=network.next_serial(),
        )  # fmt: skip
        network.security_groups[servers].rules.append(rule)
    before = port.security_groups
    network.ports.change(port, security_groups=(servers,))

    def back() -> None:
        left = network.ports.get(port.id)
        if left is not None:
            network.ports.change(left, security_groups=before)
        for each in list(network.ports.on_network(port.network_id)):
            kept = tuple(one for one in each.security_groups if one not in (servers, clients))
            if kept != each.security_groups:  # whoever has mended it has put the client into our group
                network.ports.change(each, security_groups=kept)
        for identity in (servers, clients):
            network.security_groups.pop(identity, None)

    return back


ACTS: Final[dict[str, Callable[[Cloud, Mapping[str, str]], Undo]]] = {
    "bridge-mapping-wrong": _bridge_mapping_wrong,
    "metadata-secret-wrong": _metadata_secret_wrong,
    "security-group-member-missing": _member_missing,
}
"""Fault → what it does."""
