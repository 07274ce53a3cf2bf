"""The machines of the model and what runs on them: the one place where "is it alive" is decided.

A service elsewhere in the model (nova-compute's heartbeat, a Galera member, an API) asks here whether the unit behind
it runs on a host that is up. Faults change hosts and units only; consequences follow because everybody asks.
A host's units are made when first looked at: thousands of computes that nobody touched hold only their plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from runbooks.simulator.clock import Clock
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout, Machine
from runbooks.simulator.model.units import Engine, UnitPlan, plans

UnitState = Literal["running", "stopped", "failed", "hung"]
Answer = Literal["answers", "refuses", "hangs", "unreachable"]

DAY = 86400.0


SLEW = 1 / 12
"""Seconds that chrony corrects in a second, at most (`maxslewrate`, 83,333 ppm)."""


@dataclass(slots=True)
class Unit:
    """A systemd service or a container of one host."""

    name: str
    """Without suffix: `nova_compute` (a Kolla container) or `chrony` (a systemd service)."""
    engine: Engine
    since: float
    """When it entered `state`, on the cloud's clock."""
    image: str = ""
    """Of a container: `quay.io/openstack.kolla/nova-compute:2025.1-debian-bookworm`."""
    description: str = ""
    state: UnitState = "running"
    exit_status: int = 0
    restarts: int = 0
    enabled: bool = True
    wanted: bool = True
    """Whether the unit of systemd that keeps it (if one does) starts it again when it ends."""


@dataclass(slots=True)
class Host:
    """One machine with its units."""

    machine: Machine
    boot_id: str
    booted: float
    plan: tuple[UnitPlan, ...]
    names: frozenset[str]
    """Names of the units in `plan`."""
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
    left: dict[str, int] = field(default_factory=dict)
    """File that somebody left → KiB; see `model/disks.py`."""
    os_release: str = "Debian GNU/Linux 12 (bookworm)"
    kernel: str = "6.1.0-28-amd64"
    clock_offset: float = 0.0
    """Seconds that its clock was ahead when it jumped."""
    clock_slews: float | None = None
    """Since when chrony corrects that, if it does."""
    _units: dict[str, Unit] | None = None

    @property
    def name(self) -> str:
        return self.machine.name

    def clock_error(self, now: float) -> float:
        """Seconds that its clock is ahead."""
        if self.clock_slews is None:
            return self.clock_offset
        left = max(abs(self.clock_offset) - (now - self.clock_slews) * SLEW, 0.0)
        return left if self.clock_offset > 0 else -left

    @property
    def units(self) -> dict[str, Unit]:
        """Its units by name; made on first use, each running since half a minute after boot."""
        if self._units is None:
            self._units = {
                plan.name: Unit(plan.name, plan.engine, self.booted + 30, plan.image, plan.description)
                for plan in self.plan
            }
        return self._units

    def started(self, unit: str) -> float:
        """When the unit entered its state; asking does not make the units."""
        return self.booted + 30 if self._units is None else self._units[unit].since

    def starts(self, unit: str) -> int:
        """How often the unit was started since the host booted; asking does not make the units."""
        return 0 if self._units is None or unit not in self._units else self._units[unit].restarts

    def answer(self, unit: str) -> Answer:
        """How a connection to `unit` on this host fares."""
        if not self.up or not self.reachable:
            return "unreachable"
        if self._units is None:
            return "answers" if unit in self.names else "refuses"
        found = self._units.get(unit)
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
    ceph_id: str
    """The Ceph cluster's fsid."""
    _by_role: dict[str, list[Host]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Host:
        return self.by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def __iter__(self) -> Iterator[Host]:
        return iter(self.by_name.values())

    def __len__(self) -> int:
        return len(self.by_name)

    def with_role(self, role: str) -> list[Host]:
        """The hosts of `role`; which they are does not change."""
        if role not in self._by_role:
            self._by_role[role] = [host for host in self if role in host.machine.roles]
        return list(self._by_role[role])

    def alive(self, role: str, unit: str) -> list[Host]:
        """The hosts of `role` on which `unit` answers."""
        return [host for host in self.with_role(role) if host.alive(unit)]

    def set_unit(self, host: str, unit: str, state: UnitState, now: float, exit_status: int = 0) -> None:
        """Put a unit into `state`; a start counts as a restart. Follow it with `Cloud.settle`."""
        found = self[host].units[unit]
        if found.state != state:
            if state == "running":
                found.restarts += 1
            found.state, found.since, found.exit_status = state, now, exit_status

    def power_off(self, host: str, now: float) -> None:
        """The machine loses power: all of its units die with it. Follow it with `Cloud.settle`."""
        found = self[host]
        if found.up:
            found.up, found.changed = False, now

    def boot(self, host: str, now: float, boot_id: str) -> None:
        """The machine comes back: enabled units run again, freshly started. Follow it with `Cloud.settle`."""
        found = self[host]
        if not found.up:
            found.up, found.changed, found.booted, found.boot_id = True, now, now, boot_id
            for unit in found.units.values():
                unit.state = "running" if unit.enabled else "stopped"
                unit.since, unit.exit_status, unit.restarts = now, 0, 0


def build_hosts(layout: Layout, seed: Seed, clock: Clock) -> Hosts:
    """All machines of `layout`, up for between a week and 200 days, everything running."""
    now = clock.now()
    ceph_id = seed.uuid("ceph cluster", layout.region)
    shared: dict[tuple[str, ...], tuple[tuple[UnitPlan, ...], frozenset[str]]] = {}
    by_name = {}
    for machine in layout.machines():
        key = (*machine.roles, machine.name if "storage" in machine.roles else "")
        if key not in shared:
            plan = plans(machine.roles, machine.name, layout.network, further=layout.further)
            shared[key] = plan, frozenset(unit.name for unit in plan)
        booted = now - (7 + 193 * seed.fraction("booted", machine.name)) * DAY
        by_name[machine.name] = _host(machine, seed, booted, *shared[key])
    return Hosts(by_name, ceph_id)


def _host(machine: Machine, seed: Seed, booted: float, plan: tuple[UnitPlan, ...], names: frozenset[str]) -> Host:
    compute = "compute" in machine.roles
    raw = seed.digest("host", machine.name, size=8)
    return Host(
        machine=machine,
        boot_id=seed.uuid("boot", machine.name, 0),
        booted=booted,
        plan=plan,
        names=names,
        changed=booted,
        cpus=64 if compute else 32,
        memory_kib=(512 if compute else 128) << 20,
        load=(raw[0] / 50, raw[0] / 55, raw[0] / 60),
        memory_used=0.25 + raw[1] / 512,
        disks={
            "/": ("/dev/sda2", 236_000_000, 0.15 + raw[2] / 1024),
            "/boot/efi": ("/dev/sda1", 523_248, 0.02),
            "/var/lib/docker": ("/dev/sdb1", 480_000_000, 0.2 + raw[3] / 1024),
        },
    )
