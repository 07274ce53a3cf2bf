"""Open vSwitch of a host: bridges and ports, as Neutron's agent made them for the ports that are bound here.

Kolla's layout: br-int for every port, br-tun for the tunnels to all other hosts with a switch, and on network nodes
br-ex with the bond to the outside. The daemons are containers: without openvswitch_db nobody can be asked, without
openvswitch_vswitchd the database still tells of bridges that do not run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from runbooks.simulator.model.hosts import Host
from runbooks.simulator.model.network.agents import OVN, OVN_GATEWAY, OVS
from runbooks.simulator.model.network.ports import PLUGGED
from runbooks.simulator.model.network.records import Port
from runbooks.simulator.model.wires.namespaces import device, namespaces

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

DEAD_VLAN = 4095
LOCAL = 65534
"""The port number of a bridge's own interface."""


@dataclass(frozen=True, slots=True)
class Plug:
    """An interface that is plugged into a bridge."""

    bridge: str
    name: str
    ofport: int
    type: str = ""
    tag: int | None = None
    options: dict[str, str] = field(default_factory=dict)
    port: Port | None = None
    """Neutron's."""
    inside: bool = False
    """It lives in a namespace."""


@dataclass
class Switch:
    """What one host's Open vSwitch has; made for one look at it."""

    cloud: Cloud
    host: Host

    @property
    def database(self) -> bool:
        """True while ovsdb-server answers."""
        return self.host.units["openvswitch_db"].state == "running"

    @property
    def runs(self) -> bool:
        """True while ovs-vswitchd does its work."""
        return self.database and self.host.units["openvswitch_vswitchd"].state == "running"

    @property
    def outside(self) -> bool:
        """True where there is a bridge to the external network."""
        return "network" in self.host.machine.roles

    @property
    def agent(self) -> str:
        """The unit that makes its flows."""
        return self.cloud.layout.wiring

    @property
    def tunnelled(self) -> bool:
        """True where tunnels have a bridge of their own: OVN's begin in br-int."""
        return self.cloud.layout.network == "ovs"

    @property
    def bridges(self) -> tuple[str, ...]:
        return (*(("br-ex",) if self.outside else ()), "br-int", *(("br-tun",) if self.tunnelled else ()))

    def controlled(self) -> bool:
        """True while the agent, which is the bridges' controller, is connected."""
        return self.runs and self.host.units[self.agent].state == "running"

    def has_flows(self, bridge: str) -> bool:
        """False while the flows of a bridge are gone: the agent's next start makes them anew."""
        gone = self.cloud.damage.flows_gone.get((self.host.name, bridge))
        if gone is None:
            return True
        unit = self.host.units[self.agent]
        return unit.state == "running" and unit.since > gone

    @cached_property
    def neutrons(self) -> list[tuple[Port, bool]]:
        """Neutron's ports that are plugged in here, each with whether it lives in a namespace; by name."""
        inside = [port for namespace in namespaces(self.cloud, self.host.name) for port in namespace.ports]
        found = [(port, True) for port in inside] + [(port, False) for port in guests(self.cloud, self.host.name)]
        return sorted(found, key=lambda each: (device(each[0]), each[0].id))

    @cached_property
    def vlans(self) -> dict[str, int]:
        """Network → the VLAN that stands for it on this host."""
        used = sorted({port.network_id for port, _ in self.neutrons})
        return {network: tag for tag, network in enumerate(used, 1)}

    @cached_property
    def peers(self) -> list[Host]:
        """The other hosts that tunnels lead to."""
        agents = self.cloud.network.agents
        wiring = sorted({agent.host for kind in (OVS, OVN, OVN_GATEWAY) for agent in agents.of_kind(kind)})
        return [self.cloud.hosts[host] for host in wiring if host != self.host.name]

    def _tag(self, port: Port) -> int:
        killed = self.cloud.damage.dead_taps.get((self.host.name, port.id))
        unit = self.host.units[self.agent]
        mended = killed is not None and unit.state == "running" and unit.since > killed
        if (killed is not None and not mended) or not port.admin_state_up or port.vif_type == "binding_failed":
            return DEAD_VLAN
        return self.vlans[port.network_id]

    @cached_property
    def plugs(self) -> list[Plug]:
        """Everything that is plugged in, bridge by bridge."""
        return [*self._integration(), *self._tunnels(), *(self._external() if self.outside else ())]

    def _integration(self) -> Iterator[Plug]:
        yield Plug("br-int", "br-int", LOCAL, "internal")
        number = 1
        if self.outside:
            yield Plug("br-int", "int-br-ex", number, "patch", options={"peer": "phy-br-ex"})
            number += 1
        if self.tunnelled:
            yield Plug("br-int", "patch-tun", number, "patch", options={"peer": "patch-int"})
        else:
            for peer in self.peers:
                options = {"csum": "true", "key": "flow", "remote_ip": peer.machine.tunnel}
                yield Plug("br-int", f"ovn-{peer.name}-0", number, "geneve", options=options)
                number += 1
        for ofport, (port, inside) in enumerate(self.neutrons, number + 1):
            kind = "internal" if inside else ""
            tag = self._tag(port) if self.tunnelled else None
            yield Plug("br-int", device(port), ofport, kind, tag, port=port, inside=inside)

    def _tunnels(self) -> Iterator[Plug]:
        if not self.tunnelled:
            return
        yield Plug("br-tun", "br-tun", LOCAL, "internal")
        yield Plug("br-tun", "patch-int", 1, "patch", options={"peer": "patch-tun"})
        for number, peer in enumerate(self.peers, 2):
            options = {
                "df_default": "true", "egress_pkt_mark": "0", "in_key": "flow", "local_ip": self.host.machine.tunnel,
                "out_key": "flow", "remote_ip": peer.machine.tunnel,
            }  # fmt: skip
            yield Plug("br-tun", tunnel_name(peer), number, "vxlan", options=options)

    def _external(self) -> Iterator[Plug]:
        yield Plug("br-ex", "br-ex", LOCAL, "internal")
        yield Plug("br-ex", "bond0", 1)
        yield Plug("br-ex", "phy-br-ex", 2, "patch", options={"peer": "int-br-ex"})


def tunnel_name(peer: Host) -> str:
    """`vxlan-0a4e0120`: the peer's address in hexadecimal digits."""
    return "vxlan-" + "".join(f"{int(part):02x}" for part in peer.machine.tunnel.split("."))


def has_switch(host: Host) -> bool:
    """True for hosts with Open vSwitch."""
    return "openvswitch_vswitchd" in host.names


def guests(cloud: Cloud, host: str) -> list[Port]:
    """The ports of the servers that run on a host."""
    found = []
    for server in cloud.compute.servers.on_host(host):
        if server.vm_state in PLUGGED:
            found += list(cloud.network.ports.of_server(server))
    return sorted(found, key=lambda port: port.id)
