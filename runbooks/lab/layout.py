"""Where everything of a lab is: hosts, their roles and addresses, networks, and the names of their devices.

A lab has a number N. Its networks are 10.N.0.0/24 (management, eth0), 10.N.1.0/24 (tunnels, eth1) and 10.N.2.0/24
(external, eth2); the machine is .1 in each of them. Everything that it makes in the machine is called nlN-….
"""

from __future__ import annotations

from dataclasses import dataclass

NUMBERS = range(78, 128)
"""The numbers that a lab can have."""

PROFILES = ("core", "network", "storage", "full")

NETWORKS = ("mgmt", "tun", "ext")
"""The networks by their number: eth0, eth1, eth2 of the hosts that have them."""

_COUNTS: dict[str, dict[str, int]] = {
    "core": {"ctl": 3, "cmp": 3},
    "network": {"ctl": 3, "net": 2, "cmp": 3},
    "storage": {"ctl": 3, "ceph": 3, "cmp": 3},
    "full": {"ctl": 3, "net": 2, "ceph": 3, "mon": 1, "cmp": 3},
}
_FIRST = {"ctl": 10, "net": 20, "cmp": 30, "ceph": 40, "mon": 50}
_ROLES = {"ctl": "control", "net": "network", "cmp": "compute", "ceph": "storage", "mon": "monitoring"}
_DISKS = {"ctl": 12, "net": 4, "cmp": 4, "ceph": 8, "mon": 6}


@dataclass(frozen=True, slots=True)
class Place:
    """One host: its name, roles, management address, and what else it is connected to."""

    name: str
    roles: tuple[str, ...]
    address: str
    tunnel: str
    """Its address on eth1; empty without one."""
    external: bool
    """True with an eth2, which has no address of its own."""
    disk: int
    """Size of its disk in GiB (a sparse file)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole lab with this number and profile."""

    number: int
    profile: str

    @property
    def vip(self) -> str:
        """The virtual address in front of the APIs and the database."""
        return f"10.{self.number}.0.10"

    @property
    def gateway(self) -> str:
        """The machine, as the hosts see it."""
        return f"10.{self.number}.0.1"

    def net(self, index: int) -> str:
        """Network 0 (management), 1 (tunnels) or 2 (external), in CIDR notation."""
        return f"10.{self.number}.{index}.0/24"

    @property
    def machines(self) -> tuple[Place, ...]:
        """Every host, controllers first, computes last."""
        return tuple(
            self._place(stem, number) for stem, count in _COUNTS[self.profile].items() for number in range(1, count + 1)
        )

    def _place(self, stem: str, number: int) -> Place:
        low = _FIRST[stem] + number
        return Place(
            name=f"{stem}{number:02}",
            roles=(_ROLES[stem],),
            address=f"10.{self.number}.0.{low}",
            tunnel=f"10.{self.number}.1.{low}" if stem in ("net", "cmp") else "",
            external=stem == "net",
            disk=_DISKS[stem],
        )

    @property
    def api_hosts(self) -> tuple[str, ...]:
        """The controllers that stateless APIs, conductors and schedulers run on."""
        return ("ctl01", "ctl02") if self.profile == "full" else ("ctl01",)

    @property
    def further_host(self) -> str:
        """The controller that runs the further projects' services, one of each: the one that has least else to do."""
        return self.api_hosts[-1]

    def bridge(self, index: int) -> str:
        """The machine's bridge of network `index`."""
        return f"nl{self.number}-{NETWORKS[index]}"

    def namespace(self, host: str) -> str:
        """The network namespace of a host; its control group is called the same."""
        return f"nl{self.number}-{host}"

    def link(self, host: str, index: int) -> str:
        """The machine's end of the cable of the host's interface eth`index`."""
        return f"nl{self.number}-{host}-e{index}"
