"""The network interfaces of a host, in its own namespace and in those of its DHCP servers and routers.

Every machine has `lo` and `eth0`. One with Open vSwitch has `eth1` for the tunnels besides; network nodes have a bond
of `eth2` and `eth3` to the outside, storage nodes one of `eth1` and `eth2`, with LACP, to each other. Servers' ports
are taps; those of routers and DHCP servers live in their namespace.
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
from runbooks.simulator.model.wires.switch import Switch, guests, has_switch

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

OUTSIDE, LEGS = "bond0", ("eth2", "eth3")
STORAGE_LEGS = ("eth1", "eth2")
SWITCH_MAC, IN_USE = "00:1c:73:a4:00:01", 0b111101
"""What the switch says at the other end of a bond with LACP: active, aggregating, in sync, collecting, distributing."""
TUNNEL_PORTS = {"vxlan": ("vxlan_sys_4789", 4789), "geneve": ("genev_sys_6081", 6081)}
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
        return "UNKNOWN" if self.name == "lo" or self.kind in ("tun", "openvswitch", "vxlan", "geneve") else "UP"


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
    if "storage" in host.machine.roles:
        found += bond(cloud, host, 3, STORAGE_LEGS, "802.3ad")
    return [_as_set(cloud, host, link) for link in found]


def _as_set(cloud: Cloud, host: Host, link: Link) -> Link:
    """With what somebody has set on it; one that is switched off has lost its IPv6 addresses."""
    mtu = cloud.damage.narrow.get((host.name, link.name), link.mtu)
    if (host.name, link.name) not in cloud.damage.off:
        return replace(link, mtu=mtu) if mtu != link.mtu else link
    kept = tuple(address for address in link.addresses if address.family == "inet")
    return replace(link, mtu=mtu, up=False, carrier=False, addresses=kept)


def _of_the_switch(cloud: Cloud, host: Host) -> Iterator[Link]:
    tunnel = card_mac(cloud, host, "eth1")
    yield Link(3, "eth1", tunnel, 1600, addresses=(Address(host.machine.tunnel, 24), link_local(tunnel)))
    index = 4
    network = "network" in host.machine.roles
    if network:
        yield from bond(cloud, host, index, LEGS, "active-backup", master="ovs-system")
        index += len(LEGS) + 1
    for name in ("ovs-system", *Switch(cloud, host).bridges):
        yield Link(index, name, card_mac(cloud, host, name), up=False, queue="noop", info={"info_kind": "openvswitch"},
                   promiscuous=name != "ovs-system")  # fmt: skip
        index += 1
    overlay, _ = cloud.layout.overlay
    name, port_number = TUNNEL_PORTS[overlay]
    data = {"external": True, "id": 0, "port": port_number, "learning": False}
    mac = card_mac(cloud, host, name)
    yield Link(index, name, mac, 65000, queue="noqueue", info={"info_kind": overlay, "info_data": data} | SLAVE,
               master="ovs-system", addresses=(link_local(mac),))  # fmt: skip
    tap = {"type": "tap", "pi": False, "vnet_hdr": True, "multi_queue": False, "persist": True}
    for number, port in enumerate(guests(cloud, host.name), index + 1):
        mac = "fe" + port.mac[2:]  # libvirt's: its guest must have the lower one
        mtu = cloud.network.networks[port.network_id].mtu
        yield Link(number, device(port), mac, mtu, queue="noqueue", info={"info_kind": "tun", "info_data": tap} | SLAVE,
                   master="ovs-system", promiscuous=True, addresses=(link_local(mac),))  # fmt: skip


def legs(host: Host) -> tuple[str, ...]:
    """The interfaces of the host's bond; none where it has none."""
    if has_switch(host) and "network" in host.machine.roles:
        return LEGS
    return STORAGE_LEGS if "storage" in host.machine.roles else ()


def bond(cloud: Cloud, host: Host, index: int, legs: tuple[str, ...], mode: str, master: str = "") -> Iterator[Link]:
    """A bond's interfaces, then itself; one that has lost its carrier is left out of it."""
    mac, lacp = card_mac(cloud, host, OUTSIDE), mode == "802.3ad"
    without = cloud.damage.slaves_down | cloud.damage.off
    lost = [name for name in legs if (host.name, name) in without]
    left = [name for name in legs if name not in lost]
    for number, name in enumerate(legs, index):
        down = name in lost
        used = not down and (lacp or name == left[0])
        state: dict[str, Any] = {
            "state": "ACTIVE" if used else "BACKUP", "mii_status": "DOWN" if down else "UP",
            "link_failure_count": int(down), "perm_hwaddr": card_mac(cloud, host, name), "queue_id": 0,
        }  # fmt: skip
        if lacp:
            state |= {"ad_aggregator_id": 2 if down else 1, "ad_actor_oper_port_state": 69 if down else 61,
                      "ad_partner_oper_port_state": 1 if down else IN_USE}  # fmt: skip
        yield Link(number, name, mac, 9000 if lacp else 1500, carrier=not down, master=OUTSIDE, flags=("SLAVE",),
                   info={"info_slave_kind": "bond", "info_slave_data": state})  # fmt: skip
    data: dict[str, Any] = {"mode": mode, "miimon": 100, "updelay": 0, "downdelay": 0}
    if lacp:
        data |= {"xmit_hash_policy": "layer3+4", "ad_lacp_rate": "fast", "ad_info": {
            "aggregator": 1, "num_ports": len(left), "actor_key": 15, "partner_key": 1000,
            "partner_mac": SWITCH_MAC if left else "00:00:00:00:00:00"}}  # fmt: skip
    elif left:
        data |= {"active_slave": left[0]}
    info = {"info_kind": "bond", "info_data": data} | (SLAVE if master else {})
    storage = (Address(f"10.80.{'.'.join(host.machine.address.split('.')[2:])}", 24), link_local(mac)) if lacp else ()
    yield Link(index + len(legs), OUTSIDE, mac, 9000 if lacp else 1500, carrier=bool(left), queue="noqueue", info=info,
               master=master, flags=("MASTER",), promiscuous=bool(master), addresses=storage)  # fmt: skip


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
    if namespace.kind in ("dhcp", "metadata"):
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
