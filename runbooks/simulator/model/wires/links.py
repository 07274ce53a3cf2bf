"""The network interfaces of a host, in its own namespace and in those of its DHCP servers and routers.

Every machine has `lo` and `eth0`. One with Open vSwitch has `eth1` for the tunnels besides; network nodes have a bond
of `eth2` and `eth3` to the outside. Servers' ports are taps; those of routers and DHCP servers live in their namespace.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from runbooks.simulator.model.hosts import Host
from runbooks.simulator.model.network.records import Port
from runbooks.simulator.model.network.routers import GATEWAY, HA_PORT
from runbooks.simulator.model.wires.namespaces import Namespace, device, namespaces
from runbooks.simulator.model.wires.switch import guests, has_switch

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

OUTSIDE, LEGS = "bond0", ("eth2", "eth3")
VXLAN_PORT = "vxlan_sys_4789"
SLAVE = {"info_slave_kind": "openvswitch"}


@dataclass(frozen=True, slots=True)
class Address:
    """One address of an interface."""

    local: str
    length: int
    scope: str = "global"
    broadcast: bool = False

    @property
    def family(self) -> str:
        return "inet6" if ":" in self.local else "inet"


@dataclass(frozen=True, slots=True)
class Link:
    """One interface."""

    index: int
    name: str
    mac: str
    mtu: int = 1500
    up: bool = True
    carrier: bool = True
    queue: str = "mq"
    info: dict[str, Any] = field(default_factory=dict)
    """`linkinfo`, as `ip -d` has it."""
    master: str = ""
    flags: tuple[str, ...] = ()
    promiscuous: bool = False
    addresses: tuple[Address, ...] = ()

    @property
    def kind(self) -> str:
        return str(self.info.get("info_kind", ""))

    @property
    def state(self) -> str:
        """`operstate`: most virtual interfaces do not know."""
        if not self.up or not self.carrier:
            return "DOWN"
        return "UNKNOWN" if self.name == "lo" or self.kind in ("tun", "openvswitch", "vxlan") else "UP"


def link_local(mac: str) -> Address:
    """The IPv6 address that follows from a MAC address (EUI-64)."""
    raw = [int(part, 16) for part in mac.split(":")]
    words = [(raw[0] ^ 2) << 8 | raw[1], raw[2] << 8 | 0xFF, 0xFE00 | raw[3], raw[4] << 8 | raw[5]]
    return Address("fe80::" + ":".join(f"{word:x}" for word in words), 64, "link")


def _lo() -> Link:
    addresses = (Address("127.0.0.1", 8, "host"), Address("::1", 128, "host"))
    return Link(1, "lo", "00:00:00:00:00:00", 65536, queue="noqueue", addresses=addresses)


def card_mac(cloud: Cloud, host: Host, name: str) -> str:
    """The MAC address of a card: of the machine's maker, not Neutron's."""
    return "52:54:00" + cloud.seed.mac(name, host.name)[8:]


def addresses(cloud: Cloud, host: Host) -> list[str]:
    """The host's own address, then the virtual ones that keepalived holds here."""
    virtual = [cloud.layout.vip, cloud.layout.internal_vip] if cloud.balancers.has(host.name) else []
    return [host.machine.address, *virtual]


def links(cloud: Cloud, host: Host) -> list[Link]:
    """The interfaces of the host's own namespace, by index."""
    own, *virtual = addresses(cloud, host)
    mac = card_mac(cloud, host, "eth0")
    found = [
        _lo(),
        Link(2, "eth0", mac, addresses=(Address(own, 24), *(Address(v, 32) for v in virtual), link_local(mac))),
    ]
    if has_switch(host):
        found += _of_the_switch(cloud, host)
    return [
        link if (mtu := cloud.damage.narrow.get((host.name, link.name))) is None else _narrowed(link, mtu)
        for link in found
    ]


def _narrowed(link: Link, mtu: int) -> Link:
    return replace(link, mtu=mtu)


