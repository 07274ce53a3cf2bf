"""Nova's flavors of the simulated cloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from runbooks.simulator.ids import Seed


@dataclass(frozen=True, slots=True)
class Flavor:
    """A size of server: RAM in MiB, disks in GiB."""

    id: str
    name: str
    vcpus: int
    ram: int
    disk: int
    ephemeral: int = 0
    swap: int = 0
    public: bool = True
    description: str | None = None
    extra_specs: dict[str, str] = field(default_factory=dict)
    projects: tuple[str, ...] = ()
    """Ids of the projects that may use a private one."""

    @property
    def resources(self) -> dict[str, int]:
        """What one server takes from a resource provider."""
        disk = self.disk + self.ephemeral
        return {"VCPU": self.vcpus, "MEMORY_MB": self.ram, **({"DISK_GB": disk} if disk else {})}


def flavors(seed: Seed, projects: tuple[str, ...] = ()) -> Iterator[Flavor]:
    """From tiny to large, and one that only `projects` may use."""
    for name, vcpus, ram, disk in (
        ("m1.tiny", 1, 512, 5),
        ("m1.small", 1, 2048, 20),
        ("m1.medium", 2, 4096, 40),
        ("m1.large", 4, 8192, 80),
        ("r1.large", 4, 16384, 40),
        ("m1.xlarge", 8, 16384, 160),
    ):
        yield Flavor(seed.uuid("flavor", name), name, vcpus, ram, disk)
    yield Flavor(
        seed.uuid("flavor", "p1.pinned"),
        "p1.pinned",
        4,
        8192,
        40,
        public=False,
        description="Pinned CPUs, huge pages",
        extra_specs={"hw:cpu_policy": "dedicated", "hw:mem_page_size": "large"},
        projects=projects,
    )
