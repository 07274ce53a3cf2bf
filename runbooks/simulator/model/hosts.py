"""The machines of the model and what runs on them: the one place where "is it alive" is decided.

A service elsewhere in the model (nova-compute's heartbeat, a Galera member, an API) asks here whether the unit behind
it runs on a host that is up. Faults change hosts and units only; consequences follow because everybody asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from runbooks.simulator.layout import Machine

UnitState = Literal["running", "stopped", "failed", "hung"]
Answer = Literal["answers", "refuses", "hangs", "unreachable"]


@dataclass(slots=True)
class Unit:
    """A systemd service or a container of one host."""

    name: str
    """Without suffix: `nova_compute` (a Kolla container) or `chrony` (a systemd service)."""
    engine: Literal["docker", "systemd"]
    since: float
    """When it entered `state`, on the cloud's clock."""
    image: str = ""
    """Of a container: `quay.io/openstack.kolla/nova-compute:2025.1-debian-bookworm`."""
    description: str = ""
    state: UnitState = "running"
    exit_status: int = 0
    restarts: int = 0
    enabled: bool = True


@dataclass(slots=True)
class Host:
    """One machine with its units."""

    machine: Machine
    boot_id: str
    booted: float
    up: bool = True
    changed: float = 0.0
    """When `up` last changed."""
    reachable: bool = True
    """False while its management network is cut: it runs, but nobody hears it."""
    cpus: int = 32
    memory_kib: int = 128 << 20
    load: tuple[float, float, float] = (0.4, 0.5, 0.5)
    memory_used: float = 0.35
    """Share of the memory that is not available."""
    disks: dict[str, tuple[str, int, float]] = field(default_factory=dict)
    """Mount point → (device, size in KiB, used share)."""
    os_release: str = "Debian GNU/Linux 12 (bookworm)"
    kernel: str = "6.1.0-28-amd64"
    units: dict[str, Unit] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.machine.name

    def answer(self, unit: str) -> Answer:
        """How a connection to `unit` on this host fares."""
        if not self.up or not self.reachable:
            return "unreachable"
        found = self.units.get(unit)
        if found is None or found.state in ("stopped", "failed"):
            return "refuses"
        return "hangs" if found.state == "hung" else "answers"

    def alive(self, unit: str) -> bool:
        """True when `unit` runs, is not frozen, and can reach its peers."""
        return self.answer(unit) == "answers"


@dataclass(slots=True)
class Hosts:
    """All machines by name."""

    by_name: dict[str, Host]

    def __getitem__(self, name: str) -> Host:
        return self.by_name[name]

    def __iter__(self) -> Iterator[Host]:
        return iter(self.by_name.values())

    def with_role(self, role: str) -> list[Host]:
        return [host for host in self if role in host.machine.roles]