def _of_the_switch(cloud: Cloud, host: Host) -> Iterator[Link]:
    tunnel = card_mac(cloud, host, "eth1")
    yield Link(3, "eth1", tunnel, 1600, addresses=(Address(host.machine.tunnel, 24), link_local(tunnel)))
    index = 4
    network = "network" in host.machine.roles
    if network:
        mac = card_mac(cloud, host, OUTSIDE)
        for name in LEGS:
            state = {"state": "ACTIVE" if name == LEGS[0] else "BACKUP", "mii_status": "UP", "link_failure_count": 0,
                     "perm_hwaddr": card_mac(cloud, host, name), "queue_id": 0}  # fmt: skip
            yield Link(index, name, mac, info={"info_slave_kind": "bond", "info_slave_data": state}, master=OUTSIDE,
                       flags=("SLAVE",))  # fmt: skip
            index += 1
        data = {"mode": "active-backup", "active_slave": LEGS[0], "miimon": 100, "updelay": 0, "downdelay": 0}
        yield Link(index, OUTSIDE, mac, queue="noqueue", info={"info_kind": "bond", "info_data": data} | SLAVE,
                   master="ovs-system", flags=("MASTER",), promiscuous=True)  # fmt: skip
        index += 1
    for name in ("ovs-system", *(("br-ex",) if network else ()), "br-int", "br-tun"):
        yield Link(index, name, card_mac(cloud, host, name), up=False, queue="noop", info={"info_kind": "openvswitch"},
                   promiscuous=name != "ovs-system")  # fmt: skip
        index += 1
    data = {"external": True, "id": 0, "port": 4789, "learning": False}
    mac = card_mac(cloud, host, VXLAN_PORT)
    yield Link(index, VXLAN_PORT, mac, 65000, queue="noqueue", info={"info_kind": "vxlan", "info_data": data} | SLAVE,
               master="ovs-system", addresses=(link_local(mac),))  # fmt: skip
    tap = {"type": "tap", "pi": False, "vnet_hdr": True, "multi_queue": False, "persist": True}
    for number, port in enumerate(guests(cloud, host.name), index + 1):
        mac = "fe" + port.mac[2:]  # libvirt's: its guest must have the lower one
        mtu = cloud.network.networks[port.network_id].mtu
        yield Link(number, device(port), mac, mtu, queue="noqueue", info={"info_kind": "tun", "info_data": tap} | SLAVE,
                   master="ovs-system", promiscuous=True, addresses=(link_local(mac),))  # fmt: skip


def inside(cloud: Cloud, host: Host, namespace: Namespace) -> list[Link]:
    """The interfaces of one of the host's namespaces."""
    found = [_lo()]
    outside = len(links(cloud, host)) + 1
    before = [n for n in namespaces(cloud, host.name) if n.number < namespace.number]
    index = outside + sum(len(n.ports) for n in before)
    for port in namespace.ports:
        index += 1
        mtu = cloud.network.networks[port.network_id].mtu
        places = (*_fixed(cloud, host, namespace, port), link_local(port.mac))
        found.append(Link(index, device(port), port.mac, mtu, queue="noqueue", info={"info_kind": "openvswitch"},
                          addresses=places))  # fmt: skip
    return found


def _fixed(cloud: Cloud, host: Host, namespace: Namespace, port: Port) -> Iterator[Address]:
    """A port's addresses; of a router only where it is active, but for the one by which instances hear each other."""
    if namespace.active or port.device_owner == HA_PORT:
        for subnet_id, address in port.fixed_ips:
            yield Address(address, IPv4Network(cloud.network.subnets[subnet_id].cidr).prefixlen, broadcast=True)
    if port.device_owner == HA_PORT and namespace.active:
        yield Address(f"169.254.0.{cloud.network.routers.by_id[namespace.of].vr_id or 1}", 24)
    if namespace.kind == "dhcp":
        yield Address("169.254.169.254", 32, broadcast=True)
    if port.device_owner == GATEWAY and namespace.active:
        for floating in floating_of(cloud, namespace.of):
            yield Address(floating[0], 32)


def floating_of(cloud: Cloud, router_id: str) -> list[tuple[str, str]]:
    """(floating address, fixed address) of a router, by address."""
    router = cloud.network.routers.by_id[router_id]
    return sorted(
        (one.address, one.fixed_address or "")
        for one in cloud.network.floating_ips.of_project(router.project_id)
        if one.router_id == router_id and one.port_id
    )
