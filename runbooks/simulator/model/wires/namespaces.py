"""The network namespaces of a host: DHCP servers, routers, OVN's metadata, with their ports and their processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from runbooks.simulator.model.network.agents import DHCP, L3, OVN_METADATA, dhcp_device
from runbooks.simulator.model.network.ports import PLUGGED
from runbooks.simulator.model.network.records import Port, Router
from runbooks.simulator.model.network.routers import DISTRIBUTED, GATEWAY, HA_PORT

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

Kind: TypeAlias = Literal["dhcp", "router", "metadata", "left"]
_AGENTS: dict[Kind, str] = {"dhcp": DHCP, "router": L3, "metadata": OVN_METADATA}
"""Whose work a namespace is."""
_FIRST_INODE = 4_026_532_100
OWN_INODE = 4_026_531_840
"""Of the namespace that a host's processes live in: the kernel's first one."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process in a namespace."""

    pid: int
    name: str
    arguments: str
    state: str = "S"


@dataclass(frozen=True, slots=True)
class Namespace:
    """One of a host's named namespaces."""

    name: str
    number: int
    inode: int
    kind: Kind
    of: str
    """The network's or router's id."""
    ports: tuple[Port, ...]
    active: bool = True
    """False for the waiting instance of an HA router: its interfaces are there, their addresses are not."""


def device(port: Port) -> str:
    """The name of a port's interface: a prefix, and the first eleven characters of its id."""
    prefix = {GATEWAY: "qg-", HA_PORT: "ha-"}.get(port.device_owner)
    if prefix is None:
        prefix = "qr-" if port.device_owner.startswith(("network:router", "network:ha_router")) else "tap"
    return prefix + port.id[:11]


def namespaces(cloud: Cloud, host: str) -> list[Namespace]:
    """All of a host's, by name."""
    found: list[tuple[str, Kind, str, tuple[Port, ...], bool]] = []
    network = cloud.network
    for network_id, hosts in network.dhcp_hosts.items():
        ports = tuple(network.ports.of_device(dhcp_device(host, network_id))) if host in hosts else ()
        if ports:
            found.append((f"qdhcp-{network_id}", "dhcp", network_id, ports, True))
    for router_id, hosts in network.routers.hosts.items():
        if host in hosts and router_id in network.routers.by_id:
            router = network.routers.by_id[router_id]
            found.append(
                (
                    f"qrouter-{router_id}",
                    "router",
                    router_id,
                    _of_router(cloud, router, host),
                    _active(cloud, router, host),
                )
            )
    for network_id, port in _metadata(cloud, host).items():
        found.append((f"ovnmeta-{network_id}", "metadata", network_id, (port,), True))
    found = [each for each in found if _there(cloud, host, each[0], each[1])]
    known = {each[0] for each in found}
    found += [(name, "left", "", (), False) for at, name in cloud.damage.left_over if at == host and name not in known]
    return [
        Namespace(
            name, number, _FIRST_INODE + number * 70 + cloud.seed.number(60, "netns", name), kind, of, ports, active
        )
        for number, (name, kind, of, ports, active) in enumerate(sorted(found))
    ]


def _there(cloud: Cloud, host: str, name: str, kind: Kind) -> bool:
    """False while an agent's namespace is deleted: its next start makes it anew."""
    removed = cloud.damage.removed.get((host, name))
    begun = _begun(cloud, host, _AGENTS[kind])
    return removed is None or (begun is not None and begun > removed)


def _metadata(cloud: Cloud, host: str) -> dict[str, Port]:
    """With OVN: networks with a server that runs on the host, each with its port for DHCP and metadata."""
    if cloud.ovn is None:
        return {}
    here = {
        nic.network_id
        for server in cloud.compute.servers.on_host(host)
        if server.vm_state in PLUGGED
        for nic in server.nics
    }
    ports = {identity: cloud.network.ports.of_device(f"ovnmeta-{identity}") for identity in here}
    own = {
        identity: next((p for p in found if p.device_owner == DISTRIBUTED), None) for identity, found in ports.items()
    }
    return {identity: port for identity, port in own.items() if port is not None}


def _of_router(cloud: Cloud, router: Router, host: str) -> tuple[Port, ...]:
    """Its ports on this host: of several HA ports the host's own, the others on every host that has the router."""
    ports = [p for p in cloud.network.routers.ports(router.id) if p.device_owner != HA_PORT or p.host == host]
    return tuple(sorted(ports, key=device))


def _active(cloud: Cloud, router: Router, host: str) -> bool:
    if not router.ha:
        return True
    routers = cloud.network.routers
    return routers.active.get(router.id) == host or host in cloud.damage.second_active.get(router.id, ())


def _begun(cloud: Cloud, host: str, kind: str) -> float | None:
    """When the agent of this kind last started on the host; None while it does not run."""
    agent = cloud.network.agents.on(kind, host)
    if agent is None or not cloud.network.agents.process_runs(agent):
        return None
    return cloud.network.agents.started(agent)


def processes(cloud: Cloud, host: str, namespace: Namespace) -> list[Process]:
    """What runs in a namespace. It lives in the agent's container, and ends with it."""
    if namespace.kind == "left":
        return []
    begun = _begun(cloud, host, _AGENTS[namespace.kind])
    if begun is None:
        return []

    def process(name: str, arguments: str, state: str = "S") -> Process:
        pid = 2000 + cloud.seed.number(400_000, "process", host, namespace.name, name, arguments, int(begun))
        return Process(pid, name, f"{name} {arguments}", state)

    if namespace.kind == "dhcp":
        frozen = cloud.damage.frozen_dhcp.get(host)
        state = "T" if frozen is not None and begun <= frozen else "S"
        folder = f"/var/lib/neutron/dhcp/{namespace.of}"
        found = [
            process("dnsmasq", f"--no-hosts --no-resolv --pid-file={folder}/pid --dhcp-hostsfile={folder}/host", state)
        ]
        if _isolated(cloud, namespace.of):
            found.append(process("haproxy", f"-f /var/lib/neutron/ns-metadata-proxy/{namespace.of}.conf"))
        return found
    if namespace.kind == "metadata":
        return [process("haproxy", f"-f /var/lib/neutron/ovn-metadata-proxy/{namespace.of}.conf")]
    found = []
    if cloud.network.routers.by_id[namespace.of].ha:
        folder = f"/var/lib/neutron/ha_confs/{namespace.of}"
        found += [
            process("keepalived", f"-P -f {folder}/keepalived.conf -p {folder}.pid{end}") for end in ("", "-vrrp")
        ]
        found.append(process("ip", "-o monitor address"))
    if namespace.active:
        found.append(process("haproxy", f"-f /var/lib/neutron/ns-metadata-proxy/{namespace.of}.conf"))
    return found


def _isolated(cloud: Cloud, network_id: str) -> bool:
    """True for a network that no router is on: its DHCP servers pass on who asks for metadata."""
    routers = cloud.network.routers.by_id
    return not any(port.device_id in routers for port in cloud.network.ports.of_services(network_id))


def translates(cloud: Cloud, host: str) -> bool:
    """False while the DNAT rules of the host's routers are gone: an agent that started since has made them anew."""
    gone, begun = cloud.damage.nat_gone.get(host), _begun(cloud, host, L3)
    return gone is None or (begun is not None and begun > gone)
