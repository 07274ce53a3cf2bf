"""Routes and neighbours of a host and of its namespaces: they follow from the addresses of the interfaces."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from runbooks.simulator.model.hosts import Host
from runbooks.simulator.model.network.routers import GATEWAY
from runbooks.simulator.model.wires.links import Link, card_mac
from runbooks.simulator.model.wires.namespaces import Namespace, device

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud


def routes(cloud: Cloud, host: Host, namespace: Namespace | None, links: Sequence[Link]) -> list[dict[str, Any]]:
    """`ip -j route`: the default one, then a network for each address."""
    found: list[dict[str, Any]] = []
    gateway = _gateway(cloud, host, namespace)
    if gateway is not None:
        protocol = {} if namespace is None else {"protocol": "static"}
        found.append({"dst": "default", "gateway": gateway[0], "dev": gateway[1], **protocol, "flags": []})
    for link in links:
        for address in link.addresses:
            if address.family == "inet" and address.length < 32 and address.scope == "global" and link.up:
                network = IPv4Network(f"{address.local}/{address.length}", strict=False)
                found.append({"dst": str(network), "dev": link.name, "protocol": "kernel", "scope": "link",
                              "prefsrc": address.local, "flags": []})  # fmt: skip
    return found


def _gateway(cloud: Cloud, host: Host, namespace: Namespace | None) -> tuple[str, str] | None:
    """(next hop, interface) of the default route; a router that waits has none."""
    if namespace is None:
        return f"{host.machine.address.rpartition('.')[0]}.1", "eth0"
    if not namespace.active or namespace.kind == "metadata":
        return None
    for port in namespace.ports:
        if namespace.kind == "dhcp" or port.device_owner == GATEWAY:
            subnet = cloud.network.subnets[port.fixed_ips[0][0]]
            return (subnet.gateway, device(port)) if subnet.gateway else None
    return None


def neighbours(cloud: Cloud, host: Host, namespace: Namespace | None, links: Sequence[Link]) -> list[dict[str, Any]]:
    """`ip -j neigh`: whom this place has spoken to lately.

    A router its gateway's machine and the servers behind it, those that do not answer as failed; hosts their
    controllers, and those that do not have the virtual addresses whoever has them: their services talk to these all the
    time.
    """
    if namespace is not None:
        gateway = _gateway(cloud, host, namespace)
        if gateway is None or namespace.kind == "dhcp":
            return []
        mac = "00:00:5e:00:01:01"  # the provider's router, by VRRP
        return [
            {"dst": gateway[0], "dev": gateway[1], "lladdr": mac, "state": ["REACHABLE"]},
            *_servers(cloud, host, namespace),
        ]
    found = [
        {"dst": other.machine.address, "dev": "eth0", "lladdr": card_mac(cloud, other, "eth0"),
         "state": ["REACHABLE" if other.up and other.reachable else "FAILED"]}
        for other in cloud.hosts.with_role("control")
        if other is not host
    ]  # fmt: skip
    holder = next((other for other in cloud.balancers.hosts if cloud.balancers.has(other.name)), None)
    if holder is not None and not cloud.balancers.has(host.name):
        mac = card_mac(cloud, holder, "eth0")
        found += [
            {"dst": address, "dev": "eth0", "lladdr": mac, "state": ["REACHABLE"]}
            for address in cloud.balancers.addresses()
        ]
    return found


def _servers(cloud: Cloud, host: Host, namespace: Namespace) -> list[dict[str, Any]]:
    """The servers that a router has asked for: who does not answer has no MAC address."""
    from runbooks.simulator.model.wires.asking import asked
    from runbooks.simulator.model.wires.look import Look
    from runbooks.simulator.model.wires.places import Place
    from runbooks.simulator.model.wires.traffic import servers_near

    look, found = Look(cloud), []
    devices = {port.network_id: device(port) for port in namespace.ports if port.device_owner != GATEWAY}
    for port in servers_near(look, host.name, namespace.name):
        if port.status == "ACTIVE" and port.fixed_ips and port.network_id in devices:
            name, address = devices[port.network_id], port.fixed_ips[0][1]
            answers = asked(look, Place(host.name, namespace.name), name, address)
            macs = answers[1] if answers is not None else []
            known = {"lladdr": macs[0]} if macs else {}
            found.append({"dst": address, "dev": name, **known, "state": ["REACHABLE" if macs else "FAILED"]})
    return found
