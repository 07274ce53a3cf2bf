"""Which machines the simulated cloud has: the Kolla guide's layout, with as many computes as asked for.

Three controllers, two network nodes, three Ceph nodes, one monitoring node, N computes. The first 250 machines have a
loopback address of their own (127.77.N.11 and up; .10 is the virtual address) on which their services really listen;
later ones have an address of the cloud only and are reached through a jump host.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

REAL_ADDRESSES = 239
"""Machines with a loopback address: .11 to .249."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine: its name, its management address, its roles (`control`, `network`, `storage`, `monitoring`, `compute`)."""

    name: str
    address: str
    roles: tuple[str, ...]
    listens: bool
    """True when `address` is a loopback address that this process can bind."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The machines of one instance on 127.77.`net`.0/24."""

    net: int = 1
    computes: int = 4

    @property
    def vip(self) -> str:
        """The virtual address that the API endpoints name."""
        return f"127.77.{self.net}.10"

    def _address(self, index: int) -> tuple[str, bool]:
        if index < REAL_ADDRESSES:
            return f"127.77.{self.net}.{11 + index}", True
        far = index - REAL_ADDRESSES
        return f"10.77.{far // 250}.{far % 250 + 1}", False

    def machines(self) -> Iterator[Machine]:
        """Every machine, controllers first, computes last."""
        fixed = [
            *((f"ctl{n:02}", ("control",)) for n in (1, 2, 3)),
            *((f"net{n:02}", ("network",)) for n in (1, 2)),
            *((f"ceph{n:02}", ("storage",)) for n in (1, 2, 3)),
            ("mon01", ("monitoring",)),
        ]
        for index, (name, roles) in enumerate(fixed):
            address, listens = self._address(index)
            yield Machine(name, address, roles, listens)
        for number in range(1, self.computes + 1):
            address, listens = self._address(len(fixed) + number - 1)
            yield Machine(self.compute(number), address, ("compute",), listens)

    def compute(self, number: int) -> str:
        """The name of the compute with this 1-based number: cmp01 … cmp99, cmp100 …"""
        return f"cmp{number:02}"
