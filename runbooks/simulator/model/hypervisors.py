"""Nova's compute nodes: one per compute host, its size, and what the servers on it take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

RESERVED_MIB = 512
"""`reserved_host_memory_mb`, Nova's default."""
CPU_RATIO = 4.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What the servers on a host take: VCPUs, MiB, GiB, how many they are, how many are busy with a task."""

    vcpus: int = 0
    ram: int = 0
    disk: int = 0
    servers: int = 0
    busy: int = 0


@dataclass(frozen=True, slots=True)
class Hypervisor:
    """A row of Nova's `compute_nodes` table. Its `id` is also that of the resource provider."""

    number: int
    id: str
    host: str
    address: str
    vcpus: int
    ram: int
    """MiB."""
    disk: int
    """GiB."""


CPU_INFO = {
    "arch": "x86_64",
    "model": "Cascadelake-Server-noTSX",
    "vendor": "Intel",
    "features": ["aes", "avx", "avx2", "avx512f", "fma", "pcid", "rdrand", "sse4.2", "ssbd", "vmx", "x2apic"],
    "topology": {"cores": 16, "threads": 2, "sockets": 2},
}


class Hypervisors:
    """All compute nodes, by host."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._series = cloud.seed.numbered("compute node", cloud.layout.region)
        self._gone: set[str] = set()
        per_host = -(-cloud.servers // max(cloud.layout.computes, 1))
        self._scale = max(1, -(-per_host // 48))
        """Machines are as large as the servers on them need."""

    def __iter__(self) -> Iterator[Hypervisor]:
        for host in self._cloud.hosts.with_role("compute"):
            if host.name not in self._gone:
                yield self._of(host.name)

    def after(self, last: Hypervisor) -> Iterator[Hypervisor]:
        """Those after `last`, in the order of the list."""
        layout = self._cloud.layout
        for number in range(last.number, layout.computes):
            if layout.compute(number + 1) not in self._gone:
                yield self._of(layout.compute(number + 1))

    def find(self, host: str) -> Hypervisor | None:
        """By host name."""
        if host in self._gone or self._cloud.compute.servers.compute_number(host) is None:
            return None
        return self._of(host)

    def by_id(self, node_id: str) -> Hypervisor | None:
        """By UUID, or by number as older microversions name it."""
        number = int(node_id) - 1 if node_id.isdecimal() else self._series.index(node_id)
        if number is None or not 0 <= number < self._cloud.layout.computes:
            return None
        return self.find(self._cloud.layout.compute(number + 1))

    def remove(self, host: str) -> None:
        """Its compute service was deleted."""
        self._gone.add(host)

    def _of(self, name: str) -> Hypervisor:
        host = self._cloud.hosts[name]
        number = self._cloud.compute.servers.compute_number(name) or 0
        return Hypervisor(
            number=number + 1,
            id=self._series.uuid(number),
            host=name,
            address=host.machine.address,
            vcpus=host.cpus * self._scale,
            ram=host.memory_kib // 1024 * self._scale,
            disk=(host.disks["/var/lib/docker"][1] * 8 >> 20) * self._scale,
        )
