"""Which machines the simulated cloud has: the Kolla guide's layout, with as many computes as asked for.

RegionOne: three controllers, two network nodes, three Ceph nodes, one monitoring node, N computes. The first machines
have a loopback address of their own (127.77.N.11 and up; .10 is the public and .9 the internal virtual address) on
which their services really listen; later ones have an address of the cloud only and are reached through a jump host.
With `hyperconverged` the first three computes are the Ceph nodes, too.
RegionTwo is small: one controller that is also the network node, two computes (.6 to .8; virtual addresses .5 and .4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Driver: TypeAlias = Literal["ovs", "ovn"]
"""What Neutron wires the hosts with: agents beside Open vSwitch, or OVN."""
REAL_ADDRESSES = 239
"""Machines of RegionOne with a loopback address: .11 to .249."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine: its name, its management address, its roles (`control`, `network`, `storage` …)."""

    name: str
    address: str
    roles: tuple[str, ...]
    listens: bool
    """True when `address` is a loopback address that this process can bind."""

    @property
    def tunnel(self) -> str:
        """Its address on the network of the tunnels, which only Open vSwitch uses."""
        _, _, third, last = self.address.split(".")
        return f"10.{78 if self.listens else 79}.{third}.{last}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The machines of one region of one instance on 127.77.`net`.0/24."""

    net: int = 1
    computes: int = 4
    region: str = "RegionOne"
    further: bool = False
    """With Octavia, Designate, Manila and Barbican, which many clouds do without."""
    hyperconverged: bool = False
    """Ceph is on the first three computes, and not on machines of its own."""
    network: Driver = "ovs"
    kept: bool = False
    """A unit of systemd keeps each container, as Kolla has it since 2023.1."""

    @property
    def wiring(self) -> str:
        """The unit that plugs ports on every host with a switch."""
        return "neutron_openvswitch_agent" if self.network == "ovs" else "ovn_controller"

    @property
    def overlay(self) -> tuple[str, int]:
        """Type and MTU of tenants' networks."""
        return ("vxlan", 1450) if self.network == "ovs" else ("geneve", 1442)

    @property
    def vip(self) -> str:
        """The virtual address that the public endpoints name."""
        return f"127.77.{self.net}.{10 if self.region == 'RegionOne' else 5}"

    @property
    def internal_vip(self) -> str:
        """The virtual address that the internal and admin endpoints name."""
        return f"127.77.{self.net}.{9 if self.region == 'RegionOne' else 4}"

    def second(self) -> Layout:
        """The layout of RegionTwo of the same instance."""
        return Layout(self.net, 2, "RegionTwo", network=self.network, kept=self.kept)

    def _address(self, index: int) -> tuple[str, bool]:
        if self.region != "RegionOne":
            return f"127.77.{self.net}.{6 + index}", True
        if index < REAL_ADDRESSES:
            return f"127.77.{self.net}.{11 + index}", True
        far = index - REAL_ADDRESSES
        return f"10.77.{far // 250}.{far % 250 + 1}", False

    def machines(self) -> Iterator[Machine]:
        """Every machine, controllers first, computes last."""
        fixed: list[tuple[str, tuple[str, ...]]]
        if self.region == "RegionOne":
            fixed = [
                *((f"ctl{n:02}", ("control",)) for n in (1, 2, 3)),
                *((f"net{n:02}", ("network",)) for n in (1, 2)),
                *((f"ceph{n:02}", ("storage",)) for n in (1, 2, 3) if not self.hyperconverged),
                ("mon01", ("monitoring",)),
            ]
        else:
            fixed = [("r2ctl01", ("control", "network"))]
        for index, (name, roles) in enumerate(fixed):
            address, listens = self._address(index)
            yield Machine(name, address, roles, listens)
        for number in range(1, self.computes + 1):
            address, listens = self._address(len(fixed) + number - 1)
            storage = ("storage",) if self.hyperconverged and number <= 3 and self.region == "RegionOne" else ()
            yield Machine(self.compute(number), address, ("compute", *storage), listens)

    def compute(self, number: int) -> str:
        """The name of the compute with this 1-based number: cmp01 … cmp99, cmp100 …; r2cmp01 in RegionTwo."""
        return f"{'' if self.region == 'RegionOne' else 'r2'}cmp{number:02}"
